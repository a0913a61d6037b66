"""Small tasks and systems to be evaluated, with truths that are drawn."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.distances import FeatureStore
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Picture, Task
from tests.indexer.clouds import clusters


@dataclass(frozen=True)
class Marked:
    """A truth as tables: bool (m, n) each."""

    right: np.ndarray
    junk: np.ndarray | None = None

    @property
    def totals(self):
        wanted = self.right if self.junk is None else self.right & ~self.junk
        return wanted.sum(axis=1)

    def relevant(self, rows, ids):
        assert ids.min(initial=0) >= 0
        return np.take_along_axis(self.right[rows], ids, axis=1)

    def ignored(self, rows, ids):
        return None if self.junk is None else np.take_along_axis(self.junk[rows], ids, axis=1)


def picture(name, distractor=False):
    return Picture(Path(name), name, "0" * 64, distractor=distractor)


def drawn(count=120, queries=9, *, distractors=30, junk=True, dim=16, half=False, seed=0):
    """Draw a task and a system whose store has the pictures in another order."""
    random = np.random.default_rng(seed)
    features = clusters(count + queries, dim, seed)
    features[5] = features[11]  # a picture that is there twice
    right = random.random((queries, count)) < 0.2
    right[:, count - distractors :] = False
    right[0] = False  # a query without any right answer
    ignored = random.random((queries, count)) < 0.1 if junk else None
    gallery = tuple(picture(f"{at}", at >= count - distractors) for at in range(count))
    task = Task(gallery, tuple(picture(f"q{at}") for at in range(queries)), Marked(right, ignored))
    places = random.permutation(count)
    stored = features[:count][places].astype(np.float16 if half else np.float32)
    store = FeatureStore.of(stored)
    return task, System("ours", {}, store, places, features[count:])
