"""What is known of a fine-tuning: what it was given, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.experiments.runs.changes import Retrieved, Triplets
from indexer.experiments.runs.facts import Data
from indexer.types import Count
from models.training.checkpoints import Epoch
from models.training.machine import Machine
from models.training.recipes import Recipe
from models.training.report import ClassificationReport
from models.training.splitting import NOTHING
from models.types import EncoderSpec
from models.weights import WeightFile


@dataclass(frozen=True)
class TuneFacts:
    """What a fine-tuning is given.

    Attributes:
        name: the run's name.
        command: what was typed to begin it.
        begun: UTC, ISO 8601.
        of: text that is equal only for trainings that can go on from each other's checkpoints.
        method: what is learnt: classifier, triplet, pairs or hash.
        settings: of the method.
        encoder: the network that learns, as asked for.
        weights: that it began with, or None for none.
        cut: the layer whose maps are learnt from, or "" where nothing is frozen.
        unfreeze: the first layer that is trained, "none" for none, or "" for all.
        fresh: layers that were drawn anew.
        recipe: how.
        variants: of each picture that are shown, beside itself.
        seed: of all chance.
        precision: fp32, bf16 or fp16.
        machine: what it runs on.
        classes: pictures of each class: learnt from, and held out.
        data: the pictures.
        unused: pictures that could be used and are not learnt from, by cause.
        test: how many are neither learnt from nor choose the epoch, and tell what was learnt.
    """

    name: str
    command: str
    begun: str
    of: str
    method: str
    settings: Mapping[str, Any]
    encoder: EncoderSpec
    weights: WeightFile | None
    cut: str
    unfreeze: str
    fresh: tuple[str, ...]
    recipe: Recipe
    variants: int
    seed: int
    precision: str
    machine: Machine
    classes: Mapping[str, tuple[int, int]]
    data: Data
    unused: tuple[Count, ...] = ()
    test: int = 0

    @property
    def asking(self) -> int:
        """Return how many pictures tell what was learnt."""
        return self.test or self.data.held_out

    @property
    def first_trained(self) -> str:
        """Say from where on the network is trained."""
        if self.unfreeze == NOTHING:
            return "the layers over its feature"
        return self.unfreeze or "its first layer"


@dataclass(frozen=True)
class TuneOutcome:
    """What came of a fine-tuning.

    Attributes:
        ended: UTC, ISO 8601.
        seconds: that the learning took, all its parts together.
        curve: its epochs.
        best: number of the epoch whose weights are kept.
        feature: the encoder that it leaves; its weights are the run's.
        layers: all dense layers that the weights hold.
        bytes: size of the weight file.
        sha256: of the weight file, in hexadecimal.
        parameters: how many numbers it holds.
        classification: of the pictures that ask; None of methods that tell no classes.
        triplets: that are ranked right.
        retrieval: before and after.
        kept_bytes: that the maps and pictures take which trainings of the instance keep.
    """

    ended: str
    seconds: float
    curve: tuple[Epoch, ...]
    best: int
    feature: EncoderSpec
    layers: str
    bytes: int
    sha256: str
    parameters: int
    classification: ClassificationReport | None
    triplets: Triplets
    retrieval: Retrieved
    kept_bytes: int = 0
