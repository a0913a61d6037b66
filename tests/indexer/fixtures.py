"""A small real gallery, a small real encoder and one built index, shared by the tests."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from indexer.build import BuildPlan, build_index
from indexer.indexes.options import IndexOptions
from models.types import EncoderSpec
from tests.once import export_once, made_once

CLASSES = ("circles", "lines", "squares")
PER_CLASS = 8
SIZE = 32


def draw(kind: str, seed: int) -> Image.Image:
    """Draw one picture of a class: three shapes in colours of the seed."""
    random = np.random.default_rng([CLASSES.index(kind), seed])
    image = Image.new("RGB", (60, 48), tuple(random.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(image)
    for _ in range(3):
        left, top = random.integers(0, 30, 2).tolist()
        colour = tuple(random.integers(0, 256, 3).tolist())
        box = (left, top, left + 20, top + 16)
        shape = {"circles": pen.ellipse, "lines": pen.line, "squares": pen.rectangle}[kind]
        shape(box, fill=colour)
    return image


def draw_gallery(folder: Path, per_class: int = PER_CLASS) -> Path:
    """Draw a folder of pictures in three classes."""
    for kind in CLASSES:
        (folder / kind).mkdir(parents=True)
        for seed in range(per_class):
            draw(kind, seed).save(folder / kind / f"{seed:02d}.png")
    return folder


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Return a folder of 24 sound pictures in three classes."""
    return draw_gallery(tmp_path / "gallery")


@pytest.fixture(scope="session")
def spec() -> EncoderSpec:
    """Return a small network with random weights from a fixed seed."""
    return EncoderSpec("simple_cnn", str(made_once("random.npz", write_weights)), size=SIZE)


def write_weights(path: Path) -> None:
    """Write random weights of the small network."""
    random = np.random.default_rng(0)
    weights = {}
    for stage, (inputs, outputs) in enumerate([(3, 32), (32, 64), (64, 128), (128, 256)], 1):
        spread = (2 / (9 * inputs)) ** 0.5
        kernel = random.normal(0, spread, (3, 3, inputs, outputs))
        weights[f"conv{stage}/kernel"] = kernel.astype(np.float32)
        weights[f"conv{stage}/bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
    np.savez(path, **weights)


@pytest.fixture(scope="session")
def exported(spec: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache of exported encoders that holds the small network, exported once."""
    cache = tmp_path_factory.mktemp("exported") / "encoders"
    return Path(shutil.copytree(export_once(spec), cache))


@pytest.fixture
def instance(tmp_path: Path, exported: Path) -> Path:
    """Return an instance folder without an index, the encoder exported."""
    folder = tmp_path / "instance"
    shutil.copytree(exported, folder / "encoders")
    return folder


@pytest.fixture
def plan(gallery: Path, spec: EncoderSpec) -> BuildPlan:
    """Return a plan that indexes the small gallery."""
    return plan_of(gallery, spec)


def plan_of(gallery: Path, spec: EncoderSpec) -> BuildPlan:
    """Return a plan that indexes a folder of pictures with the small network."""
    options = IndexOptions(g=4, h=3)
    return BuildPlan((gallery,), name="shapes", encoder=spec, options=options, batch_size=8)


@pytest.fixture
def encoded(instance: Path, built: Path) -> Path:
    """Return the instance without an index, the features of the small gallery computed before."""
    return Path(shutil.copytree(built / "features", instance / "features")).parent


@pytest.fixture
def followed(plan: BuildPlan, encoded: Path) -> Path:
    """Return an instance with an index of the small gallery, that is to follow it."""
    build_index(plan, encoded)
    return encoded


@pytest.fixture(scope="session")
def built(spec: EncoderSpec, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance with the index `shapes`; not to be changed."""
    folder = tmp_path_factory.mktemp("built")
    instance = folder / "instance"
    shutil.copytree(exported, instance / "encoders")
    build_index(plan_of(draw_gallery(folder / "gallery"), spec), instance)
    return instance


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the built instance that a test may damage."""
    return Path(shutil.copytree(built, tmp_path / "copied"))
