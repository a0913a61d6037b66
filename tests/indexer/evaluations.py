"""Folders and indexes that evaluations are made of: a gallery, queries, distractors."""

import shutil
from dataclasses import replace

import pytest

from indexer.build import BuildPlan, build_index
from indexer.evaluation.systems.base import SystemSpec
from indexer.indexes.options import IndexOptions
from tests.indexer.fixtures import CLASSES, PER_CLASS, draw, draw_gallery

ASKED = 3  # queries of each class
FOREIGN = 5
SHAPES, OTHER, CODES, ASTRAY = (
    SystemSpec(index=name) for name in ("shapes", "other", "codes", "astray")
)


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """Return a folder with gallery, queries, distractors, and the gallery in another order."""
    folder = tmp_path_factory.mktemp("evaluations")
    gallery = draw_gallery(folder / "gallery")
    for kind in CLASSES:
        for part in ("queries", "other"):
            (folder / part / kind).mkdir(parents=True)
        for seed in range(ASKED):
            draw(kind, 100 + seed).save(folder / "queries" / kind / f"{seed}.png")
        for seed in range(PER_CLASS):
            turned = folder / "other" / kind / f"{PER_CLASS - seed}.png"
            shutil.copyfile(gallery / kind / f"{seed:02d}.png", turned)
    (folder / "distractors").mkdir()
    for seed in range(FOREIGN):
        draw("squares", 200 + seed).save(folder / "distractors" / f"{seed}.png")
    return folder


@pytest.fixture(scope="session")
def indexes(place, spec, exported, tmp_path_factory):
    """Return an instance with indexes of these; not to be changed.

    `other` has another order than `shapes`, and looks at few pictures.
    """
    instance = tmp_path_factory.mktemp("indexes") / "instance"
    shutil.copytree(exported, instance / "encoders")
    shapes = BuildPlan((place / "gallery",), "shapes", encoder=spec, options=IndexOptions(g=4, h=3))
    poor = IndexOptions(family="plain", g=1, h=12, w=0.5)
    foreign = (place / "distractors",)
    for plan in (
        shapes,
        replace(shapes, name="other", sources=(place / "other",), options=poor),
        replace(shapes, name="codes", kind="hamming", options=IndexOptions(metric="hamming")),
        replace(shapes, name="astray", kind="exact", options=IndexOptions(), distractors=foreign),
    ):
        build_index(plan, instance)
    return instance


@pytest.fixture
def indexed(indexes, tmp_path):
    """Return an instance with the indexes, for reports of its own."""
    return shutil.copytree(indexes, tmp_path / "instance", symlinks=True)


@pytest.fixture
def network(spec):
    """Return the small network as a system."""
    return SystemSpec(encoder=spec)
