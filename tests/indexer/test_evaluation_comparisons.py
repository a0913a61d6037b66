"""Evaluations of triplets, pairs and ratings have the figures of plain loops."""

from itertools import permutations

import numpy as np
import pytest

from indexer.errors import BadParameter
from indexer.evaluation.errors import EvaluationError
from tests.indexer.by_hand import classes_of, evaluated, features, pictures_in, ranked, table
from tests.indexer.evaluations import SHAPES
from tests.indexer.fixtures import CLASSES


def test_triplets_are_ranked_as_by_loops(place, instance, spec, network):
    report = evaluated(
        instance,
        "triplets",
        sources=(place / "gallery",),
        queries=(place / "queries",),
        systems=(network,),
        triplets=20_000,
    )
    rows = {
        (row["metric"], row["of the"]): row["ranked right"] for row in table(report, "triplets")
    }
    for side in ("gallery", "queries"):
        files = pictures_in(place / side)
        vectors, labels = features(files, spec, instance), classes_of(files)
        for metric, title in (("cosine", "cosine"), ("euclidean", "Euclidean")):
            shares = []
            for anchor, label in enumerate(labels):
                order = ranked(vectors[anchor], vectors, metric)
                ranks = {at: rank for rank, at in enumerate(order)}
                same = [at for at in ranks if labels[at] == label and at != anchor]
                other = [at for at in ranks if labels[at] != label]
                shares.append(np.mean([[ranks[a] < ranks[b] for b in other] for a in same]))
            # All triplets there are; those that were drawn are a sample of them.
            assert rows[title, side] == pytest.approx(np.mean(shares), abs=0.02)
    assert "triplets of the queries, simple_cnn ranks" in report.answer


def write_pairs(folder, rows):
    file = folder / "pairs.csv"
    file.write_text("first,second,same\n" + "".join(f"{','.join(row)}\n" for row in rows))
    return file


def test_pairs_are_as_alike_as_by_hand(place, indexed, spec, network):
    names = [f"{kind}/{at:02d}.png" for kind in CLASSES[:2] for at in range(3)]
    rows = [
        (a, b, "same" if a.split("/")[0] == b.split("/")[0] else "different")
        for a, b in permutations(names, 2)
    ]
    file = write_pairs(place / "gallery", rows)
    report = evaluated(indexed, "pairs", pairs=(file,), systems=(network, SHAPES))
    file.unlink()
    vectors = dict(
        zip(
            names,
            features([place / "gallery" / name for name in names], spec, indexed),
            strict=True,
        )
    )
    alike = []
    for row in table(report, "pairs"):
        a, b = vectors[row["first"]], vectors[row["second"]]
        alike.append(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        for system in ("simple_cnn", "index shapes"):
            assert row[f"similarity, {system}"] == pytest.approx(alike[-1], abs=1e-6)
            assert row[f"distance, {system}"] == pytest.approx(np.linalg.norm(a - b), rel=1e-4)
    same = [each for each, row in zip(alike, rows, strict=True) if row[2] == "same"]
    other = [each for each, row in zip(alike, rows, strict=True) if row[2] == "different"]
    auc = np.mean([[(a > b) + (a == b) / 2 for b in other] for a in same])
    verdicts = {(row["system"], row["by"]): row for row in table(report, "verdicts")}
    assert len(verdicts) == 4
    found = verdicts["simple_cnn", "cosine similarity"]["area under the ROC curve"]
    assert found == pytest.approx(auc, abs=1e-9)


def test_two_pictures_are_compared_by_themselves(place, instance, network):
    one = place / "gallery" / "circles" / "00.png"
    report = evaluated(instance, "pairs", pairs=(one, one), systems=(network,))
    assert report.answer == "The cosine similarity of the two pictures is 1 in simple_cnn."
    assert [section.name for section in report.sections] == ["pairs"]


def test_pairs_without_verdicts_are_averaged(place, instance, network):
    rows = [("circles/00.png", "circles/01.png", "same"), ("circles/00.png", "lines/01.png", "")]
    file = write_pairs(place / "gallery", rows)
    report = evaluated(instance, "pairs", pairs=(file,), systems=(network,))
    file.unlink()
    mean = np.mean([row["similarity"] for row in table(report, "pairs")])
    assert report.answer.startswith(f"The mean cosine similarity of 2 pairs is {mean:.4g} in")


@pytest.mark.parametrize(
    ("rows", "said"), [([("a.png", "b.png", "")], "'a.png' of a pair"), ([], "holds no rows")]
)
def test_pairs_that_are_not_there_are_refused(tmp_path, instance, network, rows, said):
    with pytest.raises(EvaluationError, match=said):
        evaluated(instance, "pairs", pairs=(write_pairs(tmp_path, rows),), systems=(network,))
    with pytest.raises(BadParameter, match="two pictures, or one table"):
        evaluated(instance, "pairs", systems=(network,))


def test_ratings_are_averaged(tmp_path):
    scores = {("x", 1, "ann"): 9, ("x", 2, "ann"): 4, ("y", 1, "ann"): 7, ("x", 1, "bob"): 10}
    file = tmp_path / "ratings.csv"
    lines = (f"q.png,{i}{r}.png,{i},{r},{s},{who}\n" for (i, r, who), s in scores.items())
    file.write_text("query,hit,index,rank,score,rater\n" + "".join(lines))
    report = evaluated(tmp_path / "instance", "ratings", ratings=file)
    assert {row["index"]: row["mean score"] for row in table(report, "by-index")} == {
        "x": pytest.approx(23 / 3),
        "y": 7,
    }
    assert [(row["rank"], row["ratings"]) for row in table(report, "by-rank")] == [(1, 3), (2, 1)]
    assert report.answer.startswith("The mean of 4 ratings by 2 people is 7.5")
    assert report.facts == {"ratings": "4", "people": "2"}


def test_ratings_need_a_file(tmp_path):
    with pytest.raises(BadParameter, match="evaluate ratings FILE"):
        evaluated(tmp_path, "ratings")
