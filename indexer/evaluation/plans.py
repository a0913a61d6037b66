"""What a user wants evaluated: what `flask evaluate` hands to the one function that does it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from indexer.errors import BadParameter
from indexer.evaluation.measures import K
from indexer.evaluation.settings import Setting
from indexer.evaluation.systems.base import SystemSpec
from indexer.evaluation.tasks import Picture
from indexer.generations import require_name
from indexer.types import DEFAULT_LIMITS
from models.precisions import PRECISIONS
from models.types import Limits

ProtocolName = Literal[
    "folders", "grid", "holidays", "oxford", "copies", "triplets", "pairs", "ratings"
]
"""What can be run, by its name on the command line."""

Setup = Literal["original", "easy", "medium", "hard"]
"""Which answers of Oxford and Paris count: as published first, or as revisited."""

DEFAULT_QUERIES = 2_000
DEFAULT_TRIPLETS = 10_000
DEFAULT_WORST = 6
DEFAULT_CLASSES = 6


@dataclass(frozen=True)
class Given:
    """Pictures that are known already, in place of those of folders.

    Attributes:
        gallery: that is searched.
        queries: that are searched for.
    """

    gallery: tuple[Picture, ...]
    queries: tuple[Picture, ...]


@dataclass(frozen=True)
class EvaluationPlan:
    """What a user wants evaluated.

    Attributes:
        protocol: that asks.
        name: of the report.
        systems: that are asked, in their order; without one, the network that ships.
        sources: folders of the gallery; none for the pictures of the first index.
        queries: folders of pictures that are searched for; none for those of the gallery, each
            left out of its own answer.
        distractors: folders of further pictures without a class.
        labels: a file of `path label` lines, by the gallery's paths, or None for the folders'
            names.
        query_labels: likewise, by the paths of given queries.
        split: share of the gallery that becomes its queries, drawn by class; None for no split.
        ground_truth: what says what is right: a file or folder, or the name that one was imported
            by; "" where the protocol needs none.
        partial: go on without pictures that the ground truth names and the gallery lacks.
        setup: of `oxford`.
        ratings: a file of people's scores.
        pairs: a table of pairs, whose paths begin at its folder; or two pictures.
        grid: settings of LSH that are tried beside exact search.
        sample: pictures that `copies` distorts, or queries that `folders` and `grid` ask at most;
            None for the protocol's own number, and for DEFAULT_QUERIES where the gallery's own
            pictures ask.
        triplets: that are drawn of the gallery, and of the queries.
        triplets_file: a table of triplets of the gallery's paths, instead of drawn ones.
        test_file: likewise, of the queries' paths.
        k: first hits that count and are shown.
        worst: queries with the worst answers that are shown.
        classes: classes of which a query is shown.
        show: queries that are shown whatever they found: paths, or endings of them.
        seed: of all chance.
        precision: that features are computed in.
        command: as it was typed, for the report.
        limits: what a file may cost.
        batch_size: images encoded at once.
        workers: that read and decode; 0 for one on each core.
        given: gallery and queries, as a training holds them out; the sources then only name them.
    """

    protocol: ProtocolName
    name: str
    systems: tuple[SystemSpec, ...] = ()
    sources: tuple[Path, ...] = ()
    queries: tuple[Path, ...] = ()
    distractors: tuple[Path, ...] = ()
    labels: Path | None = None
    query_labels: Path | None = None
    split: float | None = None
    ground_truth: str = ""
    partial: bool = False
    setup: Setup = "original"
    ratings: Path | None = None
    pairs: tuple[Path, ...] = ()
    grid: tuple[Setting, ...] = ()
    sample: int | None = None
    triplets: int = DEFAULT_TRIPLETS
    triplets_file: Path | None = None
    test_file: Path | None = None
    k: int = K
    worst: int = DEFAULT_WORST
    classes: int = DEFAULT_CLASSES
    show: tuple[str, ...] = ()
    seed: int = 0
    precision: str = "fp32"
    command: str = ""
    limits: Limits = DEFAULT_LIMITS
    batch_size: int = 32
    workers: int = 0
    given: Given | None = None

    def __post_init__(self) -> None:
        """Refuse at once what would fail after an hour."""
        require_name(self.name, of="A report")
        if self.protocol not in get_args(ProtocolName):
            raise BadParameter(f"There is no protocol {self.protocol!r}.")
        if self.precision not in PRECISIONS:
            raise BadParameter(
                f"--precision is one of {', '.join(PRECISIONS)}. Received: {self.precision!r}"
            )
        if self.split is not None and not 0 < self.split < 1:
            raise BadParameter(f"--split is a share between 0 and 1. Received: {self.split}")
        if self.split is not None and self.queries:
            raise BadParameter(
                "--split draws queries from the gallery, and --queries names them. Give one."
            )
        if self.protocol == "grid" and not self.grid:
            raise BadParameter("Name the settings that are tried: --g, --h and --w.")
        if self.query_labels and not self.queries:
            raise BadParameter("--query-labels name the classes of --queries. Give both.")
        if self.test_file and not self.queries and self.split is None:
            raise BadParameter("--test-file holds triplets of --queries, or of a --split.")
        self._require_gallery()

    def _require_gallery(self) -> None:
        if self.protocol in ("pairs", "ratings"):
            return
        if not (self.sources or self.indexes):
            raise BadParameter("Name the pictures: one folder or more, or --index NAME.")
        if self.distractors and not self.sources:
            raise BadParameter("--distractors go with folders; an index has its own.")
        if self.protocol == "oxford" and not self.ground_truth:
            raise BadParameter("Say what is right: --ground-truth FILE.")

    @property
    def indexes(self) -> tuple[str, ...]:
        """Return the names of the indexes that are evaluated."""
        return tuple(system.index for system in self.systems if system.index)
