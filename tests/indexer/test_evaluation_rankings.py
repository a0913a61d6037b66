"""Evaluations that rank a gallery have the figures of plain loops, for networks and indexes."""

import numpy as np
import pytest

from indexer.errors import BadParameter
from indexer.evaluation.errors import NothingToMeasure
from indexer.evaluation.settings import Setting
from indexer.variants.distortions import DISTORTIONS
from tests.indexer.by_hand import (
    agree,
    by_class,
    classes_of,
    evaluated,
    features,
    mean_measures,
    pictures_in,
    ranked,
    table,
)
from tests.indexer.fixtures import draw


@pytest.mark.parametrize("k", [10, 3])
def test_classes_are_found_as_by_loops(place, instance, spec, network, k):
    report = evaluated(
        instance,
        "folders",
        sources=(place / "gallery",),
        queries=(place / "queries",),
        distractors=(place / "distractors",),
        systems=(network,),
        k=k,
    )
    rows = {row["search"]: row for row in table(report, "sequential")}
    foreign = pictures_in(place / "distractors")
    for metric, title in (("cosine", "cosine"), ("euclidean", "Euclidean")):
        for added, said in (((), "without"), (foreign, "with")):
            expected = by_class(place, spec, instance, metric, k, added)
            names = (f"P@{k}", f"mAP@{k}", "mAP", f"nDCG@{k}", "First rank", "Mean rank")
            row = rows[f"{title}, {said} distractors"]
            agree(row, expected, *names)
            assert row["items"] == 24 + len(added)
    (index,) = table(report, "index")
    assert 0 < index["Recall"] <= 1
    assert f"P@{k}" in index


def test_each_picture_asks_where_there_are_no_queries(place, instance, spec, network):
    report = evaluated(instance, "folders", sources=(place / "gallery",), systems=(network,))
    files = pictures_in(place / "gallery")
    gallery, labels = features(files, spec, instance), classes_of(files)
    rankings = [
        [other for other in ranked(gallery[at], gallery) if other != at] for at in range(24)
    ]
    rights = [
        {other for other in range(24) if labels[other] == labels[at]} - {at} for at in range(24)
    ]
    agree(table(report, "sequential")[0], mean_measures(rankings, rights), "P@10", "mAP")


def test_a_grid_is_searched_by_each_metric(place, instance, network):
    report = evaluated(
        instance,
        "grid",
        sources=(place / "gallery",),
        queries=(place / "queries",),
        systems=(network,),
        grid=(Setting(8, 1, 100.0), Setting(2, 6, 1.0)),
        k=5,
    )
    rows = table(report, "grid")
    assert {(row["g"], row["h"], row["w"]) for row in rows} == {(8, 1, 100), (2, 6, 1)}
    exact = {row["search"]: row["P@5"] for row in table(report, "sequential")}
    for row in rows:
        if row["g"] == 8:  # intervals so wide that all pictures lie in one bucket of each table
            assert row["Visited"] == 24
            for metric, found in exact.items():
                assert row[f"Recall {metric}"] == 1
                assert row[f"P@5 {metric}"] == pytest.approx(found)
        else:
            assert row["Visited"] < 24


def test_a_grid_needs_settings(place, instance):
    with pytest.raises(BadParameter, match="--g, --h and --w"):
        evaluated(instance, "grid", sources=(place / "gallery",))


def test_copies_find_their_originals(place, instance, network):
    report = evaluated(
        instance, "copies", sources=(place / "gallery",), systems=(network,), sample=4
    )
    (row,) = table(report, "sequential")
    assert report.facts["queries"] == str(4 * len(DISTORTIONS))
    assert 0 < row["P@1"] <= 1
    *parts, everything = table(report, "originals")
    assert [part["change"] for part in parts] == list(DISTORTIONS)
    assert [part["copies"] for part in parts] == [4] * len(DISTORTIONS)
    shares = [part["lead back"] for part in parts]
    assert np.mean(shares) == pytest.approx(row["P@1"])
    assert everything["lead back"] == pytest.approx(row["P@1"])
    assert report.sections[0].name == "originals"
    assert "copies of 4 pictures lead back to their original first" in report.answer
    assert not any("mAP" in paragraph for part in report.sections for paragraph in part.text)


def test_a_single_picture_is_searched(tmp_path, place, instance, network):
    (tmp_path / "one" / "circles").mkdir(parents=True)
    draw("circles", 0).save(tmp_path / "one" / "circles" / "0.png")
    asked = {"sources": (tmp_path / "one",), "systems": (network,)}
    queries, grid = (place / "queries",), (Setting(2, 2, 4.0),)
    report = evaluated(instance, "folders", queries=queries, grid=grid, **asked)
    row = table(report, "sequential")[0]
    assert row["P@10"] == pytest.approx(0.1)
    assert (row["P@1"], row["mAP"], row["items"]) == (1, 1, 1)
    with pytest.raises(NothingToMeasure):
        evaluated(instance, "folders", **asked)
