"""Whatever kind of file a picture comes in, its pixels come out upright, 8-bit, sRGB, on white."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from models.images import ImageHeader, decode, inspect, reencode
from tests.models.files import ORIENTATION, TURNS, encoded, photo, png16, png_chunk, turned


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean absolute difference of two pictures, in levels."""
    return float(np.abs(first.astype(float) - second.astype(float)).mean())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_gives_the_pixels_of_the_upright_picture(
    kind: str, orientation: int
) -> None:
    image = photo()
    lossless = {"lossless": True} if kind == "WEBP" else {}
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turn = TURNS[orientation]
    content = encoded(image if turn is None else image.transpose(turn), kind, exif=exif, **lossless)
    assert np.array_equal(decode(content), np.asarray(image))
    assert np.array_equal(decode(content, 32), decode(encoded(image, "PNG"), 32))
    assert inspect(content) == ImageHeader(kind, 80, 60)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_is_upright_also_where_it_is_decoded_small(orientation: int) -> None:
    image = photo(height=300, width=400)
    upright = decode(encoded(image, "PNG"), 32)
    assert difference(decode(turned(image, orientation, "JPEG"), 32), upright) < 2
    assert inspect(turned(image, orientation, "JPEG")) == ImageHeader("JPEG", 400, 300)


def test_unreadable_exif_counts_as_upright() -> None:
    content = encoded(photo(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f")
    assert decode(content).shape == (60, 80, 3)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_is_laid_on_white(kind: str) -> None:
    image = photo().convert("RGBA")
    alpha = np.tile(np.linspace(0, 255, 80).astype(np.uint8), (60, 1))
    image.putalpha(Image.fromarray(alpha))
    lossless = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    weight = alpha[..., None] / 255.0
    expected = np.asarray(photo()) * weight + 255 * (1 - weight)
    assert np.abs(decode(encoded(image, kind, **lossless)) - expected).max() <= 1
    squashed = decode(encoded(Image.fromarray(expected.astype(np.uint8)), "PNG"), 32)
    small = decode(encoded(image, kind, **lossless), 32)
    assert np.abs(small.astype(int) - squashed).max() <= 3


def test_a_transparent_palette_colour_becomes_white() -> None:
    image = Image.new("P", (20, 10), 1)
    image.putpalette([0, 0, 0, 200, 10, 20])
    image.paste(0, (0, 0, 10, 10))
    pixels = decode(encoded(image, "PNG", transparency=0))
    assert pixels[5, 5].tolist() == [255, 255, 255]
    assert pixels[5, 15].tolist() == [200, 10, 20]


def test_a_transparent_level_of_a_16_bit_png_becomes_white() -> None:
    content = png16(np.array([[0, 1000], [30000, 65535]], np.uint16))
    at = content.index(b"IDAT") - 4
    marked = content[:at] + png_chunk(b"tRNS", (1000).to_bytes(2)) + content[at:]
    assert decode(marked)[..., 0].tolist() == [[0, 255], [117, 255]]


def test_16_bit_grey_is_divided_by_257() -> None:
    ramp = np.linspace(0, 65535, 256 * 4).astype(np.uint16).reshape(4, 256)
    expected = np.rint(ramp / 257)
    for content in (png16(ramp), encoded(Image.fromarray(ramp), "TIFF")):
        assert np.abs(decode(content)[..., 1] - expected).max() <= 1


def test_16_bit_big_endian_tiff_is_scaled_like_the_little_endian_one() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(4, 64)
    image = Image.frombytes("I;16B", (64, 4), ramp.astype(">u2").tobytes())
    assert np.array_equal(decode(encoded(image, "TIFF")), decode(png16(ramp)))


def test_16_bit_colour_keeps_its_upper_bits() -> None:
    pixels = np.asarray(photo()).astype(np.uint16)
    assert np.array_equal(decode(png16(pixels * 257)), pixels)


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 8_000_000.0])
def test_floats_are_scaled_by_the_white_that_holds_them(white: float) -> None:
    ramp = np.linspace(0, white, 64, dtype=np.float32).reshape(8, 8)
    pixels = decode(encoded(Image.fromarray(ramp), "TIFF"))
    assert np.abs(pixels[..., 0] - ramp / white * 255).max() <= 0.51


def test_floats_that_are_negative_or_not_finite_still_give_a_picture() -> None:
    ramp = np.linspace(-1, 1, 64, dtype=np.float32).reshape(8, 8)
    ramp[3, 3] = np.nan
    pixels = decode(encoded(Image.fromarray(ramp), "TIFF"))
    assert pixels[0, 0, 0] == 0
    assert pixels[7, 7, 0] == 255


