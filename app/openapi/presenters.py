"""Turns the description into what its page shows: chapters of operations, with examples."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from app.figures import number
from app.openapi.building import KEY
from app.openapi.documenting import HTML, JPEG, JSON
from app.words import _, lazy, marked, named

TITLES = {
    "searching": lazy("Searching"),
    "gallery": lazy("Indexes and images"),
    "judging": lazy("Judging"),
    "server": lazy("The server"),
    "pages": lazy("Pages, and what they answer to programs"),
}
FORM = "multipart/form-data"


@dataclass(frozen=True)
class Row:
    """A parameter: its name, place, type in words, meaning; and its field in the form.

    Attributes:
        choices: values to choose from; empty where any may be typed.
        example: what stands in the field at first.
        several: whether it may be given more than once.
    """

    name: str
    place: str
    type: str
    meaning: str
    required: bool
    choices: tuple[str, ...]
    example: str
    several: bool


@dataclass(frozen=True)
class Shown:
    """An operation on the page.

    Attributes:
        id: of its place on the page.
        method, path, summary, description: as the document has them.
        rows: its parameters.
        media: that its body may have.
        body: an example of a body in JSON, or "".
        answers: statuses with what they mean.
        curl: a line of the shell for each body that it takes, or one.
        gives: media types of its answers.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    rows: tuple[Row, ...]
    media: tuple[str, ...]
    body: str
    answers: tuple[tuple[str, str], ...]
    curl: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """Operations that belong together."""

    name: str
    title: str
    operations: tuple[Shown, ...]


def chapters(document: dict[str, Any], host: str, known: Mapping[str, str]) -> list[Chapter]:
    """Return all operations for the page.

    Args:
        document: in OpenAPI.
        host: address of this server, for the examples.
        known: values of parameters of paths that lead somewhere here.
    """
    shown = [
        (operation["tags"][0], _shown(document, path, method, operation, host, known))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    found = [
        Chapter(tag, str(title), tuple(each for of, each in shown if of == tag))
        for tag, title in TITLES.items()
    ]
    return [chapter for chapter in found if chapter.operations]


def _shown(
    document: dict[str, Any],
    path: str,
    method: str,
    operation: dict[str, Any],
    host: str,
    known: Mapping[str, str],
) -> Shown:
    rows = tuple(_row(each, known) for each in operation.get("parameters", ()))
    bodies = operation.get("requestBody", {}).get("content", {})
    body = bodies.get(JSON, {}).get("example")
    gives = tuple(operation["responses"]["200"].get("content", ()))
    return Shown(
        id=operation["operationId"].replace(".", "-"),
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        rows=rows,
        media=tuple(bodies),
        body="" if body is None else json.dumps(body),
        answers=tuple(_answers(document, operation)),
        curl=tuple(_curl(method, host + _address(path, rows), operation, bodies, gives)),
        gives=gives,
    )


def _row(parameter: dict[str, Any], known: Mapping[str, str]) -> Row:
    schema, name = parameter["schema"], parameter["name"]
    inner = schema.get("items", schema)
    example = parameter.get("example")
    in_path = parameter["in"] == "path"
    return Row(
        name=name,
        place=parameter["in"],
        type=_type(schema),
        meaning=parameter["description"],
        required=in_path,
        choices=tuple(map(str, inner.get("enum", ()))),
        example=str(example if example is not None else known.get(name, _sample(schema, name)))
        if in_path or example is not None
        else "",
        several=schema.get("type") == "array",
    )


def _sample(schema: dict[str, Any], name: str) -> str:
    """Return a value for a parameter of a path that has none of its own."""
    if "enum" in schema:
        return str(schema["enum"][-1])
    return "0" if schema.get("type") == "integer" else name.upper()


def _type(schema: dict[str, Any]) -> Markup:
    """Say in words what a value may be."""
    if schema.get("type") == "array":
        return marked("%(type)s, several", type=_type(schema["items"]))
    if "enum" in schema:
        return named(" | ".join(map(str, schema["enum"])))
    parts = [named(schema["type"])] if "type" in schema else []
    parts += [Markup(limits)] if (limits := _limits(schema)) else []
    if "default" in schema:
        parts.append(marked("default %(value)s", value=named(str(schema["default"]))))
    return Markup(", ").join(parts)


def _limits(schema: dict[str, Any]) -> str:
    """Say in words how small and how large a number may be."""
    least, most = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if most is None:
        if above is not None:
            return _("above %(least)s", least=above)
        return "" if least is None else _("from %(least)s", least=least)
    if above is not None:
        return _("above %(least)s to %(most)s", least=above, most=number(most))
    if least is not None:
        return _("from %(least)s to %(most)s", least=least, most=number(most))
    return _("to %(most)s", most=number(most))


def _address(path: str, rows: tuple[Row, ...]) -> str:
    """Return an operation's path with examples in it."""
    for row in rows:
        path = path.replace(f"{{{row.name}}}", quote(row.example, safe=""))
    asked = [f"{row.name}={quote(row.example)}" for row in rows if row.place != "path"]
    asked = [each for each in asked if not each.endswith("=")]
    return "?".join(filter(None, (path, "&".join(asked))))


def _curl(
    method: str,
    address: str,
    operation: dict[str, Any],
    bodies: dict[str, Any],
    gives: tuple[str, ...],
) -> Iterator[str]:
    head = ["curl", "-X", "DELETE"] if method == "delete" else ["curl"]
    if operation.get("security") == [{KEY: []}]:
        head += ["-H", "Authorization: Bearer KEY"]
    if JSON in gives and HTML in gives:
        head += ["-H", f"Accept: {JSON}"]
    if gives == (JPEG,):
        head += ["-o", "picture.jpg"]
    if FORM in bodies:
        yield shlex.join([*head, "-F", "image=@picture.jpg", address])
    if JSON in bodies:
        sent = json.dumps(bodies[JSON].get("example", {}))
        yield shlex.join([*head, "-H", f"Content-Type: {JSON}", "-d", sent, address])
    if not bodies:
        yield shlex.join([*head, address])


def _answers(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in operation["responses"].items():
        if reference := response.get("$ref"):
            response = document["components"]["responses"][reference.rsplit("/", 1)[-1]]
        yield status, response["description"]
