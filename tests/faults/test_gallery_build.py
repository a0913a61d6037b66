"""What odd galleries and files do to a build: faults 28, 37 to 44, 50 and 52."""

import errno
import os
import socket
from dataclasses import replace

import numpy as np
import pytest

from indexer.build import build_index
from indexer.errors import EmptyGallery
from indexer.extract import extract
from indexer.features.cache import feature_cache
from indexer.gallery import scan
from indexer.generations import index_names
from indexer.indexes.options import IndexOptions
from indexer.opening import check_index, open_current
from indexer.shelf import Shelf
from indexer.types import Count
from models.encoder import Encoder, open_encoder, prepare_encoder
from tests.indexer.fixtures import draw


def test_fault_37_an_empty_folder_is_an_error_and_no_index(plan, instance, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmptyGallery, match="holds no file"):
        build_index(replace(plan, sources=(tmp_path / "empty",)), instance)
    assert index_names(instance) == []


@pytest.mark.parametrize("kind", ["exact", "lsh"])
def test_fault_38_one_image_is_a_gallery(plan, instance, tmp_path, kind):
    (tmp_path / "one").mkdir()
    draw("lines", 1).save(tmp_path / "one" / "1.png")
    build_index(replace(plan, sources=(tmp_path / "one",), kind=kind), instance)
    check_index(instance, "shapes")
    assert len(Shelf(instance).get().search_id(0, 10).hits) == 1


@pytest.mark.parametrize("kind", ["exact", "lsh"])
def test_fault_39_copies_come_in_a_stable_order(plan, instance, tmp_path, kind):
    (tmp_path / "copies").mkdir()
    for number in range(20):
        draw("squares", 1).save(tmp_path / "copies" / f"{number:02d}.png")
    build_index(replace(plan, sources=(tmp_path / "copies",), kind=kind), instance)
    service = Shelf(instance).get()
    for metric in ("cosine", "euclidean"):
        hits = service.search_id(13, 12, metric).hits
        assert [hit.id for hit in hits] == list(range(12))
        assert {hit.distance for hit in hits} == {0.0}


def test_fault_40_files_without_permission_are_counted(gallery, monkeypatch):
    real = os.open

    def refuse(path, *values, **options):
        if str(path).endswith("lines/00.png"):  # chmod does not keep root out
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *values, **options)

    monkeypatch.setattr(os, "open", refuse)
    (rejected,) = scan([gallery]).rejections
    assert (rejected.path, rejected.reason) == ("lines/00.png", "unreadable")
    assert "Permission denied" in rejected.detail


def test_fault_40_unusable_files_are_counted_with_their_reason(plan, instance, gallery):
    (gallery / "empty.jpg").touch()
    (gallery / "text.jpg").write_text("not a picture")
    (gallery / "cut.png").write_bytes((gallery / "lines" / "00.png").read_bytes()[:60])
    summary = build_index(plan, instance)
    assert summary.images == 24
    assert set(summary.rejected) == {
        Count("empty", 1), Count("not an image", 1), Count("damaged", 1)
    }  # fmt: skip
    catalog = open_current(instance, "shapes").catalog
    assert [item.path for item in catalog.rejections()] == ["cut.png", "empty.jpg", "text.jpg"]


def test_fault_41_any_file_name_survives(plan, instance, tmp_path):
    folder = os.fsencode(tmp_path / "odd")
    os.mkdir(folder)
    names = [b"caf\xe9.png", b"new\nline.png", "\U0001f980.png".encode(), b"-rf *.png", b"\x7f.png"]
    for seed, name in enumerate(names):
        with open(os.path.join(folder, name), "wb") as file:
            draw("circles", seed).save(file, "PNG")
    build_index(replace(plan, sources=(tmp_path / "odd",)), instance)
    service = Shelf(instance).get()
    assert sorted(os.fsencode(image.path) for image in service.catalog.all_images()) == sorted(
        names
    )
    for number in range(len(names)):
        found = service.search_image(service.image_path(number), 1)
        assert found.hits[0].id == number


def test_fault_42_links_in_a_circle_end(gallery):
    (gallery / "lines" / "loop").symlink_to(gallery)
    (gallery / "self").symlink_to(gallery / "self")
    found = scan([gallery])
    assert len(found.records) == 24
    assert {item.path: item.reason for item in found.rejections} == {
        "lines/loop": "link",
        "self": "link",
    }


