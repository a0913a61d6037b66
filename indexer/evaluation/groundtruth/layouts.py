"""Takes ground truth from the dicts that Oxford5k, Paris6k and their revisited kin come in.

`imlist` names the gallery's pictures, `qimlist` those of the queries, and `gnd` holds a dict for
each query: `bbx`, its box, and lists of places in `imlist`: `ok` and `junk`, or `easy`, `hard` and
`junk`. Source of the latter: Radenović, Iscen, Tolias, Avrithis, Chum, "Revisiting Oxford and
Paris: Large-Scale Image Retrieval Benchmarking", CVPR 2018.
"""

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.model import (
    LISTS,
    GroundTruth,
    Query,
    box_of,
    require_listed,
    require_short,
)


def published(document: object, name: str, where: str) -> GroundTruth:
    """Take the ground truth that a file held.

    Args:
        document: what the file held.
        name: of the benchmark.
        where: the file, for errors.

    Raises:
        BadGroundTruth: it is not of that layout.
    """
    parts = _dict(document, where)
    _require_bounded(parts, where)
    images = _names(parts, "imlist", where)
    asked = _names(parts, "qimlist", where)
    entries = _list(parts, "gnd", where)
    if not asked or len(asked) != len(entries):
        raise BadGroundTruth(
            f"{where}: each picture of qimlist needs a dict in gnd. Received: {len(asked):,} "
            f"pictures and {len(entries):,} dicts"
        )
    queries = [
        _query(image, _dict(entry, f"{where}, query {image}"), images, f"{where}, query {image}")
        for image, entry in zip(asked, entries, strict=True)
    ]
    return GroundTruth(name, tuple(queries), images)


def _query(image: str, entry: dict[object, object], images: tuple[str, ...], where: str) -> Query:
    lists = {kind: _pictures(entry, kind, images, where) for kind in LISTS if kind in entry}
    if not lists.keys() & {"ok", "good", "easy", "hard"}:
        raise BadGroundTruth(
            f"{where}: expected the lists ok and junk, or easy, hard and junk. "
            f"Received: {sorted(map(str, entry))[:8]}"
        )
    box = box_of(_list(entry, "bbx", where), where) if "bbx" in entry else None
    return Query(image, box, **lists)


def _pictures(
    entry: dict[object, object], kind: str, images: tuple[str, ...], where: str
) -> tuple[str, ...]:
    places = _list(entry, kind, where)
    for place in places:
        if type(place) is not int or not 0 <= place < len(images):
            raise BadGroundTruth(
                f"{where}: {kind} lists places in imlist, from 0 to {len(images) - 1:,}. "
                f"Received: {_shown(place)}"
            )
    return tuple(images[place] for place in places if type(place) is int)


def _require_bounded(parts: dict[object, object], where: str) -> None:
    """Refuse lists without end, before any of their names is taken."""
    entries = _list(parts, "gnd", where)
    listed = sum(len(_list(parts, key, where)) for key in ("imlist", "qimlist", "gnd"))
    require_listed(listed, where)
    for entry in entries:
        lists = entry.values() if isinstance(entry, dict) else ()
        listed += sum(len(part) for part in lists if isinstance(part, list))
        require_listed(listed, where)


def _names(parts: dict[object, object], key: str, where: str) -> tuple[str, ...]:
    return tuple(_name(name, key, where) for name in _list(parts, key, where))


def _name(found: object, key: str, where: str) -> str:
    if not isinstance(found, str | bytes) or not found:
        raise BadGroundTruth(f"{where}: {key} lists names. Received: {_shown(found)}")
    require_short(found, f"{where}: {key}")
    return found.decode("latin-1") if isinstance(found, bytes) else found


def _list(parts: dict[object, object], key: str, where: str) -> list[object]:
    found = parts.get(key)
    if not isinstance(found, list):
        raise BadGroundTruth(f"{where}: {key} must be a list. Received: {_shown(found)}")
    return found


def _dict(found: object, where: str) -> dict[object, object]:
    if not isinstance(found, dict):
        raise BadGroundTruth(
            f"{where}: expected a dict, that of the file with imlist, qimlist and gnd, and one for "
            f"each query. Received: {_shown(found)}"
        )
    return found


def _shown(found: object) -> str:
    """Return what was received; of lists and dicts, which may be endless, only what they are."""
    plain = found is None or isinstance(found, str | int | float | bytes)
    return repr(found)[:80] if plain else f"a {type(found).__name__}"
