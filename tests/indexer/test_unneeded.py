"""What builds keep and no generation needs, and what must stay."""

import os
import shutil
import time
from dataclasses import replace

import pytest

from indexer.build import build_index
from indexer.building.drafts import drafting
from indexer.opening import open_current
from indexer.unneeded import RECENT_SECONDS, prune_unneeded
from models.encoder import prepare_encoder
from models.exported import read_fingerprint, write_fingerprint


@pytest.fixture
def encoder(spec, instance):
    """Return an encoder in int8 that nobody has used for days."""
    source = prepare_encoder(spec, instance / "encoders")
    home = source.with_name(f"{source.name}-int8-0123456789abcdef")
    shutil.copytree(source, home)
    quantised = replace(read_fingerprint(source), precision="int8", calibration="0" * 64)
    write_fingerprint(quantised, home)
    return aged(home)


def aged(folder):
    """Make a folder look as if it had been made before yesterday."""
    then = time.time() - RECENT_SECONDS - 10
    os.utime(folder, (then, then))
    return folder


def test_an_old_encoder_that_nothing_needs_is_removed(instance, encoder):
    size = sum(file.stat().st_size for file in encoder.iterdir())
    others = set((instance / "encoders").iterdir()) - {encoder}
    assert prune_unneeded(instance) == size
    assert set((instance / "encoders").iterdir()) == others


def test_a_young_encoder_stays(instance, encoder):
    os.utime(encoder)
    assert prune_unneeded(instance) == 0
    assert encoder.exists()


def test_the_encoder_of_a_generation_stays(plan, instance, encoder):
    path = build_index(plan, instance).path
    shutil.copy(path / "encoder" / "fingerprint.json", encoder)
    aged(encoder)
    shutil.rmtree(instance / "features")
    prune_unneeded(instance)
    assert encoder.exists()


def test_encoder_and_features_of_a_running_build_stay(instance, encoder):
    digest = read_fingerprint(encoder).digest
    features = instance / "features" / f"simple_cnn-{digest}"
    features.mkdir(parents=True)
    with drafting(instance, "shapes") as draft:
        shutil.copytree(encoder, draft.path / "encoder")
        prune_unneeded(instance)
        assert encoder.exists()
        assert features.exists()
    prune_unneeded(instance)
    assert not features.exists()
    assert not encoder.exists()


def test_what_killed_processes_left_among_the_encoders_is_removed(instance):
    for name in (".deriving-abc", ".exporting-def"):
        (instance / "encoders" / name / "x").mkdir(parents=True)
        aged(instance / "encoders" / name)
    (instance / "encoders" / ".deriving-new").mkdir()
    prune_unneeded(instance)
    left = {path.name for path in (instance / "encoders").glob(".*")}
    assert left == {".deriving-new"}


def test_generations_are_left_alone(plan, instance):
    build_index(plan, instance)
    prune_unneeded(instance)
    assert open_current(instance, "shapes").problem == ""
    assert build_index(plan, instance).reused == 24
