"""Each method lays its head over a feature, and shows pictures as its loss expects them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.engines.keras import import_keras
from models.errors import TrainingRefused
from models.training.batches import Balanced
from models.training.fit import Asked, fit
from models.training.heldout import Sides, triplets_against
from models.training.losses import hashing, ranking
from models.training.methods.base import Method
from models.training.methods.classifier import Classifier, class_weights, cross_entropy
from models.training.methods.embedding import Embedding
from models.training.methods.hashing import SUPERVISION, HashMethod
from models.training.methods.pairs import PairsMethod
from models.training.methods.triplet import MINING, TripletMethod
from models.training.optimizers import optimizer
from models.training.recipes import Recipe
from models.training.report import triplet_accuracy
from models.training.triplets import sample_triplets
from tests.models.courses import RECIPE, vectors_course

LABELS = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2])


def laid_out(method: Method):
    """Return a method's layers over a feature of width 6, as a Keras model."""
    keras = import_keras()
    keras.utils.set_random_seed(1)
    feature = keras.Input((6,))
    return keras.Model(feature, method.outputs(feature))


def kinds(model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers[1:]]


def test_classifier_drops_around_each_dense_layer() -> None:
    model = laid_out(Classifier(3, (8, 4), 0.5))
    assert kinds(model) == ["Dropout", "Dense", "Dropout", "Dense", "Dropout", "Dense"]
    dense = [layer for layer in model.layers if type(layer).__name__ == "Dense"]
    assert [(layer.name, layer.units, layer.activation.__name__) for layer in dense] == [
        ("head_1", 8, "relu"),
        ("head_2", 4, "relu"),
        ("classes", 3, "linear"),
    ]


def test_classifier_without_dropout_has_dense_layers_only() -> None:
    assert kinds(laid_out(Classifier(3, (8,)))) == ["Dense", "Dense"]


@pytest.mark.parametrize(
    ("method", "head"),
    [
        (Classifier(3, (8, 4)), ""),
        (TripletMethod(), ""),
        (TripletMethod(Embedding(16)), "16 linear"),
        (PairsMethod(Embedding(16)), "16 linear"),
        (HashMethod(48, 3), "48 tanh"),
    ],
)
def test_methods_tell_which_layers_the_encoder_keeps(method: Method, head: str) -> None:
    assert method.head == head


def test_embedding_is_of_length_one() -> None:
    given = np.random.default_rng(1).normal(size=(5, 6)).astype(np.float32)
    unit = np.asarray(laid_out(TripletMethod())(given))
    np.testing.assert_allclose(unit, given / np.linalg.norm(given, axis=1)[:, None], rtol=1e-5)


def test_cross_entropy_by_hand() -> None:
    scores = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]])
    likely = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    found = np.asarray(cross_entropy(np.array([[2], [1]]), scores, 0.0))
    np.testing.assert_allclose(found, -np.log(likely[[0, 1], [2, 1]]))
    smoothed = np.array([[0.1, 0.1, 0.8], [0.1, 0.8, 0.1]])
    found = np.asarray(cross_entropy(np.array([[2], [1]]), scores, 0.3))
    np.testing.assert_allclose(found, -(smoothed * np.log(likely)).sum(axis=1))


def test_class_weights_let_all_classes_count_the_same() -> None:
    np.testing.assert_allclose(class_weights(LABELS), [0.5] * 6 + [1.5] * 2 + [3])
    weighed: Counter[int] = Counter()
    for batch in Classifier(3, batch_size=4).batches(LABELS, 0, 1):
        assert batch.weights is not None
        for label, weight in zip(batch.targets[:, 0], batch.weights, strict=True):
            weighed[int(label)] += float(weight)
    assert weighed == {0: 3, 1: 3, 2: 3}
    assert next(Classifier(3, balanced=False).batches(LABELS, 0, 1)).weights is None


