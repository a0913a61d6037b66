"""Turns a report into the document of report.json, and reads one back, believing nothing."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from math import isfinite, nan
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from indexer.evaluation.reporting.model import FORMAT, Figure, Looks, Mean, Report, Shown, Table
from indexer.generations import NAME
from indexer.text import readable

PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""What a section, table, figure or look may be called: it names files and places on a page."""

PICTURE = re.compile(r"pictures/[A-Za-z0-9][A-Za-z0-9_-]{0,127}\.(?:jpg|png|webp)")
MOST_PIXELS = 20_000


def document_of(report: Report) -> Any:
    """Return a report as JSON has it.

    Numbers that are none (NaN, infinities) become null, as does a mean whose value is none; text
    of file names that are no valid Unicode is escaped.

    Raises:
        ValueError: a name in it cannot name a file, or is used twice.
    """
    _require_sound(report)
    return _plain(report)


def report_of(text: str | bytes) -> Report:
    """Return the report of a JSON text.

    Raises:
        ValueError: it is not one; the message says where, and what was found.
    """
    document = json.loads(text, parse_constant=_refuse_constant)
    version = document.get("format") if isinstance(document, dict) else None
    if version != FORMAT or isinstance(version, bool):
        raise ValueError(f"its format is {version!r}, and this version reads {FORMAT}")
    report: Report = _parsed(Report, document, "report")
    _require_sound(report)
    return report


def _plain(value: Any) -> Any:
    if isinstance(value, Mean) and not isfinite(value.value):
        return None
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {readable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return readable(value)
    return _number(value)


def _number(value: Any) -> Any:
    """Return NumPy's numbers as Python's, and None for what is no number."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if isfinite(value) else None
    raise ValueError(f"a report holds text, numbers and means. Received: {value!r}")


def _parsed(kind: Any, value: Any, where: str) -> Any:
    """Return a JSON value as what a field of the model should hold."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _one_of(get_args(kind), value, where)
    if origin is Literal:
        return _require(value in get_args(kind), value, where)
    if origin is tuple:
        _require(isinstance(value, list), value, where)
        inner = get_args(kind)[0]
        return tuple(_parsed(inner, item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is not None:  # a mapping of texts
        _require(isinstance(value, dict), value, where)
        return {_text(key, where): _text(item, f"{where}.{key}") for key, item in value.items()}
    if is_dataclass(kind):
        return _object(kind, value, where)
    if kind is float:
        return _float(value, where)
    return _text(value, where) if kind is str else _require(type(value) is kind, value, where)


def _one_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and NoneType in kinds:
        return None
    if isinstance(value, dict):
        for kind in filter(is_dataclass, kinds):
            if getattr(kind, "type", None) == value.get("type"):
                return _object(kind, value, where)
    if type(value) in kinds or (type(value) is int and float in kinds):
        return _parsed(type(value) if type(value) in kinds else float, value, where)
    return _require(False, value, where)


def _object(kind: Any, value: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    names = {field.name for field in fields(kind)}
    _require(isinstance(value, dict), value, where)
    if value.keys() != names:
        raise ValueError(
            f"{where} should have {', '.join(sorted(names))}. "
            f"Received: {', '.join(sorted(value))[:200] or 'nothing'}"
        )
    return kind(**{name: _parsed(hints[name], value[name], f"{where}.{name}") for name in names})


def _float(value: Any, where: str) -> float:
    if value is None:
        return nan
    _require(type(value) in (int, float) and isfinite(value), value, where)
    return float(value)


def _text(value: Any, where: str) -> str:
    _require(isinstance(value, str), value, where)
    value.encode()  # lone surrogates cannot be sent to anybody
    return str(value)


def _require(holds: bool, value: Any, where: str) -> Any:
    if not holds:
        raise ValueError(f"{where} is not what it should be. Received: {str(value)[:80]!r}")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _require_sound(report: Report) -> None:
    """Refuse names that lead out of the report's folder, tables that are none, odd times."""
    if not NAME.fullmatch(report.name):
        raise ValueError(f"a report cannot be called {report.name!r}")
    datetime.fromisoformat(report.created)
    blocks = [block for section in report.sections for block in section.blocks]
    _require_places([section.name for section in report.sections])
    for kind in (Table, Figure, Looks):
        _require_places([block.name for block in blocks if isinstance(block, kind)])
    for block in blocks:
        if isinstance(block, Table):
            _require_rectangle(block)
        elif isinstance(block, Looks):
            for strip in block.strips:
                for shown in (strip.query, *strip.first, *strip.last):
                    _require_picture(shown)
        else:
            _require_size(block.width, block.height, block.name)


def _require_places(names: list[str]) -> None:
    for name in names:
        if not PLACE.fullmatch(name):
            raise ValueError(f"a part of a report cannot be called {name[:120]!r}")
    if len({name.lower() for name in names}) < len(names):
        raise ValueError(f"parts of one kind need names of their own. Received: {names}")


def _require_rectangle(table: Table) -> None:
    if any(len(row) != len(table.columns) for row in table.rows):
        raise ValueError(f"the rows of {table.name} do not have {len(table.columns)} cells")


def _require_picture(shown: Shown) -> None:
    if shown.file:
        if not PICTURE.fullmatch(shown.file):
            raise ValueError(f"a picture cannot lie at {shown.file[:120]!r}")
        _require_size(shown.width, shown.height, shown.file)


def _require_size(width: int, height: int, name: str) -> None:
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise ValueError(f"{name} cannot be {width} x {height} pixels")
