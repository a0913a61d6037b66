"""A picture that costs too much or cannot be read is refused, with its file and the cause."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from models.errors import DamagedImage, EmptyImage, ImageTooLarge, UnsupportedImage
from models.images import FORMATS, ImageHeader, decode, inspect
from models.types import Limits
from tests.models.files import encoded, photo


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


def test_only_the_listed_formats_are_opened() -> None:
    assert set(FORMATS) <= {"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"}
    for kind in ("PPM", "TGA", "ICO", "JPEG2000", "PCX"):
        with pytest.raises(UnsupportedImage, match="JPEG, PNG"):
            decode(encoded(photo(), kind))
