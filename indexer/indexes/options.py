"""What a user may ask of an index, and what of a single search."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

from indexer.errors import BadParameter
from indexer.types import Metric

MAX_G = 1024
MAX_H = 64
MAX_COMPONENTS = 256
MAX_PROBES = 2**20  # each takes 40 bytes while a query is answered
Family = Literal["cross-polytope", "p-stable", "plain"]
HashSpace = Literal["pca", "unit", "raw"]


@dataclass(frozen=True)
class Effort:
    """How much a search may do.

    Attributes:
        probes: buckets that are opened, in all tables together; each table's own at least.
        keep: candidates that are measured on their features, those that seem nearest, and half as
            many again as the hits at least; 0 for all.
        reach: no bucket is opened whose border lies further from the query than this share of the
            squared distance to the last of these candidates; None for no such limit. Queries in
            dense regions, whose neighbours are found at once, so do with fewer probes.
        budget: candidates after which no further bucket is opened; None for no such limit.
    """

    probes: int
    keep: int
    budget: int | None = None
    reach: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        for name in ("probes", "keep", "budget", "reach"):
            _require_not_negative(name, getattr(self, name))


@dataclass(frozen=True)
class IndexOptions:
    """What a user asks of an index; None leaves the choice to the index.

    Attributes:
        metric: what hits are ranked by unless a search says otherwise.
        family: of hash functions: "cross-polytope", "p-stable", or "plain" for p-stable ones of
            which only a query's own buckets are opened, and all that lies there is measured.
        g: number of hash functions, each with its own table.
        h: number of projections, or of cross-polytopes, in each hash function.
        w: width of a projection's intervals; cross-polytopes have none.
        seed: of everything random.
        hash_space: "pca" hashes features centred and turned to their first principal components,
            "unit" scaled to length 1, "raw" as they are.
        components: how many of these principal components.
        probes: buckets that a search opens unless it says otherwise.
        keep: candidates that a search measures unless it says otherwise.
        reach: of a search unless it says otherwise; see Effort.
    """

    metric: Metric = "cosine"
    family: Family | None = None
    g: int | None = None
    h: int | None = None
    w: float | None = None
    seed: int = 0
    hash_space: HashSpace | None = None
    components: int | None = None
    probes: int | None = None
    keep: int | None = None
    reach: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        _require("metric", self.metric, get_args(Metric))
        _require("family", self.family, (None, *get_args(Family)))
        _require("hash space", self.hash_space, (None, *get_args(HashSpace)))
        ranges = (
            ("g", self.g, 1, MAX_G),
            ("h", self.h, 1, MAX_H),
            ("components", self.components, 1, MAX_COMPONENTS),
            ("probes", self.probes, 0, MAX_PROBES),
            ("keep", self.keep, 0, 2**31),
        )
        for name, value, least, most in ranges:
            if value is not None and not least <= value <= most:
                raise BadParameter(f"{name} must be between {least} and {most}. Received: {value}")
        if self.w is not None and not (isfinite(self.w) and self.w > 0):
            raise BadParameter(f"w must be a positive number. Received: {self.w}")
        _require_not_negative("reach", self.reach)
        _require_not_negative("The seed", self.seed)
        _require_fit(self)


def choose_family(options: IndexOptions) -> Family:
    """Return the family asked for; plain where a width or another hash space says so."""
    if options.family:
        return options.family
    plain = options.w is not None or options.hash_space in ("unit", "raw")
    return "plain" if plain else "cross-polytope"


def choose_space(options: IndexOptions, family: Family) -> HashSpace:
    """Return the hash space asked for; of the plain family the one that suits the metric."""
    if options.hash_space:
        return options.hash_space
    if family != "plain":
        return "pca"
    return "unit" if options.metric == "cosine" else "raw"


def _require(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        names = ", ".join(str(each) for each in allowed if each)
        raise BadParameter(f"The {name} must be one of: {names}. Received: {value!r}")


def _require_not_negative(name: str, value: float | None) -> None:
    """Refuse what is below 0, or no number."""
    if value is not None and not value >= 0:
        raise BadParameter(f"{name} must be 0 or more. Received: {value}")


def _require_fit(options: IndexOptions) -> None:
    """Refuse what does not go together."""
    if options.family == "cross-polytope" and options.w is not None:
        raise BadParameter(
            "Cross-polytopes have no width w: leave it out, or choose the family p-stable or plain."
        )
    if options.family == "cross-polytope" and options.hash_space not in (None, "pca"):
        raise BadParameter(
            f"Cross-polytopes hash principal components only. Received: {options.hash_space!r}. "
            "Choose the hash space pca, or the family p-stable or plain."
        )
    family = choose_family(options)
    space = choose_space(options, family)
    for name, value in (
        ("components", options.components),
        ("keep", options.keep or None),
        ("reach", options.reach),
    ):
        if space != "pca" and value is not None:
            raise BadParameter(
                f"The hash space {space} has no principal components, and so no codes to sift "
                f"candidates by. Received: {name}={value}. Leave it out, or choose the hash space "
                "pca."
            )
    keeps_all = options.keep == 0 or (options.keep is None and family == "plain")
    if keeps_all and options.reach is not None:
        raise BadParameter(
            "The reach is a share of the distance to the last candidate kept, and all are. "
            f"Received: reach={options.reach}. Leave it out, or give a keep above 0."
        )
