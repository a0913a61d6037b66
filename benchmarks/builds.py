"""Runs `flask index` as a process of its own, as people run it, and says how it went."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.processes import watched
from indexer.opening import Generation, open_current
from indexer.types import Float32
from models.types import EncoderSpec

PROJECT = Path(__file__).resolve().parents[1]
NAME = "benchmark"
MADE_ANEW = ("indexes", "features")
"""What a build makes; all else in an instance is prepared once for each network and gallery."""


@dataclass(frozen=True)
class Build:
    """What is built: a folder of pictures, by a network in a precision."""

    gallery: Path
    spec: EncoderSpec
    precision: str


@dataclass(frozen=True)
class Built:
    """How a build went.

    Attributes:
        images: in the index.
        seconds: from the start of the process to its end.
        stages: seconds by stage, as the build itself counts them.
    """

    images: int
    seconds: float
    stages: dict[str, float]


@dataclass(frozen=True)
class Run:
    """What one command needed.

    Attributes:
        seconds: from the start of its process to its end.
        peak: of the memory of all its processes, in bytes.
        said: what it printed.
    """

    seconds: float
    peak: int
    said: str


@dataclass(frozen=True)
class Content:
    """What a build wrote.

    Attributes:
        features: float32 (n, dim).
        labels: the classes, str (n,).
    """

    features: Float32
    labels: "np.typing.NDArray[np.str_]"


def build(what: Build, instance: Path) -> Built:
    """Build an index in an instance.

    Raises:
        SystemExit: with the last of what the command said, if it failed.
    """
    started = time.perf_counter()
    process = _start(_build_arguments(what), instance)
    _end(process, instance)
    return _result(instance, time.perf_counter() - started)


def build_watched(what: Build, instance: Path) -> Run:
    """Build an index in an instance, and watch the memory that it needs."""
    return run_watched(_build_arguments(what), instance)


def run_watched(arguments: Sequence[str], instance: Path) -> Run:
    """Run `flask index` on an instance, and watch the memory that it needs.

    Raises:
        SystemExit: with the last of what the command said, if it failed.
    """
    started = time.perf_counter()
    process = _start(arguments, instance)
    with watched(process.pid) as peak:
        _end(process, instance)
    said = _log(instance).read_text(errors="replace")
    return Run(time.perf_counter() - started, peak.bytes, said)


def emptied_copy(prepared: Path, instance: Path) -> Path:
    """Make an instance in which all is prepared, but nothing built."""
    shutil.copytree(prepared, instance, ignore=shutil.ignore_patterns(*MADE_ANEW))
    return instance


def generation(instance: Path) -> Generation:
    """Open what was built."""
    return open_current(instance, NAME)


def content(instance: Path) -> Content:
    """Read what was built."""
    built = generation(instance)
    with closing(built.catalog) as catalog:
        labels = np.array([image.label or "" for image in catalog.all_images()])
    return Content(np.array(built.store.rows(slice(None))), labels)


def draw(folder: Path, count: int, seed: int, gallery: Path) -> list[Path]:
    """Copy pictures, drawn at random, into a gallery of the same classes; return the copies.

    Raises:
        SystemExit: if the folder holds no folders of files.
    """
    found = sorted(file for file in folder.glob("*/*") if file.is_file())
    if not found:
        raise SystemExit(f"{folder} holds no folders of pictures.")
    drawn = np.random.default_rng(seed).permutation(len(found))[:count]
    copies = [gallery / found[place].relative_to(folder) for place in sorted(drawn)]
    for copy in copies:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / copy.relative_to(gallery), copy)
    return copies


def _start(arguments: Sequence[str], instance: Path) -> "subprocess.Popen[bytes]":
    environment = {key: value for key, value in os.environ.items() if "LIKENESS" not in key}
    instance.mkdir(parents=True, exist_ok=True)
    with _log(instance).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "index", *arguments],
            cwd=PROJECT,
            env=environment | {"LIKENESS_INSTANCE": str(instance.absolute())},
            stdout=log,
            stderr=log,
        )


def _build_arguments(what: Build) -> Sequence[str]:
    spec = what.spec
    arguments = ["build", str(what.gallery.absolute()), "--name", NAME, "--network", spec.network]
    arguments += ["--weights", spec.weights, "--size", str(spec.size), "--pooling", spec.pooling]
    arguments += ["--layer", spec.layer] if spec.layer else []
    return [*arguments, "--engine", "openvino", "--precision", what.precision]


def _end(process: "subprocess.Popen[bytes]", instance: Path) -> None:
    if process.wait():
        said = _log(instance).read_text(errors="replace").strip().splitlines()[-20:]
        raise SystemExit("flask index failed:\n" + "\n".join(said))


def _log(instance: Path) -> Path:
    return instance / "index.log"


def _result(instance: Path, seconds: float) -> Built:
    built = generation(instance)
    built.catalog.close()
    stages = {stage.name: stage.seconds for stage in built.manifest.stages}
    return Built(built.manifest.images, seconds, stages)
