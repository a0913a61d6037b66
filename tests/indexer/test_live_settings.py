"""What was asked of a build, and what of one update: an index keeps to the first."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from indexer.build import build_index
from indexer.building.recipe import plan_of
from indexer.errors import BadParameter, NotAccepted
from indexer.live import add, remove, sync
from indexer.opening import check_index, open_current
from indexer.scanning.changes import Changes
from indexer.types import DEFAULT_LIMITS
from models.encoder import keras_encoder, open_encoder
from models.images import decode
from tests.indexer.fixtures import draw
from tests.indexer.live import contents, require_same_as_a_build

# Of other matters than the encoding: the pictures are encoded once for all.
pytestmark = pytest.mark.usefixtures("encoded")


def test_sync_keeps_what_was_asked_for_at_the_build(plan, instance, gallery, tmp_path):
    labels = tmp_path / "labels.csv"
    files = sorted(gallery.rglob("*.png"))
    lines = [f"{file.relative_to(gallery)},{n % 5}" for n, file in enumerate(files)]
    labels.write_text("path,label\n" + "\n".join(lines))
    (tmp_path / "more").mkdir()
    draw("lines", 77).save(tmp_path / "more" / "1.png")
    asked = replace(
        plan,
        kind="exact",
        labels=labels,
        distractors=(tmp_path / "more",),
        options=replace(plan.options, metric="euclidean", seed=3),
    )
    build_index(asked, instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    labels.write_text(labels.read_text() + "\nlines/new.png,new")
    draw("lines", 78).save(tmp_path / "more" / "2.png")
    assert sync("shapes", instance).changes == Changes(added=2)
    assert contents(instance)[0]["lines/new.png"][0] == "new"
    manifest = open_current(instance, "shapes").manifest
    assert (manifest.kind, manifest.metric, manifest.distractors) == ("exact", "euclidean", 2)
    assert plan_of(manifest, DEFAULT_LIMITS) == asked
    require_same_as_a_build(asked, instance)


def test_another_label_makes_a_generation(plan, instance, gallery, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("lines/00.png,one")
    build_index(replace(plan, labels=labels), instance)
    labels.write_text("lines/00.png,two")
    assert sync("shapes", instance).changes == Changes(noted=1)
    assert contents(instance)[0]["lines/00.png"][0] == "two"


def test_sync_reduces_as_the_build_did(plan, instance, gallery):
    before = build_index(replace(plan, reduce=8), instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    update = sync("shapes", instance)
    assert update.summary.fingerprint == before.fingerprint
    generation = open_current(instance, "shapes")
    assert generation.store.features.shape == (25, 8)
    check_index(instance, "shapes")


def test_sync_stays_in_the_precision_of_the_build(plan, instance, gallery):
    before = build_index(replace(plan, precision="bf16"), instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", instance).summary.fingerprint == before.fingerprint


def test_sync_computes_with_the_engine_of_the_build(plan, instance, gallery):
    build_index(replace(plan, engine="keras"), instance)
    draw("lines", 50).save(gallery / "lines" / "new.png")
    assert sync("shapes", instance).changes == Changes(added=1)
    picture = decode(gallery / "lines" / "new.png", plan.encoder.size)[None]
    keras = keras_encoder(plan.encoder, plan.batch_size).encode(picture)[0]
    assert contents(instance)[0]["lines/new.png"][3] == keras.tobytes()
    openvino = open_encoder(open_current(instance, "shapes").encoder).encode(picture)[0]
    assert openvino.tobytes() != keras.tobytes()


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_sync_does_without_keras_where_its_weights_are_not_there(
    plan, instance, gallery, tmp_path, harm
):
    weights = tmp_path / "weights.npz"
    shutil.copy(plan.encoder.weights, weights)
    own = replace(plan, engine="keras", encoder=replace(plan.encoder, weights=str(weights)))
    before = build_index(own, instance)
    if harm == "gone":
        weights.unlink()
    else:
        arrays = dict(np.load(plan.encoder.weights))
        np.savez(weights, **{name: 2 * array for name, array in arrays.items()})
    draw("lines", 50).save(gallery / "lines" / "new.png")
    told = []
    update = sync("shapes", instance, progress=told.append)
    assert update.summary.fingerprint == before.fingerprint
    assert any("OpenVINO computes" in each.note for each in told)


@pytest.fixture
def blind(plan, instance, tmp_path):
    """Return a plan whose network sees nothing; its index was let go live unchecked."""
    with np.load(plan.encoder.weights) as weights:
        nothing = {name: np.full_like(weights[name], "bias" in name) for name in weights}
    np.savez(tmp_path / "blind.npz", **nothing)
    encoder = replace(plan.encoder, weights=str(tmp_path / "blind.npz"))
    asked = replace(plan, encoder=encoder, accept=0)
    build_index(asked, instance)
    return asked


def test_updates_are_checked_also_where_the_build_was_not(blind, instance, gallery):
    new = gallery / "lines" / "new.png"
    draw("lines", 50).save(new)
    for change in (
        lambda **options: sync("shapes", instance, **options),
        lambda **options: remove("shapes", [new], instance, **options),
        lambda **options: add("shapes", [new], instance, **options),
    ):
        before = open_current(instance, "shapes").manifest.generation
        with pytest.raises(NotAccepted, match="--accept 0"):
            change()
        assert open_current(instance, "shapes").manifest.generation == before
        assert change(accept=0).summary.acceptance is None
    assert plan_of(open_current(instance, "shapes").manifest, DEFAULT_LIMITS) == blind


def test_what_is_asked_of_one_update_does_not_last(plan, instance, gallery):
    build_index(replace(plan, accept=0.5), instance)
    for number, (asked, wanted) in enumerate([(None, 0.5), (0.6, 0.6), (None, 0.5)]):
        draw("lines", 50 + number).save(gallery / "lines" / f"new-{number}.png")
        assert sync("shapes", instance, accept=asked).summary.acceptance.wanted == wanted


@pytest.mark.parametrize("accept", [-0.1, 1.1, float("nan")])
def test_an_impossible_share_is_refused_before_anything_is_done(followed, accept):
    told = []
    with pytest.raises(BadParameter, match="--accept"):
        sync("shapes", followed, accept=accept, progress=told.append)
    assert told == []
