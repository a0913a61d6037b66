"""Evaluations of indexes: as they answer, of their own pictures, and beside each other."""

import numpy as np
import pytest

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.settings import Setting
from indexer.opening import open_current
from tests.indexer.by_hand import agree, by_class, evaluated, features, pictures_in, table
from tests.indexer.evaluations import ASTRAY, CODES, OTHER, SHAPES
from tests.indexer.fixtures import CLASSES


def test_an_index_answers_as_its_searches_do(place, indexed, spec):
    report = evaluated(indexed, "folders", queries=(place / "queries",), systems=(OTHER,), k=4)
    (row,) = table(report, "index")
    generation = open_current(indexed, "other")
    records, asked = generation.catalog.all_images(), pictures_in(place / "queries")
    hits = []
    for file, query in zip(asked, features(asked, spec, indexed), strict=True):
        found = generation.index.search(query.astype(np.float32), 4, "cosine").ids
        hits += [records[at].label == file.parent.name for at in found.tolist()]
    generation.catalog.close()
    assert row["P@4"] == pytest.approx(sum(hits) / (4 * len(asked)))


def test_an_index_has_distractors_of_its_own(place, indexed, spec):
    report = evaluated(indexed, "folders", queries=(place / "queries",), systems=(ASTRAY,))
    rows = {row["search"]: row for row in table(report, "sequential")}
    foreign = pictures_in(place / "distractors")
    for said, added in (("without", ()), ("with", foreign)):
        expected = by_class(place, spec, indexed, "cosine", 10, added)
        agree(rows[f"cosine, {said} distractors"], expected, "P@10", "mAP")
    assert report.indexes == ("astray",)
    assert "index" not in {section.name for section in report.sections}


def test_indexes_and_networks_are_compared_whatever_their_ways(place, indexed, network):
    systems = (SHAPES, OTHER, CODES, network)
    report = evaluated(indexed, "folders", queries=(place / "queries",), systems=systems, k=5)
    names = ["index shapes", "index other", "index codes", "simple_cnn"]
    assert [row["system"] for row in table(report, "systems")] == names
    apart = {row["system"]: row["P@5"] for row in table(report, "differences")}
    assert list(apart) == names[1:]
    shown = {row["system"]: row["P@5"] for row in table(report, "systems")}
    for name, difference in apart.items():
        assert difference == pytest.approx(shown[name] - shown[names[0]])
    # One network made all features, of pictures in different orders.
    exact = {(row["system"], row["search"]): row for row in table(report, "sequential")}
    agree(exact["index other", "cosine"], exact["index shapes", "cosine"], "P@5", "mAP")
    agree(exact["simple_cnn", "cosine"], exact["index shapes", "cosine"], "P@5", "mAP")
    for row in table(report, "comparing-queries"):
        assert row["difference"] == pytest.approx(row["index other"] - row["index shapes"])
    names = {block.name for section in report.sections for block in section.blocks}
    assert {"comparing-queries", "comparing-2-queries", "comparing-3-queries"} <= names
    assert "by exact search and cosine distance" in report.answer


def test_codes_are_not_hashed_again(indexed):
    with pytest.raises(EvaluationError, match="index codes is searched by its codes"):
        evaluated(indexed, "grid", systems=(CODES,), grid=(Setting(2, 2, 4.0),))


def test_an_index_of_other_pictures_is_refused(place, indexed, network):
    with pytest.raises(EvaluationError, match="no picture in common"):
        evaluated(indexed, "folders", sources=(place / "queries",), systems=(network, SHAPES))


def test_triplets_of_indexes_do_not_depend_on_their_order(indexed):
    report = evaluated(indexed, "triplets", systems=(SHAPES, OTHER, CODES), triplets=500)
    shares = {
        (row["system"], row["metric"]): row["ranked right"] for row in table(report, "triplets")
    }
    for metric in ("cosine", "Euclidean"):
        assert shares["index shapes", metric] == shares["index other", metric]
    assert ("index codes", "Hamming") in shares
    assert "index codes ranks" in report.answer
    assert report.facts["index other"]


def test_distractors_of_an_index_are_in_no_triplet(indexed):
    report = evaluated(indexed, "triplets", systems=(ASTRAY,), triplets=300)
    classes = {row["class of the anchor"] for row in table(report, "triplets-by-class")}
    assert classes == set(CLASSES)
