"""All that an address asks of a search beside its pictures: read from it, and written into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from flask import current_app
from werkzeug.datastructures import MultiDict

from app.search import reading
from app.search.marks import Mark, marks
from indexer.errors import BadQuery
from indexer.search import MAX_K
from indexer.serving.asking import MOST_PARTS
from indexer.serving.narrowing import Narrowing
from indexer.serving.wishes import AS_BUILT, Wish
from indexer.types import Metric, Order
from models.types import Box

Sort = Literal["similarity", "path", "class"]


@dataclass(frozen=True)
class Question:
    """How pictures are to be searched for.

    Attributes:
        k: hits on a page, from 1 to the setting MAX_K.
        metric: that hits are ranked by; None: the one that the index was built for.
        wish: how much the search may do.
        classes: that hits are of; none for all.
        least: similarity that hits have at least.
        order: what comes first.
        sort: by which the hits of a page are arranged.
        page: from 1.
        boxes: parts of the query's pictures, by their positions.
        more, less: indexed pictures that hits should be like, or not.
        fold: whether pictures that are nearly the same are shown as one.
        judging: whether hits are judged, so that what was added stays among them. It is no part of
            `parameters`, as the switch of a page is not.
    """

    k: int
    metric: Metric | None = None
    wish: Wish = AS_BUILT
    classes: tuple[str, ...] = ()
    least: float | None = None
    order: Order = "nearest"
    sort: Sort = "similarity"
    page: int = 1
    boxes: Mapping[int, Box] = field(default_factory=dict)
    more: tuple[Mark, ...] = ()
    less: tuple[Mark, ...] = ()
    fold: bool = True
    judging: bool = False

    @classmethod
    def of(cls, values: MultiDict[str, str], *, fold: bool = True) -> "Question":
        """Read an address's parameters.

        Args:
            values: the parameters.
            fold: whether pictures that are nearly the same are one, where that is not said.

        Raises:
            BadQuery: if one of them is out of its range; nothing is silently clamped.
        """
        most = int(current_app.config["MAX_K"])
        k = reading.number_up_to("k", values.get("k", ""), most, _default_k(most))
        return cls(
            k=k,
            metric=_metric(values.get("metric", "")),
            wish=_wish(values),
            classes=tuple(sorted(set(values.getlist("class")))),
            least=reading.decimal("min", values.get("min", ""), "0.5"),
            order=reading.one_of("order", values.get("order") or "nearest", get_args(Order)),
            sort=reading.one_of("sort", values.get("sort") or "similarity", get_args(Sort)),
            page=reading.number_up_to("page", values.get("page", ""), last_page(k), 1),
            boxes=_boxes(values),
            more=marks("more", values.getlist("more")),
            less=marks("less", values.getlist("less")),
            fold=reading.flag("fold", values.get("fold", "") or str(int(fold))),
            judging=reading.flag("judge", values.get("judge", "")),
        )

    @property
    def skip(self) -> int:
        """Return how many hits come before those of the page."""
        return (self.page - 1) * self.k

    def narrowing(self, without: frozenset[int]) -> Narrowing:
        """Return which images may be found, without some."""
        return Narrowing(frozenset(self.classes), without, self.least)

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters that say the same in an address, or almost the same.

        Args:
            changes: fields that are different; any change leads to the first page again.
        """
        return _spelled(replace(self, **({"page": 1} | changes)) if changes else self)

    def for_another(self) -> dict[str, Any]:
        """Return the parameters for a search with another picture: all but what is of this one."""
        return self.parameters(boxes={}, more=(), less=())


def last_page(k: int) -> int:
    """Return the last page that a search reaches, with so many hits on each."""
    return max(1, MAX_K // k)


def spelled_wish(wish: Wish) -> dict[str, Any]:
    """Return the one parameter that asks for a wish in an address."""
    if wish.recall is not None:
        return {"recall": f"{wish.recall:.6g}"}
    return {"exact": int(wish.exact)} if wish.budget is None else {"budget": wish.budget}


def spelled_box(box: Box) -> str:
    """Return a part of a picture as addresses have it."""
    return ",".join(f"{edge:.4f}".rstrip("0").rstrip(".") for edge in box)


def numbered(name: str, position: int) -> str:
    """Return the name of a parameter about one picture of a query: box, box2, box3."""
    return name if position == 0 else f"{name}{position + 1}"


def _spelled(question: Question) -> dict[str, Any]:
    boxes = {numbered("box", at): spelled_box(box) for at, box in sorted(question.boxes.items())}
    said = {
        "metric": question.metric,
        "class": list(question.classes),
        "min": None if question.least is None else f"{question.least:g}",
        "order": question.order if question.order != "nearest" else None,
        "sort": question.sort if question.sort != "similarity" else None,
        **boxes,
        "more": list(map(str, question.more)),
        "less": list(map(str, question.less)),
        "fold": None if question.fold else "0",
        "page": question.page if question.page > 1 else None,
    }
    given = {name: value for name, value in said.items() if value}
    return {"k": question.k} | spelled_wish(question.wish) | given


def _default_k(most: int) -> int:
    return min(int(current_app.config["DEFAULT_K"]), most)


def _metric(value: str) -> Metric | None:
    return reading.one_of("metric", value, get_args(Metric)) if value else None


def _wish(values: Mapping[str, str]) -> Wish:
    return Wish(
        exact=reading.flag("exact", values.get("exact", "")),
        recall=reading.decimal("recall", values.get("recall", ""), "0.95"),
        budget=_budget(values.get("budget", "")),
    )


def _budget(value: str) -> int | None:
    if not value:
        return None
    budget = reading.whole(value)
    if budget is not None:
        return budget
    raise BadQuery(f"budget should be a number of images. {reading.received(value)}")


def _boxes(values: Mapping[str, str]) -> dict[int, Box]:
    named = {at: numbered("box", at) for at in range(MOST_PARTS)}
    found = {at: reading.box(name, values.get(name, "")) for at, name in named.items()}
    return {at: box for at, box in found.items() if box is not None}
