"""The catalog: every record comes back as it went in, from any thread."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.catalog import Catalog
from indexer.cataloguing.writing import write_catalog
from indexer.errors import DamagedIndex, UnknownImage
from indexer.types import Count, ImageRecord, Rejection

ODD_NAMES = ["plain.jpg", "caf\udce9.jpg", "new\nline.jpg", "\U0001f980 crab.png", "<b>&'\".gif"]


def record(number, path, label):
    return ImageRecord(
        root=0, path=path, label=label, sha256=f"{number:064x}", bytes=number + 1,
        mtime_ns=10**18 + number, width=3, height=4, format="JPEG", distractor=number == 4,
    )  # fmt: skip


@pytest.fixture
def records():
    labels = ["b", "a", None, "b", "caf\udce9"]
    pairs = zip(ODD_NAMES, labels, strict=True)
    return [record(number, path, label) for number, (path, label) in enumerate(pairs)]


@pytest.fixture
def catalog(tmp_path, records):
    rejections = [
        Rejection(0, f"{name}{number}", "damaged" if number else "empty", f"why {name}")
        for number in range(3)
        for name in ODD_NAMES
    ]
    path = tmp_path / "odd ?%#.sqlite"
    write_catalog(path, records, rejections, [Path("/one"), Path("/caf\udce9")])
    opened = Catalog(path)
    yield opened
    opened.close()


def test_records_come_back_as_they_were(catalog, records):
    assert catalog.all_images() == records
    assert catalog.images([4, 0, 4]) == [records[4], records[0], records[4]]
    assert catalog.count == 5
    assert catalog.roots() == [Path("/one"), Path("/caf\udce9")]


@pytest.mark.parametrize("number", [-1, 5, 2**70])
def test_an_unknown_id_is_refused(catalog, number):
    with pytest.raises(UnknownImage, match="0 to 4"):
        catalog.image(number)


def test_labels_and_reasons_are_counted(catalog):
    expected = [Count("a", 1), Count("b", 2), Count("caf\udce9", 1), Count(None, 1)]
    assert catalog.labels() == expected
    assert catalog.reasons() == [Count("damaged", 10), Count("empty", 5)]
    assert catalog.rejected == 15


def test_rejections_come_in_pages(catalog):
    everything = catalog.rejections(limit=100)
    pages = [item for offset in range(0, 18, 4) for item in catalog.rejections(offset, 4)]
    assert pages == everything
    assert everything[1].path == "caf\udce9.jpg0"
    assert len(catalog.rejections(reason="empty")) == 5
    assert catalog.rejections(offset=100) == []


def test_a_sample_follows_its_seed(catalog):
    assert catalog.sample(3, 1) == catalog.sample(3, 1)
    assert sorted(catalog.sample(99, 2)) == [0, 1, 2, 3, 4]
    assert len({tuple(catalog.sample(2, seed)) for seed in range(50)}) > 10


def test_the_images_of_a_label_are_named(catalog):
    expected = {"b": [0, 3], "a": [1], "caf\udce9": [4], None: [2], "none": []}
    assert {label: catalog.labelled(label).tolist() for label in expected} == expected


def test_many_threads_may_read_at_once(catalog, records):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: catalog.image(n % 5), range(200)))
    assert found == [records[n % 5] for n in range(200)]


def test_a_removed_catalog_stays_readable(catalog, records):
    catalog.path.unlink()
    assert catalog.all_images() == records


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_what_is_no_catalog_is_named(tmp_path, content):
    (tmp_path / "catalog.sqlite").write_bytes(content)
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite"):
        Catalog(tmp_path / "catalog.sqlite")


def test_an_absent_catalog_is_not_made(tmp_path):
    with pytest.raises(DamagedIndex, match=r"catalog\.sqlite"):
        Catalog(tmp_path / "catalog.sqlite")
    assert not list(tmp_path.iterdir())
