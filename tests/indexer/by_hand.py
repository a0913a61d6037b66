"""What evaluations are compared with: features, rankings and measures by plain loops."""

import math

import numpy as np

from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.model import Mean
from indexer.evaluation.reporting.storing import read_report, tables_of
from indexer.evaluation.run import evaluate
from models.encoder import open_encoder, prepare_encoder
from models.images import decode


def evaluated(instance, protocol, name="r", **wanted):
    """Evaluate, and return the report as it is read back from its file."""
    _, folder = evaluate(EvaluationPlan(protocol, name, **wanted), instance)
    return read_report(folder)


def table(report, name):
    """Return the rows of a table as dicts by heading; means as their values."""
    (found,) = [each for each in tables_of(report) if each.name == name]
    headings = [column.name for column in found.columns]
    values = ([c.value if isinstance(c, Mean) else c for c in row] for row in found.rows)
    return [dict(zip(headings, row, strict=True)) for row in values]


def features(files, spec, instance, crops=None):
    """Decode and encode pictures one by one, float64 (n, dim)."""
    encoder = open_encoder(prepare_encoder(spec, instance / "encoders"))
    parts = crops or [None] * len(files)
    pixels = (
        decode(file, encoder.size, crop=part) for file, part in zip(files, parts, strict=True)
    )
    return np.stack([encoder.encode(each[None])[0].astype(np.float64) for each in pixels])


def distance(a, b, metric):
    if metric == "cosine":
        return 1 - float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))
    return math.sqrt(float(((a - b) ** 2).sum()))


def ranked(query, gallery, metric="cosine"):
    """Return the places of a gallery's features, nearest first."""
    return sorted(range(len(gallery)), key=lambda at: (distance(query, gallery[at], metric), at))


def without(ranking, ignored):
    return [each for each in ranking if each not in ignored]


def compute_ap(ranking, positive, junk=()):
    """Transcribe compute_ap.cpp of the Oxford buildings, line by line."""
    old_recall, old_precision, ap = 0.0, 1.0, 0.0
    intersect_size, j = 0, 0
    for name in ranking:
        if name in junk:
            continue
        if name in positive:
            intersect_size += 1
        recall = intersect_size / len(positive)
        precision = intersect_size / (j + 1.0)
        ap += (recall - old_recall) * ((old_precision + precision) / 2.0)
        old_recall, old_precision = recall, precision
        j += 1
    return ap


def measures(ranking, right, k=10):
    """Measure a ranking without what is ignored, by the titles of tables' columns."""
    hits = [each in right for each in ranking]
    ranks = [rank for rank, hit in enumerate(hits, 1) if hit]
    precisions = [sum(hits[:rank]) / rank for rank in ranks]
    first = [precision for precision, rank in zip(precisions, ranks, strict=True) if rank <= k]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(right), k) + 1))
    gained = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= k)
    return {
        "P@1": float(hits[0]),
        f"P@{k}": sum(hits[:k]) / k,
        f"mAP@{k}": sum(first) / min(len(right), k),
        "mAP": sum(precisions) / len(right),
        "mAP (trapezoid)": compute_ap(ranking, right),
        f"R@{k}": sum(hits[:k]) / len(right),
        f"nDCG@{k}": gained / ideal,
        "First rank": float(ranks[0]),
        "Mean rank": sum(ranks) / len(ranks),
    }


def mean_measures(rankings, rights, k=10):
    """Average the measures of several rankings over them."""
    each = [measures(*pair, k) for pair in zip(rankings, rights, strict=True)]
    return {name: sum(one[name] for one in each) / len(each) for name in each[0]}


def agree(row, expected, *names):
    """Hold a row of a table against what was measured by hand; all that both have, or some."""
    shared = names or tuple(name for name in expected if name in row)
    assert shared
    for name in shared:
        assert math.isclose(row[name], expected[name], rel_tol=1e-6, abs_tol=1e-9), name


def pictures_in(folder):
    return sorted(folder.rglob("*.png"))


def classes_of(files):
    return [file.parent.name for file in files]


def by_class(place, spec, instance, metric, k=10, distractors=()):
    """Ask for pictures of the queries' classes, by plain loops."""
    files, asked = pictures_in(place / "gallery"), pictures_in(place / "queries")
    gallery = features([*files, *distractors], spec, instance)
    rankings = [ranked(query, gallery, metric) for query in features(asked, spec, instance)]
    labels = classes_of(files)
    rights = [
        {at for at, label in enumerate(labels) if label == wanted} for wanted in classes_of(asked)
    ]
    return mean_measures(rankings, rights, k)
