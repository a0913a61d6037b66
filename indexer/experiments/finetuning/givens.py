"""What a fine-tuning was given at its begin: by it a resumed one finds the same pictures again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Self, get_args

from indexer.experiments.finetuning.beginning import Beginning, variants_of
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError, again
from indexer.files import read_regular, write_atomically
from models.training.splitting import Tail

MAX_BYTES = 2**30
MOST_NAMED = 5  # files, or settings, that a message lists

Side = Literal["shown", "held out", "test"]


class GivenPicture(NamedTuple):
    """A picture of a run: where it lay, its content, its class, and its side."""

    root: int
    path: str
    sha256: str
    label: str
    side: Side


@dataclass(frozen=True)
class Givens:
    """What a run is given.

    Attributes:
        settings: name -> value, as text.
        classes: their names, by number.
        pictures: by position.
        left_out: usable pictures that it does not learn from, by cause.
    """

    settings: Mapping[str, str]
    classes: tuple[str, ...]
    pictures: tuple[GivenPicture, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, str], found: Labelled) -> Self:
        """Take the settings and the pictures of a training."""
        pictures = tuple(
            GivenPicture(each.root, each.path, each.sha256, str(each.label), _side(found, at))
            for at, each in enumerate(found.records)
        )
        left_out = {str(each.name): each.count for each in found.left_out}
        return cls(dict(settings), found.classes, pictures, left_out)

    @property
    def digest(self) -> str:
        """Return text that is equal only for the same contents with the same settings."""
        contents = [(each.sha256, each.label, each.side) for each in self.pictures]
        told = json.dumps((dict(self.settings), self.classes, contents))
        return sha256(told.encode()).hexdigest()

    def write(self, run: RunFolder) -> None:
        """Write them into a run's folder."""
        values = {
            "settings": dict(self.settings),
            "classes": self.classes,
            "pictures": self.pictures,
            "left_out": dict(self.left_out),
        }
        write_atomically(run.given, json.dumps(values, indent=1).encode())

    @classmethod
    def read(cls, run: RunFolder) -> Self:
        """Read what a run was given.

        Raises:
            RunError: that is not known, or damaged.
        """
        try:
            content, _ = read_regular(run.given, MAX_BYTES)
            known = json.loads(content)
            pictures = tuple(GivenPicture(*each) for each in known["pictures"])
            found = cls(
                settings=dict(known["settings"]),
                classes=tuple(known["classes"]),
                pictures=pictures,
                left_out={cause: int(count) for cause, count in known.get("left_out", {}).items()},
            )
            _require_texts(found)
        except (
            *(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError),
        ) as error:
            raise RunError(
                f"{run.given} does not say what the run {run.name!r} learns from: {error!r}. Begin "
                "another: --name NAME"
            ) from error
        return found


def settings_of(plan: TrainPlan, begin: Beginning, tail: Tail, precision: str) -> dict[str, str]:
    """Return all that a training depends on but its pictures, by name, as text.

    Args:
        plan: what is wanted.
        begin: what the network begins with.
        tail: the part of it that is trained.
        precision: that it computes in.
    """
    spec, choice = plan.encoder, plan.choice
    values: dict[str, Any] = {
        "method": plan.kind,
        "network": spec.network,
        "weights": begin.weights.sha256 if begin.weights else "none",
        "pooling": spec.pooling,
        "size": spec.size,
        "crop": spec.crop or "none",
        "first trained layer": begin.unfreeze or "all",
        "layers drawn anew": " ".join(tail.fresh) or "none",
        **plan.settings,
        **{f"recipe's {name}": value for name, value in asdict(plan.how).items()},
        "variants": variants_of(plan, begin),
        "seed": plan.seed,
        "precision": precision,
        "validation": "given" if choice.validation else "none",
        "held-out": "none" if choice.validation else choice.share,
        "test": "given" if choice.test else "none",
        "labels": "given" if choice.labels else "none",
        "min-per-class": choice.min_per_class,
        "classes": choice.most or "all",
    }
    return {name: str(value) for name, value in values.items()}


def require_settings(run: RunFolder, givens: Givens, settings: Mapping[str, str]) -> None:
    """Refuse to go on with other settings than a run was begun with.

    Raises:
        RunError: naming what differs, with both values.
    """
    names = dict.fromkeys((*givens.settings, *settings))
    differing = [
        f"{name} {givens.settings.get(name, 'unknown')}, and now {settings.get(name, 'unknown')}"
        for name in names
        if givens.settings.get(name) != settings.get(name)
    ]
    before = run.begun()
    if differing and before:
        raise RunError(
            f"The run {run.name!r} was begun with other settings: {listed(differing)}. Repeat the "
            f"command it was begun with: {again(before, settings['precision'])}"
        )


def _side(found: Labelled, at: int) -> Side:
    if found.is_test[at]:
        return "test"
    return "held out" if found.is_held_out[at] else "shown"


def _require_texts(givens: Givens) -> None:
    for value in _texts(givens):
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is no text")
    for each in givens.pictures:
        if type(each.root) is not int or each.label not in givens.classes:
            raise ValueError(f"{each.path} is of no folder, or of no class")
        if each.side not in get_args(Side):
            raise ValueError(f"{each.path} is on no side")


def _texts(givens: Givens) -> Iterator[object]:
    yield from givens.settings.values()
    yield from givens.classes
    for picture in givens.pictures:
        yield from picture[1:]


def listed(items: Sequence[str]) -> str:
    """Say some of many things, and how many more there are."""
    more = len(items) - MOST_NAMED
    return "; ".join(items[:MOST_NAMED]) + (f"; and {more:,} more" if more > 0 else "")
