"""A small task with pictures on disk, and what systems of different quality find of it."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.distances import FeatureStore
from indexer.evaluation.findings import Findings, Hits, Way
from indexer.evaluation.metrics import Relevance
from indexer.evaluation.reporting.model import Figure, Mean, Section, Table
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Picture, Task
from indexer.types import Float32, Ids
from tests.conftest import draw_picture

CLASSES = ("drawings", "engraving", "sculpture")
OWN, DISTRACTORS, QUERIES, K = 24, 6, 9, 5


@dataclass(frozen=True)
class ByLabel:
    """Pictures of the query's class are right; the first of the gallery is ignored."""

    wanted: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def totals(self) -> Ids:
        """Return how many are right."""
        return np.array([self.labels.count(label) for label in self.wanted], np.int64)

    def relevant(self, rows: slice, ids: Ids) -> Relevance:
        """Compare classes."""
        wanted = np.array(self.wanted[rows])[:, None]
        found: Relevance = np.array(self.labels)[ids] == wanted
        return found

    def ignored(self, rows: slice, ids: Ids) -> Relevance | None:
        """Ignore picture 0."""
        return ids == 0


def make_task(folder: Path) -> Task:
    """Draw the pictures of a gallery of three classes and of its queries."""
    gallery = [_picture(folder, at, CLASSES[at % 3]) for at in range(OWN)]
    gallery += [_picture(folder, OWN + at, "", True) for at in range(DISTRACTORS)]
    queries = [_picture(folder, 100 + at, CLASSES[at % 3]) for at in range(QUERIES)]
    truth = ByLabel(
        tuple(each.label for each in queries), tuple(each.label or "-" for each in gallery)
    )
    return Task(tuple(gallery), tuple(queries), truth)


def _picture(folder: Path, seed: int, label: str, distractor: bool = False) -> Picture:
    name = f"{label or 'others'}/{seed}.png"
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_picture(seed, 60, 90)).save(file)
    content = sha256(file.read_bytes()).hexdigest()
    return Picture(file, name, content, label, distractor)


def make_features(task: Task, noise: float, seed: int = 0) -> tuple[Float32, Float32]:
    """Return features of gallery and queries: a corner for each class, and noise."""
    rng = np.random.default_rng(seed)
    corners = {name: np.eye(6)[at] for at, name in enumerate(("", *CLASSES))}
    made = [
        np.stack([corners[each.label] for each in pictures])
        + noise * rng.standard_normal((len(pictures), 6))
        for pictures in (task.gallery, task.queries)
    ]
    return made[0].astype(np.float32), made[1].astype(np.float32)


def make_system(task: Task, name: str = "net", noise: float = 0.3) -> System:
    """Return a system of such features, its store in another order than the gallery."""
    gallery, queries = make_features(task, noise)
    places = np.arange(len(gallery))[::-1].copy()
    return System(name, {}, FeatureStore.of(gallery[places]), places, queries)


def search(
    task: Task, name: str, noise: float, *, distractors: bool = True, way: Way | None = None
) -> Findings:
    """Rank by brute force, and measure the first K hits."""
    gallery, queries = make_features(task, noise)
    count = len(gallery) if distractors else task.own
    distances = np.sqrt(((queries[:, None] - gallery[None, :count]) ** 2).sum(axis=2))
    distances[:, 0] = np.inf  # ignored
    order = np.argsort(distances, axis=1, kind="stable")[:, : count - 1]
    everything = slice(0, len(queries))
    right = task.truth.relevant(everything, order)
    ranks = np.arange(1, count)
    precision = np.cumsum(right, axis=1) / ranks
    sorted_distances = np.take_along_axis(distances, order, axis=1).astype(np.float32)
    first = Hits(order[:, :K], sorted_distances[:, :K], right[:, :K])
    last = Hits(order[:, ::-1][:, :K], sorted_distances[:, ::-1][:, :K], right[:, ::-1][:, :K])
    measures = {
        "P@10": right[:, :K].mean(axis=1),
        "AP": (precision * right).sum(axis=1) / right.sum(axis=1),
        "first rank": right.argmax(axis=1) + 1.0,
        "distance": sorted_distances[:, :K].mean(axis=1).astype(np.float64),
    }
    how = way or Way("euclidean", "exact", {}, distractors)
    return Findings(name, how, first, last, measures)


def search_grid(task: Task, gs: range = range(3, 6), hs: range = range(2, 5)) -> list[Findings]:
    """Return findings of a grid of g, h and w whose means are known, with recall and visited."""
    found = []
    for w in (4, 6):
        for g in gs:
            for h in hs:
                way = Way("cosine", "lsh", {"g": g, "h": h, "w": w}, True)
                each = search(task, "net", 0.2 + 0.1 * h, way=way)
                recall = np.full(QUERIES, min(1.0, 0.1 * g + 0.05 * w - 0.1 * h + 0.2))
                visited = np.full(QUERIES, 10.0 * g * w / h)
                measures = {**each.measures, "recall": recall, "visited": visited}
                found.append(Findings("net", way, each.first, None, measures))
    return found


def table_of(section: Section, name: str) -> Table:
    """Return a table of a section."""
    (found,) = [each for each in section.blocks if each.name == name and isinstance(each, Table)]
    return found


def figure_of(section: Section, name: str) -> Figure:
    """Return a figure of a section."""
    (found,) = [each for each in section.blocks if each.name == name and isinstance(each, Figure)]
    return found


def column_of(table: Table, name: str) -> list[object]:
    """Return the cells of a column."""
    at = [each.name for each in table.columns].index(name)
    return [row[at] for row in table.rows]


def value(cell: object) -> float:
    """Return the mean that stands in a cell."""
    assert isinstance(cell, Mean)
    return cell.value


def texts_of(folder: Path, name: str) -> str:
    """Return an SVG."""
    return (folder / "figures" / f"{name}.svg").read_text()
