"""What a user wants built, and what a build did: the data at both ends of the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from indexer.checks.acceptance import RECALL, Acceptance
from indexer.checks.judging import Verdict
from indexer.errors import BadParameter
from indexer.generations import DEFAULT_NAME, require_name
from indexer.indexes.options import IndexOptions
from indexer.indexes.parameters import ChosenTables
from indexer.indexes.registry import require_metric
from indexer.manifest import Stage
from indexer.tuning.points import Tuning
from indexer.tuning.targets import DEFAULT_TARGET, Target
from indexer.types import DEFAULT_LIMITS, Count, Metric, StoreAs
from models.precisions import ENGINES, PRECISIONS
from models.types import EncoderSpec, Fingerprint, Limits

DEFAULT_SPEC = EncoderSpec()
DEFAULT_OPTIONS = IndexOptions()


@dataclass(frozen=True)
class BuildPlan:
    """What a user wants built.

    Attributes:
        sources: folders of images.
        name: the index's name.
        distractors: folders of further images without a class.
        labels: a file of `path label` lines, or None for the folders' names.
        encoder: what turns images into features.
        engine: what computes them: "openvino", "keras", or "auto" for keras where it has a GPU.
        precision: that they are computed in, or "auto" for the quickest that serves this gallery.
        reduce: width that the features are reduced to, or None to leave them.
        whiten: let the gallery vary alike in all directions of the reduced features.
        store_as: what the features are stored as, "float32" or, in half the room, "float16".
        kind: "lsh", "exact" or "hamming".
        options: of the index; among them the metric.
        target: what searches of an LSH index shall reach, where the options leave that open.
        tables: that a tuning has chosen where the options leave g or h open; None for those by
            default.
        accept: part of the copies of its pictures that must find their original before it goes
            live; 0 to ask for nothing.
        batch_size: images encoded at once.
        workers: that read and decode; 0 for one on each core.
        limits: what a file may cost.
    """

    sources: tuple[Path, ...]
    name: str = DEFAULT_NAME
    distractors: tuple[Path, ...] = ()
    labels: Path | None = None
    encoder: EncoderSpec = DEFAULT_SPEC
    engine: str = "auto"
    precision: str = "auto"
    reduce: int | None = None
    whiten: bool = False
    store_as: StoreAs = "float32"
    kind: str = "lsh"
    options: IndexOptions = DEFAULT_OPTIONS
    target: Target = DEFAULT_TARGET
    tables: ChosenTables | None = None
    accept: float = RECALL
    batch_size: int = 32
    workers: int = 0
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        """Refuse at once what would fail after an hour."""
        require_name(self.name)
        require_metric(self.kind, self.options.metric)
        _require_one_of("--engine", self.engine, ENGINES)
        _require_one_of("--store-as", self.store_as, get_args(StoreAs))
        _require_one_of("--precision", self.precision, ("auto", *PRECISIONS))
        if self.engine == "keras" and self.precision not in ("auto", "fp32"):
            raise BadParameter(f"Keras computes in fp32 only. Received: {self.precision}")
        if self.whiten and self.reduce is None:
            raise BadParameter("--whiten goes with --reduce: give the width to reduce to.")
        if not 0 <= self.accept <= 1:
            raise BadParameter(f"--accept must be between 0 and 1. Received: {self.accept}")
        if self.batch_size < 1:
            raise BadParameter(f"The batch size must be 1 or more. Received: {self.batch_size}")


def _require_one_of(option: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise BadParameter(f"{option} must be {', '.join(choices)}. Received: {value!r}")


@dataclass(frozen=True)
class BuildSummary:
    """What a build did.

    Attributes:
        name, generation, path: the index, its new generation, and the folder of that.
        images: how many were kept, distractors among them.
        distractors: how many of these.
        rejected: how many files were not usable, by reason, the commonest first.
        reused: how many of the images had a feature before.
        computed: how many features were computed; images of equal content share one.
        stages: seconds by stage, in order.
        images_per_second: computed, which takes their decoding and encoding.
        kind, metric, parameters: of the index.
        visited_share: mean part of the gallery that a search visits.
        tuning: how much a search does, and why; None where that was asked for.
        fingerprint: of the features.
        store_as: what they are stored as.
        precision: which was chosen and why, or None where it was asked for.
        acceptance: what was found before it went live, or None where nothing was asked.
        bytes: size of the generation.
    """

    name: str
    generation: str
    path: Path
    images: int
    distractors: int
    rejected: tuple[Count, ...]
    reused: int
    computed: int
    stages: tuple[Stage, ...]
    images_per_second: float
    kind: str
    metric: Metric
    parameters: dict[str, Any]
    visited_share: float
    tuning: Tuning | None
    fingerprint: Fingerprint
    store_as: StoreAs
    precision: Verdict | None
    acceptance: Acceptance | None
    bytes: int