def test_32_bit_integers_of_a_16_bit_range_are_scaled_as_16_bit() -> None:
    ramp = np.linspace(0, 65535, 64).astype(np.int32).reshape(8, 8)
    pixels = decode(encoded(Image.fromarray(ramp), "TIFF"))
    assert np.abs(pixels[..., 0] - ramp / 257).max() <= 0.51


@pytest.mark.parametrize(
    ("mode", "kind", "tolerance"),
    [
        ("CMYK", "TIFF", 1),
        ("CMYK", "JPEG", 6),
        ("YCbCr", "TIFF", 2),
        ("LAB", "TIFF", 8),
        ("P", "PNG", 12),
        ("P", "GIF", 12),
        ("RGBX", "TIFF", 0),
    ],
)
def test_other_colour_modes_come_out_as_their_rgb_twin(
    mode: str, kind: str, tolerance: float
) -> None:
    twin = photo()
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(twin, srgb, lab, outputMode="LAB")
    elif mode == "P":
        image = twin.quantize(256)
    else:
        image = twin.convert(mode)
    options = {"quality": 95} if kind == "JPEG" else {}
    assert difference(decode(encoded(image, kind, **options)), np.asarray(twin)) <= tolerance


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey_modes_come_out_with_three_equal_channels(mode: str) -> None:
    image = photo().convert(mode)
    pixels = decode(encoded(image, "PNG"))
    assert np.array_equal(pixels, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_several_frames_the_first_is_taken(kind: str) -> None:
    red, blue = (Image.new("RGB", (32, 32), colour) for colour in ("red", "blue"))
    content = encoded(red, kind, save_all=True, append_images=[blue, blue])
    assert difference(decode(content), np.asarray(red)) < 3


def test_a_jpeg_of_several_pictures_is_a_jpeg() -> None:
    content = encoded(photo(0), "MPO", save_all=True, append_images=[photo(1)])
    assert inspect(content).format == "JPEG"
    assert difference(decode(content), np.asarray(photo(0))) < 6


def test_what_follows_the_end_of_a_jpeg_does_not_matter() -> None:
    content = encoded(photo(), "JPEG")
    assert np.array_equal(decode(content + b"a film\xff\xda\x00"), decode(content))


def profile_with_swapped_colours() -> bytes:
    """Return an ICC profile whose red is sRGB's green, and the other way round."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    swapped = bytearray(data)
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(swapped)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_icc_profile_is_applied(mode: str) -> None:
    image = Image.new(mode, (8, 8), "rgb(200, 60, 30)")
    content = encoded(image, "PNG", icc_profile=profile_with_swapped_colours())
    assert np.abs(decode(content) - np.array([60.0, 200.0, 30.0])).max() <= 1


def test_a_broken_icc_profile_is_ignored() -> None:
    content = encoded(photo(), "PNG", icc_profile=b"no profile at all")
    assert np.array_equal(decode(content), np.asarray(photo()))


def test_a_profile_for_another_kind_of_colour_is_ignored() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(photo().convert("L"), "PNG", icc_profile=srgb)
    assert np.array_equal(decode(content), np.asarray(photo().convert("L").convert("RGB")))


def test_scaled_jpeg_decoding_gives_nearly_the_same_small_picture() -> None:
    image = photo(height=900, width=1200)
    exact = decode(encoded(image, "PNG"), 96)
    assert difference(decode(encoded(image, "JPEG", quality=95), 96), exact) < 1.5


def test_a_path_gives_the_same_as_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(encoded(photo(), "PNG"))
    assert np.array_equal(decode(file, 32), decode(file.read_bytes(), 32))


def test_many_threads_decode_the_same() -> None:
    profile = profile_with_swapped_colours()
    photos = [photo(seed, 200, 300) for seed in range(8)]
    contents = [encoded(image, "JPEG", icc_profile=profile) for image in photos] * 4
    alone = [decode(content, 48) for content in contents]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda content: decode(content, 48), contents))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_reencoding_strips_all_metadata_and_turns_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "a secret"
    image = photo(height=120, width=160)
    stored = image.transpose(Image.Transpose.ROTATE_90)
    content = encoded(stored, "JPEG", exif=exif, comment=b"a secret", xmp=b"<x>a secret</x>")
    clean = reencode(content, max_side=80)
    assert b"secret" not in clean
    with Image.open(BytesIO(clean)) as opened:
        assert opened.size == (80, 60)
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert difference(decode(clean, 24), decode(encoded(image, "PNG"), 24)) < 4


def test_reencoding_never_enlarges() -> None:
    clean = reencode(encoded(photo(), "PNG"), max_side=500)
    assert inspect(clean) == ImageHeader("JPEG", 80, 60)
