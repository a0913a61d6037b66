"""The study of protocols that rank a gallery: folders, grid, holidays, oxford and copies."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from indexer.evaluation.measures import at
from indexer.evaluation.pictures import Gallery
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.protocols.base import RankingProtocol
from indexer.evaluation.reporting.captions import answer
from indexer.evaluation.reporting.choosing import named
from indexer.evaluation.reporting.comparing import comparing_section
from indexer.evaluation.reporting.confusion import confusion_section
from indexer.evaluation.reporting.data import data_section
from indexer.evaluation.reporting.distances import distances_section
from indexer.evaluation.reporting.grids import MEASURES, grid_section, index_section
from indexer.evaluation.reporting.leading import leading_answer
from indexer.evaluation.reporting.looks import looks_section
from indexer.evaluation.reporting.model import Section
from indexer.evaluation.reporting.originals import originals_section
from indexer.evaluation.reporting.sequential import sequential_section
from indexer.evaluation.reporting.systems import systems_section
from indexer.evaluation.studies.base import Desk, Outcome, systems_of
from indexer.evaluation.studies.dropping import without_unusable
from indexer.evaluation.studies.examining import Examined, examined
from indexer.evaluation.studies.gathering import gallery_name, gathered, protocol_of, queries_of
from indexer.evaluation.tasks import Picture, Task

OF_COPIES = "copies"
"""The protocol that is told of in plain words: everybody may ask how good an index is."""

MOST_COMPARED = 3
"""Systems that are compared with the first query by query."""


def study_rankings(plan: EvaluationPlan, desk: Desk) -> Outcome:
    """Run a protocol on all systems of a plan, one after the other."""
    study = partial(_studied, plan, desk)
    return without_unusable(gathered(plan, desk), queries_of(plan, desk), study)


def _studied(
    plan: EvaluationPlan, desk: Desk, gallery: Gallery, queries: tuple[Picture, ...]
) -> Outcome:
    """Run the protocol on pictures, all of which can be encoded."""
    protocol = protocol_of(plan, desk, queries)
    headline = at(protocol.headline, plan.k)
    task = protocol.task(gallery.pictures)
    task = replace(task, remarks=(*gallery.remarks, *task.remarks))
    named(task, plan.show)  # refuses an unknown name before anything is encoded
    found = [
        examined(number, spec, task, plan, desk, headline)
        for number, spec in enumerate(systems_of(plan))
    ]
    sections = _sections(plan, desk, protocol, gallery, task, found)
    answered = leading_answer if protocol.name == OF_COPIES else answer
    return Outcome(
        title=f"{protocol.title}: {gallery_name(plan)}",
        answer=answered(task, [each.main for each in found], headline),
        facts=_facts(plan, task, found),
        sections=tuple(sections),
    )


def _sections(
    plan: EvaluationPlan,
    desk: Desk,
    protocol: RankingProtocol,
    gallery: Gallery,
    task: Task,
    found: Sequence[Examined],
) -> Iterator[Section]:
    """Make the sections of the report, in their order."""
    headline = at(protocol.headline, plan.k)
    measures = tuple(dict.fromkeys(at(name, plan.k) for name in protocol.measures))
    precision = headline if protocol.name == OF_COPIES else at(MEASURES[0], plan.k)
    of_index = (precision, *(at(name, plan.k) for name in MEASURES[1:]))
    folder, main = desk.folder, [each.main for each in found]
    of_copies = protocol.name == OF_COPIES
    shown: dict[str, Any] = {
        "headline": headline,
        "count": plan.worst,
        "seed": plan.seed,
        "chosen": named(task, plan.show) if plan.show else (),
        "limits": plan.limits,
    }
    if of_copies:
        yield originals_section(task, main, folder, **shown)
    if len(found) > 1:
        yield systems_section(main, folder, measures=measures, headline=headline)
    exact = [each for one in found for each in one.exact]
    yield sequential_section(task, exact, measures=measures, headline=headline, named=not of_copies)
    if indexed := [each for one in found for each in one.index]:
        yield index_section(task, indexed, exact, measures=of_index, headline=precision)
    if tried := [each for one in found for each in one.grid]:
        yield grid_section(task, tried, exact, folder, measures=of_index, headline=precision)
    if spreads := {one.name: one.spread for one in found if one.spread}:
        yield distances_section(spreads, folder)
    if not of_copies:
        yield looks_section(task, main, folder, classes=plan.classes, **shown)
    if len(main) > 1:
        others = main[1 : 1 + MOST_COMPARED]
        yield comparing_section(
            task, main[0], others, folder, headline=headline, limits=plan.limits
        )
    if not of_copies and (confused := confusion_section(task, main, folder)):
        yield confused
    if maps := [one.map for one in found if one.map]:
        blocks = tuple(block for each in maps for block in each.blocks)
        yield replace(maps[0], blocks=blocks, shown=2)
    yield data_section(task, gallery.rejections, folder)


def _facts(plan: EvaluationPlan, task: Task, found: Sequence[Examined]) -> dict[str, str]:
    """Say what was searched, and for what."""
    distractors = len(task.gallery) - task.own
    facts = {
        "gallery": f"{len(task.gallery):,} pictures, {distractors:,} of them distractors",
        "queries": f"{len(task.queries):,}",
        "first hits": f"{plan.k}",
        "seed": f"{plan.seed}",
    }
    remarks = [*task.remarks, *(remark for each in found for remark in each.remarks)]
    for number, remark in enumerate(remarks, 1):
        facts[f"remark {number}" if len(remarks) > 1 else "remark"] = remark
    for each in found:
        facts |= each.facts
    return facts