def test_triplets_pass_as_three_blocks() -> None:
    triplets = sample_triplets(LABELS, 10, seed=1)
    method = TripletMethod(triplets=triplets, batch_size=4)
    batches = list(method.batches(LABELS, 0, 1))
    assert len(batches) == method.steps(LABELS) == 3
    shown = np.concatenate([batch.positions.reshape(3, -1).T for batch in batches])
    assert sorted(map(tuple, shown.tolist())) == sorted(map(tuple, triplets.tolist()))
    sides = Sides(np.tile(LABELS, 2), np.arange(9), np.arange(9, 18))
    checked = [batch.positions.reshape(3, -1).T for batch in method.checks(sides, 1)]
    np.testing.assert_array_equal(np.concatenate(checked), triplets_against(sides, 1))


def test_epochs_have_triplets_of_their_own() -> None:
    method = TripletMethod(triplets=sample_triplets(LABELS, 27, seed=1), each=9, batch_size=4)
    epochs = [
        batch.positions.reshape(3, -1).T
        for epoch in range(3)
        for batch in method.batches(LABELS, epoch, 1)
    ]
    assert len(epochs) == 3 * method.steps(LABELS) == 9
    shown = sorted(map(tuple, np.concatenate(epochs).tolist()))
    assert shown == sorted(map(tuple, method.triplets.tolist()))


def test_losses_of_triplets_and_pairs_are_of_the_blocks() -> None:
    points = np.random.default_rng(1).normal(size=(12, 3)).astype(np.float32)
    none = np.zeros((12, 1))
    expected = ranking.triplet_loss(points[:4], points[4:8], points[8:], 0.7)
    found = TripletMethod(gap=0.7).loss(none, points)
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected))
    same = np.array([1, 0, 0, 1, 1, 0])
    expected = ranking.contrastive_loss(same, points[:6], points[6:], 1.5)
    found = PairsMethod(margin=1.5).loss(np.tile(same, 2)[:, None], points)
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_pairs_tell_for_both_pictures_whether_they_are_of_a_class(ratio: float) -> None:
    labels = np.arange(60) % 4
    method = PairsMethod(ratio=ratio, batch_size=9)
    batches = list(method.batches(labels, 0, 1))
    assert len(batches) == method.steps(labels) == 7
    for batch in batches:
        first, second = batch.positions.reshape(2, -1)
        same = labels[first] == labels[second]
        np.testing.assert_array_equal(batch.targets.reshape(2, -1), [same, same])


def test_hash_loss_is_the_sum_of_its_parts() -> None:
    generator = np.random.default_rng(1)
    codes, scores = np.tanh(generator.normal(size=(9, 16))), generator.normal(size=(9, 3))
    targets = LABELS[:, None]
    penalties = 0.3 * np.asarray(hashing.quantisation_loss(codes))
    penalties += 0.2 * np.asarray(hashing.balance_loss(codes))
    expected = {
        "classes": cross_entropy(targets, scores, 0.0),
        "pairwise": hashing.pairwise_loss(targets, codes),
        "triplet": ranking.batch_hard_loss(targets, codes, 4.0),
    }
    for supervision in SUPERVISION:
        method = HashMethod(16, 3, supervision, quantisation=0.3, balance=0.2)
        given = np.concatenate([codes, scores], 1) if supervision == "classes" else codes
        found = np.asarray(method.loss(targets, given))
        np.testing.assert_allclose(found, np.asarray(expected[supervision]) + penalties)


@pytest.mark.parametrize("bits", [8, 257])
def test_codes_of_too_few_or_many_bits_are_refused(bits: int) -> None:
    with pytest.raises(TrainingRefused, match=rf"16 to 256 bits. Received: {bits}"):
        HashMethod(bits, 3)


def test_nothing_is_measured_where_nothing_can_be_compared() -> None:
    alone = Sides(np.array([0, 1, 2]), np.arange(2), np.array([2]))
    mined = TripletMethod(mining="batch-hard")
    for method in (TripletMethod(), mined, PairsMethod(), HashMethod(16, 3, "pairwise")):
        assert list(method.checks(alone, 1)) == []


def test_classes_of_three_are_measured_by_every_method() -> None:
    """One picture of each is held out, which has no fellow but among those that are learnt."""
    labels = np.repeat(np.arange(4), 3)
    sides = Sides(labels, np.flatnonzero(np.arange(12) % 3), np.arange(0, 12, 3))
    for method in (
        Classifier(4),
        *(TripletMethod(mining=mining) for mining in MINING),
        PairsMethod(),
        *(HashMethod(16, 4, kind) for kind in SUPERVISION),
    ):
        batches = list(method.checks(sides, 1))
        shown = np.concatenate([batch.positions for batch in batches])
        assert set(sides.held_out.tolist()) <= set(shown.tolist())


