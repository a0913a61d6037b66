"""The program of a process that decodes pictures into memory shared with a build.

It knows neither networks nor Flask, starts in about 0.2 seconds, and ends as soon as the other
end of its pipe is closed: also when the build was killed.
"""

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

from indexer.decoding.slots import Slots
from indexer.files import read_regular
from indexer.types import Pixels
from models.errors import ImageError, ImageTooLarge, NoFace, OutOfMemory
from models.images import decode
from models.types import Crop, Limits

READY = b"ready"


@dataclass(frozen=True)
class File:
    """One picture of a batch.

    Attributes:
        row: its place in the batch.
        path: of the file, absolute; bytes that are not UTF-8 as surrogate escapes.
        name: how messages call it.
        sha256: of the content that the scan saw, in hexadecimal.
    """

    row: int
    path: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Refused:
    """A picture of a batch that cannot be used: its row, and why, as in Rejection."""

    row: int
    reason: str
    detail: str


@dataclass(frozen=True)
class Manner:
    """How pictures are decoded.

    Attributes:
        limits: what a file may cost.
        crop: what is taken of each picture.
    """

    limits: Limits
    crop: Crop = ""


def main(connection: str, slots: str, limits: str, crop: Crop) -> None:
    """Decode batch after batch until nobody asks any more.

    A batch that is asked for is JSON, [slot, [the fields of a File, ...]]; the answer is [the
    fields of a Refused, ...].

    Args:
        connection: the descriptor of the socket to the build.
        slots: JSON of the arguments of Slots.
        limits: JSON of the fields of Limits.
        crop: what is taken of each picture.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whether Ctrl-C ends it is for the build to say
    _offer_itself_to_the_kernel()
    places, manner = Slots(*json.loads(slots)), Manner(Limits(**json.loads(limits)), crop)
    with suppress(EOFError, ConnectionError), Connection(int(connection)) as build:
        build.send_bytes(READY)
        while True:
            slot, rows = json.loads(build.recv_bytes())
            refused = decode_batch(places, slot, [File(*fields) for fields in rows], manner)
            answer = [[each.row, each.reason, each.detail] for each in refused]
            build.send_bytes(json.dumps(answer).encode())


def decode_batch(
    slots: Slots, slot: int, files: Sequence[File], manner: Manner
) -> tuple[Refused, ...]:
    """Decode files into a slot; rows without a picture become black.

    Returns:
        Those that cannot be used.
    """
    pixels = slots.pixels[slot]
    refused = tuple(_refused(slots, slot, files, manner))
    filled = {file.row for file in files} - {each.row for each in refused}
    for row in set(range(slots.batch_size)) - filled:
        pixels[row] = 0
    return refused


def _refused(slots: Slots, slot: int, files: Sequence[File], manner: Manner) -> Iterator[Refused]:
    for file in files:
        slots.reached[slot] = file.row
        try:
            slots.pixels[slot, file.row] = _read(file, slots.size, manner)
        except _Changed as error:
            yield Refused(file.row, "changed", str(error))
        except ImageTooLarge as error:
            yield Refused(file.row, "too large", str(error))
        except OutOfMemory as error:
            yield Refused(file.row, "no memory", str(error))
        except NoFace as error:
            yield Refused(file.row, "no face", str(error))
        except ImageError as error:
            yield Refused(file.row, "damaged", str(error))


class _Changed(Exception):
    """A file that is no longer what the scan saw."""


def _read(file: File, size: int, manner: Manner) -> Pixels:
    try:
        content, _ = read_regular(Path(file.path), manner.limits.max_bytes)
    except OSError as error:
        cause = error.strerror or error
        raise _Changed(f"The file cannot be read any more: {cause}.") from error
    if sha256(content).hexdigest() != file.sha256:
        raise _Changed("The file has changed since the scan.")
    return decode(content, size, crop=manner.crop, limits=manner.limits, name=file.name)


def _offer_itself_to_the_kernel() -> None:
    """Be the first that the kernel kills where memory runs out: this process can be replaced."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
