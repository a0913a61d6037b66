"""Builds that meet a full disk, a kill or another builder (faults 45 to 49)."""

import errno
import io
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.build import build_index
from indexer.building.drafts import drafting
from indexer.errors import BuildFailed, BuildRunning
from indexer.generations import IndexFolder
from indexer.opening import check_index, open_current
from tests.indexer.fixtures import draw_gallery, plan_of
from tests.restored import Restored

BUILD = """
import os, resource, signal, sys
from pathlib import Path
from indexer.build import BuildPlan, build_index
from models.types import EncoderSpec
gallery, instance, weights, size, stage, most_bytes = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def refuse(*_, **__):
    raise OSError(1, "links are not supported")
if stage != "none":
    os.link = refuse  # so that all is written
def limit(progress):
    if progress.stage == stage:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
spec = EncoderSpec("simple_cnn", weights, size=int(size))
plan = BuildPlan((Path(gallery),), name="shapes", encoder=spec, batch_size=8)
print("ready", flush=True)
build_index(plan, Path(instance), limit)
"""


@pytest.fixture(scope="module")
def prepared(spec, exported, tmp_path_factory):
    """Return a gallery, and an instance in which `shapes` was built of it."""

    def make(folder):
        gallery = draw_gallery(folder / "gallery")
        shutil.copytree(exported, folder / "instance" / "encoders")
        build_index(plan_of(gallery, spec), folder / "instance")

    return Restored(tmp_path_factory.mktemp("prepared"), make)


@pytest.fixture
def gallery(prepared):
    """Return that gallery, that a test may change."""
    return prepared.again() / "gallery"


@pytest.fixture
def instance(gallery):
    """Return that instance, that a test may change."""
    return gallery.parent / "instance"


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
    """Assert that one whole index is current, and that nothing is left but what a walk found."""
    check_index(instance, "shapes")
    folder = IndexFolder(instance, "shapes")
    names = {path.name for path in folder.path.iterdir()} - {folder.journal.name}
    assert names == {"current", "generations", "lock", "pointer.lock"}
    assert len(folder.generations()) <= 4
    assert folder.current() in folder.generations()


@pytest.mark.parametrize(
    ("stage", "most_bytes"),
    [
        pytest.param("encoder", 100, id="the encoder's description"),
        pytest.param("encoder", 1_000_000, id="the encoder's weights"),
        pytest.param("encode", 0, id="the first byte of the stored features"),
        pytest.param("encode", 10_000, id="the second batch of the stored features"),
        pytest.param("index", 0, id="the first byte of the features"),
        pytest.param("index", 20_000, id="the end of the features"),
        pytest.param("publish", 200, id="the distances"),
        pytest.param("publish", 10_000, id="the tables"),
        pytest.param("publish", 20_000, id="the catalog"),
        pytest.param("publish", 2_000_000, id="nothing"),
    ],
)
def test_fault_45_a_full_disk_leaves_the_old_index_and_no_litter(plan, instance, stage, most_bytes):
    before = open_current(instance, "shapes").manifest.generation
    shutil.rmtree(instance / "features")
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
        (os, "listdir"), (os, "stat"), (io, "open"), (sqlite3, "connect"), (os, "pwrite"),
        (os, "preadv"),
    )  # fmt: skip

    def __init__(self, monkeypatch, instance, n):
        self.count = 0
        for module, name in self.CALLS:
            monkeypatch.setattr(module, name, self.wrapped(getattr(module, name), instance, n))

    def wrapped(self, call, instance, n):
        places = (str(instance / "indexes"), str(instance / "features"))

        def wrapper(*values, **options):
            if isinstance(values[0], int) or any(place in str(values[0]) for place in places):
                self.count += 1
                if self.count == n:
                    raise OSError(errno.EIO, "the disk failed", str(values[0]))
            return call(*values, **options)

        return wrapper


def build_on_failing_disk(plan, instance, n):
    """Build with the n-th call failing; return whether it succeeded, and the calls made."""
    shutil.rmtree(instance / "features", ignore_errors=True)
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
    total = require_old_or_new(plan, instance, 10**9)
    assert total > 60
    for n in range(1, total + 1, total // 12):
        require_old_or_new(plan, instance, n)
    build_index(plan, instance)
    require_clean(instance)


@pytest.mark.campaign
def test_fault_46_every_call_may_fail(plan, instance):
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
    kill_and_check(plan, instance, delay)
    build_index(plan, instance)
    require_clean(instance)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_fault_47_sixty_kills(plan, instance):
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


def test_fault_49_ctrl_c_with_the_new_pointer_in_place_keeps_the_new_generation(
    plan, instance, monkeypatch
):
    before = open_current(instance, "shapes").manifest.generation
    real = os.replace

    def replace_and_interrupt(source, target):
        real(source, target)
        if Path(target).name == "current":
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_index(plan, instance)
    assert open_current(instance, "shapes").problem == ""
    assert open_current(instance, "shapes").manifest.generation > before
    require_clean(instance)


def test_fault_49_an_interrupted_build_leaves_no_litter(plan, instance):
    def interrupt(progress):
        if progress.stage == "encode" and progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(plan, instance, interrupt)
    require_clean(instance)
