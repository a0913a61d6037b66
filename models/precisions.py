"""An encoder in other number formats: quicker ones, and nearly the same features."""

import shutil
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

import numpy as np

from models.engines.base import UInt8
from models.errors import PrecisionFailed
from models.exported import BIN, FINGERPRINT, XML, read_fingerprint, write_fingerprint
from models.types import Fingerprint

PRECISIONS = ("fp32", "bf16", "int8")
"""From exact to quick."""

ENGINES = ("auto", "openvino", "keras")


def native() -> tuple[str, ...]:
    """Return the precisions that this processor computes in hardware, from exact to quick."""
    from models.engines.processor import has_bf16, has_int8

    here = {"fp32": True, "bf16": has_bf16(), "int8": has_int8()}
    return tuple(precision for precision in PRECISIONS if here[precision])


def derive(source: Path, precision: str, target: Path, calibration: UInt8 | None = None) -> None:
    """Write an exported encoder in another precision; the same inputs give the same bytes.

    bf16 is the same network, which the engine then computes in bfloat16. int8 is quantised after
    training: see models.quantisation.

    Args:
        source: the folder of an exported encoder in fp32.
        precision: one of PRECISIONS; fp32 makes a copy.
        target: a folder for the files of the new one, made where it does not exist; it is
            complete when fingerprint.json is there.
        calibration: for int8, pictures of the kind that will be encoded: uint8
            (n, size, size, 3). A few hundred are enough.

    Raises:
        PrecisionFailed: it cannot be had; the message says why.
        EncoderDamaged: the source cannot be read.
    """
    fingerprint = read_fingerprint(source)
    _check(fingerprint, precision, source)
    target.mkdir(parents=True, exist_ok=True)
    (target / FINGERPRINT).unlink(missing_ok=True)
    digest = ""
    if precision == "int8":
        from models.quantisation import quantise

        quantise(source / XML, target / XML, _pictures(calibration, fingerprint.size))
        with (target / BIN).open("rb") as weights:
            digest = file_digest(weights, "sha256").hexdigest()
    else:
        for name in (XML, BIN):
            shutil.copyfile(source / name, target / name)
    write_fingerprint(replace(fingerprint, precision=precision, calibration=digest), target)


def _check(fingerprint: Fingerprint, precision: str, source: Path) -> None:
    if precision not in PRECISIONS:
        raise PrecisionFailed(
            f"There is no precision '{precision}'. Choose one of: {', '.join(PRECISIONS)}."
        )
    if fingerprint.precision != "fp32":
        raise PrecisionFailed(
            f"Other precisions are made from an encoder in fp32. Received: {source}, which is in "
            f"{fingerprint.precision}."
        )


def _pictures(calibration: UInt8 | None, size: int) -> UInt8:
    if calibration is None or len(calibration) == 0:
        raise PrecisionFailed("int8 needs pictures to find its ranges by. Received: none.")
    if calibration.shape[1:] != (size, size, 3) or calibration.dtype != np.uint8:
        raise PrecisionFailed(
            f"int8 needs uint8 pictures of shape (n, {size}, {size}, 3) to find its ranges by. "
            f"Received: {calibration.dtype} of shape {calibration.shape}."
        )
    return calibration
