"""The protocol `copies`: of a distorted picture, the original should be found first.

It needs no labels: the right answer to each query is known, because the query is made of it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation.describe import encode_pictures
from indexer.evaluation.distortions import DISTORTIONS
from indexer.evaluation.ranking import cosines
from indexer.types import DEFAULT_LIMITS, Float32, Ids, Pixels
from models.encoder import Encoder
from models.images import decode, squash
from models.parallel import in_order, worker_count
from models.types import Limits

AHEAD = 8  # pictures, each with all its copies, that may wait for the encoder


def distorted(
    source: bytes | Path, size: int, *, limits: Limits = DEFAULT_LIMITS, name: str = ""
) -> Pixels:
    """Distort a picture in each way of DISTORTIONS, at its own size, and squash what comes out.

    Args:
        source, limits, name: of the picture, as for models.images.decode.
        size: side of the squares that are returned, in pixels.

    Returns:
        uint8 (kinds, size, size, 3), in the order of DISTORTIONS.

    Raises:
        ImageError, OSError: as models.images.decode.
    """
    picture = decode(source, limits=limits, name=name)
    return np.stack([squash(distort(picture), size) for distort in DISTORTIONS.values()])


def encode_copies(files: Sequence[Path], encoder: Encoder) -> Float32:
    """Encode the distorted copies of pictures, made ahead in threads.

    Args:
        files: of the pictures.
        encoder: picture to feature.

    Returns:
        float32 (kinds, n, dim), in the order of DISTORTIONS and of the files.

    Raises:
        ImageError, OSError: naming the first file that cannot be used.
    """
    copies = in_order(
        lambda file: distorted(file, encoder.size), files, workers=worker_count(0), ahead=AHEAD
    )
    flat: Iterator[Pixels] = (copy for of_one in copies for copy in of_one)
    features = encode_pictures(flat, encoder)
    by_picture = features.reshape(len(files), len(DISTORTIONS), encoder.dim)
    return by_picture.transpose(1, 0, 2)


def first_hits(
    gallery: Float32, copies: Float32, originals: Ids, contents: Ids | None = None
) -> float:
    """Return the share of copies whose original is the first hit, by cosine.

    Where several images tie for the first place, a copy counts with the share of them that are
    right: what drawing lots between them would give on average (McSherry and Najork, "Computing
    Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores", 2008).
    So features that do not tell pictures apart gain nothing. Files of the same content are one
    picture, though, and any of them is right, if `contents` says so.

    Args:
        gallery: float32 (n, dim), raw features.
        copies: float32 (m, dim), raw features.
        originals: int64 (m,), the id in the gallery of what each copy was made of.
        contents: int64 (n,), equal numbers for gallery images of the same content; None where
            all differ.

    Returns:
        from 0 to 1.

    Raises:
        ValueError: the arrays do not belong together, or there is no copy.
    """
    numbers = np.arange(len(gallery)) if contents is None else contents
    if len(originals) != len(copies) or len(copies) == 0 or len(numbers) != len(gallery):
        raise ValueError(
            "Each copy needs its original, and each image its content's number. Received: "
            f"{len(copies)} copies of {len(originals)} originals; {len(gallery)} images with "
            f"{len(numbers)} numbers"
        )
    found = [
        _credits(similar, numbers[originals[rows]], numbers)
        for rows, similar in cosines(gallery, copies)
    ]
    return float(np.concatenate(found).mean())


def _credits(similar: Float32, wanted: Ids, contents: Ids) -> NDArray[np.float64]:
    """Return the share of each copy's first hits that are right, float64 (rows,)."""
    first = similar == similar.max(axis=1, keepdims=True)
    right = first & (contents == wanted[:, None])
    credits: NDArray[np.float64] = right.sum(axis=1) / first.sum(axis=1)
    return credits
