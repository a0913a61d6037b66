"""The table of protocols that rank, each imported only when it is used."""

from importlib import import_module

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.protocols.base import RankingProtocol

PROTOCOLS = {
    "folders": "indexer.evaluation.protocols.folders:Folders",
    "holidays": "indexer.evaluation.protocols.holidays:Holidays",
    "oxford": "indexer.evaluation.protocols.oxford:Oxford",
    "copies": "indexer.evaluation.protocols.copies:Copies",
}
"""Name -> "module:Class"."""


def protocol_class(name: str) -> type[RankingProtocol]:
    """Return the class of a protocol.

    Raises:
        EvaluationError: there is no such protocol.
    """
    if name not in PROTOCOLS:
        known = ", ".join(PROTOCOLS)
        raise EvaluationError(f"There is no protocol {name!r}. Choose one of {known}.")
    module, attribute = PROTOCOLS[name].split(":")
    found: type[RankingProtocol] = getattr(import_module(module), attribute)
    return found
