"""The ways to search, and the distances, that a result page offers."""

from dataclasses import dataclass
from typing import get_args

from app.search.presenters import percent
from app.search.questions import Question, spelled_wish
from indexer.search import SearchService
from indexer.serving.wishes import AS_BUILT, EXACT, Wish
from indexer.types import Metric

RECALLS = (0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Way:
    """One way to search: the parameter that asks for it, its name, whether it is the chosen one."""

    value: str
    name: str
    chosen: bool


def ways(service: SearchService, question: Question) -> list[Way]:
    """Return the ways that an index offers, and the one that was asked for."""
    offered = {AS_BUILT: _as_built(service)}
    if service.tuning and question.k <= service.tuning.target.at:
        reached = [recall for recall in RECALLS if service.tuning.least(recall)]
        offered |= {Wish(recall=recall): _named(Wish(recall=recall)) for recall in reached}
    offered.setdefault(question.wish, _named(question.wish))
    offered[EXACT] = offered.pop(EXACT, _named(EXACT))  # to the end
    return [Way(_value(wish), name, wish == question.wish) for wish, name in offered.items()]


def metrics(service: SearchService, question: Question) -> list[Metric]:
    """Return the metrics to offer: that of hash codes where the index or the search is about it."""
    codes = "hamming" in (service.manifest.metric, question.metric)
    return [metric for metric in get_args(Metric) if codes or metric != "hamming"]


def _as_built(service: SearchService) -> str:
    if service.always_exact:
        return "as built"
    kind = service.manifest.kind
    return f"{kind.upper()}: as tuned" if service.tuning else f"{kind.upper()}: a part"


def _named(wish: Wish) -> str:
    if wish.budget is not None:
        return f"some {wish.budget:,} images"
    return f"find {percent(wish.recall)}" if wish.recall is not None else "exact: all"


def _value(wish: Wish) -> str:
    (parameter,) = spelled_wish(wish).items()
    return "{}={}".format(*parameter)
