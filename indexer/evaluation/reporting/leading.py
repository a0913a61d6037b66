"""Says in plain words how many changed copies lead back to their originals."""

from collections.abc import Sequence

from indexer.evaluation.findings import Findings
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.groups import Groups, groups
from indexer.evaluation.reporting.systems import judged, paired
from indexer.evaluation.reporting.tables import mean_cell
from indexer.evaluation.reporting.words import joined, percent, percents, plain
from indexer.evaluation.tasks import Task
from indexer.variants.distortions import DISTORTIONS

MOST_COMPARED = 3
VERDICTS = {"better": "leads more of them back", "worse": "leads fewer of them back"}


def leading_answer(task: Task, findings: Sequence[Findings], headline: str) -> str:
    """Say which share of the copies leads back, of each system, and how these differ.

    Args:
        task: of copies.
        findings: of each system in one way; the others are compared with the first.
        headline: the measure of a copy that leads back, by its name.
    """
    of = f"of {counted(len(task.queries), 'changed copy', 'changed copies')} of "
    of += counted(originals_of(task), "picture")
    back = "lead back to their original first"
    shares = [_share(each, headline, first=place == 0) for place, each in enumerate(findings)]
    if len(findings) == 1:
        share, bounds = shares[0]
        return f"{share} {of} {back}{bounds}.{_hardest(task, findings[0], headline)}"
    (share, bounds), *others = shares
    said = f"With {plain(findings[0].system)}, {share} {of} {back}{bounds}"
    told = zip(findings[1 : 1 + MOST_COMPARED], others, strict=False)
    said += "".join(f"; with {plain(each.system)}, {other}{its}" for each, (other, its) in told)
    left = len(others) - MOST_COMPARED
    said += f"; of {counted(left, 'further system')} the tables tell" if left > 0 else ""
    return f"{said}. {compared_copies(findings, headline)}"


def compared_copies(findings: Sequence[Findings], headline: str) -> str:
    """Say how systems differ from the first, copy by copy, and how sure that is."""
    first, name = findings[0], plain(findings[0].system)
    told = []
    for other in findings[1 : 1 + MOST_COMPARED]:
        apart = paired(first, other, headline)
        if apart is None:
            told.append(f"{plain(other.system)} has no copy in common")
            continue
        verdict = judged(apart, headline)
        if verdict == "no difference":
            ends = f" ({_points(apart.low)} to {_points(apart.high)})" if apart.count > 1 else ""
            by = f"shows no difference, {_points(apart.value)} percentage points{ends}"
        else:
            low, high = sorted((abs(apart.low), abs(apart.high)))
            by = f"{VERDICTS[verdict]}, by {_points(abs(apart.value))} percentage points "
            by += f"({_points(low)} to {_points(high)})"
        told.append(f"{plain(other.system)} {by}")
    return f"Compared with {name}, copy by copy: {'; '.join(told)}."


def originals_of(task: Task) -> int:
    """Return how many pictures the copies were made of."""
    return len({query.sha256 for query in task.queries})


def kinds_of(task: Task) -> Groups:
    """Return the copies of each kind of change, in the order in which these are known."""
    found = groups(task, "distortion")
    return {kind: found[kind] for kind in DISTORTIONS if kind in found}


def _share(found: Findings, headline: str, *, first: bool) -> tuple[str, str]:
    """Return a system's share, and its interval where there is one, as sentences have them."""
    mean = mean_cell(found, headline)
    if mean is None:
        return "none", ""
    ends = percents(mean)
    return percent(mean.value), f" ({'95 %: ' if first else ''}{ends})" if ends else ""


def _hardest(task: Task, found: Findings, headline: str) -> str:
    """Name the change that fewest copies come back from, unless none or all are alike."""
    means = {kind: mean_cell(found, headline, which) for kind, which in kinds_of(task).items()}
    shares = {kind: percent(mean.value) for kind, mean in means.items() if mean is not None}
    known = {kind: mean.value for kind, mean in means.items() if mean is not None}
    if len(set(shares.values())) < 2:
        return ""
    least = shares[min(known, key=lambda kind: known[kind])]
    hardest = joined([kind for kind in shares if shares[kind] == least])
    return f" Fewest do of the {hardest} ones: {least}."


def _points(value: float) -> str:
    """Write a difference of shares in percentage points."""
    return f"{100 * value:.1f}" if abs(value) < 0.0995 else f"{100 * value:.0f}"
