"""The table of index kinds, each imported only when it is used."""

from importlib import import_module

from indexer.errors import BadParameter
from indexer.indexes.base import Index

KINDS = {
    "exact": "indexer.indexes.exact:ExactIndex",
    "lsh": "indexer.indexes.lsh:LshIndex",
}


def index_class(kind: str) -> type[Index]:
    """Return the class of an index kind.

    Raises:
        BadParameter: there is no such kind.
    """
    if kind not in KINDS:
        raise BadParameter(f"There is no index kind {kind!r}: choose one of {', '.join(KINDS)}.")
    module, name = KINDS[kind].split(":")
    found: type[Index] = getattr(import_module(module), name)
    return found
