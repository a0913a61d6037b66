"""The study of ratings: what people think of the hits that indexes gave them."""

from collections.abc import Callable, Sequence
from math import isnan

from indexer.errors import BadParameter
from indexer.evaluation.bootstrap import mean
from indexer.evaluation.judgements.ratings import (
    HIGHEST,
    LOWEST,
    Rating,
    figures,
    raters_of,
    read_ratings,
    scores_of,
)
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.bars import comparison_bars
from indexer.evaluation.reporting.model import Column, Figure, Mean, Section, Table
from indexer.evaluation.reporting.words import number, plain, with_interval
from indexer.evaluation.studies.base import Desk, Outcome

ABOUT = (
    f"People scored hits from {LOWEST}, nothing alike, to {HIGHEST}, the same. Intervals are those "
    "of a bootstrap over people, each drawn with all their scores; of a single person, there are "
    "none, and of few, they are rather too narrow."
)
AGREEMENT = (
    "Krippendorff's alpha says how far people agree on the same hits: 1 where they always do, 0 "
    "where no better than by chance. Below 0.67 even tentative conclusions are weak."
)


def study_ratings(plan: EvaluationPlan, desk: Desk) -> Outcome:
    """Average people's scores, over all, by rank and by index, and say how far they agree."""
    if plan.ratings is None:
        raise BadParameter("Name the file of ratings: flask evaluate ratings FILE")
    ratings = read_ratings(plan.ratings)
    found = figures(ratings)
    whole = mean(scores_of(ratings), groups=raters_of(ratings), seed=plan.seed)
    by_index = _table("by-index", "index", ratings, lambda each: each.index, plan.seed)
    by_rank = _table("by-rank", "rank", ratings, lambda each: each.rank, plan.seed)
    scores = Section("scores", "Scores", (ABOUT,), (by_index, by_rank, _figure(by_rank, desk)))
    agreement = Section("agreement", "Agreement", (AGREEMENT, _agreement(found.alpha)))
    people, given = counted(found.raters, "person", "people"), counted(found.count, "rating")
    return Outcome(
        title=f"Ratings: {plan.ratings.name}",
        answer=f"The mean of {given} by {people} is {with_interval(whole, 'number')}, on a scale "
        f"from {LOWEST} to {HIGHEST}.",
        facts={"ratings": f"{found.count:,}", "people": f"{found.raters:,}"},
        sections=(scores, agreement),
    )


def _table(
    name: str,
    heading: str,
    ratings: Sequence[Rating],
    key: Callable[[Rating], str | int],
    seed: int,
) -> Table:
    """Average the scores of each group, with intervals."""
    groups: dict[str | int, list[Rating]] = {}
    for rating in ratings:
        groups.setdefault(key(rating), []).append(rating)
    ordered = sorted(groups.items(), key=lambda item: (isinstance(item[0], str), item[0]))
    rows = tuple(
        (
            plain(group) if isinstance(group, str) else group,
            mean(scores_of(some), groups=raters_of(some), seed=seed),
            len(some),
        )
        for group, some in ordered
    )
    columns = (
        Column(heading, "text" if heading == "index" else "count"),
        Column("mean score", "number", "high" if heading == "index" else ""),
        Column("ratings", "count"),
    )
    return Table(name, f"By {heading}", columns, rows)


def _figure(by_rank: Table, desk: Desk) -> Figure:
    series: dict[str, Mean | None] = {
        f"{rank}": score for rank, score, _ in by_rank.rows if isinstance(score, Mean)
    }
    caption = "Mean score by rank"
    return comparison_bars(
        desk.folder, "by-rank", caption, {"mean score": series}, label="score", kind="number"
    )


def _agreement(alpha: float) -> str:
    if isnan(alpha):
        return "No hit was rated by two people, or all agree on one score: alpha is not defined."
    return f"Alpha is {number(alpha)}."
