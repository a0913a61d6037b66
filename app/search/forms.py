"""What a visitor can send: a picture, and how it is to be searched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from indexer.errors import BadQuery
from indexer.types import Metric

YES = ("1", "true", "yes")
NO = ("0", "false", "no")


class UploadForm(FlaskForm):  # type: ignore[misc]
    """The form that sends a picture."""

    image = FileField("Your picture", validators=[FileRequired("Choose a picture first.")])
    index = StringField("Search in")


@dataclass(frozen=True)
class Choice:
    """How a query is to be searched.

    Attributes:
        k: how many hits, from 1 to the setting MAX_K.
        metric: "cosine" or "euclidean"; None: the one that the index was built for.
        exact: True: measure every image; False: let the index choose which.
    """

    k: int
    metric: Metric | None
    exact: bool

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Choice":
        """Read a choice from an address's parameters.

        Raises:
            BadQuery: if one of them is out of its range; nothing is silently clamped.
        """
        return cls(
            k=_k(values.get("k", "")),
            metric=_metric(values.get("metric", "")),
            exact=_flag("exact", values.get("exact", "")),
        )

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that say the same in an address."""
        given: dict[str, Any] = {"k": self.k, "exact": int(self.exact)}
        return given | ({"metric": self.metric} if self.metric else {})


def _k(value: str) -> int:
    most: int = current_app.config["MAX_K"]
    if not value:
        return min(int(current_app.config["DEFAULT_K"]), most)
    # The length is limited because a number of a million digits takes seconds to read.
    if value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most:
        return int(value)
    raise BadQuery(f"k should be a whole number from 1 to {most}. Received: {value[:40]!r}.")


def _metric(value: str) -> Metric | None:
    if not value:
        return None
    for metric in get_args(Metric):
        if value == metric:
            return metric  # type: ignore[no-any-return]
    raise BadQuery(f"metric should be cosine or euclidean. Received: {value[:40]!r}.")


def _flag(name: str, value: str) -> bool:
    if value and value.lower() not in YES + NO:
        raise BadQuery(f"{name} should be 1 or 0. Received: {value[:40]!r}.")
    return value.lower() in YES