def test_fault_28_links_out_of_the_gallery_are_not_followed(gallery, tmp_path):
    draw("lines", 50).save(tmp_path / "private.png")
    (gallery / "out.png").symlink_to(tmp_path / "private.png")
    found = scan([gallery])
    assert [(item.path, item.reason) for item in found.rejections] == [("out.png", "link")]


def test_fault_43_pipes_devices_and_sockets_are_not_opened(gallery, monkeypatch):
    os.mkfifo(gallery / "pipe.jpg")
    (gallery / "null.jpg").symlink_to("/dev/null")
    monkeypatch.chdir(gallery)  # a socket's address is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.jpg")
        found = scan([gallery])
    assert {item.path: item.reason for item in found.rejections} == {
        "null.jpg": "link",
        "pipe.jpg": "not a regular file",
        "socket.jpg": "not a regular file",
    }


def test_fault_44_a_file_that_changes_or_vanishes_is_recorded(gallery, spec, exported, instance):
    encoder = open_encoder(prepare_encoder(spec, exported))
    found = scan([gallery])
    draw("lines", 70).save(gallery / "circles" / "00.png")
    (gallery / "circles" / "01.png").unlink()
    (gallery / "circles" / "02.png").unlink()
    os.mkfifo(gallery / "circles" / "02.png")
    with feature_cache(instance, encoder.fingerprint) as cache:
        result = extract(found, encoder, cache, batch_size=8)
    assert result.records == found.records[3:]
    assert [(item.path, item.reason) for item in result.rejections] == [
        (f"circles/0{number}.png", "changed") for number in range(3)
    ]


class OddEngine:
    """An engine whose answers are not features for some pictures, by their first byte."""

    def __init__(self, engine):
        self.engine = engine

    def encode(self, images):
        features = self.engine.encode(images).copy()
        features[images[:, 0, 0, 0] == 14] = np.nan
        features[images[:, 0, 0, 0] == 15] = 0
        return features

    def map(self, images):
        return self.engine.map(images)


def test_fault_50_a_feature_of_nan_or_zeros_is_rejected_with_its_file(spec, exported, tmp_path):
    (tmp_path / "g").mkdir()
    for number in range(10, 18):
        image = draw("circles", number)
        image.paste((number, 99, 99), (0, 0, 20, 20))
        image.save(tmp_path / "g" / f"{number}.png")
    encoder = open_encoder(prepare_encoder(spec, exported))
    odd = Encoder(OddEngine(encoder._engine), encoder.fingerprint)
    with feature_cache(tmp_path, encoder.fingerprint) as cache:
        result = extract(scan([tmp_path / "g"]), odd, cache, batch_size=4)
        features = cache.read([record.sha256 for record in result.records])
    assert [(item.path, item.reason) for item in result.rejections] == [
        (f"{number}.png", "no feature") for number in (14, 15)
    ]
    assert [record.path for record in result.records] == [
        f"{number}.png" for number in (10, 11, 12, 13, 16, 17)
    ]
    assert np.isfinite(features).all()


def test_fault_52_the_same_seed_gives_the_same_index_whatever_the_batches(plan, instance):
    contents = []
    for batch_size, workers in ((8, 1), (32, 1), (8, 3), (32, 3), (5, 2)):
        path = build_index(replace(plan, batch_size=batch_size, workers=workers), instance).path
        contents.append(
            {
                file.relative_to(path).as_posix(): file.read_bytes()
                for file in path.rglob("*.*")
                if file.name != "manifest.json"  # it tells when it was built, and how fast
            }
        )
    assert {"features.npy", "tables/codes.npy", "catalog.sqlite"} < contents[0].keys()
    assert all(content == contents[0] for content in contents)


def test_fault_52_another_seed_gives_other_tables(plan, instance):
    tables = [
        (build_index(replace(plan, options=options), instance).path / "tables" / "rotations.npy")
        for options in (IndexOptions(g=4, h=3), IndexOptions(g=4, h=3, seed=1))
    ]
    assert tables[0].read_bytes() != tables[1].read_bytes()
