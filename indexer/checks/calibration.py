"""Makes an encoder of another precision, its ranges found on pictures of the gallery itself."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from hashlib import sha256
from heapq import nsmallest
from pathlib import Path

import numpy as np

from indexer.decoding.ahead import decoded
from indexer.files import sync
from indexer.types import (
    DEFAULT_LIMITS,
    ImageRecord,
    Pixels,
    Progress,
    Report,
    Scan,
    silent,
)
from models.encoder import open_encoder
from models.errors import EncoderDamaged
from models.exported import read_fingerprint
from models.precisions import derive
from models.types import Fingerprint, Limits

CALIBRATION = 300
"""Pictures on which ranges are found."""

CALIBRATION_BYTES = 2**28  # of their pixels at most
SHARED = 0.5  # of an encoder's calibration that must be in a gallery for it to serve there
BATCH = 16
DIGESTS = "calibration.json"
"""Beside an encoder that was calibrated: the SHA-256 of the pictures' contents."""


def drawn(found: Scan, count: int, seed: int) -> list[ImageRecord]:
    """Draw images of different contents, in an order that depends on contents and seed alone.

    So nearly the same are drawn from a gallery that has changed a little (the bottom-k sample of
    Broder, "On the resemblance and containment of documents", 1997).
    """
    contents = {record.sha256: record for record in reversed(found.records)}
    keys = ((sha256(f"{seed} {content}".encode()).digest(), content) for content in contents)
    return [contents[content] for _, content in nsmallest(count, keys)]


def in_precision(
    precision: str,
    source: Path,
    found: Scan,
    *,
    seed: int = 0,
    workers: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Path:
    """Return the folder of an encoder in a precision, made where there is none yet.

    An encoder of int8 that was calibrated on other pictures serves too, as long as half of them
    are in this gallery: so a gallery that grows keeps its features.

    Args:
        precision: one of models.precisions.PRECISIONS.
        source: the folder of the exported encoder, in fp32; the new one is kept beside it.
        found: the gallery.
        seed: draws the pictures for int8.
        workers: processes that decode them; 0 for one on each core.
        limits: what a file may cost.
        progress: told how far that is.

    Raises:
        PrecisionFailed: it cannot be had; the message says why.
        EncoderDamaged: the source cannot be read.
        OSError: the disk is full, or failed otherwise.
    """
    if precision == "fp32":
        return source
    if precision != "int8":
        home = source.with_name(f"{source.name}-{precision}")
        if not _is_usable(home):
            _make(home, source, precision)
        return home
    calibrated = _calibrated(source, found)
    if calibrated:
        return calibrated
    print_ = read_fingerprint(source)
    size = print_.size
    records = drawn(found, max(1, min(CALIBRATION, CALIBRATION_BYTES // (3 * size**2))), seed)
    pictures = _pictures(records, found, print_, workers, limits, progress)
    digests = [record.sha256 for record in records]
    key = sha256(" ".join(digests).encode()).hexdigest()[:16]
    home = source.with_name(f"{source.name}-int8-{key}")
    progress(Progress("quantise", 0, 0))
    _make(home, source, precision, pictures, digests)
    return home


def _calibrated(source: Path, found: Scan) -> Path | None:
    """Return the encoder of int8 that shares most of its calibration with a gallery, if enough."""
    contents = {record.sha256 for record in found.records}
    homes = source.parent.glob(f"{source.name}-int8-*")
    shares = {home: _shared(home, contents) for home in homes}
    for home in sorted(shares, key=lambda home: (-shares[home], home.name)):
        if shares[home] >= SHARED and _is_usable(home):
            return home
    return None


def _pictures(
    records: Sequence[ImageRecord],
    found: Scan,
    of: Fingerprint,
    workers: int,
    limits: Limits,
    progress: Report,
) -> Pixels:
    """Decode images, uint8 (n, size, size, 3); those that cannot be used are left out."""
    pictures = np.empty((len(records), of.size, of.size, 3), np.uint8)
    usable = done = 0
    batches = decoded(
        records,
        found.roots,
        of.size,
        batch_size=BATCH,
        limits=limits,
        crop=of.crop,
        workers=workers,
    )
    with closing(batches):
        for batch in batches:
            rows = [row for row, why in enumerate(batch.rejections) if why is None]
            pictures[usable : usable + len(rows)] = batch.pixels[rows]
            usable += len(rows)
            done += len(batch.records)
            progress(Progress("calibrate", done, len(records)))
    return pictures[:usable]


def _make(
    home: Path,
    source: Path,
    precision: str,
    pictures: Pixels | None = None,
    digests: Sequence[str] = (),
) -> None:
    """Derive an encoder aside and rename it, so that a killed process leaves none by halves."""
    with tempfile.TemporaryDirectory(prefix=".deriving-", dir=home.parent) as aside:
        target = Path(aside) / home.name
        derive(source, precision, target, pictures)
        (target / DIGESTS).write_text(json.dumps(list(digests)))
        for path in (*target.iterdir(), target):
            sync(path)
        if not _is_usable(home):
            shutil.rmtree(home, ignore_errors=True)
            target.replace(home)


def _is_usable(home: Path) -> bool:
    with suppress(EncoderDamaged):
        open_encoder(home)
        return True
    return False


def _shared(home: Path, contents: AbstractSet[str]) -> float:
    """Return the part of an encoder's calibration that is among a gallery's contents."""
    try:
        digests = json.loads((home / DIGESTS).read_text())
        return len(contents & set(digests)) / len(digests)
    except (OSError, ValueError, TypeError, ZeroDivisionError):
        return 0.0
