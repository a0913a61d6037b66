"""Turns pictures into the features that are compared: a network's, or those of a thumbnail."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from indexer.types import DEFAULT_LIMITS, Float32, Pixels
from models.encoder import Encoder
from models.images import decode
from models.parallel import in_order, worker_count
from models.types import Crop, Limits

BATCH = 32
THUMBNAIL = 8

Describe = Callable[[Sequence[Path]], Float32]
"""Files of pictures -> features (n, dim), in their order."""


def encode_files(
    files: Sequence[Path], encoder: Encoder, limits: Limits = DEFAULT_LIMITS
) -> Float32:
    """Encode pictures as a build does, decoding ahead in threads.

    Args:
        files: of the pictures.
        encoder: picture to feature.
        limits: what a file may cost.

    Returns:
        float32 (n, dim), in the order of the files.

    Raises:
        ImageError, OSError: naming the first file that cannot be used.
        EncoderFailed: the network gave no finite feature.
    """
    return encode_pictures(_decoded(files, encoder.size, limits, encoder.crop), encoder)


def encode_pictures(pictures: Iterable[Pixels], encoder: Encoder) -> Float32:
    """Encode pictures, a batch at a time.

    Args:
        pictures: uint8 (size, size, 3) each, of the encoder's size; taken as they are needed.
        encoder: picture to feature.

    Returns:
        float32 (n, dim).
    """
    none = np.zeros((0, encoder.dim), np.float32)
    return np.concatenate([none, *(encoder.encode(batch) for batch in _batches(pictures))])


def thumbnails(files: Sequence[Path], limits: Limits = DEFAULT_LIMITS) -> Float32:
    """Shrink pictures to a few pixels and take off the mean of each: what a network must beat.

    Args:
        files: of the pictures.
        limits: what a file may cost.

    Returns:
        float32 (n, THUMBNAIL · THUMBNAIL · 3).

    Raises:
        ImageError, OSError: naming the first file that cannot be used.
    """
    vectors: Float32 = np.zeros((len(files), THUMBNAIL * THUMBNAIL * 3), np.float32)
    for row, pixels in enumerate(_decoded(files, THUMBNAIL, limits)):
        vectors[row] = pixels.ravel()
    vectors -= vectors.mean(axis=1, keepdims=True)
    return vectors


def _decoded(files: Sequence[Path], size: int, limits: Limits, crop: Crop = "") -> Iterator[Pixels]:
    """Decode files ahead in threads, squashed to squares, in their order."""
    threads = worker_count(0)
    return in_order(
        lambda file: decode(file, size, crop=crop, limits=limits),
        files,
        workers=threads,
        ahead=threads + BATCH,
    )


def _batches(pictures: Iterable[Pixels]) -> Iterator[Pixels]:
    waiting = iter(pictures)
    while batch := list(islice(waiting, BATCH)):
        yield np.stack(batch)
