"""The curves of a training lie in their field, and say what they say to the eye."""

import math
from itertools import pairwise

import pytest

from app.runs.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Drawing, drawings
from models.training.checkpoints import best_of
from tests.runs import epochs


def inside(drawing: Drawing) -> bool:
    """Say whether all that is drawn lies in the field."""
    points = [
        tuple(map(float, point.split(",")))
        for line in drawing.lines
        for part in line.parts
        for point in part.split()
    ]
    return all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in points)


@pytest.mark.parametrize(
    "losses",
    [
        [1.0],
        [0.0, 0.0],
        [2.3, 1.1, 0.9],
        [1e30, -1e30],
        [1e-30, 2e-30],
        [-5, -1e-9],
        [1e6, 1e6 + 1],
        [1000, 100, 10],
        [9.999999999999999, 1.0000000000000002, 1e-12],
        [1e30, 1e-30],
    ],
)
def test_every_curve_lies_in_its_field(losses: list[float]) -> None:
    (drawing,) = drawings(epochs(losses), 0, None)
    assert inside(drawing)
    assert 2 <= len(drawing.up) <= 8
    assert len({mark.text for mark in drawing.up}) == len(drawing.up)


def test_a_lower_loss_is_drawn_lower() -> None:
    (drawing,) = drawings(epochs([3, 1, 2]), 0, None)
    (line,) = drawing.lines
    first, second, third = line.dots
    assert first.y < third.y < second.y
    assert first.x < second.x < third.x


def test_one_bad_epoch_does_not_flatten_the_others() -> None:
    (drawing,) = drawings(epochs([0.8, 0.5, 0.46], [5.72, 0.52, 0.48]), 0, None)
    second, third = drawing.lines[1].dots[1:]
    assert third.y - second.y > 2
    assert inside(drawing)
    texts = [mark.text for mark in drawing.up]
    assert texts == ["0.2", "0.5", "1", "2", "5", "10"]
    steps = {round(a.at - b.at) for a, b in pairwise(drawing.up)}
    assert len(steps) > 1  # even ratios
    (even,) = drawings(epochs([0.8, 0.5], [0.9, 0.52]), 0, None)
    assert len({round(a.at - b.at) for a, b in pairwise(even.up)}) == 1


def test_a_gap_in_a_curve_stays_a_gap() -> None:
    (drawing,) = drawings(epochs([3, 2, math.nan, 1]), 0, None)
    assert [len(part.split()) for part in drawing.lines[0].parts] == [2, 1]


def test_the_best_epoch_is_ringed_on_the_line_that_is_held_out() -> None:
    curve = epochs([3, 2, 1], [3, 1, 2])
    (drawing,) = drawings(curve, 0, best_of(curve))
    learnt, held_out = drawing.lines
    assert [dot.is_best for dot in learnt.dots] == [False] * 3
    assert [dot.is_best for dot in held_out.dots] == [False, True, False]


def test_of_many_epochs_the_best_alone_has_a_dot() -> None:
    curve = epochs([1 / at for at in range(1, 500)])
    (drawing,) = drawings(curve, 0, curve[-1])
    assert [dot.is_best for dot in drawing.lines[0].dots] == [True]
    assert len(drawing.across) <= 10
    assert inside(drawing)


def test_there_is_room_for_the_epochs_to_come() -> None:
    (drawing,) = drawings(epochs([3, 2]), 24, None)
    assert drawing.lines[0].dots[-1].x < LEFT + (WIDTH - LEFT - RIGHT) / 10
    assert drawing.across[0].text == "1"


def test_without_figures_nothing_is_drawn() -> None:
    assert drawings([], 24, None) == []
