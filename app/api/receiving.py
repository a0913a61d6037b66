"""Reads what programs search with: uploaded files, or parts in JSON."""

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from flask import Request

from app.api.schemas.asked import FARTHEST, PART_KINDS
from app.search.questions import Question
from app.search.uploads import fetched, require_few
from indexer.errors import BadQuery
from indexer.search import SearchService
from indexer.serving.asking import MOST_PARTS, Part, Sign, require_box
from indexer.text import readable
from indexer.types import Float32
from models.types import Box

LONGEST_NAME = 255
SHOWN = 60
"""Characters of what was received that a refusal repeats."""
NOTHING = (
    "Send pictures as multipart form fields named image, each with a file name, or a JSON body "
    'like {"parts": [{"id": 12}]}.'
)


@dataclass(frozen=True)
class Received:
    """What was sent: the parts of a question, and what they are called together."""

    parts: list[Part]
    name: str


def received(request: Request, service: SearchService, question: Question) -> Received:
    """Read the pictures of a request.

    Args:
        request: with files, or with JSON.
        service: of the index whose images parts may name.
        question: its boxes are of the files, by their positions.

    Raises:
        BadQuery: there is nothing to search with, or not in the form that is documented.
        UnknownImage, ImageGone: a part names an image that is not there.
    """
    if request.is_json:
        return _of_json(request.get_data(), service)
    files = [file for file in request.files.getlist("image") if file.filename]
    if not files:
        raise BadQuery(NOTHING)
    require_few(len(files))
    names = [upload_name(file.filename) for file in files]
    called = names if len(files) > 1 else [""]
    parts = [
        Part(file.stream.read(), question.boxes.get(at), name=called[at])
        for at, file in enumerate(files)
    ]
    return Received(parts, ", ".join(names))


def upload_name(filename: str | None) -> str:
    """Return an uploaded file's name without folders and control characters, not too long."""
    name = re.split(r"[/\\]", filename or "")[-1]
    clean = "".join(char for char in readable(name) if char.isprintable())
    return clean[:LONGEST_NAME]


def _of_json(content: bytes, service: SearchService) -> Received:
    try:
        body = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadQuery(f"The body is no JSON: {str(error)[:SHOWN]}. {NOTHING}") from error
    given = body.get("parts") if isinstance(body, dict) else None
    if not isinstance(given, list) or len(body) > 1 or not 1 <= len(given) <= MOST_PARTS:
        raise BadQuery(
            f"The body should hold nothing but parts, from 1 to {MOST_PARTS} of them. {NOTHING}"
        )
    read = [_part(each, f"parts[{at}]", service) for at, each in enumerate(given)]
    return Received([part for part, _ in read], ", ".join(name for _, name in read))


def _part(given: Any, where: str, service: SearchService) -> tuple[Part, str]:
    """Return a part, and what the query calls it."""
    kind = _kind(given, where)
    box, sign = _box(given.get("box"), where), _sign(given.get("sign", 1), where)
    if kind == "id":
        number = _id(given["id"], where)
        number = service.catalog.locate(number, _content(given.get("content"), where))
        return Part(number, box, sign, f"image {number}"), f"image {number}"
    if kind == "vector":
        return Part(_vector(given["vector"], where), None, sign), "a vector"
    if kind == "address":
        address = _address(given["address"], where)
        return Part(fetched(address), box, sign, address[:SHOWN]), address[:SHOWN]
    return Part(
        _picture(given["picture"], where), box, sign, f"The picture of {where}"
    ), "a picture"


def _kind(given: Any, where: str) -> str:
    """Return which kind of part it is, by the one field that tells."""
    known = sorted(PART_KINDS)
    named = [name for name in known if isinstance(given, dict) and name in given]
    if len(named) != 1:
        raise BadQuery(f"{where} should have one of: {', '.join(known)}. {_instead(given)}")
    may = {field.name for field in fields(PART_KINDS[named[0]])}
    if more := sorted(given.keys() - may):
        raise BadQuery(
            f"{where} should have nothing but {', '.join(sorted(may))}. {_instead(more[0])}"
        )
    return named[0]


def _id(value: Any, where: str) -> int:
    if type(value) is int and value >= 0:
        return value
    raise BadQuery(f"{where}.id should be a whole number from 0 on. {_instead(value)}")


def _content(value: Any, where: str) -> str | None:
    if value is None or (isinstance(value, str) and re.fullmatch("[0-9a-f]{12}", value)):
        return value
    raise BadQuery(f"{where}.content should be 12 hexadecimal digits. {_instead(value)}")


def _sign(value: Any, where: str) -> Sign:
    if type(value) is int and value in (1, -1):
        return 1 if value > 0 else -1
    raise BadQuery(f"{where}.sign should be 1 or -1. {_instead(value)}")


def _box(value: Any, where: str) -> Box | None:
    if value is None:
        return None
    if not (isinstance(value, list) and len(value) == 4 and all(map(_is_number, value))):
        raise BadQuery(f"{where}.box should be four numbers from 0 to 1. {_instead(value)}")
    left, upper, right, lower = map(float, value)
    require_box((left, upper, right, lower))
    return left, upper, right, lower


def _vector(value: Any, where: str) -> Float32:
    if not (isinstance(value, list) and value and all(map(_is_number, value))):
        raise BadQuery(f"{where}.vector should be a list of numbers. {_instead(value)}")
    if max(map(abs, value)) > FARTHEST:
        raise BadQuery(f"{where}.vector should hold numbers up to {FARTHEST:g}. {_instead(value)}")
    return np.array(value, np.float32)


def _address(value: Any, where: str) -> str:
    if isinstance(value, str) and value.isprintable():
        return value
    raise BadQuery(f"{where}.address should be one of http or https. {_instead(value)}")


def _picture(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise BadQuery(f"{where}.picture should be a file in base64. {_instead(value)}") from None


def _is_number(value: Any) -> bool:
    """Tell whether a value is a number that a float can hold."""
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:
        return False


def _instead(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"Received: {'an array' if isinstance(value, list) else 'an object'}."
    return f"Received: {str(value)[:SHOWN]!r}."


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
