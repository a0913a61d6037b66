"""Reports show queries, and what was found for them, as they were searched."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.reporting.choosing import named, one_of_each, worst
from indexer.evaluation.reporting.looks import looks, looks_section
from indexer.evaluation.reporting.model import Looks
from indexer.evaluation.reporting.renderings import MISSING, render
from indexer.evaluation.tasks import Task
from tests.indexer.reporting_cases import (
    CLASSES,
    DISTRACTORS,
    OWN,
    K,
    make_task,
    search,
)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Return the small task."""
    return make_task(tmp_path_factory.mktemp("pictures"))


def test_the_worst_queries_come_first(task: Task) -> None:
    found = search(task, "net", 0.8)
    values = found.measures["AP"]
    assert values[list(worst(found, "AP", 4))].tolist() == sorted(values)[:4]


def test_the_worst_by_a_rank_are_the_highest(task: Task) -> None:
    found = search(task, "net", 0.8)
    values = found.measures["first rank"]
    chosen = worst(found, "first rank", 3)
    assert values[list(chosen)].tolist() == sorted(values, reverse=True)[:3]


def test_queries_that_are_not_measured_are_not_the_worst(task: Task) -> None:
    found = search(task, "net", 0.8)
    values = np.array([np.nan, 0.5, *[np.nan] * 7])
    assert worst(replace(found, measures={"AP": values}), "AP", 4) == (1,)


def test_one_query_of_each_class_is_drawn(task: Task) -> None:
    chosen = one_of_each(task, 10)
    assert [task.queries[at].label for at in chosen] == list(CLASSES)
    assert one_of_each(task, 10) == chosen
    assert len(one_of_each(task, 2)) == 2


def test_queries_are_found_by_their_names(task: Task) -> None:
    assert named(task, ["drawings/103.png", "101.png"]) == (3, 1)


def test_a_name_that_no_query_has_is_refused(task: Task) -> None:
    with pytest.raises(EvaluationError, match=r"No query is called lost\.png"):
        named(task, ["lost.png"])


def test_strips_show_first_and_last_hits_as_they_were_found(task: Task, tmp_path: Path) -> None:
    found = search(task, "net", 0.8)
    (strip,) = looks("l", "L", task, [found], [2], tmp_path).strips
    assert strip.query.name == task.queries[2].name
    assert strip.query.distance is None
    ids = found.first.ids[2]
    names = [task.gallery[at].name for at in ids]
    assert [each.name.removesuffix(" (distractor)") for each in strip.first] == names
    assert [each.right for each in strip.first] == found.first.relevant[2].tolist()
    assert [each.distance for each in strip.first] == found.first.distances[2].tolist()
    assert [each.rank for each in strip.first] == list(range(1, K + 1))
    # All of the gallery is ranked but the one that is ignored.
    ranked = OWN + DISTRACTORS - 1
    assert [each.rank for each in strip.last] == list(range(ranked, ranked - K, -1))


def test_places_without_a_hit_are_left_out(task: Task, tmp_path: Path) -> None:
    found = search(task, "net", 0.8)
    ids = found.first.ids.copy()
    ids[2, 3:] = -1
    few = replace(found, first=replace(found.first, ids=ids), last=None)
    (strip,) = looks("l", "L", task, [few], [2], tmp_path).strips
    assert len(strip.first) == 3
    assert strip.last == ()


def test_the_note_of_a_strip_tells_its_figures(task: Task, tmp_path: Path) -> None:
    found = search(task, "net", 0.8)
    (strip,) = looks("l", "L", task, [found], [2], tmp_path).strips
    right = int(found.first.relevant[2].sum())
    assert strip.note.startswith(f"{right} right answer")
    assert f"AP {found.measures['AP'][2]:.3f}" in strip.note


def test_small_pictures_lie_in_the_folder_of_the_report(task: Task, tmp_path: Path) -> None:
    found = search(task, "net", 0.8)
    (strip,) = looks("l", "L", task, [found], [2], tmp_path).strips
    for shown in (strip.query, *strip.first, *strip.last):
        with Image.open(tmp_path / shown.file) as image:
            assert image.format == "JPEG"
            assert image.size == (shown.width, shown.height) == (90, 60)
    assert strip.query.file == f"pictures/{task.queries[2].sha256[:16]}.jpg"


def test_the_section_shows_the_worst_and_one_of_each_class(task: Task, tmp_path: Path) -> None:
    findings = [search(task, "a", 0.8), search(task, "b", 0.4)]
    section = looks_section(task, findings, tmp_path, headline="AP", count=3, chosen=(4,))
    assert [each.name for each in section.blocks] == [
        "looks-chosen",
        "looks-worst",
        "looks-classes",
    ]
    first = section.blocks[0]
    assert isinstance(first, Looks)
    assert [each.system for each in first.strips] == ["a", "b"]


def test_pictures_are_made_smaller_once(task: Task, tmp_path: Path) -> None:
    drawn = render([task.queries[0]] * 3, tmp_path, max_side=30)
    assert [(each.width, each.height) for each in drawn.values()] == [(30, 20)]
    assert len(list((tmp_path / "pictures").iterdir())) == 1


def test_a_picture_that_is_gone_has_no_file(task: Task, tmp_path: Path) -> None:
    lost = replace(task.queries[0], file=tmp_path / "gone.png", sha256="0" * 64)
    (damaged := tmp_path / "damaged.png").write_bytes(b"no picture")
    broken = replace(task.queries[0], file=damaged, sha256="1" * 64)
    assert set(render([lost, broken], tmp_path).values()) == {MISSING}
    assert MISSING.file == ""


def test_crops_are_shown_as_they_were_searched(task: Task, tmp_path: Path) -> None:
    whole = task.queries[0]
    cropped = replace(whole, crop=(10.4, 5.0, 50.6, 25.0))
    drawn = render([whole, cropped], tmp_path)
    assert drawn[whole].file != drawn[cropped].file
    assert (drawn[cropped].width, drawn[cropped].height) == (41, 20)
    with Image.open(whole.file) as image:
        wanted = np.asarray(image.convert("RGB").crop((10, 5, 51, 25)), np.float64)
    with Image.open(tmp_path / drawn[cropped].file) as image:
        assert np.abs(np.asarray(image, np.float64) - wanted).mean() < 12  # but for the JPEG


def test_distorted_queries_are_shown_distorted(task: Task, tmp_path: Path) -> None:
    mirrored = replace(task.queries[0], distortion="mirrored")
    drawn = render([task.queries[0], mirrored], tmp_path)
    sides = []
    for each in drawn.values():
        with Image.open(tmp_path / each.file) as image:
            sides.append(np.asarray(image, np.float64))
    assert np.abs(sides[0][:, ::-1] - sides[1]).mean() < 12
    assert np.abs(sides[0] - sides[1]).mean() > 20
