"""The ways to search, and the distances, that a result page offers."""

from dataclasses import dataclass
from typing import get_args

from app.search.presenters import percent
from app.search.questions import Question, spelled_wish
from app.words import _, lazy, ngettext
from indexer.search import SearchService
from indexer.serving.wishes import AS_BUILT, EXACT, Wish
from indexer.types import Metric

RECALLS = (0.9, 0.95, 0.99)
METRICS: dict[Metric, str] = {
    "cosine": lazy("cosine"),
    "euclidean": lazy("Euclidean"),
    "hamming": lazy("Hamming"),
}


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


def metrics(service: SearchService, question: Question) -> list[tuple[Metric, str]]:
    """Return the metrics to offer, with their words.

    That of hash codes is offered where the index or the search is about it.
    """
    codes = "hamming" in (service.manifest.metric, question.metric)
    known: tuple[Metric, ...] = get_args(Metric)
    return [(each, str(METRICS[each])) for each in known if codes or each != "hamming"]


def _as_built(service: SearchService) -> str:
    if service.always_exact:
        return _("as the index was built")
    return _("fast, as tuned") if service.tuning else _("fast: a part of the pictures")


def _named(wish: Wish) -> str:
    if wish.budget is not None:
        return ngettext("some %(count)s picture", "some %(count)s pictures", wish.budget)
    if wish.recall is not None:
        return _("find %(share)s of the nearest", share=percent(wish.recall))
    return _("exact: all pictures")


def _value(wish: Wish) -> str:
    (parameter,) = spelled_wish(wish).items()
    return "{}={}".format(*parameter)
