"""Draws a gallery as a map on which like pictures lie near each other."""

from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from indexer.distances import Float64
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting import drawing
from indexer.evaluation.reporting.data import DISTRACTORS, NO_CLASS
from indexer.evaluation.reporting.model import Block, Figure, Section
from indexer.evaluation.reporting.words import joined, number, plain
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Task

MOST_PICTURES = 5000
MOST_CLASSES = 9
"""That have a colour of their own; all others are grey."""
NEIGHBOURS = 15  # of UMAP, which needs more pictures than these
OTHERS = "others"


@dataclass(frozen=True)
class Sample:
    """Some pictures of a gallery.

    Attributes:
        features: float64 (n, dim), of length 1.
        labels: the class of each, or what it is instead of one.
    """

    features: Float64
    labels: tuple[str, ...]


def map_section(
    task: Task, system: System, folder: Path, *, name: str = "map", seed: int = 0
) -> Section:
    """Draw the gallery as a system sees it: its principal components, and UMAP where installed.

    Args:
        task: whose gallery.
        system: whose features.
        folder: of the report, which figures are written to.
        name: of the section and of its figures.
        seed: draws the pictures, if these are too many.
    """
    sample = sampled(task, system, seed)
    drawn = f"{counted(len(sample.labels), 'picture')} of the gallery"
    places, explained = principal(sample.features)
    shares = joined([number(float(each), "share") for each in explained])
    blocks: list[Block] = [
        _drawn(
            places,
            sample.labels,
            folder,
            name,
            f"{plain(system.name)}: {drawn} by their first two principal components, which "
            f"explain {shares} of the variance",
            ("first principal component", "second principal component"),
        )
    ]
    if find_spec("umap") is not None and len(sample.labels) > NEIGHBOURS:
        title = f"{plain(system.name)}: {drawn} by UMAP"
        spread = _umap(sample.features, seed)
        labels = sample.labels
        blocks.append(_drawn(spread, labels, folder, f"{name}-umap", title, ("", "")))
    text = (
        "Each point is a picture. What lies apart here is apart in the features; what lies "
        "together may still be apart in what two dimensions do not show.",
    )
    return Section(name, "A map of the gallery", text, tuple(blocks))


def sampled(task: Task, system: System, seed: int = 0) -> Sample:
    """Draw up to MOST_PICTURES pictures of a gallery, and scale their features to length 1."""
    drawn = np.random.default_rng(seed).permutation(len(system.rows))[:MOST_PICTURES]
    chosen = np.sort(system.rows[drawn])
    pictures = [task.gallery[place] for place in system.places[chosen].tolist()]
    labels = (DISTRACTORS if each.distractor else each.label or NO_CLASS for each in pictures)
    return Sample(system.store.take(chosen, unit=True), tuple(labels))


def principal(features: Float64) -> tuple[Float64, Float64]:
    """Project features onto their first two principal components.

    The eigenvectors of the covariance, or, where there are fewer features than numbers in each,
    those of the products of the features (Pearson, "On lines and planes of closest fit to systems
    of points in space", 1901). Signs are such that the largest coordinate is positive.

    Args:
        features: float64 (n, dim).

    Returns:
        The places, float64 (n, 2), and the share of the variance that each component explains,
        float64 (2,); zeros where there are fewer than two components.
    """
    centred = features - features.mean(axis=0)
    few = len(centred) < centred.shape[1]
    values, vectors = np.linalg.eigh(centred @ centred.T if few else centred.T @ centred)
    values, vectors = np.maximum(values[::-1][:2], 0), vectors[:, ::-1][:, :2]
    found = vectors * np.sqrt(values) if few else centred @ vectors
    furthest = found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])]
    places = np.zeros((len(features), 2))
    places[:, : found.shape[1]] = found * np.where(furthest < 0, -1, 1)
    explained = np.zeros(2)
    total = float((centred * centred).sum())
    explained[: len(values)] = values / total if total > 0 else 0
    return places, explained


def _umap(features: Float64, seed: int) -> Float64:
    """Place features by UMAP (McInnes, Healy, Melville, 2018), by its defaults and one seed."""
    umap: Any = import_module("umap")
    made = umap.UMAP(n_neighbors=NEIGHBOURS, metric="cosine", random_state=seed, n_jobs=1)
    return np.asarray(made.fit_transform(features.astype(np.float32)), np.float64)


def _drawn(
    places: Float64,
    labels: tuple[str, ...],
    folder: Path,
    name: str,
    caption: str,
    axes_names: tuple[str, str],
) -> Figure:
    classes = Counter(each for each in labels if each not in (DISTRACTORS, NO_CLASS))
    coloured = sorted(each for each, _ in classes.most_common(MOST_CLASSES))
    kinds = np.array([each if each in coloured else _grey(each) for each in labels], np.str_)
    grey = [each for each in (DISTRACTORS, NO_CLASS, OTHERS) if (kinds == each).any()]
    with drawing.drawing():
        figure, (axes,) = drawing.new_figure(6.4, 4.2)
        for each in [*grey, *coloured]:
            there = places[kinds == each]
            place = coloured.index(each) if each in coloured else -1 - grey.index(each)
            own = place >= 0
            axes.plot(
                there[:, 0],
                there[:, 1],
                linestyle="none",
                marker=drawing.MARKERS[place] if own else (".", "x", "+")[-1 - place],
                color=drawing.COLOURS[place] if own else drawing.QUIET,
                markersize=3.5 if own else 3,
                markeredgewidth=0 if own or place == -1 else 0.7,
                label=plain(each, 24),
                rasterized=True,  # thousands of points are smaller so
            )
        axes.set(xlabel=axes_names[0], ylabel=axes_names[1], xticks=[], yticks=[])
        figure.legend(loc="outside right upper", markerscale=1.8)
        alt = _described(places, kinds, coloured)
        return drawing.finish(folder, name, caption, alt, figure)


def _grey(label: str) -> str:
    return label if label in (DISTRACTORS, NO_CLASS) else OTHERS


def _described(places: Float64, kinds: "np.ndarray[Any, Any]", coloured: list[str]) -> str:
    """Say in words which classes lie furthest apart, and which lie nearest, by their middles."""
    said = f"A scatter plot of {counted(len(places), 'picture')}"
    if len(coloured) < 2:
        return f"{said}."
    middles = np.stack([places[kinds == each].mean(axis=0) for each in coloured])
    apart = np.sqrt(((middles[:, None] - middles) ** 2).sum(axis=2))
    a, b = np.unravel_index(apart.argmax(), apart.shape)
    np.fill_diagonal(apart, np.inf)
    c, d = np.unravel_index(apart.argmin(), apart.shape)
    names = [plain(each) for each in coloured]
    said += f" of {counted(len(names), 'class', 'classes')}. By the middles of these, "
    said += f"{names[a]} and {names[b]} lie furthest apart, {names[c]} and {names[d]} nearest."
    return said
