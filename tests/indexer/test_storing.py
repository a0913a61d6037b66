"""Indexes whose features are stored as float16: built, kept up to date, returned to, and tuned."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from benchmarks import storing
from indexer.build import build_index
from indexer.errors import BadParameter
from indexer.features.halves import halved
from indexer.features.writing import open_features
from indexer.generations import IndexFolder
from indexer.live import sync
from indexer.opening import check_index, open_current
from indexer.retuning import retune
from indexer.shelf import Shelf
from indexer.tuning.targets import Target
from tests.indexer.fixtures import draw

# Of other matters than the encoding: the pictures are encoded once for all.
pytestmark = pytest.mark.usefixtures("encoded")


@pytest.fixture
def halves(plan):
    """Return a plan whose features are stored as float16."""
    return replace(plan, store_as="float16", options=replace(plan.options, g=None, h=None))


def features_of(generation, store_as="float16"):
    return open_features(generation / "features.npy", store_as=store_as)


@pytest.mark.parametrize("reduce", [None, 8])
def test_the_stored_features_are_those_of_the_build_in_float32_rounded(plan, instance, reduce):
    plan = replace(plan, reduce=reduce)
    exact = features_of(build_index(plan, instance).path, "float32")
    summary = build_index(replace(plan, store_as="float16"), instance)
    assert (summary.computed, summary.store_as) == (0, "float16")
    stored = features_of(summary.path)
    assert np.array_equal(stored, halved(exact))
    lengths = np.linalg.norm(stored.astype(np.float64), axis=1)
    assert np.allclose(np.load(summary.path / "norms.npy"), lengths)
    check_index(instance, "shapes")


@pytest.mark.parametrize("kind", ["lsh", "exact"])
def test_pictures_are_found(halves, instance, kind):
    build_index(replace(halves, kind=kind), instance)
    service = Shelf(instance).get("shapes")
    for number in (0, 13):
        assert service.search_image(service.image_path(number)).hits[0].id == number
        hit = service.search_id(number, 5).hits[0]
        assert (hit.id, hit.distance) == (number, 0)
        assert service.feature(number).dtype == np.float32


def test_sync_stores_as_the_build_did(halves, instance, gallery):
    build_index(halves, instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    summary = sync("shapes", instance).summary
    assert (summary.store_as, summary.computed) == ("float16", 1)
    synced = features_of(summary.path)
    assert synced.shape[0] == 25
    built = build_index(replace(halves, name="anew"), instance)
    assert np.array_equal(synced, features_of(built.path))


@pytest.mark.parametrize("store_as", ["float32", "float16"])
def test_sync_goes_on_as_the_generation_returned_to_is_stored(
    plan, halves, instance, gallery, store_as
):
    pair = (plan, halves) if store_as == "float32" else (halves, plan)
    for each in pair:
        build_index(each, instance)
    IndexFolder(instance, "shapes").rollback()
    assert open_current(instance, "shapes").manifest.store_as == store_as
    draw("lines", 60).save(gallery / "lines" / "new.png")
    assert sync("shapes", instance).summary.store_as == store_as
    check_index(instance, "shapes")


def test_tuning_anew_shares_the_features(halves, instance):
    built = build_index(halves, instance).path
    tuned = retune("shapes", instance, Target(0.8)).summary
    assert tuned.store_as == "float16"
    assert (tuned.path / "features.npy").samefile(built / "features.npy")


def test_generations_of_another_type_share_no_features(plan, halves, instance):
    first, second = (build_index(each, instance).path for each in (plan, halves))
    assert not (second / "features.npy").samefile(first / "features.npy")
    assert not (second / "norms.npy").samefile(first / "norms.npy")


def test_lost_features_are_computed_again_and_never_taken_from_rounded_ones(
    plan, halves, instance, gallery
):
    exact = features_of(build_index(plan, instance).path, "float32")
    build_index(halves, instance)
    shutil.rmtree(instance / "features")
    (gallery / "lines" / "00.png").unlink()
    assert sync("shapes", instance).summary.computed == 23
    draw("lines", 0).save(gallery / "lines" / "00.png")
    again = features_of(build_index(plan, instance).path, "float32")
    assert np.array_equal(again, exact)


@pytest.mark.parametrize(
    ("scale", "why"), [(1e7, "greater than float16"), (1e-9, "so small")], ids=["great", "small"]
)
def test_features_that_float16_cannot_hold_are_refused_and_the_cure_is_named(
    halves, plan, instance, tmp_path, scale, why
):
    weights = dict(np.load(plan.encoder.weights))
    for part in ("kernel", "bias"):
        weights[f"conv4/{part}"] = (weights[f"conv4/{part}"] * scale).astype(np.float32)
    np.savez(tmp_path / "scaled.npz", **weights)
    encoder = replace(plan.encoder, weights=str(tmp_path / "scaled.npz"))
    with pytest.raises(BadParameter, match=rf"circles/\d\d\.png .*{why}.*--store-as float32"):
        build_index(replace(halves, encoder=encoder), instance)
    assert build_index(replace(plan, encoder=encoder), instance).computed == 0


def test_a_manifest_that_does_not_say_so_is_of_float32(copied):
    path = open_current(copied, "shapes").path / "manifest.json"
    content = json.loads(path.read_text())["content"]
    del content["store_as"], content["recipe"]["store_as"]
    digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    document = {"content": content, "sha256": digest}
    path.write_text(json.dumps(document, sort_keys=True, indent=1) + "\n")
    assert open_current(copied, "shapes").manifest.store_as == "float32"
    check_index(copied, "shapes")


def test_the_benchmark_compares_both_types_on_the_same_features(tmp_path, capsys):
    storing.main(
        ["--n", "300", "--queries", "20", "--rounds", "1", "--json", str(tmp_path / "found.json")]
    )
    found = json.loads((tmp_path / "found.json").read_text())
    size = {(each["kind"], each["store_as"]): each["megabytes"] for each in found}
    recall = {(each["kind"], each["store_as"]): each["recall"] for each in found}
    for kind in ("lsh", "exact"):
        assert size[kind, "float16"] == size[kind, "float32"] / 2 == 300 * 2048 * 2 / 1e6
    assert recall["exact", "float32"] == 1
    assert recall["exact", "float16"] >= 0.99
    assert len(capsys.readouterr().out.splitlines()) == 5
