"""What the terminal shows of an index."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from app.cli import tables
from indexer.checks.judging import Check, Verdict
from indexer.checks.records import acceptance_of, verdict_of
from indexer.errors import DamagedIndex
from indexer.history import Past
from indexer.opening import Generation, open_current
from tests import serving

INT8 = Check("int8", False, 0.853, 0.0041, -0.002, 0.0018, 1000)
BF16 = Check("bf16", True, 0.928, 0.0029, -0.001, 0.0011, 1000)
VERDICT = Verdict(
    "bf16", "the quickest that keeps the neighbours", pictures=1000, checks=(INT8, BF16)
)


@pytest.fixture
def generation() -> Iterator[Generation]:
    """Return the sample index, as a check of precisions might have left it."""
    built = open_current(serving.instance(), serving.NAME)
    with closing(built.catalog):
        yield replace(built, manifest=replace(built.manifest, precision=asdict(VERDICT)))


def test_the_facts_tell_what_the_check_of_precisions_found(generation: Generation) -> None:
    lines = [line.split(maxsplit=2) for line in tables.facts(generation).splitlines()]
    told = [" ".join(line) for line in lines]
    assert "precision fp32, the quickest that keeps the neighbours" in told
    assert (
        "checked on 1,000 pictures, ± one standard error; wanted: recall@10 of 0.90, "
        "precision@10 less two errors of -0.010" in told
    )
    assert "in int8 recall@10 0.853 ± 0.004, precision@10 -0.002 ± 0.002: not taken" in told
    assert "in bf16 recall@10 0.928 ± 0.003, precision@10 -0.001 ± 0.001: taken" in told


def test_the_facts_tell_what_was_found_before_it_went_live(generation: Generation) -> None:
    manifest = generation.manifest
    pictures = manifest.acceptance["pictures"]
    assert f"100% of {pictures} pictures found themselves first" in tables.facts(generation)
    unchecked = replace(generation, manifest=replace(manifest, acceptance={}, precision={}))
    assert "accepted    unchecked" in tables.facts(unchecked)
    assert "precision   fp32, as asked for" in tables.facts(unchecked)


def test_a_list_of_generations_names_their_precision(generation: Generation) -> None:
    past = Past("000001", "current", generation.manifest)
    assert ", pocket, fp32, lsh, " in tables.generations([past])


def test_what_the_checks_found_is_read_from_the_manifest(generation: Generation) -> None:
    manifest = generation.manifest
    assert verdict_of(manifest) == VERDICT
    accepted = acceptance_of(manifest)
    assert accepted is not None
    assert list(accepted.kinds) == manifest.acceptance["kinds"]
    for wrong in ({"chosen": "bf16"}, asdict(VERDICT) | {"more": 1}):
        with pytest.raises(DamagedIndex, match="how its precision was chosen"):
            verdict_of(replace(manifest, precision=wrong))
    with pytest.raises(DamagedIndex, match="how it was accepted"):
        acceptance_of(replace(manifest, acceptance={"pictures": 1}))
