"""What a user wants fine-tuned, and the method that this is."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from indexer.experiments.pictures.labelled import Choice
from indexer.experiments.runs.refusals import RunError, require_run_name
from indexer.types import DEFAULT_LIMITS
from models.networks import network
from models.training.methods.hashing import MAX_BITS, MIN_BITS, SUPERVISION, Supervision
from models.training.methods.triplet import MINING, Mining
from models.training.precision import PRECISIONS
from models.training.recipes import Recipe, recipe
from models.types import EncoderSpec, Limits

Kind = Literal["classifier", "triplet", "pairs", "hash"]
"""What can be learnt, by its name on the command line."""

NO_WEIGHTS = "none"
"""Weights of a network that is trained from scratch."""

DEFAULT_VARIANTS = 8
MOST_COMPARED = 256
"""Pictures of a batch of which all triplets are compared: some tensors of 64 MiB."""


@dataclass(frozen=True)
class Wanted:
    """What a method is told beside its recipe; each looks at its own part.

    Attributes:
        width: of a linear layer that triplets and pairs are compared by, 0 for none.
        gap: of triplets, in units of distance.
        mining: where triplets come from.
        in_class: share of the triplets whose negative is of the anchor's class.
        margin: of pairs, in units of distance.
        ratio: pairs of one class for each pair of two.
        bits: of a code.
        supervision: what codes learn from.
    """

    width: int = 0
    gap: float = 1.0
    mining: Mining = "sampled"
    in_class: float = 0.0
    margin: float = 1.0
    ratio: float = 1.0
    bits: int = 48
    supervision: Supervision = "classes"


OWN: dict[str, tuple[str, ...]] = {
    "classifier": (),
    "triplet": ("width", "gap", "mining", "in_class"),
    "pairs": ("width", "margin", "ratio"),
    "hash": ("bits", "supervision"),
}
"""Kind -> what of Wanted it looks at."""

IGNORED: dict[str, tuple[str, ...]] = {
    "classifier": (),
    "triplet": ("dropout", "smoothing"),
    "pairs": ("dropout", "smoothing"),
    "hash": (),
}
"""Kind -> fields of a recipe that say nothing to it."""


@dataclass(frozen=True)
class TrainPlan:
    """What a user wants fine-tuned.

    Attributes:
        kind: of learning.
        sources: folders of pictures with a folder for each class.
        encoder: the network, its weights ("none" to draw all of them), pooling and size.
        name: of the run.
        recipe: name of the recipe.
        changes: fields of the recipe that are set otherwise.
        choice: which pictures, and what is held out.
        wanted: of the method.
        init_missing: draw layers anew that the weights lack and that are trained.
        unfreeze: the first layer that is trained, "none" for the method's own alone, or "" for the
            network's own.
        variants: of each picture, beside itself, where the recipe shows pictures in varied forms;
            None for DEFAULT_VARIANTS.
        seed: of all chance.
        precision: "auto", "fp32", "bf16" or "fp16".
        resume: go on with a run that is unfinished.
        command: what was typed to begin it.
        limits: what a file may cost.
    """

    kind: Kind
    sources: tuple[Path, ...]
    encoder: EncoderSpec
    name: str
    recipe: str = "auto"
    changes: dict[str, Any] = field(default_factory=dict)
    choice: Choice = field(default_factory=Choice)
    wanted: Wanted = field(default_factory=Wanted)
    init_missing: bool = False
    unfreeze: str = ""
    variants: int | None = None
    seed: int = 1
    precision: str = "auto"
    resume: bool = False
    command: str = ""
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        """Refuse at once what would fail after an hour."""
        require_run_name(self.name)
        network(self.encoder.network)
        wanted = self.wanted
        for given, known in (
            (self.kind, get_args(Kind)),
            (self.precision, PRECISIONS),
            (wanted.mining, MINING),
            (wanted.supervision, SUPERVISION),
        ):
            if given not in known:
                raise RunError(f"Choose one of {', '.join(known)}. Received: {given!r}")
        if not MIN_BITS <= wanted.bits <= MAX_BITS:
            raise RunError(f"Codes have {MIN_BITS} to {MAX_BITS} bits. Received: {wanted.bits}.")
        if wanted.in_class and wanted.mining != "sampled":
            raise RunError(
                "In-class negatives are drawn beforehand: leave out --mining, or --in-class. "
                f"Received: --mining {wanted.mining}."
            )
        if self._compares_batches and self.how.batch_size > MOST_COMPARED:
            raise RunError(
                f"Where triplets are looked for within batches, these have {MOST_COMPARED} "
                "pictures at most: memory grows with their cube. Give a smaller --batch-size. "
                f"Received: {self.how.batch_size:,}."
            )
        self._refuse_what_has_no_effect()

    @property
    def _compares_batches(self) -> bool:
        """Say whether all triplets of a batch are compared."""
        mined = self.kind == "triplet" and self.wanted.mining != "sampled"
        return mined or (self.kind == "hash" and self.wanted.supervision != "classes")

    def _refuse_what_has_no_effect(self) -> None:
        how = self.how
        if how.dense and self.kind != "classifier":
            raise RunError(
                f"The recipe {how.name} lays dense layers below a classifier, and {self.kind} has "
                "none. Leave out --recipe, or learn by flask train classifier."
            )
        if self.variants and not how.augmented:
            raise RunError(
                f"The recipe {how.name} shows pictures as they are. Leave out --variants "
                f"{self.variants}, or choose a recipe that varies them: auto, or model5."
            )
        for option, given in (
            ("--init-missing", self.init_missing),
            (f"--unfreeze {self.unfreeze}", self.unfreeze),
        ):
            if self.from_scratch and given:
                raise RunError(
                    "Without weights all layers are drawn, and all are trained. Leave out "
                    f"{option}, or give --weights."
                )

    @property
    def from_scratch(self) -> bool:
        """Say whether the network begins without weights."""
        return self.encoder.weights == NO_WEIGHTS

    @property
    def how(self) -> Recipe:
        """Return the recipe with the changes asked for, without what the method ignores."""
        found = replace(recipe(self.encoder.network, self.recipe), **self.changes)
        ignored = IGNORED[self.kind]
        if self.kind == "hash" and self.wanted.supervision != "classes":
            ignored = ("smoothing",)
        return replace(found, **{name: getattr(Recipe, name) for name in ignored})

    @property
    def varied(self) -> int:
        """Return how many variants of each picture the recipe shows beside itself."""
        wanted = DEFAULT_VARIANTS if self.variants is None else self.variants
        return wanted if self.how.augmented else 0

    @property
    def settings(self) -> dict[str, Any]:
        """Return what the method looks at, by name."""
        return {name: getattr(self.wanted, name) for name in OWN[self.kind]}
