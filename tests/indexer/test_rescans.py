"""What a build reads of a gallery: only what it does not know yet, unless it is told to."""

from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.generations import IndexFolder
from indexer.indexes.base import IndexOptions
from indexer.live import sync
from indexer.opening import open_current
from tests.indexer.fixtures import draw
from tests.indexer.test_known import forge
from tests.models.files import png


def unchanged(plan, instance, **options):
    """Build, and return how many files the scan found unchanged."""
    told = []
    build_index(plan, instance, told.append, **options)
    (last,) = [item for item in told if item.stage == "scan" and item.done == item.total > 0]
    return int((last.note or "0").split()[0])


def stop(plan, instance, stage, done):
    """Build until a stage is so far."""

    def interrupt(told):
        if (told.stage, told.done) == (stage, done):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(plan, instance, interrupt)


def test_a_rebuild_reads_no_file_that_is_as_it_was(plan, instance, gallery):
    (gallery / "text.png").write_text("not a picture")
    assert unchanged(plan, instance) == 0
    draw("lines", 50).save(gallery / "lines" / "new.png")
    draw("lines", 51).save(gallery / "lines" / "00.png")
    assert unchanged(replace(plan, options=IndexOptions(g=2)), instance) == 24
    found = open_current(instance, "shapes").catalog
    assert (found.count, found.rejected) == (25, 1)


def test_a_rebuild_reads_every_file_where_it_is_told_to(plan, instance, gallery):
    build_index(plan, instance)
    picture = gallery / "lines" / "00.png"
    forge(picture, bytes(picture.stat().st_size))
    assert build_index(plan, instance).images == 24
    assert unchanged(plan, instance, reread=True) == 0
    assert open_current(instance, "shapes").manifest.images == 23


def test_a_scan_that_was_cut_off_goes_on_where_it_was(plan, instance):
    stop(plan, instance, "scan", 10)
    assert unchanged(plan, instance) == 10


def test_a_build_that_was_cut_off_later_scans_nothing_again(plan, instance):
    stop(plan, instance, "encode", 16)
    assert unchanged(plan, instance) == 24


def test_the_journal_goes_once_a_build_is_published(plan, instance, gallery):
    journal = IndexFolder(instance, "shapes").journal
    stop(plan, instance, "encode", 8)
    assert journal.exists()
    build_index(plan, instance)
    assert not journal.exists()
    draw("lines", 50).save(gallery / "lines" / "new.png")
    sync("shapes", instance)
    assert not journal.exists()


def test_a_rebuild_where_the_catalog_is_damaged_reads_every_file(plan, instance):
    path = build_index(plan, instance).path / "catalog.sqlite"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)
    assert unchanged(plan, instance) == 0


def test_the_rejected_are_counted_through_all_stages(plan, instance, gallery):
    (gallery / "text.png").write_text("not a picture")
    (gallery / "z.png").write_bytes(png(60, 48, bytes(1000)))  # only decoding finds that out
    told = []
    build_index(plan, instance, told.append)
    counts = [item.rejected for item in told]
    assert counts == sorted(counts)
    assert {item.rejected for item in told if item.stage == "scan" and item.total} <= {0, 1}
    assert {item.rejected for item in told if item.stage in ("accept", "publish")} == {2}
