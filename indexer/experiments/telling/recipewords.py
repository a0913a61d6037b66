"""Says in words what a training was told: its method, its recipe, and the layers drawn anew."""

from collections import Counter
from collections.abc import Mapping, Sequence

METHODS: Mapping[str, str] = {
    "classifier": "A softmax over the classes stands on the pooled features, or on dense layers "
    "over them, and all are trained together with the network's last layers. The pooled feature "
    "is what is kept.",
    "triplet": "Three pictures pass through the same network: a picture, one of its class, and "
    "one that is not. The loss is max(0, gap + D(a, p) - D(a, n)) with Euclidean D between "
    'features of length 1 (Schroff et al., "FaceNet", 2015; Hermans et al., "In Defense of the '
    'Triplet Loss for Person Re-Identification", 2017).',
    "pairs": "Two pictures pass through the same network; those of a class are drawn together, "
    'others pushed apart up to a margin (Hadsell et al., "Dimensionality Reduction by Learning '
    'an Invariant Mapping", 2006).',
    "hash": "A layer of tanh over the pooled features gives codes, whose signs are kept.",
}
SUPERVISIONS: Mapping[str, str] = {
    "classes": 'The codes learn from a classifier over them (Yang et al., "Supervised Learning '
    'of Semantics-Preserving Hash via Deep Convolutional Neural Networks", 2018).',
    "pairwise": 'The codes learn from all pairs of a batch (Li et al., "Feature Learning based '
    'Deep Supervised Hashing with Pairwise Labels", 2016).',
    "triplet": 'The codes learn from the hard triplets of a batch (Hermans et al., "In Defense '
    'of the Triplet Loss for Person Re-Identification", 2017).',
}
NAMES: Mapping[str, str] = {
    "name": "recipe",
    "rate": "highest rate",
    "dense": "widths of dense layers",
    "dropout": "share that is dropped",
    "augmented": "shows pictures in varied forms",
    "epochs": "epochs at most",
    "patience": "ends after epochs without a smaller loss",
    "batch_size": "pictures at a time",
    "smoothing": "smoothing of targets",
    "decay": "weight decay",
    "gentle": "part of the rate in layers before those drawn anew",
    "annealed": "the rate rises, then falls along a cosine",
    "keep_statistics": "layers before those drawn anew keep their statistics",
    "momentum": "momentum of the other statistics",
    "width": "width of a linear layer",
    "gap": "gap",
    "mining": "where triplets come from",
    "in_class": "share of negatives in the class",
    "margin": "margin",
    "ratio": "pairs of one class for each of two",
    "bits": "bits of a code",
    "supervision": "codes learn from",
}
_OFF = frozenset(("dropout", "smoothing", "decay", "width", "in_class"))
"""Settings of which 0 means that there is none."""

_OF_CLASSIFIERS = frozenset(("dense", "dropout", "smoothing"))
_IGNORED: Mapping[str, frozenset[str]] = {
    "triplet": _OF_CLASSIFIERS,
    "pairs": _OF_CLASSIFIERS,
    "hash": frozenset(("dense",)),
}
"""Method -> what of a recipe it does not look at."""

MANY = 4
"""Layers of which more are counted by their stages."""


def method_words(method: str, supervision: str = "") -> str:
    """Say how a method learns, with its sources."""
    return " ".join(filter(None, (METHODS.get(method, ""), SUPERVISIONS.get(supervision, ""))))


def told(method: str, settings: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return settings in words, without those that the method does not look at.

    Args:
        method: how the network learns.
        settings: names and values, as the record says them.
    """
    ignored = _IGNORED.get(method, frozenset())
    if method == "hash" and dict(settings).get("supervision") != "classes":
        ignored |= {"smoothing"}
    return [
        (NAMES.get(name, name.replace("_", " ")), value)
        for name, value in settings
        if name not in ignored and not (name in _OFF and value == "0")
    ]


def fresh_words(fresh: Sequence[str]) -> str:
    """Say which layers were drawn anew: of many how many of each stage of the network."""
    if len(fresh) <= MANY:
        return ", ".join(fresh) or "none"
    stages = Counter(name.partition("_")[0] for name in fresh)
    return f"{len(fresh)} layers ({', '.join(f'{n} of {stage}' for stage, n in stages.items())})"
