"""Small galleries of made-up pictures, and what is right in them by brute force."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from indexer.evaluation.tasks import Picture, Task


def picture(name, label="", *, content="", distractor=False):
    digest = sha256((content or name).encode()).hexdigest()
    return Picture(Path("/gallery") / name, name, digest, label, distractor)


def gallery_of(labels, distractors=0):
    own = [picture(f"{label or 'none'}/{n}.jpg", label) for n, label in enumerate(labels)]
    astray = [picture(f"{n}.jpg", "a", distractor=True) for n in range(distractors)]
    return (*own, *astray)


def every(task):
    """Return all ids for all queries of a task, and the rows of all queries."""
    ids = np.tile(np.arange(len(task.gallery)), (len(task.queries), 1))
    return slice(0, len(task.queries)), ids


def sets(task: Task):
    """Return the names of right and of ignored pictures for each query, asked in an odd order."""
    rows, ids = every(task)
    ids = np.random.default_rng(0).permuted(ids, axis=1)
    right, ignored = task.truth.relevant(rows, ids), task.truth.ignored(rows, ids)
    ignored = np.zeros_like(right) if ignored is None else ignored
    return [
        tuple({task.gallery[place].name for place in row[mask]} for mask in masks)
        for row, *masks in zip(ids, right, ignored, strict=True)
    ]
