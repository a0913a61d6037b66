"""A real `flask index build` that is killed, again and again, and goes on where it was."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.generations import IndexFolder
from indexer.manifest import read_manifest
from indexer.opening import check_index
from tests.indexer.fixtures import CLASSES, draw

PROJECT = Path(__file__).parents[2]
OF_TIME = {"generation", "created", "stages", "reused"}


@pytest.fixture(scope="module")
def large(request, tmp_path_factory):
    """Return a gallery of pictures that take long to decode, with a copy and a file of text.

    A test says how many of each class.
    """
    folder = tmp_path_factory.mktemp("large") / "gallery"
    for kind in CLASSES:
        (folder / kind).mkdir(parents=True)
        for seed in range(request.param):
            picture = draw(kind, seed).resize((2400, 1800))
            picture.save(folder / kind / f"{seed:02d}.png", compress_level=1)
    shutil.copy(folder / "lines" / "00.png", folder / "copy.png")
    (folder / "text.png").write_text("not a picture")
    return folder


@pytest.fixture(scope="module")
def undisturbed(large, spec, exported, tmp_path_factory):
    """Return what a build that nobody kills makes of it, and the seconds that it takes."""
    instance = tmp_path_factory.mktemp("undisturbed") / "instance"
    shutil.copytree(exported, instance / "encoders")
    began = time.monotonic()
    different = len(list(large.glob("*/*.png")))
    assert f"{different} computed, 0 reused" in finish(start(large, instance, spec))
    return result(instance), time.monotonic() - began


def start(gallery, instance, spec):
    """Start to build an index on the command line."""
    command = [sys.executable, "-m", "flask", "index", "build", str(gallery), "--name", "killed"]
    command += ["--network", spec.network, "--weights", spec.weights, "--size", str(spec.size)]
    command += ["--g", "4", "--h", "3", "--batch-size", "4", "--workers", "1"]
    settings = {"LIKENESS_INSTANCE": str(instance), "FLASK_APP": "app"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=PROJECT, env=os.environ | settings, **pipes)


def finish(build):
    """Wait for the end of a build, and return its summary."""
    output, errors = build.communicate(timeout=280)
    assert build.returncode == 0, errors
    return output


def kill(build, moment):
    """Kill a build after so many seconds; return whether it had not ended by itself."""
    try:
        build.wait(moment)
    except subprocess.TimeoutExpired:
        build.send_signal(signal.SIGKILL)
    build.communicate(timeout=60)
    assert build.returncode in (0, -signal.SIGKILL)
    return build.returncode != 0


def result(instance):
    """Return every byte of a sound index, and all of its manifest but what tells of time."""
    check_index(instance, "killed")
    folder = IndexFolder(instance, "killed")
    path = folder.generation(folder.current())
    files = {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and file.name != "manifest.json"
    }
    manifest = read_manifest(path)
    told = {name: value for name, value in vars(manifest).items() if name not in OF_TIME}
    points = [told["tuning"]["chosen"], *told["tuning"]["points"]]
    assert [point.pop("milliseconds") > 0 for point in points]
    return files, told


def reused(summary):
    """Return how many features a build took from earlier ones."""
    return int(re.search(r"([\d,]+) reused", summary)[1].replace(",", ""))


def await_features(build, instance):
    """Wait until a build has stored a feature, or has ended."""
    while build.poll() is None:
        if any(keys.stat().st_size for keys in instance.glob("features/*/*.keys")):
            break
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("large", "kills"),
    [
        (6, 2),
        pytest.param(40, 10, marks=[pytest.mark.campaign, pytest.mark.timeout(3600)]),
    ],
    indirect=["large"],
)
def test_fault_47_a_killed_build_goes_on_where_it_was(
    large, undisturbed, spec, exported, tmp_path, kills
):
    expected, seconds = undisturbed
    instance = tmp_path / "instance"
    shutil.copytree(exported, instance / "encoders")
    moments = random.Random(kills)
    killed = 0
    while killed < kills:
        build = start(large, instance, spec)
        last = killed == kills - 1
        if last:
            await_features(build, instance)
        if kill(build, 0 if last else seconds * moments.uniform(0.1, 1)):
            killed += 1
        else:
            assert result(instance) == expected
            shutil.rmtree(instance / "indexes")
            shutil.rmtree(instance / "features")
    summary = finish(start(large, instance, spec))
    assert result(instance) == expected
    assert reused(summary) > 0
