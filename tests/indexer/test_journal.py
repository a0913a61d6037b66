"""The journal of a walk: what was found out before it was cut off is not found out again."""

import os
import shutil

import pytest

from indexer.errors import EmptyGallery
from indexer.gallery import scan
from indexer.scanning import journal as journals
from indexer.scanning.journal import Journal
from indexer.types import DEFAULT_LIMITS
from models.types import Limits
from tests.indexer.fixtures import draw
from tests.indexer.test_known import forge_all, remembered


@pytest.fixture
def journal(tmp_path):
    """Return where a journal is to lie."""
    return tmp_path / "scan.journal"


def cut_off(gallery, journal, after, **options):
    """Walk a gallery until so many files were found out about."""

    def interrupt(told):
        if told.done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan([gallery], journal=journal, progress=interrupt, **options)


def unchanged(gallery, journal, **options):
    """Walk a gallery to its end; return of how many files that needed to know nothing."""
    told = []
    scan([gallery], journal=journal, progress=told.append, **options)
    return int((told[-1].note or "0").split()[0])


def test_a_walk_goes_on_where_it_was_cut_off(gallery, journal):
    (gallery / "a.txt").write_text("not a picture")
    expected = scan([gallery])
    cut_off(gallery, journal, 10)
    cut_off(gallery, journal, 17)
    assert unchanged(gallery, journal) == 17
    assert scan([gallery], journal=journal) == expected


def test_what_is_in_a_journal_is_not_opened(gallery, journal):
    expected = scan([gallery], journal=journal)
    forge_all(gallery)
    assert scan([gallery], journal=journal) == expected
    with pytest.raises(EmptyGallery):
        scan([gallery], journal=journal, thorough=True)


def test_a_file_that_changed_meanwhile_is_examined(gallery, journal):
    scan([gallery], journal=journal)
    draw("lines", 77).save(gallery / "circles" / "00.png")
    assert scan([gallery], journal=journal) == scan([gallery])


def test_only_what_was_read_is_noted(gallery, journal, tmp_path):
    known = remembered(scan([gallery]), tmp_path)
    scan([gallery], known=known, journal=journal)
    assert not journal.exists()
    os.mkfifo(gallery / "pipe.jpg")
    draw("lines", 77).save(gallery / "new.png")
    scan([gallery], known=known, journal=journal)
    assert len(journal.read_bytes().splitlines()) == 2  # its heading, and the new picture


@pytest.mark.parametrize("harm", ["cut", "garbled", "no end of line", "garbage behind"])
def test_the_rest_of_a_damaged_journal_is_found_out_again(gallery, journal, harm):
    expected = scan([gallery], journal=journal)
    lines = journal.read_bytes().splitlines(keepends=True)
    rest = {
        "cut": lines[20][:50],
        "garbled": lines[20].replace(b'"path"', b'"PATH"') + b"".join(lines[21:]),
        "no end of line": lines[20][:-1],
        "garbage behind": bytes(4096),
    }[harm]
    journal.write_bytes(b"".join(lines[:20]) + rest)
    assert unchanged(gallery, journal) == 19
    assert unchanged(gallery, journal) == 24
    assert scan([gallery], journal=journal) == expected


@pytest.mark.parametrize("content", [b"", b"\n", b"not a journal\n", bytes(100)])
def test_what_is_no_journal_is_begun_anew(gallery, journal, content):
    journal.write_bytes(content)
    assert unchanged(gallery, journal) == 0
    assert unchanged(gallery, journal) == 24


def test_a_journal_of_other_folders_or_limits_is_begun_anew(gallery, journal, tmp_path):
    scan([gallery], journal=journal)
    other = shutil.copytree(gallery, tmp_path / "other")
    assert unchanged(other, journal) == 0
    assert unchanged(gallery, journal) == 0
    assert unchanged(gallery, journal, limits=Limits(max_pixels=10_000)) == 0


def test_names_of_any_bytes_are_noted(journal, tmp_path):
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    draw("lines", 1).save(folder / "plain.png")
    os.rename(folder / "plain.png", folder / "new\nline \udcff.png")
    expected = scan([folder], journal=journal)
    assert unchanged(folder, journal) == 1
    assert scan([folder], journal=journal) == expected


def test_power_loss_costs_a_moment(gallery, journal, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    monkeypatch.setattr(journals, "SYNC_SECONDS", 0)
    notes = Journal(journal, [gallery], DEFAULT_LIMITS, None)
    for number, record in enumerate(scan([gallery]).records, 1):
        notes.note(record)
        # Not closed: as a kill leaves it.
        assert len(journal.read_bytes().splitlines()) == 1 + number
    assert len(synced) >= 24
    notes.close()


def test_a_journal_that_cannot_be_written_ends_the_walk(gallery, tmp_path):
    with pytest.raises(FileNotFoundError):
        scan([gallery], journal=tmp_path / "absent" / "scan.journal")
