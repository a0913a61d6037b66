"""What galleries, disks and signals do to a build: faults 37 to 52."""

import errno
import io
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.build import build_index
from indexer.catalog import Count
from indexer.errors import BuildFailed, BuildRunning, EmptyGallery
from indexer.extract import extract
from indexer.features import FeatureWriter, open_features
from indexer.gallery import scan
from indexer.generations import IndexFolder, drafting, index_names
from indexer.indexes.base import IndexOptions
from indexer.opening import check_index, open_current
from indexer.shelf import Shelf
from models.encoder import Encoder, open_encoder, prepare_encoder
from tests.indexer.fixtures import draw

BUILD = """
import resource, signal, sys
from pathlib import Path
from indexer.build import BuildPlan, build_index
from models.types import EncoderSpec
gallery, instance, weights, size, stage, most_bytes = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def limit(progress):
    if progress.stage == stage:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
spec = EncoderSpec("simple_cnn", weights, size=int(size))
plan = BuildPlan((Path(gallery),), name="shapes", encoder=spec, batch_size=8)
print("ready", flush=True)
build_index(plan, Path(instance), limit)
"""


def start_build(plan, instance, stage="none", most_bytes=0):
    """Start the same build in a process of its own, its files limited from a stage on."""
    arguments = [str(plan.sources[0]), str(instance), plan.encoder.weights, str(plan.encoder.size)]
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, *arguments, stage, str(most_bytes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def require_clean(instance):
    """Assert that one whole index is current and that no draft is left."""
    check_index(instance, "shapes")
    folder = IndexFolder(instance, "shapes")
    names = {path.name for path in folder.path.iterdir()}
    assert names == {"current", "generations", "lock"}
    assert len(folder.generations()) <= 2
    assert folder.current() in folder.generations()


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


def test_fault_44_a_file_that_changes_or_vanishes_is_recorded(gallery, spec, exported, tmp_path):
    encoder = open_encoder(prepare_encoder(spec, exported))
    found = scan([gallery])
    draw("lines", 70).save(gallery / "circles" / "00.png")
    (gallery / "circles" / "01.png").unlink()
    (gallery / "circles" / "02.png").unlink()
    os.mkfifo(gallery / "circles" / "02.png")
    with FeatureWriter(tmp_path / "f.npy", encoder.dim) as writer:
        result = extract(found, encoder, writer, batch_size=8)
    assert result.records == found.records[3:]
    assert [(item.path, item.reason) for item in result.rejections] == [
        (f"circles/0{number}.png", "changed") for number in range(3)
    ]


@pytest.mark.parametrize(
    ("stage", "most_bytes"),
    [
        pytest.param("encoder", 100, id="the encoder's description"),
        pytest.param("encoder", 1_000_000, id="the encoder's weights"),
        pytest.param("encode", 0, id="the first byte of the features"),
        pytest.param("encode", 10_000, id="the second batch of the features"),
        pytest.param("publish", 200, id="the lengths"),
        pytest.param("publish", 10_000, id="the tables"),
        pytest.param("publish", 20_000, id="the catalog"),
        pytest.param("publish", 2_000_000, id="nothing"),
    ],
)
def test_fault_45_a_full_disk_leaves_the_old_index_and_no_litter(plan, instance, stage, most_bytes):
    before = build_index(plan, instance).generation
    build = start_build(plan, instance, stage, most_bytes)
    _, errors = build.communicate(timeout=120)
    require_clean(instance)
    after = open_current(instance, "shapes").manifest.generation
    if most_bytes == 2_000_000:
        assert (build.returncode, errors) == (0, "")
        assert after > before
    else:
        assert build.returncode == 1
        assert "BuildFailed" in errors
        assert "still serves" in errors
        assert f"has room at {instance}" in errors
        assert re.search("File too large|disk is full|disk I/O error", errors.splitlines()[-1])
        assert after == before


class FailingDisk:
    """Lets the n-th call that touches the disk fail, and counts them all."""

    CALLS = (
        (os, "open"), (os, "fsync"), (os, "rename"), (os, "replace"), (os, "mkdir"),
        (os, "listdir"), (os, "stat"), (io, "open"), (sqlite3, "connect"),
    )  # fmt: skip

    def __init__(self, monkeypatch, instance, n):
        self.count = 0
        for module, name in self.CALLS:
            monkeypatch.setattr(module, name, self.wrapped(getattr(module, name), instance, n))

    def wrapped(self, call, instance, n):
        def wrapper(*values, **options):
            if str(instance / "indexes") in str(values[0]) or isinstance(values[0], int):
                self.count += 1
                if self.count == n:
                    raise OSError(errno.EIO, "the disk failed", str(values[0]))
            return call(*values, **options)

        return wrapper


def build_on_failing_disk(plan, instance, n):
    """Build with the n-th call failing; return whether it succeeded, and the calls made."""
    with pytest.MonkeyPatch.context() as patch:
        disk = FailingDisk(patch, instance, n)
        try:
            build_index(plan, instance)
        except BuildFailed:
            return False, disk.count
        return True, disk.count


def require_old_or_new(plan, instance, n):
    before = open_current(instance, "shapes").manifest.generation
    succeeded, count = build_on_failing_disk(plan, instance, n)
    after = open_current(instance, "shapes")
    assert (after.manifest.generation != before) == succeeded
    assert after.problem == ""
    check_index(instance, "shapes")
    return count


def test_fault_46_a_failing_call_leaves_the_old_index(plan, instance):
    build_index(plan, instance)
    total = require_old_or_new(plan, instance, 10**9)
    assert total > 60
    for n in range(1, total + 1, total // 12):
        require_old_or_new(plan, instance, n)
    build_index(plan, instance)
    require_clean(instance)


@pytest.mark.campaign
def test_fault_46_every_call_may_fail(plan, instance):
    build_index(plan, instance)
    total = require_old_or_new(plan, instance, 10**9)
    for n in range(1, total + 1):
        require_old_or_new(plan, instance, n)
    build_index(plan, instance)
    require_clean(instance)


def kill_and_check(plan, instance, delay):
    """Kill a build after a delay, and assert that a whole index serves."""
    before = IndexFolder(instance, "shapes").current()
    build = start_build(plan, instance)
    assert build.stdout.readline() == "ready\n"
    time.sleep(delay)
    build.send_signal(signal.SIGKILL)
    build.communicate(timeout=60)
    check_index(instance, "shapes")
    generation = open_current(instance, "shapes")
    assert generation.problem == ""
    assert generation.manifest.generation >= before


@pytest.mark.parametrize("delay", [0.05, 0.3, 0.6])
def test_fault_47_a_killed_build_leaves_the_old_index_or_the_new(plan, instance, delay):
    build_index(plan, instance)
    kill_and_check(plan, instance, delay)
    build_index(plan, instance)
    require_clean(instance)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_fault_47_sixty_kills(plan, instance):
    build_index(plan, instance)
    instants = random.Random(0)
    for _ in range(60):
        kill_and_check(plan, instance, instants.uniform(0, 1.5))
    build_index(plan, instance)
    require_clean(instance)


def test_fault_48_a_second_builder_is_refused(plan, instance):
    with drafting(instance, "shapes"), pytest.raises(BuildRunning, match="another --name"):
        build_index(plan, instance)
    build_index(plan, instance)


def test_fault_48_the_lock_of_a_dead_builder_does_not_hold(plan, instance):
    build = start_build(plan, instance)
    assert build.stdout.readline() == "ready\n"
    build.kill()
    build.communicate(timeout=60)
    build_index(plan, instance)
    require_clean(instance)


def test_fault_49_an_interrupted_build_leaves_no_litter(plan, instance):
    build_index(plan, instance)

    def interrupt(progress):
        if progress.stage == "encode" and progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(plan, instance, interrupt)
    require_clean(instance)


class OddEngine:
    """An engine whose answers are not features for some pictures, by their first byte."""

    def __init__(self, engine):
        self.engine = engine

    def encode(self, images):
        if (images[:, 0, 0, 0] == 13).any():
            raise RuntimeError("the engine fails on this picture")
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
    with FeatureWriter(tmp_path / "f.npy", encoder.dim) as writer:
        result = extract(scan([tmp_path / "g"]), odd, writer, batch_size=4)
    assert [(item.path, item.reason) for item in result.rejections] == [
        (f"{number}.png", "no feature") for number in (13, 14, 15)
    ]
    assert [record.path for record in result.records] == [f"{n}.png" for n in (10, 11, 12, 16, 17)]
    assert np.isfinite(open_features(tmp_path / "f.npy")).all()


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
        (build_index(replace(plan, options=options), instance).path / "tables" / "offsets.npy")
        for options in (IndexOptions(g=4, h=3), IndexOptions(g=4, h=3, seed=1))
    ]
    assert tables[0].read_bytes() != tables[1].read_bytes()
