"""What an earlier walk found out: unchanged files are taken from it, all others examined."""

import os
from dataclasses import replace

import pytest
from PIL import Image

from indexer.catalog import Catalog
from indexer.cataloguing.writing import write_catalog
from indexer.errors import EmptyGallery
from indexer.gallery import scan
from indexer.scanning.known import REMOVED, Known, Removed, SeenRejection, rules
from indexer.types import DEFAULT_LIMITS
from models.types import Limits
from tests.indexer.fixtures import draw


@pytest.fixture
def odd_gallery(gallery):
    """Return the small gallery with an empty file, a text and a damaged picture in it."""
    (gallery / "empty.jpg").touch()
    (gallery / "notes.txt").write_text("no picture")
    whole = (gallery / "lines" / "00.png").read_bytes()
    (gallery / "damaged.png").write_bytes(whole[:40])
    return gallery


def remembered(found, tmp_path, limits=DEFAULT_LIMITS):
    """Return what the next walk would know, by way of a catalog on disk."""
    path = tmp_path / "catalog.sqlite"
    path.unlink(missing_ok=True)
    write_catalog(path, found.records, found.rejections, found.roots, limits)
    catalog = Catalog(path)
    known = catalog.known()
    catalog.close()
    return known


def forge(path, content):
    """Put other bytes of the same length into a file without a trace in its status."""
    status = path.stat()
    assert len(content) == status.st_size
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def forge_all(folder):
    """Make every file unreadable as a picture, which only one that opens it can tell."""
    for path in folder.rglob("*.*"):
        forge(path, bytes(path.stat().st_size))


def reasons(found):
    return {item.path: item.reason for item in found.rejections}


def test_unchanged_files_are_not_opened(odd_gallery, tmp_path):
    before = scan([odd_gallery])
    assert reasons(before) == {
        "empty.jpg": "empty", "notes.txt": "not an image", "damaged.png": "damaged"
    }  # fmt: skip
    known = remembered(before, tmp_path)
    forge_all(odd_gallery)
    assert scan([odd_gallery], known=known, workers=3) == before
    with pytest.raises(EmptyGallery):
        scan([odd_gallery], known=known, thorough=True)


@pytest.mark.parametrize("change", ["time", "size"])
def test_a_file_of_another_time_or_size_is_examined(gallery, tmp_path, change):
    known = remembered(scan([gallery]), tmp_path)
    path = gallery / "circles" / "00.png"
    status = path.stat()
    draw("lines", 77).save(path)
    if change == "time":
        path.write_bytes(path.read_bytes().ljust(status.st_size, b"\0")[: status.st_size])
        os.utime(path, ns=(0, status.st_mtime_ns + 1))
    else:
        path.write_bytes(path.read_bytes().ljust(status.st_size + 1, b"\0"))
        os.utime(path, ns=(0, status.st_mtime_ns))
    assert scan([gallery], known=known) == scan([gallery])


def test_a_rejected_file_that_changed_is_examined(odd_gallery, tmp_path):
    known = remembered(scan([odd_gallery]), tmp_path)
    draw("lines", 77).save(odd_gallery / "damaged.png")
    found = scan([odd_gallery], known=known)
    assert found == scan([odd_gallery])
    assert "damaged.png" in {record.path for record in found.records}


def test_new_files_are_examined_and_vanished_ones_left_out(gallery, tmp_path):
    known = remembered(scan([gallery]), tmp_path)
    draw("lines", 77).save(gallery / "new.png")
    (gallery / "circles" / "00.png").unlink()
    found = scan([gallery], known=known)
    assert found == scan([gallery])
    assert len(found.records) == 24


