"""Makes JSON Schema of dataclasses: their types say what there is, their docstrings what it means.

Written here and not by pydantic or msgspec: several pages send the indexer's own dataclasses, such
as reports with their unions of blocks. The one would have to hold them twice, the other refuses.
"""

import inspect
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]

PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    Any: {},
}
NAMED = re.compile(r"(\w+(?:, \w+)*): (.+)")


@dataclass(frozen=True)
class Way:
    """How a dataclass travels.

    Attributes:
        nulls: types of which some values are sent as null, such as floats that are NaN.
        is_taken: whether it is taken, where what has a default may be left out and nothing may be
            added, and not sent, where all of it is there.
    """

    nulls: frozenset[type] = frozenset()
    is_taken: bool = False


SENT, TAKEN = Way(), Way(is_taken=True)


class Schemas:
    """The schemas of a document; those of dataclasses are kept under their names."""

    def __init__(self) -> None:
        """Begin without any."""
        self.components: dict[str, Schema] = {}
        self._kinds: dict[str, type] = {}

    def of(self, kind: Any, way: Way = SENT) -> Schema:
        """Return the schema of a type.

        Args:
            kind: a dataclass, a plain type, or a collection or union of such; Annotated says more
                of it by `also`.
            way: how it travels.

        Raises:
            TypeError: it has no place in JSON, or another dataclass has the same name.
        """
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.of(inner[0], way) | dict(inner[1])
        if origin is Literal:
            return {"enum": list(inner)}
        if origin in (Union, UnionType):
            return _any_of([self.of(each, way) for each in inner])
        if origin in (tuple, list, Sequence):
            return self._array(inner, way)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1], way)}
        if is_dataclass(kind) and isinstance(kind, type):
            return self._named(kind, way)
        if kind not in PLAIN:
            raise TypeError(f"{kind} has no place in JSON. Send a dataclass or a plain type.")
        return _any_of([PLAIN[kind], PLAIN[NoneType]]) if kind in way.nulls else dict(PLAIN[kind])

    def properties(self, kind: type, way: Way = SENT) -> dict[str, Schema]:
        """Return the schemas of a dataclass's fields, by their names, with what they mean."""
        hints = get_type_hints(kind, include_extras=True)
        said = meanings(kind)
        return {
            field.name: self.of(hints[field.name], way)
            | ({"description": said[field.name]} if field.name in said else {})
            for field in fields(kind)
        }

    def _named(self, kind: type, way: Way) -> Schema:
        name = kind.__name__
        if self._kinds.setdefault(name, kind) is not kind:
            raise TypeError(f"{kind} and {self._kinds[name]} cannot both be called {name}.")
        if name not in self.components:
            schema: Schema = {"type": "object", "description": summary(kind)}
            self.components[name] = schema
            schema["properties"] = self.properties(kind, way)
            schema["required"] = [
                field.name for field in fields(kind) if not (way.is_taken and _has_default(field))
            ]
            if way.is_taken:
                schema["additionalProperties"] = False
        return {"$ref": f"#/components/schemas/{name}"}

    def _array(self, inner: tuple[Any, ...], way: Way) -> Schema:
        kinds = [kind for kind in inner if kind is not Ellipsis]
        items = [self.of(kind, way) for kind in kinds]
        if len(inner) == len(kinds) > 1:
            size = {"minItems": len(items), "maxItems": len(items)}
            return {"type": "array", "items": _any_of(items), **size}
        return {"type": "array", "items": items[0]}


def also(**keywords: Any) -> tuple[tuple[str, Any], ...]:
    """Return keywords that a schema has beside its type, for Annotated."""
    return tuple(keywords.items())


def summary(kind: type) -> str:
    """Return what a dataclass's docstring says before its attributes, on one line."""
    return " ".join((inspect.getdoc(kind) or "").partition("Attributes:")[0].split())


def meanings(kind: type) -> dict[str, str]:
    """Return what the docstrings of a dataclass, and of those it extends, say of its attributes."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        _, _, section = (inspect.cleandoc(each.__doc__ or "")).partition("Attributes:\n")
        paragraph = textwrap.dedent(section.partition("\n\n")[0])
        for entry in re.split(r"\n(?=\S)", paragraph):
            if match := NAMED.fullmatch(" ".join(entry.split())):
                found |= dict.fromkeys(match[1].split(", "), match[2])
    return found


def _any_of(schemas: list[Schema]) -> Schema:
    """Return the schema of what is one of several; types alone are put side by side."""
    apart = [each for at, each in enumerate(schemas) if each not in schemas[:at]]
    if len(apart) == 1:
        return apart[0]
    if all(each.keys() == {"type"} and isinstance(each["type"], str) for each in apart):
        return {"type": [each["type"] for each in apart]}
    return {"anyOf": apart}


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING
