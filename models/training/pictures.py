"""Pictures for training: decoded once, kept small on disk, read back at random."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.engines.base import UInt8
from models.errors import ImageError, TrainingRefused
from models.images import decode_small
from models.parallel import in_order, worker_count
from models.training.files import settle
from models.types import Limits

_PIXELS, _TABLE, _ASKED = "pixels.bin", "sizes.npy", "pictures.json"

Told = Callable[[int, int], None]
"""Receives how many pictures are done, and how many there are."""


@dataclass(frozen=True)
class Pictures:
    """Small pictures in one memory-mapped file: a training's memory does not grow with them.

    Attributes:
        pixels: uint8 (bytes,), the pictures one behind the other.
        sizes: int64 (n, 2), height and width of each.
        starts: int64 (n,), where each begins in `pixels`.
        left_out: the files that could not be decoded: place among those asked for -> reason. The
            pictures are those of the other files, in their order.
    """

    pixels: UInt8
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    left_out: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, at: int) -> UInt8:
        """Return the picture (height, width, 3) at a position."""
        height, width = self.sizes[at]
        start = self.starts[at]
        return self.pixels[start : start + height * width * 3].reshape(height, width, 3)


def keep_pictures(
    files: Sequence[Path],
    folder: Path,
    *,
    side: int,
    limits: Limits | None = None,
    told: Told = lambda done, total: None,
) -> Pictures:
    """Decode files, shrink them and keep them in a folder, or find them there from before.

    Args:
        files: pictures; one that cannot be decoded is left out, and its reason kept.
        folder: is made where it does not exist.
        side: the short side that is kept, in pixels; smaller pictures stay as they are.
        limits: what a file may cost.
        told: is told after each file.

    Raises:
        TrainingRefused: no file could be decoded.
    """
    asked = _asked(files, side)
    left_out = _found(folder, asked)
    if left_out is None:
        left_out = _keep(files, folder, side, limits or Limits(), told)
        content = json.dumps({"asked": asked, "left_out": left_out})
        (folder / _ASKED).write_text(content + "\n", encoding="utf-8")
    sizes = np.load(folder / _TABLE, allow_pickle=False)
    if len(sizes) == 0:
        raise TrainingRefused(
            f"None of {len(files)} files could be decoded: nothing to learn from."
        )
    lengths = sizes.prod(axis=1) * 3
    pixels = np.memmap(folder / _PIXELS, np.uint8, mode="r")
    return Pictures(pixels, sizes, np.cumsum(lengths) - lengths, left_out)


def _asked(files: Sequence[Path], side: int) -> str:
    """Return a digest of what is kept: names, sizes and times of the files, and the side."""
    digest = sha256(str(side).encode())
    for file in files:
        status = file.stat()
        digest.update(
            f"{file!s}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape")
        )
    return digest.hexdigest()


def _found(folder: Path, asked: str) -> dict[int, str] | None:
    """Return what was left out of the pictures that are kept already, or None for others."""
    try:
        kept = json.loads((folder / _ASKED).read_text(encoding="utf-8"))
        left_out = {int(at): str(why) for at, why in kept.get("left_out", {}).items()}
        return left_out if kept["asked"] == asked else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(
    files: Sequence[Path], folder: Path, side: int, limits: Limits, told: Told
) -> dict[int, str]:
    """Write pixels and table; return what was left out."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ASKED).unlink(missing_ok=True)
    threads = worker_count(0)
    small = in_order(
        lambda file: _small(file, side, limits), files, workers=threads, ahead=threads * 4
    )
    sizes, left_out = [], {}
    with (folder / _PIXELS).open("wb") as pixels:
        for place, picture in enumerate(small):
            if isinstance(picture, str):
                left_out[place] = picture
            else:
                pixels.write(picture.tobytes())
                sizes.append(picture.shape[:2])
            told(place + 1, len(files))
        settle(pixels)
    with (folder / _TABLE).open("wb") as table:
        np.save(table, np.array(sizes, np.int64).reshape(-1, 2))
        settle(table)
    return left_out


def _small(file: Path, side: int, limits: Limits) -> UInt8 | str:
    """Return the small picture, or why there is none."""
    try:
        return decode_small(file, side, limits=limits)
    except (ImageError, OSError) as error:
        return str(error)
