"""The comparison of sieves: what 64 bytes of each vector tell of the nearest ones."""

import json

import numpy as np
import pytest

from benchmarks.sieves import __main__ as sieves
from benchmarks.sieves.__main__ import KEPT
from benchmarks.sieves.kinds import differing
from tests.indexer.clouds import clusters


def found(folder, *arguments):
    """Run the comparison; return the shares that each sieve finds, by what it holds."""
    sieves.main([*map(str, arguments), "--json", str(folder / "found.json")])
    content = json.loads((folder / "found.json").read_text())
    assert {each["bytes"] for each in content} == {64}
    assert {tuple(each["kept"]) for each in content} == {KEPT}
    return {each["sieve"]: each["shares"] for each in content}


def test_sieves_are_compared_on_the_same_vectors(tmp_path, capsys):
    shares = found(tmp_path, "--n", 500, "--queries", 30)
    assert len(shares) == 5
    for each in shares.values():
        assert each == sorted(each)
        assert 96 / 500 < each[-1] <= 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "500 generated vectors, 500 x 2,048"
    assert [line.split(" | ")[0] for line in lines[4:]] == [f"| {name}" for name in shares]


def test_of_vectors_that_components_hold_wholly_nothing_is_missed(tmp_path):
    np.save(tmp_path / "narrow.npy", clusters(900, 12))
    shares = found(tmp_path, "--features", tmp_path / "narrow.npy", "--queries", 30)
    by_components, by_signs, _, by_codes, by_weighed_codes = shares.values()
    assert min(by_components) == 1
    assert min(by_codes[-1], by_weighed_codes[-1]) == 1
    assert by_signs[0] < by_codes[0]


def test_signs_that_differ_are_counted():
    random = np.random.default_rng(0)
    bits = random.random((20, 64)) < 0.5
    sketches = np.packbits(bits, axis=1)
    counts = (bits[1:] != bits[0]).sum(axis=1)
    assert differing(sketches[1:], sketches[0]).tolist() == counts.tolist()


def test_a_file_that_is_too_small_is_refused(tmp_path):
    np.save(tmp_path / "few.npy", clusters(20, 12))
    with pytest.raises(SystemExit, match="no more than the queries"):
        found(tmp_path, "--features", tmp_path / "few.npy")
