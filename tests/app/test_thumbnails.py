"""Renderings of indexed pictures: made once, kept, and never of what was not indexed."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.thumbnails import Thumbnails
from indexer.errors import ImageGone
from indexer.search import Gate
from indexer.types import ImageRecord
from models.types import Limits
from tests import serving


@pytest.fixture
def thumbnails(tmp_path: Path) -> Thumbnails:
    return Thumbnails(tmp_path / "thumbnails", Limits(), Gate())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(serving.png(2000, 1000))
    return path


def record_of(source: Path) -> ImageRecord:
    data = source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return ImageRecord(0, source.name, None, digest, len(data), 0, 2000, 1000, "PNG")


@pytest.mark.parametrize(("size", "width"), [("small", 320), ("medium", 640), ("large", 1280)])
def test_a_rendering_is_a_jpeg_of_its_size(
    thumbnails: Thumbnails, source: Path, size: str, width: int
) -> None:
    image = Image.open(BytesIO(thumbnails.get(record_of(source), source, size)))
    assert image.format == "JPEG"
    assert image.size == (width, width // 2)


def test_a_rendering_is_made_once(thumbnails: Thumbnails, source: Path) -> None:
    record = record_of(source)
    first = thumbnails.get(record, source, "small")
    path = thumbnails.path(record, "small")
    assert path.read_bytes() == first
    path.write_bytes(b"kept")
    assert thumbnails.get(record, source, "small") == b"kept"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_was_not_indexed_is_not_shown(thumbnails: Thumbnails, source: Path) -> None:
    record = record_of(source)
    source.write_bytes(serving.png(2000, 1000, "tomato"))
    with pytest.raises(ImageGone):
        thumbnails.get(record, source, "small")
    source.unlink()
    with pytest.raises(ImageGone):
        thumbnails.get(record, source, "small")


def test_a_folder_that_cannot_be_written_still_gives_renderings(
    tmp_path: Path, source: Path
) -> None:
    (tmp_path / "file").write_text("")
    thumbnails = Thumbnails(tmp_path / "file" / "thumbnails", Limits(), Gate())
    assert thumbnails.get(record_of(source), source, "small").startswith(b"\xff\xd8")
