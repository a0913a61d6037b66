"""What a student is to get right, by the formulas of the papers."""

import numpy as np
import pytest

from models.training.losses.distillation import (
    TEMPERATURE,
    contrast_loss,
    direction_loss,
    distillation_loss,
)


def contrast_by_formula(pictures: list[int], maps: np.ndarray) -> list[float]:
    """Follow equation 2 of Khosla et al. word by word, for directions from the batch's mean."""
    pooled = maps.astype(np.float64).mean(axis=(1, 2))
    offsets = pooled - pooled.mean(axis=0)
    directions = [offset / np.linalg.norm(offset) for offset in offsets]
    losses = []
    for anchor, picture in enumerate(pictures):
        others = [at for at in range(len(pictures)) if at != anchor]
        weights = {at: np.exp(directions[anchor] @ directions[at] / TEMPERATURE) for at in others}
        fellows = [at for at in others if pictures[at] == picture]
        chosen = [-np.log(weights[at] / sum(weights.values())) for at in fellows]
        losses.append(float(np.mean(chosen)) if fellows else 0.0)
    return losses


def contrast(pictures: list[int], maps: np.ndarray) -> np.ndarray:
    """Return the loss of each crop, given as Keras gives it."""
    numbers = np.array(pictures, np.float32)[:, None]
    return np.asarray(contrast_loss(numbers, maps.astype(np.float32)))


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param([4, 4, 9, 9, 0, 0, 20_000, 20_000], id="pairs"),
        pytest.param([4, 4, 9, 9, 4, 4, 9, 4], id="pictures that are shown more often"),
        pytest.param([1, 1, 1, 2, 3, 3, 5, 8], id="lone crops among others"),
    ],
)
def test_contrast_loss_is_the_formula(pictures: list[int]) -> None:
    maps = np.random.default_rng(1).normal(2, 1, (8, 2, 3, 5))
    found = contrast(pictures, maps)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, contrast_by_formula(pictures, maps), rtol=1e-4, atol=1e-6)


def test_contrast_loss_of_a_lone_crop_is_nothing() -> None:
    maps = np.random.default_rng(2).normal(size=(5, 2, 2, 3))
    assert contrast([7, 1, 7, 2, 3], maps)[[1, 3, 4]].tolist() == [0, 0, 0]
    assert contrast([0, 1, 2, 3, 4], maps).tolist() == [0] * 5
    assert contrast([6], maps[:1]).tolist() == [0]


def test_contrast_loss_is_low_where_crops_of_a_picture_are_alike() -> None:
    features = np.eye(4).repeat(2, axis=0)[:, None, None]
    alike, apart = (
        contrast([0, 0, 1, 1, 2, 2, 3, 3], features),
        contrast([0, 1, 2, 3] * 2, features),
    )
    # Others lie at a cosine of -1/3; of seven choices the right one takes nearly all.
    expected = np.log(1 + 6 * np.exp((-1 / 3 - 1) / TEMPERATURE))
    np.testing.assert_allclose(alike, expected, atol=1e-6)
    assert (apart > 10).all()


def test_contrast_loss_is_that_of_the_pooled_features_from_their_mean() -> None:
    generator = np.random.default_rng(3)
    maps, pictures = generator.normal(size=(6, 2, 2, 4)), [0, 0, 1, 1, 2, 2]
    expected = contrast(pictures, maps)
    turned = np.ascontiguousarray(maps[:, ::-1, ::-1])
    np.testing.assert_allclose(contrast(pictures, turned), expected, rtol=1e-4)
    shifted = 3 * maps + generator.normal(size=4)
    np.testing.assert_allclose(contrast(pictures, shifted), expected, rtol=1e-3)


def test_direction_loss_is_one_minus_cosine() -> None:
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]], np.float32)
    directions = np.array([[5.0, 0.0], [0.0, 2.0], [-3.0, 0.0]], np.float32)
    losses = np.asarray(direction_loss(targets, directions))
    np.testing.assert_allclose(losses, [0.0, 1.0, 2.0], atol=1e-6)


def test_distillation_loss_weighs_places_beside_the_pooled_feature() -> None:
    # Two places: one is described rightly, the other by the opposite.
    targets = np.array([[[[1.0, 0.0]], [[0.0, 1.0]]]], np.float32)
    directions = np.array([[[[1.0, 0.0]], [[0.0, -1.0]]]], np.float32)
    pooled, each = 1.0, (0.0 + 2.0) / 2
    for places in (0.0, 0.5, 2.0):
        loss = np.asarray(distillation_loss(places)(targets, directions))
        np.testing.assert_allclose(loss, [pooled + places * each], atol=1e-6)
