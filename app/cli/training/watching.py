"""What stays on the terminal while a network learns: its classes, and a line for each epoch."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

from app.cli.text import printable
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.finetuning.watching import Watch
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.telling.classwords import class_words, count_words, parts_warning
from indexer.experiments.telling.curvewords import right_name
from models.training.checkpoints import Epoch, is_best


def watch(plan: TrainPlan) -> Watch:
    """Return who shows what is told of a fine-tuning, beside the bars of its progress."""
    right = right_name(plan.kind, plan.wanted.supervision)
    return Watch(
        gathered=lambda found: _say(f"/runs/{plan.name} shows how it goes", *gathered_lines(found)),
        learnt=lambda curve: _say(epoch_line(curve, right)),
    )


def gathered_lines(found: Labelled) -> Iterator[str]:
    """Say which classes there are, what was left out, and what is odd about that."""
    counts = Counter(found.labels.tolist())
    yield class_words([(name, counts[at]) for at, name in enumerate(found.classes)])
    test = int(found.is_test.sum())
    others = f", {test:,} to test with" if test else ""
    yield f"{len(found.shown):,} pictures to learn from, {len(found.held_out):,} held out{others}"
    if found.left_out:
        yield f"left out: {count_words(found.left_out)}"
    if found.rejections:
        reasons = Counter(each.reason for each in found.rejections).most_common()
        told = ", ".join(f"{count:,} {reason}" for reason, count in reasons)
        yield f"cannot be used: {told}"
    if warning := parts_warning(found.classes):
        yield f"Warning: {warning}"


def epoch_line(curve: Sequence[Epoch], right: str) -> str:
    """Say how the last epoch went.

    Args:
        curve: the epochs so far.
        right: what is counted as right in them.
    """
    epoch = curve[-1]
    parts = [f"loss {epoch.loss:.3f}"]
    if not isnan(epoch.held_out):
        parts.append(f"held out {epoch.held_out:.3f}")
    share = epoch.right if epoch.held_out_right is None else epoch.held_out_right
    if share is not None and not isnan(share):
        parts.append(f"{right} {share:.1%}")
    if is_best(curve):
        parts.append("best so far")
    return f"epoch {epoch.number}: {', '.join(parts)}"


def _say(*lines: str) -> None:
    from tqdm import tqdm

    for line in lines:
        tqdm.write(printable(line), file=sys.stderr)
