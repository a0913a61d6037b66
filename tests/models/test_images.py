"""Whatever kind of file a picture comes in, its pixels come out upright, 8-bit, sRGB, on white."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from models.errors import (
    BadCrop,
    DamagedImage,
    EmptyImage,
    ImageTooLarge,
    UnsupportedImage,
)
from models.images import FORMATS, ImageHeader, decode, inspect, reencode, squash
from models.types import Limits
from tests.models.files import encoded, photo, png16, png_chunk

ORIENTATION = 0x0112
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Orientation -> how the upright picture is turned to be stored with it."""


def turned(image: Image.Image, orientation: int, kind: str) -> bytes:
    """Store a picture turned, with the EXIF orientation that turns it back."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turn = TURNS[orientation]
    stored = image if turn is None else image.transpose(turn)
    return encoded(stored, kind, exif=exif)


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


def test_limits_are_checked_before_decoding() -> None:
    content = encoded(photo(), "PNG")
    for limits, word in (
        (Limits(max_bytes=100), "100 bytes"),
        (Limits(max_pixels=4799), "4,799"),
        (Limits(max_side=79), "80 x 60"),
    ):
        with pytest.raises(ImageTooLarge, match=word):
            inspect(content, limits=limits)
    exactly = Limits(max_bytes=len(content), max_pixels=4800, max_side=80)
    assert inspect(content, limits=exactly) == ImageHeader("PNG", 80, 60)


STARVED = """
import resource, sys
from pathlib import Path
from models.errors import OutOfMemory
from models.images import decode
content = Path("large.png").read_bytes()
decode(Path("small.png"), 32)  # so that all that decoding imports is there already
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 20_000_000, resource.RLIM_INFINITY))
for source in (content, Path("large.png")):
    try:
        decode(source, 32, name="large.png")
    except OutOfMemory as error:
        print(error)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(decode(Path("large.png"), 32).shape)
"""


def test_want_of_memory_is_told_apart_from_a_picture_too_large(tmp_path: Path) -> None:
    photo().save(tmp_path / "small.png")
    Image.new("RGB", (6_000, 5_000), "teal").save(tmp_path / "large.png")
    tried = subprocess.run(
        [sys.executable, "-c", STARVED],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    *reasons, shape = tried.stdout.splitlines()
    assert len(reasons) == 2
    for why in reasons:
        assert why.startswith("large.png needs more memory than there is at the moment")
    assert shape == "(32, 32, 3)"


def test_messages_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "broken.jpg"
    file.write_bytes(encoded(photo(), "JPEG")[:500])
    with pytest.raises(DamagedImage, match=r"broken\.jpg"):
        decode(file)
    with pytest.raises(DamagedImage, match="The uploaded picture"):
        decode(file.read_bytes())
    with pytest.raises(DamagedImage, match="holiday"):
        decode(file, name="holiday")


def test_a_message_can_be_shown_whatever_bytes_the_files_name_has(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xff\xfe.jpg")
    file.write_bytes(b"")
    with pytest.raises(EmptyImage) as caught:
        decode(file)
    assert str(caught.value).encode()


def test_a_missing_file_is_no_damaged_picture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "nothing.jpg")


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


def test_only_the_listed_formats_are_opened() -> None:
    assert set(FORMATS) <= {"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"}
    for kind in ("PPM", "TGA", "ICO", "JPEG2000", "PCX"):
        with pytest.raises(UnsupportedImage, match="JPEG, PNG"):
            decode(encoded(photo(), kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("box", [(0, 0, 80, 60), (10.4, 3.6, 59.5, 40.2), (79, 0, 80, 60)])
def test_a_part_is_cut_out_of_the_decoded_picture(
    kind: str, box: tuple[float, float, float, float]
) -> None:
    content = encoded(photo(), kind)
    left, top, right, bottom = (round(edge) for edge in box)
    part = decode(content)[top:bottom, left:right]
    assert np.array_equal(decode(content, crop=box), part)
    assert np.array_equal(decode(content, 32, crop=box), squash(part, 32))


@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_a_part_of_a_turned_jpeg_is_one_of_the_upright_picture_at_its_full_size(
    orientation: int,
) -> None:
    content = turned(photo(height=300, width=400), orientation, "JPEG")
    part = decode(content)[20:100, 300:390]
    assert part.shape == (80, 90, 3)
    assert np.array_equal(decode(content, 16, crop=(300, 20, 390, 100)), squash(part, 16))


def test_the_white_of_a_part_of_wide_samples_is_that_of_the_picture() -> None:
    ramp = np.linspace(0, 8e6, 64, dtype=np.float32).reshape(8, 8)
    content = encoded(Image.fromarray(ramp), "TIFF")
    assert np.array_equal(decode(content, crop=(0, 0, 8, 4)), decode(content)[:4])


def test_a_box_that_overhangs_by_a_pixel_is_clipped() -> None:
    content = encoded(photo(), "PNG")
    assert np.array_equal(decode(content, crop=(-1, -0.5, 80.9, 61)), decode(content))


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ((0, 0, 81.5, 60), r"overhangs it by 1\.5 pixels"),
        ((-2, 0, 10, 10), "overhangs it by 2 pixels"),
        ((90, 0, 95, 10), "overhangs it by 15 pixels"),
        ((10, 10, 10, 20), "is empty"),
        ((10, 20, 20, 10), "its edges are swapped"),
        ((10.1, 10, 10.3, 20), "holds no whole pixel"),
        ((80, 0, 81, 60), "holds no whole pixel"),
        ((0, 0, float("nan"), 10), "is not of finite numbers"),
        ((0, 0, float("inf"), 10), "is not of finite numbers"),
    ],
)
def test_a_box_that_does_not_fit_is_refused_with_file_box_and_size(
    tmp_path: Path, box: tuple[float, float, float, float], why: str
) -> None:
    file = tmp_path / "tower.png"
    photo().save(file)
    edges = ", ".join(f"{edge:g}" for edge in box)
    with pytest.raises(BadCrop, match=why) as refusal:
        decode(file, 32, crop=box)
    assert str(refusal.value).startswith(f"{file} is 80 x 60 pixels, and the box ({edges}) ")
