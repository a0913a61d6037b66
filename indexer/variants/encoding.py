"""Encodes what is made of pictures, parts and distorted copies, each once: the cache keeps them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np

from indexer.decoding.decoder import Refused
from indexer.features.cache import FeatureCache
from indexer.features.computing import computed
from indexer.files import read_regular
from indexer.types import DEFAULT_LIMITS, Pixels
from indexer.variants.distortions import DISTORTIONS
from models.encoder import Encoder
from models.errors import ImageError
from models.images import decode, squash
from models.parallel import in_order, worker_count
from models.types import Box, Crop, Limits

AHEAD = 8  # pictures, each with all its variants, that may wait for the encoder
TOGETHER = 4  # pictures whose variants are encoded at once, so that requests are full


def digest_of(content: str, crop: Box | None = None, kind: str = "") -> str:
    """Return what the cache knows a variant of a picture by: its content's digest, if it is whole.

    Args:
        content: SHA-256 of the file's content, in hexadecimal.
        crop: the part that is meant; None for all of it.
        kind: name in DISTORTIONS, or "".
    """
    cut = () if crop is None else ("crop", *(repr(float(edge)) for edge in crop))
    parts = (content, *cut, *((kind,) if kind else ()))
    return sha256(" ".join(parts).encode()).hexdigest() if len(parts) > 1 else content


def distorted(
    source: bytes | Path,
    size: int,
    kinds: Sequence[str] = tuple(DISTORTIONS),
    *,
    crop: Box | Crop | None = None,
    limits: Limits = DEFAULT_LIMITS,
    name: str = "",
) -> Pixels:
    """Distort a picture in several ways, at its own size, and squash what comes out.

    Args:
        source, crop, limits, name: of the picture, as for models.images.decode.
        size: side of the squares that are returned, in pixels.
        kinds: names in DISTORTIONS.

    Returns:
        uint8 (kinds, size, size, 3), in the order of the kinds.

    Raises:
        ImageError, OSError: as models.images.decode.
    """
    picture = decode(source, crop=crop, limits=limits, name=name)
    return np.stack([squash(DISTORTIONS[kind](picture), size) for kind in kinds])


@dataclass(frozen=True)
class Original:
    """A picture, and what is made of it.

    Attributes:
        file: where it lies.
        name: how messages call it.
        sha256: of the file's content, in hexadecimal.
        kinds: names in DISTORTIONS, each once; "" for what is not distorted.
        crop: the part that all are made of; None for the whole picture.
    """

    file: Path
    name: str
    sha256: str
    kinds: tuple[str, ...]
    crop: Box | None = None

    @property
    def digests(self) -> list[str]:
        """Return what the cache knows its variants by, in the order of the kinds."""
        return [digest_of(self.sha256, self.crop, kind) for kind in self.kinds]


def encode_variants(
    originals: Sequence[Original],
    encoder: Encoder,
    cache: FeatureCache,
    *,
    limits: Limits,
    workers: int,
    told: Callable[[int], None],
) -> Iterator[Refused]:
    """Encode the variants that the cache lacks, made ahead in threads; yield what has none.

    All that is made of one picture is made of one decoding. Where the encoder sees faces, copies
    of a picture are made of its largest face: whether that would be found in each copy is another
    question. A part that is given is taken as it is.

    Args:
        originals: the pictures.
        encoder: picture to feature.
        cache: features of this encoder.
        limits: what a file may cost.
        workers: threads; 0 for one on each core.
        told: is told how many pictures are done.

    Yields:
        the pictures that cannot be used or have a variant without a feature, by their places.

    Raises:
        BuildFailed: the engine fails.
        OSError: the disk is full, or failed otherwise.
    """
    lacking = list(_lacking(originals, cache))
    done = len(originals) - len(lacking)
    make = partial(_made, size=encoder.size, seen=encoder.crop, limits=limits)
    threads = worker_count(workers)
    with closing(in_order(make, lacking, workers=threads, ahead=AHEAD)) as all_made:
        while some := list(islice(all_made, TOGETHER)):
            yield from _encode([each for each in some if isinstance(each, _Made)], encoder, cache)
            yield from (each for each in some if isinstance(each, Refused))
            done += len(some)
            told(done)


@dataclass(frozen=True)
class _Made:
    """The variants of the picture at a place, uint8 (kinds, size, size, 3), and their digests."""

    place: int
    digests: list[str]
    pixels: Pixels


def _lacking(originals: Sequence[Original], cache: FeatureCache) -> Iterator[tuple[int, Original]]:
    """Yield the pictures of which variants are missing, with their places and these kinds only."""
    known = iter(cache.known([digest for each in originals for digest in each.digests]))
    for place, original in enumerate(originals):
        missing = tuple(kind for kind in original.kinds if not next(known))
        if missing:
            yield place, replace(original, kinds=missing)


def _made(placed: tuple[int, Original], size: int, seen: Crop, limits: Limits) -> _Made | Refused:
    """Read a picture again and make its variants, or say why not."""
    place, original = placed
    try:
        content, _ = read_regular(original.file, limits.max_bytes)
        if sha256(content).hexdigest() != original.sha256:
            return Refused(place, "changed", f"{original.name} has changed since it was read.")
        pixels = _variants(content, original, original.crop or seen, size, limits)
        return _Made(place, original.digests, pixels)
    except (OSError, ImageError) as error:
        return Refused(place, "unreadable", str(error))


def _variants(
    content: bytes, original: Original, crop: Box | Crop, size: int, limits: Limits
) -> Pixels:
    """Make the variants of a picture in the order of the kinds, uint8 (kinds, size, size, 3)."""
    kinds, name = original.kinds, original.name
    pixels = np.empty((len(kinds), size, size, 3), np.uint8)
    rows = [row for row, kind in enumerate(kinds) if kind]
    if rows:
        names = [kinds[row] for row in rows]
        pixels[rows] = distorted(content, size, names, crop=crop, limits=limits, name=name)
    if "" in kinds:
        pixels[kinds.index("")] = decode(content, size, crop=crop, limits=limits, name=name)
    return pixels


def _encode(some: Sequence[_Made], encoder: Encoder, cache: FeatureCache) -> Iterator[Refused]:
    """Encode the variants of some pictures at once, and keep those of pictures that have all."""
    if not some:
        return
    features = computed(encoder, np.concatenate([each.pixels for each in some]))
    ends = np.cumsum([len(each.digests) for each in some])[:-1]
    for each, its in zip(some, np.split(features, ends), strict=True):
        if np.isfinite(its).all() and its.any(axis=1).all():
            cache.append(each.digests, its)
        else:
            yield Refused(each.place, "no feature", "What is made of it has no feature.")
