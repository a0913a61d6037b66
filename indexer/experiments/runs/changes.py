"""What a fine-tuning has changed, as its record keeps it and as pages and cards tell it."""

from dataclasses import dataclass

HELD_OUT, TEST = "held out", "test"
"""Which pictures ask what was learnt."""


@dataclass(frozen=True)
class Change:
    """A measure of retrieval before and after.

    Attributes:
        measure: its title.
        before, after: means over the held out queries, with the bounds of their 95 % intervals.
        verdict: "better", "no difference" or "worse"; "" where it is not judged.
    """

    measure: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    verdict: str


@dataclass(frozen=True)
class Codes:
    """What hash codes keep of what features find.

    Attributes:
        share: of the mAP of before that the codes have, by exact search.
        kept: share of the mAP of their own values that they have; NaN of older runs.
        bytes_before: that a picture takes as a feature of before.
        bytes_after: that it takes as a code.
        values: what the values find whose signs the codes are, compared with before.
    """

    share: float
    bytes_before: int
    bytes_after: int
    values: tuple[Change, ...]
    kept: float = float("nan")


@dataclass(frozen=True)
class Retrieved:
    """What pictures find among those that were learnt from, before and after.

    Attributes:
        report: name of the report that tells it all.
        before: what the features of before are, in words.
        answer: in a sentence.
        exact: by exact search; of hash codes by their Hamming distances.
        lsh: by the LSH index that a build makes; after learning hash codes, by their own index.
        verdict: of the mAP by exact search: "better", "no difference" or "worse".
        asked: which pictures asked: "held out", which chose the epoch too, or "test".
        codes: of a training that leaves hash codes; None of others.
    """

    report: str
    before: str
    answer: str
    exact: tuple[Change, ...]
    lsh: tuple[Change, ...]
    verdict: str = ""
    asked: str = HELD_OUT
    codes: Codes | None = None

    @property
    def ways(self) -> tuple[tuple[str, tuple[Change, ...]], ...]:
        """Return what was measured by each way to search, codes by their own way."""
        if self.codes is None:
            return ("exact search", self.exact), ("LSH", self.lsh)
        return ("cosine, Hamming", self.exact), ("LSH, codes", self.lsh)


@dataclass(frozen=True)
class Triplets:
    """Which share of drawn triplets is ranked right afterwards; None where none can be drawn.

    Attributes:
        shown: of pictures that were learnt from.
        held_out: of the pictures that ask.
    """

    shown: float | None
    held_out: float | None