def test_held_out_classes_weigh_the_same() -> None:
    labels = np.concatenate([LABELS, LABELS])
    sides = Sides(labels, np.arange(9), np.arange(9, 18))
    for method in (Classifier(3), HashMethod(16, 3)):
        (batch,) = method.checks(sides, 1)
        np.testing.assert_array_equal(batch.positions, sides.held_out)
        assert batch.weights is not None
        np.testing.assert_allclose(np.bincount(LABELS, weights=batch.weights), [3, 3, 3])
    (batch,) = Classifier(3, balanced=False).checks(sides, 1)
    assert batch.weights is None


def test_size_of_mined_batches_is_the_one_asked_for() -> None:
    labels = np.arange(90) % 9
    for method in (
        HashMethod(16, 9, "pairwise", batch_size=16),
        HashMethod(16, 9, "triplet", batch_size=16),
        TripletMethod(mining="semi-hard", balanced=Balanced(16)),
    ):
        assert {len(batch.positions) for batch in method.batches(labels, 0, 1)} == {16}


METHODS = {
    "classifier": Classifier(3, (8,), 0.2, smoothing=0.1, batch_size=8),
    **{mining: TripletMethod(Embedding(8), mining=mining) for mining in MINING},
    "pairs": PairsMethod(Embedding(8), batch_size=8),
    **{f"hash {kind}": HashMethod(16, 3, kind, batch_size=8) for kind in SUPERVISION},
}


@pytest.mark.parametrize("name", METHODS)
def test_each_method_learns_to_tell_clouds_apart(name: str, tmp_path: Path) -> None:
    method = METHODS[name]
    if isinstance(method, TripletMethod):
        method = replace(
            method,
            triplets=sample_triplets(np.arange(40) % 3, 80, seed=1),
            balanced=Balanced(12),
        )
    course = vectors_course(method, replace(RECIPE, epochs=12))
    history = fit(course, tmp_path)
    best = history.curve[history.best - 1]
    assert history.curve[-1].loss < history.curve[0].loss
    assert best.held_out_right is not None
    assert best.held_out_right > 0.85
    asked = Asked(course, tmp_path)
    told = asked.outputs(np.arange(60))
    predicted, compared = method.predicted(told), method.compared(told)
    if predicted is not None:
        assert (predicted[40:] == course.labels[40:]).mean() > 0.85
    if compared is not None:
        told = compared
    assert len(asked.features(np.arange(7))) == 7
    triplets = sample_triplets(course.labels[40:], 200, seed=3)
    assert triplet_accuracy(told[40:], triplets) > 0.85


def test_gentle_weights_move_at_a_part_of_the_rate() -> None:
    """Adam's first step is of the length of the rate, whatever the gradient."""
    keras = import_keras()
    weights = [keras.Variable(np.ones((2, 2)), name=name) for name in ("slow", "quick")]
    adam = optimizer(Recipe("test", 0.1, gentle=0.1), 10, {weights[0].path})
    adam.build(weights)
    adam.apply([keras.ops.ones((2, 2)) * 5 for _ in weights], weights)
    moved = [float(1 - np.asarray(weight)[0, 0]) for weight in weights]
    np.testing.assert_allclose(moved, [0.01, 0.1], rtol=1e-4)


def test_kernels_decay_and_biases_do_not() -> None:
    keras = import_keras()
    weights = [keras.Variable(np.ones(shape)) for shape in ((2, 2), (2,))]
    adam = optimizer(Recipe("test", 0.1, decay=0.5), 10)
    adam.build(weights)
    adam.apply([keras.ops.zeros(weight.shape) for weight in weights], weights)
    np.testing.assert_allclose(np.asarray(weights[0]), 1 - 0.1 * 0.5, rtol=1e-6)
    np.testing.assert_array_equal(np.asarray(weights[1]), 1)
