"""Ground truth as JSON: what an instance keeps of it."""

import json
from dataclasses import asdict

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.model import (
    LISTS,
    GroundTruth,
    Query,
    box_of,
    require_listed,
    require_short,
)

FORMAT = 1


def to_json(truth: GroundTruth) -> bytes:
    """Write a ground truth down."""
    document = {"format": FORMAT, **asdict(truth)}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def from_json(content: bytes, where: str) -> GroundTruth:
    """Take a ground truth that `to_json` wrote.

    Args:
        content: of the file.
        where: the file, for errors.

    Raises:
        BadGroundTruth: it was written by another program, or is damaged.
    """
    try:
        document = json.loads(content)
        if not isinstance(document, dict):
            raise TypeError("expected an object")
        if document.get("format") != FORMAT:
            raise BadGroundTruth(
                f"{where} has the format {str(document.get('format'))[:20]}; this program reads "
                f"{FORMAT}. Import the published files again: "
                "flask evaluate import-groundtruth SOURCE"
            )
        queries = tuple(_query(fields, where) for fields in document["queries"])
        truth = GroundTruth(_text(document["name"]), queries, _texts(document["images"], where))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadGroundTruth(
            f"{where} is damaged: {str(error)[:200] or type(error).__name__}. Import the "
            "published files again: flask evaluate import-groundtruth SOURCE"
        ) from error
    require_listed(len(truth.images) + sum(1 + len(each.named) for each in truth.queries), where)
    return truth


def _query(fields: dict[str, object], where: str) -> Query:
    image, box = _name(fields["image"], where), fields["box"]
    lists = {kind: _texts(fields[kind], where) for kind in LISTS}
    if box is not None and not isinstance(box, list):
        raise TypeError("expected a box's edges")
    return Query(image, box_of(box, f"{where}, query {image}") if box else None, **lists)


def _texts(found: object, where: str) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise TypeError("expected a list of names")
    return tuple(_name(name, where) for name in found)


def _name(found: object, where: str) -> str:
    name = _text(found)
    require_short(name, where)
    return name


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("expected a name")
    return found
