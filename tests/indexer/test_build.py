"""The pipeline from folder to index, with the encoder's own answers as oracle."""

import json
import os
import shutil
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from indexer.build import build_index
from indexer.building.recipe import plan_of
from indexer.errors import BadParameter, DamagedIndex, EmptyGallery, NotAccepted
from indexer.features.writing import open_features
from indexer.generations import index_names
from indexer.indexes.options import IndexOptions
from indexer.manifest import FORMAT
from indexer.opening import check_index, open_current
from indexer.shelf import Shelf
from indexer.types import DEFAULT_LIMITS, Count
from models.encoder import open_encoder
from models.engines import processor
from models.images import decode
from models.types import Limits
from tests.indexer.fixtures import SIZE, draw


def test_features_are_those_of_the_encoder(built):
    generation = open_current(built, "shapes")
    encoder = open_encoder(generation.encoder)
    root = generation.catalog.roots()[0]
    for number in (0, 9, 23):
        pixels = decode(root / generation.catalog.image(number).path, SIZE)
        expected = encoder.encode(pixels[None])[0]
        assert np.allclose(generation.store.features[number], expected, rtol=1e-4, atol=1e-5)


def test_the_summary_tells_what_was_done(plan, instance, gallery):
    (gallery / "broken.jpg").write_text("no picture")
    (gallery / "empty.png").touch()
    told = []
    summary = build_index(plan, instance, told.append)
    assert (summary.name, summary.images, summary.distractors) == ("shapes", 24, 0)
    assert set(summary.rejected) == {Count("not an image", 1), Count("empty", 1)}
    names = [stage.name for stage in summary.stages]
    assert names == [
        "encoder", "scan", "precision", "encode", "index", "tune", "accept", "publish"
    ]  # fmt: skip
    assert summary.images_per_second > 0
    assert 0 < summary.visited_share <= 1
    assert summary.parameters["g"] == 4
    assert summary.path.is_dir()
    assert {item.stage for item in told} == set(names)
    assert [item.done for item in told if item.stage == "encode" and item.total][-1] == 24


def test_batch_size_and_workers_change_nothing(plan, instance):
    tables = []
    for batch_size, workers in ((8, 1), (5, 4), (32, 2)):
        build_index(replace(plan, batch_size=batch_size, workers=workers), instance)
        generation = open_current(instance, "shapes")
        tables.append(generation)
    first = tables[0]
    for other in tables[1:]:
        assert other.catalog.all_images() == first.catalog.all_images()
        assert np.allclose(other.store.features, first.store.features, rtol=1e-4, atol=1e-5)
        assert other.manifest.tuning["queries"] == first.manifest.tuning["queries"]


def test_distractors_are_counted(plan, instance, tmp_path):
    (tmp_path / "more").mkdir()
    draw("lines", 77).save(tmp_path / "more" / "1.png")
    summary = build_index(replace(plan, distractors=(tmp_path / "more",)), instance)
    assert (summary.images, summary.distractors) == (25, 1)


def test_an_image_that_cannot_be_decoded_is_rejected_by_the_build(plan, instance, gallery):
    file = gallery / "circles" / "00.png"
    draw("circles", 0).resize((600, 600)).save(file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    summary = build_index(plan, instance)
    assert summary.images == 23
    assert summary.rejected == (Count("damaged", 1),)


def test_a_gallery_without_images_builds_nothing(plan, instance, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(EmptyGallery):
        build_index(replace(plan, sources=(tmp_path / "none",)), instance)
    assert index_names(instance) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "No"},
        {"kind": "tree"},
        {"batch_size": 0},
        {"engine": "abacus"},
        {"precision": "fp8"},
        {"store_as": "float8"},
        {"engine": "keras", "precision": "int8"},
        {"whiten": True},
        {"accept": 1.1},
        {"accept": float("nan")},
        {"kind": "hamming"},
        {"options": IndexOptions(metric="hamming")},
    ],
)
def test_a_wrong_plan_is_refused_at_once(plan, wrong):
    with pytest.raises(BadParameter):
        replace(plan, **wrong)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"options": IndexOptions(g=7, h=2, w=0.5, seed=1)},
        {"options": IndexOptions(metric="euclidean")},
        {"kind": "exact"},
        {"kind": "hamming", "options": IndexOptions(metric="hamming")},
        {"name": "another"},
        {"batch_size": 5, "workers": 2},
    ],
)
def test_a_rebuild_computes_no_feature_again(plan, instance, change):
    first = build_index(plan, instance)
    again = build_index(replace(plan, **change), instance)
    assert (first.computed, first.reused) == (24, 0)
    assert (again.computed, again.reused) == (0, 24)
    features = [(summary.path / "features.npy").read_bytes() for summary in (first, again)]
    assert features[0] == features[1]


def test_another_encoder_uses_none_of_the_features(plan, instance):
    build_index(plan, instance)
    other = replace(plan.encoder, pooling="max")
    assert build_index(replace(plan, encoder=other), instance).reused == 0


def test_copies_are_computed_once(plan, instance, gallery):
    shutil.copy(gallery / "lines" / "00.png", gallery / "lines" / "copy.png")
    summary = build_index(plan, instance)
    assert (summary.images, summary.computed) == (25, 24)


@pytest.mark.parametrize("store_as", ["float32", "float16"])
def test_an_interrupted_build_goes_on_where_it_was(plan, instance, tmp_path, store_as):
    plan = replace(plan, store_as=store_as)

    def interrupt(progress):
        if progress.stage == "encode" and progress.done >= 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(plan, instance, interrupt)
    told = []
    resumed = build_index(plan, instance, told.append)
    assert 16 <= resumed.reused < 24
    assert resumed.computed == 24 - resumed.reused
    assert any(f"{resumed.reused} reused" in item.note for item in told)
    shutil.copytree(instance / "encoders", tmp_path / "other" / "encoders")
    undisturbed = build_index(plan, tmp_path / "other")
    assert contents(resumed.path) == contents(undisturbed.path)


def contents(generation):
    """Return every file of a generation but the manifest, which tells of time."""
    files = (file for file in generation.rglob("*") if file.is_file())
    return {
        file.relative_to(generation).as_posix(): file.read_bytes()
        for file in files
        if file.name != "manifest.json"
    }


def test_the_manifest_says_how_to_build_again(plan, instance, gallery, monkeypatch):
    monkeypatch.chdir(gallery.parent)
    weights = os.path.relpath(plan.encoder.weights)
    asked = replace(
        plan, sources=(Path("gallery"),), encoder=replace(plan.encoder, weights=weights), workers=2
    )
    build_index(asked, instance)
    monkeypatch.chdir("/")
    manifest = open_current(instance, "shapes").manifest
    assert plan_of(manifest, Limits(1, 2, 3)) == replace(plan, workers=2, limits=Limits(1, 2, 3))


def test_a_generation_of_before_there_were_heads_is_read(copied, plan):
    before = open_current(copied, "shapes")
    fields = asdict(before.manifest)
    del fields["fingerprint"]["head"], fields["recipe"]["encoder"]["head"]
    content = {"format": FORMAT, **fields}
    digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    document = json.dumps({"content": content, "sha256": digest}, sort_keys=True, indent=1) + "\n"
    (before.path / "manifest.json").write_text(document)
    manifest = open_current(copied, "shapes").manifest
    assert manifest.fingerprint == before.manifest.fingerprint
    assert plan_of(manifest, DEFAULT_LIMITS).encoder == plan.encoder


def test_a_manifest_without_a_recipe_is_damaged(built):
    manifest = open_current(built, "shapes").manifest
    for recipe in ({}, manifest.recipe | {"kind": "tree"}, manifest.recipe | {"more": 1}):
        with pytest.raises(DamagedIndex, match="does not say how it was built"):
            plan_of(replace(manifest, recipe=recipe), DEFAULT_LIMITS)


