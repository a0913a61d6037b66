"""The protocol `folders`: its figures are those of a loop, and nothing is NaN in silence."""

import shutil

import numpy as np
import pytest

from indexer.evaluation.errors import NothingToMeasure
from indexer.experiments.comparing.folders import Described, FolderFigures, measure, read_folders


def drawn(labels, seed=0):
    """Draw features that lean a little towards their class."""
    labels = np.array(labels)
    random = np.random.default_rng(seed)
    centres = {name: random.normal(size=6) for name in "abcdxyz"}
    features = [centres.get(label, centres["z"]) + random.normal(size=6) for label in labels]
    return Described(np.array(features, np.float32), labels)


def figures_of_one(query, label, gallery, leave_out=None):
    """Return P@1, P@10 and AP of one query, or None where nothing is of its class."""

    def similarity(at):
        image = gallery.features[at]
        return float(image @ query / np.linalg.norm(image) / np.linalg.norm(query))

    ids = [at for at in range(len(gallery.labels)) if at != leave_out]
    hits = [gallery.labels[at] == label for at in sorted(ids, key=similarity, reverse=True)]
    if not any(hits):
        return None
    precisions = [sum(hits[:k]) / k for k, hit in enumerate(hits, 1) if hit]
    return hits[0], sum(hits[:10]) / 10, sum(precisions) / len(precisions)


def assert_figures(found, expected):
    """Compare with the figures of each query, None for one that is left out."""
    measured = [figures for figures in expected if figures is not None]
    means = np.mean(np.array(measured, float), axis=0)
    values = (found.precision_at_1, found.precision_at_10, found.mean_average_precision)
    assert values == pytest.approx(means)
    assert (found.queries, found.left_out) == (len(measured), len(expected) - len(measured))


def test_leave_one_out_equals_a_loop():
    gallery = drawn(list("aabbbcccc") * 4)
    expected = [
        figures_of_one(gallery.features[at], gallery.labels[at], gallery, leave_out=at)
        for at in range(36)
    ]
    assert_figures(measure(gallery), expected)


def test_queries_of_their_own_equal_a_loop():
    gallery, queries = drawn(list("aabbbcccc") * 4), drawn(list("abca"), seed=1)
    pairs = zip(queries.features, queries.labels, strict=True)
    assert_figures(measure(gallery, queries), [figures_of_one(*pair, gallery) for pair in pairs])


def test_a_query_alone_in_its_class_is_left_out_and_counted():
    gallery = drawn(list("aabbbcccd"))
    expected = [
        figures_of_one(gallery.features[at], gallery.labels[at], gallery, leave_out=at)
        for at in range(9)
    ]
    assert expected[8] is None
    assert_figures(measure(gallery), expected)


def test_a_query_of_a_class_that_the_gallery_lacks_is_left_out_and_counted():
    found = measure(drawn(list("aabb")), drawn(list("abx"), seed=1))
    assert (found.queries, found.left_out) == (2, 1)


def test_pictures_without_a_class_are_right_for_nobody():
    gallery, queries = drawn(["a", "a", "", "", ""]), drawn(["a", ""], seed=1)
    expected = [figures_of_one(queries.features[0], "a", gallery), None]
    assert_figures(measure(gallery, queries), expected)
    assert measure(gallery).left_out == 3


def test_perfect_features_reach_one():
    labels = np.repeat(list("abc"), 11)
    found = measure(Described(np.eye(3, dtype=np.float32)[np.repeat([0, 1, 2], 11)], labels))
    assert found == FolderFigures(1, 1, 1, 33, 0)


def test_nothing_to_measure_is_refused():
    with pytest.raises(NothingToMeasure, match="None of 3 queries"):
        measure(drawn(list("abc")))


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="4 features"):
        Described(np.ones((4, 2), np.float32), np.array(["a", "b"]))


def test_folders_are_classes(gallery):
    shutil.copy(gallery / "lines" / "00.png", gallery / "alone.png")
    (gallery / "notes.txt").write_text("Not a picture.", encoding="utf-8")
    found = read_folders(gallery)
    assert len(found.files) == 25
    assert found.labels.tolist() == ["", *["circles"] * 8, *["lines"] * 8, *["squares"] * 8]
    assert all(
        file.parent.name == label
        for file, label in zip(found.files, found.labels, strict=True)
        if label
    )
