"""Intervals by the bootstrap: those of a plain loop, and near what is known of normal means."""

import numpy as np
import pytest

from indexer.evaluation import bootstrap
from indexer.evaluation.bootstrap import difference, mean, means


def values(count=200, seed=0):
    return np.random.default_rng(seed).normal(3, 2, count)


def test_the_interval_of_a_normal_mean_is_that_of_the_formula():
    sample = values(1000)
    error = sample.std() / 1000**0.5
    found = mean(sample, draws=10000)
    assert found.value == pytest.approx(sample.mean())
    assert found.count == 1000
    assert found.low == pytest.approx(sample.mean() - 1.96 * error, abs=0.05 * error)
    assert found.high == pytest.approx(sample.mean() + 1.96 * error, abs=0.05 * error)


def test_the_interval_is_near_that_of_a_loop_that_draws():
    sample = np.random.default_rng(1).random(30) ** 4
    random = np.random.default_rng(2)
    drawn = [np.mean(random.choice(sample, 30)) for _ in range(20000)]
    found = mean(sample, draws=20000)
    assert (found.low, found.high) == pytest.approx(np.percentile(drawn, (2.5, 97.5)), abs=0.003)


@pytest.mark.parametrize("cells", [1, 1000])
def test_blocks_are_drawn_alike_in_their_distribution(cells, monkeypatch):
    whole = mean(values())
    monkeypatch.setattr(bootstrap, "BLOCK_CELLS", cells)
    found = mean(values())
    assert (found.low, found.high) == pytest.approx((whole.low, whole.high), abs=0.05)


def test_the_seed_decides_the_draws():
    assert mean(values(), seed=3) == mean(values(), seed=3)
    assert mean(values(), seed=3) != mean(values(), seed=4)


def test_queries_without_a_value_are_left_out():
    sample = values()
    holed = np.insert(sample, [0, 10, 200], np.nan)
    assert mean(holed) == mean(sample)


def test_a_single_query_has_no_interval():
    found = mean(np.array([0.4, np.nan]))
    assert (found.value, found.low, found.high, found.count) == (0.4, 0.4, 0.4, 1)


def test_without_a_value_there_is_no_mean():
    found = mean(np.array([np.nan, np.nan]))
    assert found.count == 0
    assert np.isnan([found.value, found.low, found.high]).all()
    assert mean(np.zeros(0)).count == 0


def test_several_measures_have_the_intervals_of_each():
    table = np.stack([values(50), values(50, 1), values(50, 2), np.full(50, np.nan)])
    table[1, :7] = np.nan
    found = means(table)
    for row, each in zip(table[:3], found, strict=False):
        alone = mean(row)
        assert (each.value, each.low, each.high) == pytest.approx(
            (alone.value, alone.low, alone.high)
        )
        assert each.count == alone.count
    assert found[3].count == 0


def test_a_difference_is_drawn_in_pairs():
    easy = values(100)
    found = difference(easy + 0.1, easy)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))


def test_a_difference_is_of_the_queries_that_both_have():
    first, second = values(20), values(20, 1)
    first[3], second[5] = np.nan, np.nan
    assert difference(first, second).count == 18


def test_a_difference_of_other_queries_is_refused():
    with pytest.raises(ValueError, match="same queries"):
        difference(values(3), values(4))


def test_groups_are_drawn_whole():
    """The interval is near that of a loop that draws groups of different sizes."""
    random = np.random.default_rng(3)
    groups = random.integers(0, 25, 150)
    sample = random.normal(size=25)[groups] + random.normal(size=150) / 4
    parts = [sample[groups == group] for group in range(25)]
    drawn = [
        np.concatenate([parts[at] for at in random.integers(0, 25, 25)]).mean()
        for _ in range(10000)
    ]
    found = mean(sample, groups=groups, draws=10000)
    assert (found.low, found.high) == pytest.approx(np.percentile(drawn, (2.5, 97.5)), abs=0.02)
    assert (found.value, found.count, found.groups) == (pytest.approx(sample.mean()), 150, 25)


def test_copies_of_each_query_make_nothing_surer():
    sample = values(60)
    alone = mean(sample)
    found = mean(np.tile(sample, 5), groups=np.tile(np.arange(60), 5))
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))
    assert (found.count, found.groups) == (300, 60)


def test_groups_of_one_query_each_are_as_none():
    assert mean(values(50), groups=np.arange(50)[::-1]) == mean(values(50))


def test_a_single_group_has_no_interval():
    found = mean(values(20), groups=np.zeros(20, np.int64))
    assert found.low == found.high == found.value
    assert not found.sure
    assert mean(values(20)).sure


def test_groups_of_queries_without_a_value_are_not_drawn():
    table = np.stack([values(40), values(40, 1)])
    table[1, :10] = np.nan
    groups = np.arange(40) // 2
    found = means(table, groups=groups)
    assert [each.groups for each in found] == [20, 15]
    assert found[1].low == pytest.approx(mean(table[1, 10:], groups=groups[10:]).low)


def test_a_difference_is_drawn_by_groups():
    first, second, groups = np.tile(values(30), 4), np.tile(values(30, 1), 4), np.tile(range(30), 4)
    assert difference(first, second, groups=groups).low == pytest.approx(
        difference(values(30), values(30, 1)).low
    )


def test_groups_of_other_queries_are_refused():
    with pytest.raises(ValueError, match="20 queries needs its group"):
        mean(values(20), groups=np.zeros(19, np.int64))
