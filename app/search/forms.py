"""What a visitor can send: a picture, and how it is to be searched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args
from urllib.parse import urlencode

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from indexer.errors import BadQuery
from indexer.serving.wishes import Wish
from indexer.types import Metric

YES = ("1", "true", "yes")
NO = ("0", "false", "no")
WISHES = ("exact", "recall", "budget")
CARRIED = ("index", "k", "metric", "v")


class UploadForm(FlaskForm):  # type: ignore[misc]
    """The form that sends a picture."""

    image = FileField("Your picture", validators=[FileRequired("Choose a picture first.")])
    index = StringField("Search in")


@dataclass(frozen=True)
class Choice:
    """How a query is to be searched.

    Attributes:
        k: how many hits, from 1 to the setting MAX_K.
        metric: that hits are ranked by; None: the one that the index was built for.
        wish: how much the search may do.
    """

    k: int
    metric: Metric | None
    wish: Wish

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Choice":
        """Read a choice from an address's parameters.

        Raises:
            BadQuery: if one of them is out of its range; nothing is silently clamped.
        """
        return cls(
            k=_k(values.get("k", "")),
            metric=_metric(values.get("metric", "")),
            wish=Wish(
                exact=_flag("exact", values.get("exact", "")),
                recall=_recall(values.get("recall", "")),
                budget=_budget(values.get("budget", "")),
            ),
        )

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that say the same in an address."""
        given = {"k": self.k} | spelled(self.wish)
        return given | ({"metric": self.metric} if self.metric else {})


def spelled(wish: Wish) -> dict[str, Any]:
    """Return the one parameter that asks for a wish in an address."""
    if wish.recall is not None:
        return {"recall": f"{wish.recall:.6g}"}
    return {"exact": int(wish.exact)} if wish.budget is None else {"budget": wish.budget}


def unfolded(values: Mapping[str, str]) -> str:
    """Return the parameters that a page's form stands for, or "" where they stand there already.

    The form offers all wishes in one list, named `search`, whose values are whole parameters such
    as `recall=0.99`. Addresses that people keep and share name the parameter itself.

    Raises:
        BadQuery: if it offers no such wish.
    """
    if "search" not in values:
        return ""
    name, _, value = values["search"].partition("=")
    if name not in WISHES:
        raise BadQuery(f"search should be, for instance, exact=1. Received: {name[:40]!r}.")
    kept = {key: values[key] for key in CARRIED if values.get(key)}
    return urlencode(kept | {name: value})


def whole(value: str) -> int | None:
    """Read a number from 0 on, of at most nine digits; None if it is none.

    The length is limited because a number of a million digits takes seconds to read.
    """
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _k(value: str) -> int:
    most: int = current_app.config["MAX_K"]
    if not value:
        return min(int(current_app.config["DEFAULT_K"]), most)
    k = whole(value)
    if k is not None and 1 <= k <= most:
        return k
    raise BadQuery(f"k should be a whole number from 1 to {most}. Received: {value[:40]!r}.")


def _recall(value: str) -> float | None:
    if not value:
        return None
    try:
        return float(value[:40])
    except ValueError:
        raise BadQuery(f"recall should be a number like 0.95. Received: {value[:40]!r}.") from None


def _budget(value: str) -> int | None:
    if not value:
        return None
    budget = whole(value)
    if budget is not None:
        return budget
    raise BadQuery(f"budget should be a number of images. Received: {value[:40]!r}.")


def _metric(value: str) -> Metric | None:
    if not value:
        return None
    known = get_args(Metric)
    if value in known:
        return cast(Metric, value)
    raise BadQuery(f"metric should be one of: {', '.join(known)}. Received: {value[:40]!r}.")


def _flag(name: str, value: str) -> bool:
    if value and value.lower() not in YES + NO:
        raise BadQuery(f"{name} should be 1 or 0. Received: {value[:40]!r}.")
    return value.lower() in YES