def test_reduced_features_are_those_of_the_encoder_reduced(plan, instance):
    whole = build_index(plan, instance)
    summary = build_index(replace(plan, reduce=12, whiten=True), instance)
    assert (summary.computed, summary.reused) == (0, 24)
    assert summary.fingerprint.dim == 12
    assert summary.fingerprint.reduction.startswith("pca12w-")
    generation = open_current(instance, "shapes")
    encoded = open_features(whole.path / "features.npy")
    assert generation.reduction is not None
    assert np.allclose(generation.store.features, generation.reduction.apply(encoded))
    check_index(instance, "shapes")
    service = Shelf(instance).get("shapes")
    assert service.search_image(service.image_path(3)).hits[0].id == 3


@pytest.mark.parametrize(("reduce", "word"), [(256, "256 wide"), (24, "23 directions")])
def test_a_width_that_features_cannot_have_is_refused_before_any_is_computed(
    plan, instance, reduce, word
):
    with pytest.raises(BadParameter, match=word):
        build_index(replace(plan, reduce=reduce), instance)
    assert not (instance / "features").exists()


def test_a_build_that_does_not_deserve_it_does_not_go_live(plan, instance, tmp_path):
    before = build_index(plan, instance).generation
    with np.load(plan.encoder.weights) as weights:
        blind = {name: np.full_like(weights[name], "bias" in name) for name in weights}
    np.savez(tmp_path / "blind.npz", **blind)
    spoilt = replace(plan, encoder=replace(plan.encoder, weights=str(tmp_path / "blind.npz")))
    with pytest.raises(NotAccepted, match="negative"):
        build_index(spoilt, instance)
    assert open_current(instance, "shapes").manifest.generation == before
    accepted = build_index(replace(spoilt, accept=0), instance)
    assert accepted.acceptance is None
    assert open_current(instance, "shapes").manifest.generation == accepted.generation


def test_the_manifest_tells_what_was_found_before_it_went_live(plan, instance):
    summary = build_index(replace(plan, accept=0.5), instance)
    found = open_current(instance, "shapes").manifest.acceptance
    assert summary.acceptance is not None
    assert summary.acceptance.wanted == found["wanted"] == 0.5
    assert summary.acceptance.recall == found["recall"] >= 0.5


def test_another_precision_has_features_of_its_own(plan, instance):
    build_index(plan, instance)
    summary = build_index(replace(plan, precision="bf16"), instance)
    assert (summary.fingerprint.precision, summary.reused) == ("bf16", 0)
    service = Shelf(instance).get("shapes")
    assert service.search_image(service.image_path(3)).hits[0].id == 3


@pytest.fixture
def old_processor(monkeypatch, tmp_path):
    """Let this processor look like one that adds up no products of bytes."""
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu sse2 avx2\n")
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
    processor.instructions.cache_clear()
    yield
    processor.instructions.cache_clear()


def test_a_precision_that_saves_no_time_here_is_remarked_on(plan, instance, old_processor):
    told = []
    summary = build_index(replace(plan, precision="int8"), instance, told.append)
    assert summary.fingerprint.precision == "int8"
    assert "longer numbers" in summary.precision.why
    assert any(each.note.startswith("int8: as asked for, but this") for each in told)
    assert build_index(replace(plan, precision="fp32"), instance).precision is None


@pytest.mark.campaign
def test_keras_computes_the_same_features(plan, instance, tmp_path):
    summary = build_index(plan, instance)
    shutil.copytree(instance / "encoders", tmp_path / "other" / "encoders")
    other = build_index(replace(plan, engine="keras"), tmp_path / "other")
    assert other.fingerprint == summary.fingerprint
    pair = [open_features(each.path / "features.npy") for each in (summary, other)]
    assert np.allclose(*pair, rtol=1e-3, atol=1e-4)
