"""Reads pickles of plain lists, dicts, numbers and text, and never runs what a pickle asks for.

A pickle is a program. Two locks stand before it: its instructions are read first, without being
run, and any but those that make plain values is refused; then an unpickler reads it that has no
globals to offer, and so no function to call.
"""

import pickle
import pickletools
from io import BytesIO
from typing import NoReturn

from indexer.evaluation.errors import BadGroundTruth

_PLAIN = """
    PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE
    INT BININT BININT1 BININT2 LONG LONG1 FLOAT BINFLOAT
    STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES
    UNICODE SHORT_BINUNICODE BINUNICODE
    EMPTY_LIST LIST APPEND APPENDS EMPTY_DICT DICT SETITEM SETITEMS
    PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET
"""
PLAIN = frozenset(_PLAIN.split())
"""Instructions that make plain values. Tuples are not among them: nested and used as a key, they
overrun the stack, or take for ever."""
GLOBALS = frozenset({"GLOBAL", "STACK_GLOBAL", "INST"})
NUMBERS = frozenset({"INT", "LONG", "LONG1"})
GREATEST = 2**53
"""Greater numbers can share their hash, and so make a dict that takes for ever."""
PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})

FAILURES = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)
"""What damaged pickles raise, as instructions meet values that they are not meant for."""


class PlainUnpickler(pickle.Unpickler):
    """Makes plain values, and refuses every global."""

    def find_class(self, module: str, name: str) -> NoReturn:
        """Refuse a global.

        Raises:
            BadGroundTruth: always, naming it.
        """
        raise BadGroundTruth(f"asks for {module}.{name}")


def load_plain(content: bytes, name: str) -> object:
    """Read a pickle of any protocol, Python 2's too, whose byte strings become text (Latin-1).

    Args:
        content: of the file; its size was limited by whoever read it.
        name: of the file, for errors.

    Returns:
        what it holds; its parts may be shared, and hold themselves.

    Raises:
        BadGroundTruth: it holds more than plain values, or is damaged, or no pickle; nothing of
            it was run.
    """
    try:
        _require_plain(content)
        return PlainUnpickler(BytesIO(content), encoding="latin-1").load()
    except BadGroundTruth as error:
        raise BadGroundTruth(
            f"{name} {error}. Files that are no pickles are not read, nor pickles of more than "
            "lists, dicts, numbers and text, as they could run any program. Nothing of it was run. "
            "If you trust where it is from, load it in Python and save its parts as plain lists."
        ) from None
    except FAILURES as error:
        what = str(error) or type(error).__name__
        raise BadGroundTruth(
            f"{name} is no pickle, or a damaged one: {what}. Get the file again."
        ) from error


def _require_plain(content: bytes) -> None:
    """Refuse instructions that make more than plain values, up to the first global.

    That one's name is known to the unpickler alone, which refuses it before anything after it.
    """
    for number, (instruction, argument, _) in enumerate(pickletools.genops(content)):
        if instruction.name in GLOBALS:
            return
        if instruction.name not in PLAIN:
            raise BadGroundTruth(f"has the instruction {instruction.name}")
        if instruction.name in NUMBERS and abs(int(argument or 0)) > GREATEST:
            raise ValueError(f"a number beyond {GREATEST:,}")
        # A memo is as long as its greatest number: it could take all memory.
        if instruction.name in PUTS and int(argument or 0) > number:
            raise ValueError(f"a memo of {argument} values")
