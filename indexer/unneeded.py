"""Clears away what was kept and no generation needs: features, maps of trunks, and encoders."""

import shutil
from contextlib import suppress
from pathlib import Path
from time import time

from indexer.features.cache import FOLDER, prune_features
from indexer.features.maps import TRUNKS
from indexer.generations import NAME
from indexer.opening import ENCODER
from models.errors import EncoderDamaged
from models.exported import read_fingerprint

ENCODERS = "encoders"
CALIBRATED = "*-int8-*"
ABANDONED = (".deriving-*", ".exporting-*")
"""What a killed process leaves among the encoders."""

RECENT_SECONDS = 24 * 3600.0
"""Encoders younger than that stay: a build may be about to use them."""


def prune_unneeded(instance: Path) -> int:
    """Remove stored features, and encoders in int8, that no generation of any index was made by.

    The maps that trainings have learnt from go too: a training that needs them again computes
    them again. What a build or a training writes just now stays. Each gallery gets an encoder in
    int8 of its own; those in other precisions are few, and serve all galleries.

    Returns:
        How many bytes were freed.
    """
    freed = prune_features(instance, _needed(instance)) + prune_features(instance, set(), TRUNKS)
    return freed + _prune_encoders(instance)


def _needed(instance: Path) -> set[str]:
    """Return the digests of the encoders of all generations, unpublished ones among them."""
    digests = set()
    for index in (instance / "indexes").glob("*"):
        if not NAME.fullmatch(index.name):
            continue
        for pattern in ("generations", "staging"):
            for encoder in index.glob(f"{pattern}/*/{ENCODER}"):
                with suppress(EncoderDamaged):
                    digests.add(read_fingerprint(encoder).digest)
    return digests


def _prune_encoders(instance: Path) -> int:
    """Remove encoders that neither a generation nor stored features are of, if not too young."""
    stored = {folder.name.rpartition("-")[2] for folder in (instance / FOLDER).glob("*")}
    needed = _needed(instance) | stored
    freed = 0
    for pattern in (CALIBRATED, *ABANDONED):
        for folder in (instance / ENCODERS).glob(pattern):
            with suppress(FileNotFoundError):
                if _is_old(folder) and not _is_of(folder, needed):
                    freed += _remove(folder)
    return freed


def _is_old(folder: Path) -> bool:
    return time() - folder.stat().st_mtime > RECENT_SECONDS


def _is_of(home: Path, digests: set[str]) -> bool:
    try:
        return read_fingerprint(home).digest in digests
    except EncoderDamaged:
        return False


def _remove(folder: Path) -> int:
    """Remove a folder, and return its size in bytes."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size
