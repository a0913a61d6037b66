"""Encodes the pictures of a task once: what a build or an evaluation encoded before is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.evaluation.errors import CannotEncode
from indexer.evaluation.tasks import Picture
from indexer.extract import extract
from indexer.features.cache import FeatureCache
from indexer.types import (
    DEFAULT_LIMITS,
    Float32,
    ImageRecord,
    Progress,
    Rejection,
    Report,
    Scan,
    silent,
)
from indexer.variants.encoding import Original, digest_of, encode_variants
from models.encoder import Encoder
from models.types import Limits

STAGE = "queries"


@dataclass(frozen=True)
class Means:
    """What encoding may cost, and who is told of it.

    Attributes:
        limits: what a file may cost.
        batch_size: pictures encoded at once.
        workers: that decode, at most; 0 for one on each core.
        progress: told how far that is.
    """

    limits: Limits = DEFAULT_LIMITS
    batch_size: int = 32
    workers: int = 0
    progress: Report = silent


def scan_of(pictures: Sequence[Picture]) -> Scan:
    """Return pictures as a walk finds them, of which what only catalogs need is left out."""
    records = tuple(
        ImageRecord(
            root=0,
            path=str(picture.file.absolute()),
            label=picture.label or None,
            sha256=picture.sha256,
            bytes=0,
            mtime_ns=0,
            width=0,
            height=0,
            format="",
            distractor=picture.distractor,
        )
        for picture in pictures
    )
    return Scan((Path("/"),), records, ())


def encode(
    pictures: Sequence[Picture], encoder: Encoder, cache: FeatureCache, means: Means
) -> None:
    """Let the cache hold the features of pictures: whole ones, parts and distorted copies.

    Args:
        pictures: any of them more than once.
        encoder: picture to feature.
        cache: features of this encoder.
        means: what that may cost.

    Raises:
        CannotEncode: some have no feature; all others are in the cache.
        BuildFailed: the engine fails, or no process that decodes can be kept alive.
        OSError: the disk is full, or failed otherwise.
    """
    refused = dict(_of_whole(pictures, encoder, cache, means))
    refused |= _of_variants(pictures, encoder, cache, means)
    if refused:
        count = len({each.file for each in pictures})
        file, why = next(iter(refused.items()))
        raise CannotEncode(
            f"{len(refused):,} of {count:,} pictures of this evaluation cannot be encoded. The "
            f"first is {file}: {why.detail.rstrip('.')}. Put it right, or leave it out.",
            refused,
        )


def _of_whole(
    pictures: Sequence[Picture], encoder: Encoder, cache: FeatureCache, means: Means
) -> Iterator[tuple[Path, Rejection]]:
    """Encode whole pictures; yield the files of those that cannot be used, and why."""
    whole = {
        str(each.file.absolute()): each
        for each in pictures
        if each.crop is None and not each.distortion
    }
    if not whole:
        return
    done = extract(
        scan_of([*whole.values()]),
        encoder,
        cache,
        batch_size=means.batch_size,
        workers=means.workers,
        limits=means.limits,
        progress=means.progress,
    )
    for each in done.rejections:
        picture = whole[each.path]
        yield picture.file, replace(each, path=picture.name)


def _of_variants(
    pictures: Sequence[Picture], encoder: Encoder, cache: FeatureCache, means: Means
) -> Iterator[tuple[Path, Rejection]]:
    """Encode parts and distorted copies; yield the files of those that cannot be used, and why."""
    made = [each for each in pictures if each.crop is not None or each.distortion]
    originals = _originals(made)

    def told(number: int) -> None:
        means.progress(Progress(STAGE, number, len(originals)))

    refused = encode_variants(
        originals, encoder, cache, limits=means.limits, workers=means.workers, told=told
    )
    why = {(originals[each.row].sha256, originals[each.row].crop): each for each in refused}
    for picture in made:
        if found := why.get((picture.sha256, picture.crop)):
            yield picture.file, Rejection(0, picture.name, found.reason, found.detail)


def features_of(pictures: Sequence[Picture], cache: FeatureCache) -> Float32:
    """Read the features of pictures that were encoded, float32 (n, dim), in their order."""
    return cache.read([digest_of(each.sha256, each.crop, each.distortion) for each in pictures])


def _originals(pictures: Sequence[Picture]) -> list[Original]:
    """Bring together what is made of one content, or of one part of it."""
    kinds: dict[tuple[object, ...], dict[str, None]] = {}
    first: dict[tuple[object, ...], Picture] = {}
    for picture in pictures:
        key = picture.sha256, picture.crop
        first.setdefault(key, picture)
        kinds.setdefault(key, {})[picture.distortion] = None
    return [
        Original(each.file, str(each.file), each.sha256, tuple(kinds[key]), each.crop)
        for key, each in first.items()
    ]
