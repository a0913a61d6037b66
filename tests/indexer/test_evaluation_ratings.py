"""Ratings: read from CSV and JSON, averaged, and their agreement as published."""

import json

import numpy as np
import pytest

from indexer.evaluation.errors import BadTable
from indexer.evaluation.judgements.ratings import (
    COLUMNS,
    Rating,
    alpha,
    figures,
    raters_of,
    read_ratings,
)

HEADING = ",".join(COLUMNS)
# The example of Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, section D:
# four observers, twelve units, missing values as dots; for interval data, alpha is 0.849.
PUBLISHED = ("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3",
             ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 .")  # fmt: skip


def rated(scores):
    """Make ratings of lines of scores, one line for each rater."""
    return [
        Rating("q", f"hit {unit}", "faces", 1, float(score), f"rater {number}")
        for number, line in enumerate(scores)
        for unit, score in enumerate(line.split())
        if score != "."
    ]


def test_ratings_are_read_from_both_formats(tmp_path):
    (tmp_path / "r.csv").write_text(
        f"{HEADING}\nq.jpg,h.jpg,faces,1,10,ann\nq.jpg,i.jpg,faces,2,1.5,bo\n"
    )
    row = dict(zip(COLUMNS, ("q.jpg", "h.jpg", "faces", 1, 10, "ann"), strict=True))
    other = row | {"hit": "i.jpg", "rank": 2, "score": 1.5, "rater": "bo"}
    (tmp_path / "r.json").write_text(json.dumps([row, other]))
    expected = (
        Rating("q.jpg", "h.jpg", "faces", 1, 10, "ann"),
        Rating("q.jpg", "i.jpg", "faces", 2, 1.5, "bo"),
    )
    assert read_ratings(tmp_path / "r.csv") == read_ratings(tmp_path / "r.json") == expected


@pytest.mark.parametrize(
    ("rank", "score", "wanted"),
    [
        ("1", "0", "scores are from 1 to 10. Received: '0'"),
        ("1", "10.1", "Received: '10.1'"),
        ("1", "nan", "Received: 'nan'"),
        ("1", "good", "Received: 'good'"),
        ("0", "5", "ranks are whole numbers from 1. Received: '0'"),
        ("1.5", "5", "Received: '1.5'"),
        ("inf", "5", "Received: 'inf'"),
        ("1", "", "score must not be missing"),
    ],
)
def test_what_is_out_of_range_is_refused(tmp_path, rank, score, wanted):
    file = tmp_path / "r.csv"
    file.write_text(f"{HEADING}\nq,h,faces,1,5,ann\nq,h,faces,{rank},{score},ann\n")
    with pytest.raises(BadTable, match=rf"r\.csv, line 3: .*{wanted}"):
        read_ratings(file)


@pytest.mark.parametrize("content", ["{", "[1]", "[]", '[{"query": "q"}]', "[" * 100_000])
def test_json_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(BadTable, match=r"r\.json"):
        read_ratings(tmp_path / "r.json")


def test_means_are_those_of_a_loop():
    rng = np.random.default_rng(0)
    ratings = [
        Rating(f"q{rng.integers(3)}", "h", f"index {rng.integers(2)}", int(rng.integers(1, 4)),
               float(rng.integers(1, 11)), f"r{rng.integers(5)}")
        for _ in range(60)
    ]  # fmt: skip
    found = figures(ratings)
    assert found.mean == pytest.approx(np.mean([each.score for each in ratings]))
    for rank, mean in found.by_rank.items():
        assert mean == pytest.approx(np.mean([r.score for r in ratings if r.rank == rank]))
    for index, mean in found.by_index.items():
        assert mean == pytest.approx(np.mean([r.score for r in ratings if r.index == index]))
    assert (list(found.by_rank), list(found.by_index)) == ([1, 2, 3], ["index 0", "index 1"])
    assert (found.count, found.raters) == (60, 5)


def test_no_ratings_have_no_mean():
    with pytest.raises(ValueError, match="no rating"):
        figures([])


def test_alpha_is_the_published_one():
    assert alpha(rated(PUBLISHED)) == pytest.approx(0.849, abs=5e-4)


def test_alpha_is_what_all_pairs_give():
    rng = np.random.default_rng(1)
    table = rng.integers(1, 11, (4, 15)).astype(float)
    within = np.mean([(a - b) ** 2 for unit in table.T for i, a in enumerate(unit)
                      for j, b in enumerate(unit) if i != j])  # fmt: skip
    flat = table.ravel()
    among = np.mean(
        [(a - b) ** 2 for i, a in enumerate(flat) for j, b in enumerate(flat) if i != j]
    )
    lines = [" ".join(map(str, line)) for line in table]
    assert alpha(rated(lines)) == pytest.approx(1 - within / among)


def test_full_agreement_is_one():
    assert alpha(rated(["1 5 9", "1 5 9"])) == 1


@pytest.mark.parametrize("lines", [[], ["1 2 3"], ["1 .", ". 2"], ["7 7 .", "7 7 3"]])
def test_alpha_is_not_defined_without_two_raters_or_two_scores(lines):
    assert np.isnan(alpha(rated(lines)))


def test_whoever_rates_twice_counts_with_the_mean():
    twice = [*rated(["1 5", "2 9"]), Rating("q", "hit 0", "other", 3, 3.0, "rater 0")]
    assert alpha(twice) == pytest.approx(alpha(rated(["2 5", "2 9"])))


def test_the_scores_of_one_person_belong_together():
    ratings = rated(["1 2 .", ". 3 3", "5 5 5"])
    assert raters_of(ratings).tolist() == [0, 0, 1, 1, 2, 2, 2]
