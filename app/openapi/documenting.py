"""What a view tells of itself beside its docstring: what it takes, gives and refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from app.openapi.schemas import SENT, Schema, Way

View = TypeVar("View", bound=Callable[..., object])
Config = Mapping[str, Any]

JSON, HTML, JPEG = "application/json", "text/html", "image/jpeg"
TEXT: Schema = {"type": "string"}
BYTES: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
ALWAYS = (400, 500, 503)
"""Errors that any operation may end in: an unknown host, our mistake, a busy server."""
OF_BODIES = (408, 413, 415, 422)


@dataclass(frozen=True)
class Parameter:
    """A parameter of an address.

    Attributes:
        name: of the parameter.
        meaning: what it says, in a sentence.
        schema: of its value; or what makes it of the application's configuration.
        example: a value for people who try it; None where leaving it out is best.
    """

    name: str
    meaning: str
    schema: Schema | Callable[[Config], Schema]
    example: Any = None


@dataclass(frozen=True)
class Body:
    """What an operation takes in the body of a request.

    Attributes:
        kinds: the dataclass, or a schema, by media types.
        examples: a body of each media type that people may send.
    """

    kinds: Mapping[str, Any]
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """An answer that is not the usual one: what it means, and what it holds by media types."""

    meaning: str
    gives: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """What programs can do by a view.

    Attributes:
        tag: the chapter that tells of it.
        gives: what answers hold, by their media types: a dataclass, a schema, or what makes one.
        way: how a dataclass of them is sent.
        takes: its parameters, beside those of its path.
        path: what those of its path mean, where that is not what they mean everywhere.
        body: what it takes in the body, or None.
        errors: statuses that it may refuse with, beside those of all operations.
        also: answers under further statuses, or in place of the shape of errors.
    """

    tag: Literal["searching", "gallery", "judging", "server", "pages"]
    gives: Mapping[str, Any]
    way: Way = SENT
    takes: Sequence[Parameter] = ()
    path: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    errors: tuple[int, ...] = ()
    also: Mapping[int, Reply] = field(default_factory=dict)


@dataclass(frozen=True)
class Exempt:
    """Why a view is not in the description."""

    reason: str


def documented(
    tag: Literal["searching", "gallery", "judging", "server", "pages"],
    gives: Mapping[str, Any],
    **more: Any,
) -> Callable[[View], View]:
    """Document a view, whose docstring says what it does: its first sentence is the summary.

    Args:
        tag, gives, more: fields of Operation.
    """
    return _telling(Operation(tag, gives, **more))


def exempt(reason: str) -> Callable[[View], View]:
    """Leave a view out of the description, for a reason: it is of no use to programs."""
    return _telling(Exempt(reason))


def _telling(told: Operation | Exempt) -> Callable[[View], View]:
    def tell(view: View) -> View:
        view.documented = told  # type: ignore[attr-defined]
        return view

    return tell
