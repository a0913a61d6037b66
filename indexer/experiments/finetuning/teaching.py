"""The method of a plan, made for the pictures that there are."""

from pathlib import Path

import numpy as np

from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.pictures.labelled import Labelled
from indexer.types import Float32, Ids
from models.errors import TrainingRefused
from models.training.batches import Balanced, asked
from models.training.examples import Examples, MapExamples
from models.training.methods.base import Method
from models.training.methods.classifier import Classifier
from models.training.methods.embedding import Embedding
from models.training.methods.hashing import HashMethod
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import NONE, TripletMethod
from models.training.splitting import Tail
from models.training.tails import pooled
from models.training.triplets import load_triplets, sample_triplets, save_triplets, stored_count

TRIPLETS = "triplets.npy"
MOST_TRIPLETS = 10_000
"""That are drawn of the held out pictures, and counted, at most."""


def method_of(plan: TrainPlan, pictures: Labelled, tail: Tail, triplets: Ids = NONE) -> Method:
    """Make the method of a plan.

    Args:
        plan: what is wanted.
        pictures: that are learnt from and held out.
        tail: as it begins.
        triplets: that are drawn beforehand of the pictures learnt from, int64 (m, 3).

    Raises:
        TrainingRefused: a number of bits that codes cannot have.
    """
    how, wanted = plan.how, plan.wanted
    embedding = Embedding(wanted.width)
    match plan.kind:
        case "classifier":
            return Classifier(
                len(pictures.classes),
                how.dense,
                how.dropout,
                how.smoothing,
                # Where the network stays as it is, a dense layer is all that pictures can be
                # described by anew.
                kept=0 if tail.model.trainable_weights else len(how.dense),
                batch_size=how.batch_size,
            )
        case "hash":
            return HashMethod(
                wanted.bits,
                len(pictures.classes),
                wanted.supervision,
                dropout=how.dropout,
                smoothing=how.smoothing,
                batch_size=how.batch_size,
            )
        case "pairs":
            size = max(1, how.batch_size // 2)
            return PairsMethod(embedding, wanted.margin, wanted.ratio, size)
        case "triplet":
            return TripletMethod(
                embedding,
                wanted.gap,
                wanted.mining,
                triplets,
                len(pictures.shown),
                max(1, how.batch_size // 3),
                Balanced(how.batch_size),
            )


def require_labels(plan: TrainPlan, pictures: Labelled, tail: Tail) -> None:
    """Refuse pictures that a method cannot learn from, before anything is computed of them.

    Raises:
        TrainingRefused: the classes are too few, or too small.
    """
    labels = pictures.labels[pictures.shown]
    if not _draws_triplets(plan):
        next(method_of(plan, pictures, tail).batches(labels, 0, plan.seed), None)
        return
    for in_class in {0.0, 1.0} if plan.wanted.in_class else {0.0}:
        nothing = np.zeros((len(labels), 1), np.float32)
        sample_triplets(labels, 1, seed=plan.seed, in_class=in_class, features=nothing)


def triplets_for(
    plan: TrainPlan, pictures: Labelled, examples: Examples, tail: Tail, folder: Path
) -> Ids:
    """Draw the triplets that a plan wants drawn beforehand, or find them where they are kept.

    Args:
        plan: what is wanted.
        pictures: that are learnt from.
        examples: what is shown of them, by the same positions.
        tail: as it begins.
        folder: of the run, which keeps them.

    Raises:
        TrainingRefused: the pictures allow none, or the file is damaged.
    """
    if not _draws_triplets(plan):
        return NONE
    labels, file = pictures.labels[pictures.shown], folder / TRIPLETS
    if not file.is_file():
        in_class = plan.wanted.in_class
        before = _before(examples, tail, pictures.shown) if in_class else None
        count = stored_count(len(labels), plan.how.epochs)
        drawn = sample_triplets(labels, count, seed=plan.seed, in_class=in_class, features=before)
        save_triplets(file, drawn)
    return load_triplets(file, len(labels))


def _draws_triplets(plan: TrainPlan) -> bool:
    return plan.kind == "triplet" and plan.wanted.mining == "sampled"


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
