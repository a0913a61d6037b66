"""Takes a quicker precision only where it finds nearly the same neighbours in this gallery.

How the limits were chosen is told in docs/decisions/008-what-deserves-to-go-live.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from indexer.checks.calibration import CALIBRATION, drawn, in_precision
from indexer.checks.judging import Check, Verdict, judged
from indexer.checks.samples import Sample, encode_sample, learn_on
from indexer.errors import BadParameter
from indexer.features.cache import feature_cache
from indexer.types import (
    DEFAULT_LIMITS,
    ImageRecord,
    Metric,
    Progress,
    Report,
    Scan,
    silent,
)
from models.errors import PrecisionFailed
from models.exported import read_fingerprint
from models.precisions import native
from models.types import Limits

SMALLEST = 8_000
"""Different pictures below which the check costs more than it saves."""

CHECKED = 1_000  # pictures whose neighbours are compared
NOTHING_ELSE = "this processor computes nothing else in hardware"
ENCODED = "most of its features are there already"
UNTOLD = "the features of a sample vary in too few directions to learn --reduce from"
HALF = 0.5  # of the features that are there already; with more, nothing is left to save


@dataclass(frozen=True)
class Choice:
    """An encoder, and why it was chosen.

    Attributes:
        folder: of the exported encoder.
        verdict: of the check, or None where a precision was asked for.
    """

    folder: Path
    verdict: Verdict | None


def choose(
    found: Scan,
    source: Path,
    instance: Path,
    *,
    metric: Metric = "cosine",
    reduce: int | None = None,
    whiten: bool = False,
    seed: int = 0,
    batch_size: int = 32,
    workers: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    smallest: int = SMALLEST,
    progress: Report = silent,
) -> Choice:
    """Choose the quickest precision in which a gallery keeps its neighbours.

    Every feature that is computed on the way stays in the cache of its precision: the build does
    not compute it again, and neither does a check after one that was interrupted.

    Args:
        found: the gallery.
        source: the folder of the exported encoder, in fp32; other precisions are kept beside it.
        instance: the folder under which features are kept.
        metric: what neighbours are nearest by.
        reduce, whiten: what the build does to its features: so neighbours are compared.
        seed: draws the pictures.
        batch_size, workers, limits: as for indexer.extract.extract.
        smallest: different pictures from which on a check repays.
        progress: told of each step, and of each decision in a remark.

    Raises:
        EncoderDamaged: the source cannot be read.
        BuildFailed: no process that decodes can be kept alive.
        OSError: the disk is full, or failed otherwise.
    """
    drawing = drawn(found, CALIBRATION + CHECKED, seed)
    quicker = native()[:0:-1]
    why = _too_small(found, smallest) if quicker else NOTHING_ELSE
    if why or _is_encoded(drawing[:CALIBRATION], source, instance):
        return _settled(source, Verdict("fp32", why or ENCODED), progress)
    prepare = partial(
        in_precision,
        source=source,
        found=found,
        seed=seed,
        workers=workers,
        limits=limits,
        progress=progress,
    )
    encode = partial(
        encode_sample,
        sample=Scan(found.roots, tuple(drawing[CALIBRATION:]), ()),
        instance=instance,
        batch_size=batch_size,
        workers=workers,
        limits=limits,
        progress=progress,
    )
    exact = encode("fp32", source)
    try:
        codes = metric == "hamming"
        reduction = learn_on(exact, reduce, whiten=whiten, seed=seed, codes=codes)
    except BadParameter:
        return _settled(source, Verdict("fp32", UNTOLD), progress)
    judge = partial(judged, exact=exact, metric=metric, reduction=reduction)
    checks: list[Check] = []
    for precision in quicker:
        checks.append(_check(precision, prepare, encode, judge))
        stage, count = f"check {precision}", len(exact.records)
        progress(Progress(stage, count, count, checks[-1].sentence))
        if checks[-1].taken:
            break
    taken = [check.precision for check in checks if check.taken]
    chosen = taken[0] if taken else "fp32"
    why = f"{'the quickest' if taken else 'no quicker one'} that keeps the neighbours"
    verdict = Verdict(chosen, why, len(exact.records), checks=tuple(checks))
    return _settled(prepare(chosen), verdict, progress)


def _too_small(found: Scan, smallest: int) -> str:
    """Return that a gallery does not repay a check, or ""."""
    count = len({record.sha256 for record in found.records})
    if count >= smallest:
        return ""
    return f"{count:,} different pictures are too few to repay a check; {smallest:,} would"


def _is_encoded(some: Sequence[ImageRecord], source: Path, instance: Path) -> bool:
    """Return whether features in fp32 are there of most pictures of a sample.

    Meant for those that a check never encodes in fp32: so they tell of earlier builds alone.
    """
    with feature_cache(instance, read_fingerprint(source)) as cache:
        return bool(cache.known([record.sha256 for record in some]).mean() > HALF)


def _check(
    precision: str,
    prepare: Callable[[str], Path],
    encode: Callable[[str, Path], Sample],
    judge: Callable[..., Check],
) -> Check:
    """Make an encoder of a precision, and judge it on the sample."""
    try:
        folder = prepare(precision)
    except PrecisionFailed as error:
        return Check(precision, taken=False, problem=str(error))
    return judge(precision, quick=encode(precision, folder))


def _settled(source: Path, verdict: Verdict, progress: Report) -> Choice:
    progress(Progress("precision", 0, 0, f"{verdict.chosen}: {verdict.why}"))
    return Choice(source, verdict)