def test_folders_are_known_by_their_paths_and_labels_are_given_anew(gallery, tmp_path):
    known = remembered(scan([gallery / "circles"], distractors=[gallery / "lines"]), tmp_path)
    (tmp_path / "labels.csv").write_text("00.png,thin\n")
    sources = [gallery / "squares", gallery / "lines"]
    options = {"labels": tmp_path / "labels.csv", "distractors": [gallery / "circles"]}
    expected = scan(sources, **options)
    forge_all(gallery / "circles")
    forge_all(gallery / "lines")
    assert scan(sources, known=known, **options) == expected


def test_limits_hold_for_known_images_too(gallery, tmp_path):
    draw("circles", 77).resize((300, 200)).save(gallery / "wide.png")
    known = remembered(scan([gallery]), tmp_path)
    for limits in (Limits(max_pixels=50_000), Limits(max_side=299), Limits(max_bytes=1000)):
        found = scan([gallery], limits=limits, known=known)
        assert found == scan([gallery], limits=limits)
        assert reasons(found)["wide.png"] == "too large"


def test_under_other_limits_rejected_files_are_examined_again(gallery, tmp_path):
    Image.new("RGB", (300, 200)).save(gallery / "wide.png")
    strict = Limits(max_pixels=50_000)
    known = remembered(scan([gallery], limits=strict), tmp_path, strict)
    assert "wide.png" not in reasons(scan([gallery], known=known))
    forge(gallery / "wide.png", bytes((gallery / "wide.png").stat().st_size))
    assert reasons(scan([gallery], limits=strict, known=known)) == {"wide.png": "too large"}


def test_rejections_by_another_pillow_are_examined_again(gallery):
    before = scan([gallery])
    status = (gallery / "lines" / "00.png").stat()
    item = SeenRejection(0, "lines/00.png", "damaged", "", status.st_size, status.st_mtime_ns)
    kept = [record for record in before.records if record.path != item.path]
    assert scan([gallery], known=Known(before.roots, kept, [item], "Pillow 1.0 JPEG")) == before
    same = Known(before.roots, kept, [item], rules(DEFAULT_LIMITS))
    assert scan([gallery], known=same).rejections == (item,)


@pytest.mark.parametrize("reason", ["unreadable", "worker died", "no feature", "changed"])
def test_reasons_that_may_pass_are_tried_again(gallery, tmp_path, reason):
    before = scan([gallery])
    status = (gallery / "lines" / "00.png").stat()
    item = SeenRejection(0, "lines/00.png", reason, "", status.st_size, status.st_mtime_ns)
    kept = tuple(record for record in before.records if record.path != item.path)
    known = remembered(replace(before, records=kept, rejections=(item,)), tmp_path)
    assert scan([gallery], known=known) == before


def test_what_was_taken_out_stays_out(gallery, tmp_path):
    before = scan([gallery])
    item = Removed(0, "lines/00.png", REMOVED, "It was taken out.", "0" * 64)
    known = remembered(replace(before, rejections=(item,)), tmp_path)
    draw("lines", 77).save(gallery / "lines" / "00.png")
    found = scan([gallery], known=known)
    assert found.rejections == (item,)
    assert len(found.records) == 23
    (gallery / "lines" / "00.png").unlink()
    assert scan([gallery], known=known).rejections == ()


def test_a_file_that_became_a_fifo_or_a_link_is_not_known(gallery, tmp_path):
    known = remembered(scan([gallery]), tmp_path)
    (gallery / "lines" / "00.png").unlink()
    os.mkfifo(gallery / "lines" / "00.png")
    (gallery / "lines" / "01.png").unlink()
    os.symlink("/etc/hostname", gallery / "lines" / "01.png")
    found = scan([gallery], known=known)
    assert reasons(found) == {"lines/00.png": "not a regular file", "lines/01.png": "link"}


def test_odd_names_are_known(tmp_path):
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    draw("lines", 1).save(folder / "plain.png")
    os.rename(folder / "plain.png", folder / "new\nline \udcff.png")
    before = scan([folder])
    known = remembered(before, tmp_path)
    forge_all(folder)
    assert scan([folder], known=known) == before
