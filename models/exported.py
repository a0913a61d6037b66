"""What lies in the folder of an exported encoder: the network, its weights, and what they are."""

import json
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from models.errors import EncoderDamaged
from models.types import Fingerprint

XML, BIN, FINGERPRINT = "encoder.xml", "encoder.bin", "fingerprint.json"
ENCODER_FILES: tuple[str, ...] = (XML, BIN, FINGERPRINT)
"""The files of an exported encoder."""


def read_fingerprint(directory: Path) -> Fingerprint:
    """Read what an exported encoder says of itself.

    Raises:
        EncoderDamaged: fingerprint.json is missing or has another form.
    """
    file = directory / FINGERPRINT
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        fingerprint = Fingerprint(**values)
    except (OSError, ValueError, TypeError) as error:
        raise damaged(file, f"it cannot be read: {error}") from error
    if not all(_fits(getattr(fingerprint, f.name), f.type) for f in fields(Fingerprint)):
        raise damaged(file, "a value has the wrong type")
    return fingerprint


def _fits(value: object, kind: Any) -> bool:
    """Say whether a field holds a value of its type, which may list the values themselves."""
    known = get_args(kind)
    return value in known if known else type(value) is kind


def write_fingerprint(fingerprint: Fingerprint, directory: Path) -> None:
    """Write what an exported encoder is, after everything else of it."""
    content = json.dumps(fingerprint.values, indent=2)
    (directory / FINGERPRINT).write_text(content + "\n", encoding="utf-8")


def identity(directory: Path, fingerprint: Fingerprint) -> str:
    """Return a name that two exported encoders share only where they compute the same.

    The weights are known by the fingerprint and need not be read.
    """
    size = (directory / BIN).stat().st_size
    parts = fingerprint.digest.encode(), str(size).encode(), (directory / XML).read_bytes()
    return f"{fingerprint.network}-{sha256(b' '.join(parts)).hexdigest()[:16]}"


def damaged(file: Path, why: str) -> EncoderDamaged:
    """Return the error for a file of an exported encoder that cannot be used."""
    return EncoderDamaged(
        f"The exported encoder is damaged at {file}: {why}. "
        "Build the index again to export it anew."
    )
