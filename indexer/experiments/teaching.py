"""The method of a plan, made for the pictures that there are."""

from pathlib import Path

import numpy as np

from indexer.experiments.labelled import Labelled
from indexer.experiments.trainplans import TrainPlan
from indexer.types import Float32, Ids
from models.errors import TrainingRefused
from models.training.batches import Balanced, asked
from models.training.examples import Examples, MapExamples
from models.training.methods.base import Method
from models.training.methods.classifier import Classifier
from models.training.methods.embedding import Embedding
from models.training.methods.hashing import HashMethod
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import TripletMethod
from models.training.splitting import Tail
from models.training.tails import pooled
from models.training.triplets import load_triplets, sample_triplets, save_triplets, stored_count

TRIPLETS = "triplets.npy"
MOST_TRIPLETS = 10_000
"""That are drawn of the held out pictures, and counted, at most."""


def method_of(
    plan: TrainPlan, pictures: Labelled, examples: Examples, tail: Tail, folder: Path
) -> Method:
    """Make the method of a plan.

    Args:
        plan: what is wanted.
        pictures: that are learnt from and held out.
        examples: what is shown of them, by the same positions.
        tail: as it begins.
        folder: of the run, which keeps triplets that are drawn beforehand.

    Raises:
        TrainingRefused: the pictures allow no such method.
    """
    how, wanted = plan.how, plan.wanted
    classes, labels = len(pictures.classes), pictures.labels[pictures.shown]
    embedding = Embedding(wanted.width)
    match plan.kind:
        case "classifier":
            return Classifier(
                classes, how.dense, how.dropout, how.smoothing, batch_size=how.batch_size
            )
        case "hash":
            return HashMethod(
                wanted.bits,
                classes,
                wanted.supervision,
                dropout=how.dropout,
                smoothing=how.smoothing,
                batch_size=how.batch_size,
            )
        case "pairs":
            size = max(1, how.batch_size // 2)
            return PairsMethod(embedding, wanted.margin, wanted.ratio, size)
    triplets = np.empty((0, 3), np.int64)
    if wanted.mining == "sampled":
        file = folder / TRIPLETS
        if not file.is_file():
            before = _before(examples, tail, pictures.shown) if wanted.in_class else None
            count = stored_count(len(labels), how.epochs)
            drawn = sample_triplets(
                labels, count, seed=plan.seed, in_class=wanted.in_class, features=before
            )
            save_triplets(file, drawn)
        triplets = load_triplets(file, len(labels))
    return TripletMethod(
        embedding,
        wanted.gap,
        wanted.mining,
        triplets,
        len(labels),
        max(1, how.batch_size // 3),
        Balanced(how.batch_size),
    )


def layers_of(plan: TrainPlan, method: Method) -> str:
    """Return all dense layers whose weights are kept, of which the method's head is a part."""
    if isinstance(method, Classifier):
        return ", ".join(f"{width} relu" for width in method.dense)
    return method.head


def triplets_of(labels: Ids, count: int, seed: int) -> Ids:
    """Draw triplets to count with, int64 (m, 3); none where the labels allow none."""
    try:
        return sample_triplets(labels, min(count, MOST_TRIPLETS), seed=seed)
    except TrainingRefused:
        return np.empty((0, 3), np.int64)


def _before(examples: Examples, tail: Tail, positions: Ids) -> Float32:
    """Return features of before the training: what the frozen layers say, or else the whole."""
    plain = examples.plain()
    if not isinstance(plain, MapExamples):
        return pooled(tail, plain, positions)
    return asked(
        lambda chosen: plain.batch(chosen, 0, 0).astype(np.float32).mean(axis=(1, 2)), positions
    )
