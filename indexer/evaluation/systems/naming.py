"""Names systems in tables, and says of each what people want to know."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.evaluation.systems.base import SystemSpec
from indexer.manifest import Manifest
from models.types import EncoderSpec, Fingerprint

DIGITS = 12  # of a digest that people are shown
HIDDEN = ("seed", "residual", "unit")
"""Parameters of an index that say nothing of how it searches."""


def with_names(specs: Sequence[SystemSpec]) -> tuple[SystemSpec, ...]:
    """Give each system a name of its own.

    Those that a user has named keep that. Others are called after index or network and layer, and
    where several are equal then, after what differs among them too: pooling, size, crop, weights.
    What is still equal is numbered.

    Args:
        specs: in the order in which tables have them.

    Returns:
        the same, with labels that all differ.
    """
    names = [name_of(spec) for spec in specs]
    for more in (_pooling, _size, _crop, _weights):
        names = _told_apart(specs, names, more)
    numbered: list[str] = []
    for name in names:
        count = 2
        unique = name
        while unique in numbered:
            unique, count = f"{name} ({count})", count + 1
        numbered.append(unique)
    return tuple(replace(spec, label=name) for spec, name in zip(specs, numbered, strict=True))


def name_of(spec: SystemSpec) -> str:
    """Return what tables call a system by itself."""
    if spec.label:
        return spec.label
    if spec.encoder is None:
        return f"index {spec.index}"
    return f"{spec.encoder.network} {spec.encoder.layer or ''}".strip()


def facts_of_features(made: Fingerprint, *, weights: str = "") -> dict[str, str]:
    """Say what features are.

    Args:
        made: their fingerprint, after any reduction.
        weights: as a user asked for them, or "" where nobody knows.
    """
    facts = {
        "network": made.network,
        "layer": made.layer,
        "pooling": made.pooling,
        "size": f"{made.size} x {made.size} pixels",
        "crop": made.crop,
        "preprocessing": made.preprocessing,
        "width": f"{made.dim:,}",
        "reduction": made.reduction,
        "precision": made.precision,
        "weights": f"{_short(weights)} {made.weights_sha256[:DIGITS]}".strip(),
    }
    return {name: fact for name, fact in facts.items() if fact}


def index_facts_of(kind: str, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return kind and parameters of an index as people know them."""
    shown = {
        name: value
        for name, value in parameters.items()
        if value is not None and name not in HIDDEN
    }
    return {"kind": kind, **shown}


def facts_of_index(manifest: Manifest) -> dict[str, str]:
    """Say what an index is: its generation, and what its features are."""
    own = {"index": manifest.name, "generation": manifest.generation}
    stored = {} if manifest.store_as == "float32" else {"stored as": manifest.store_as}
    return own | facts_of_features(manifest.fingerprint) | stored


def _told_apart(
    specs: Sequence[SystemSpec], names: Sequence[str], more: Callable[[EncoderSpec], str]
) -> list[str]:
    """Add to names that are equal what differs among those that have them."""
    counts = Counter(names)
    differing: dict[str, set[str]] = {name: set() for name in names}
    additions = [more(spec.encoder) if spec.encoder and not spec.label else "" for spec in specs]
    for name, addition in zip(names, additions, strict=True):
        differing[name].add(addition)
    return [
        f"{name} {addition}".strip() if counts[name] > 1 and len(differing[name]) > 1 else name
        for name, addition in zip(names, additions, strict=True)
    ]


def _pooling(encoder: EncoderSpec) -> str:
    return encoder.pooling


def _size(encoder: EncoderSpec) -> str:
    return f"{encoder.size} px"


def _crop(encoder: EncoderSpec) -> str:
    return encoder.crop


def _weights(encoder: EncoderSpec) -> str:
    return _short(encoder.weights)


def _short(weights: str) -> str:
    """Return "bundled", "imagenet", or the name of a weight file."""
    return Path(weights).name if weights else ""
