"""Intervals of shares: published ones, and how often they hold the truth."""

import random

import pytest

from indexer.intervals import interval


def test_the_interval_is_wilsons():
    # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
    assert interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert interval(0 / 20, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert interval(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_the_interval_holds_what_it_promises():
    # Shares that are 1 in most searches and clustered in the others, as recall is.
    draw = random.Random(0)
    held = 0
    for _ in range(400):
        parts = [1.0 if draw.random() < 0.7 else draw.randint(5, 9) / 10 for _ in range(200)]
        low, high = interval(sum(parts) / 200, 200)
        held += low <= 0.7 + 0.3 * 0.7 <= high
    assert held >= 0.95 * 400
