"""A trunk and its tail make what the whole network makes, and only the tail is trained."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoder import keras_encoder, open_encoder, prepare_encoder
from models.errors import NetworkError, UnknownNetwork, WeightsMismatch
from models.training.splitting import NOTHING, Tail, cut_of, tail_of
from models.types import EncoderSpec
from models.weights import resolve
from tests.models.nets import REAL_WEIGHTS, random_network, write_npz

SIZE = 64
LONG = [
    ("resnet50", "conv5_block1_1_conv", "conv4_block6_out"),
    ("resnet50v2", "conv5_block1_1_conv", "conv5_block1_preact_relu"),
    ("resnet101", "conv5_block1_1_conv", "conv4_block23_out"),
]
CUTS = [
    ("resnet50v2", "conv5_block1_preact_bn", "conv4_block6_out"),
    ("mobilenetv2", "block_16_expand", "block_15_add"),
    ("pocket", "stage4_block1_1_conv", "stage4_block1_1_relu"),
    ("pocket", "descriptor", "levels"),
    ("simple_cnn", "conv3", "pool2"),
]


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EncoderSpec]:
    """Return a table of networks with random weights, which is filled as they are asked for."""
    folder = tmp_path_factory.mktemp("random")

    class Specs(dict[str, EncoderSpec]):
        def __missing__(self, name: str) -> EncoderSpec:
            file = write_npz(random_network(name, size=SIZE), folder / f"{name}.npz")
            self[name] = EncoderSpec(name, str(file), size=SIZE)
            return self[name]

    return Specs()


@pytest.fixture(scope="module")
def tails(specs: dict[str, EncoderSpec]) -> Callable[[str, str], Tail]:
    """Return what makes each tail once; they are not to be trained."""
    return cache(lambda name, unfreeze: tail_for(specs[name], unfreeze))


@pytest.fixture(scope="module")
def features(
    specs: dict[str, EncoderSpec], pictures: np.ndarray
) -> Callable[[str], NDArray[np.float32]]:
    """Return what computes each whole network's features of some pictures once."""
    return cache(lambda name: keras_encoder(specs[name]).encode(seen(pictures)))


def seen(pictures: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pictures[:4, :SIZE, :SIZE])


def tail_for(spec: EncoderSpec, unfreeze: str, **how: Any) -> Tail:
    return tail_of(spec, unfreeze, weights=resolve(spec), **how)


def apart(found: Any, expected: np.ndarray) -> float:
    """Return the greatest difference, in parts of the greatest value."""
    return float(np.abs(np.asarray(found) - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize(
    ("name", "unfreeze", "cut"),
    [*CUTS, *(pytest.param(*each, marks=pytest.mark.campaign) for each in LONG)],
)
def test_the_tail_of_the_trunk_is_the_whole_network(
    name: str,
    unfreeze: str,
    cut: str,
    specs: dict[str, EncoderSpec],
    tails: Callable[[str, str], Tail],
    features: Callable[[str], NDArray[np.float32]],
    pictures: np.ndarray,
) -> None:
    images, whole = seen(pictures), features(name)
    assert cut_of(name, unfreeze) == cut
    tail = tails(name, unfreeze)
    assert (tail.cut, tail.fresh) == (cut, ())
    maps = keras_encoder(replace(specs[name], layer=cut)).map(images)
    assert apart(tail.model(maps, training=False), whole) < 2e-5
    assert apart(tail.encoder(images, training=False)[0], whole) < 2e-5


@pytest.mark.parametrize(
    ("name", "unfreeze", "cut"), [pytest.param(*CUTS[0], marks=pytest.mark.campaign), CUTS[2]]
)
def test_float16_maps_of_an_exported_trunk_cost_less_than_a_thousandth(
    name: str,
    unfreeze: str,
    cut: str,
    specs: dict[str, EncoderSpec],
    tails: Callable[[str, str], Tail],
    features: Callable[[str], NDArray[np.float32]],
    pictures: np.ndarray,
    tmp_path: Path,
) -> None:
    trunk = open_encoder(prepare_encoder(replace(specs[name], layer=cut), tmp_path))
    maps = trunk.map(seen(pictures)).astype(np.float16)
    assert apart(tails(name, unfreeze).model(maps, training=False), features(name)) < 1e-3


def test_all_layers_from_the_first_unfrozen_on_are_trained_and_none_before(
    tails: Callable[[str, str], Tail],
) -> None:
    tail = tails("resnet50v2", "conv5_block1_preact_bn")
    names = [layer.name for layer in tail.encoder.layers if layer.weights]
    first = names.index("conv5_block1_preact_bn")
    trained = {weight.path.split("/")[0] for weight in tail.encoder.trainable_weights}
    assert trained == set(names[first:])
    inner = {layer.name for layer in tail.model.layers if layer.weights}
    assert inner == set(names[first:])


def test_what_the_tail_learns_the_encoder_has_learnt(specs: dict[str, EncoderSpec]) -> None:
    tail = tail_for(specs["simple_cnn"], "conv3")
    bias = tail.model.get_layer("conv4").bias
    bias.assign(bias + 1)
    assert tail.encoder.get_layer("conv4").bias is bias


def test_what_a_tail_has_learnt_is_what_is_exported(
    specs: dict[str, EncoderSpec], pictures: np.ndarray, tmp_path: Path
) -> None:
    spec, images = replace(specs["simple_cnn"], head="8 tanh"), seen(pictures)
    tail = tail_for(spec, "conv3", init_missing=True)
    maps = keras_encoder(replace(specs["simple_cnn"], layer=tail.cut)).map(images)
    tail.model.compile("sgd", "mse")
    for _ in range(2):
        tail.model.train_on_batch(maps.astype(np.float16), np.ones((4, 8), np.float32))
    learnt = replace(spec, weights=str(write_npz(tail.encoder, tmp_path / "learnt.npz")))
    exported = open_encoder(prepare_encoder(learnt, tmp_path / "encoders")).encode(images)
    assert apart(exported, tail.model.predict_on_batch(maps)) < 1e-4
    assert apart(exported, keras_encoder(learnt).encode(images)) < 2e-5


def test_a_head_belongs_to_the_tail_and_is_drawn_anew_where_that_is_asked_for(
    specs: dict[str, EncoderSpec], pictures: np.ndarray
) -> None:
    spec = replace(specs["simple_cnn"], head="32 relu, 8 tanh")
    with pytest.raises(WeightsMismatch, match=r"head_1, head_2.*--init-missing"):
        tail_for(spec, "conv3")
    tail = tail_for(spec, "conv3", init_missing=True)
    assert tail.fresh == ("head_1", "head_2")
    assert tail.model.output_shape == (None, 8)


def test_layers_of_the_tail_that_a_partial_file_lacks_are_drawn_anew(
    specs: dict[str, EncoderSpec], tmp_path: Path
) -> None:
    spec = partial_spec(specs["simple_cnn"], "conv4", tmp_path)
    tail = tail_for(spec, "conv3", init_missing=True)
    assert tail.fresh == ("conv4",)
    stored = np.load(spec.weights)["conv3/kernel"]
    assert np.array_equal(np.asarray(tail.model.get_layer("conv3").kernel), stored)


def test_layers_of_the_trunk_are_never_drawn_anew(
    specs: dict[str, EncoderSpec], tmp_path: Path
) -> None:
    spec = partial_spec(specs["simple_cnn"], "conv2", tmp_path)
    with pytest.raises(WeightsMismatch, match=r"not trained.*: conv2\. .*--unfreeze conv2"):
        tail_for(spec, "conv3", init_missing=True)


def test_a_file_that_fits_nothing_is_no_beginning(tmp_path: Path) -> None:
    file = tmp_path / "other.npz"
    np.savez(file, **{"other/kernel": np.zeros((3, 3), np.float32)})
    spec = EncoderSpec("simple_cnn", str(file), size=SIZE)
    with pytest.raises(WeightsMismatch, match="holds no layer of simple_cnn"):
        tail_for(spec, "", init_missing=True)


def test_nothing_but_the_pooling_is_left_where_nothing_is_unfrozen(
    specs: dict[str, EncoderSpec],
) -> None:
    tail = tail_for(specs["simple_cnn"], NOTHING)
    assert tail.cut == cut_of("simple_cnn", NOTHING) == "conv4_relu"
    assert tail.model.weights == []


def test_a_layer_of_which_a_file_holds_a_part_is_drawn_anew(
    specs: dict[str, EncoderSpec], tmp_path: Path
) -> None:
    spec = partial_spec(specs["simple_cnn"], "conv4/kernel", tmp_path)
    drawn = [tail_for(spec, "conv3", init_missing=True, seed=seed) for seed in (1, 1, 2)]
    assert {tail.fresh for tail in drawn} == {("conv4",)}
    first, again, other = (np.asarray(tail.model.get_layer("conv4").kernel) for tail in drawn)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.asarray(drawn[0].model.get_layer("conv4").bias).any()


def test_statistics_behind_a_layer_that_is_drawn_anew_are_forgotten(
    specs: dict[str, EncoderSpec], tmp_path: Path
) -> None:
    spec = partial_spec(specs["pocket"], "stage5_block2_2_conv", tmp_path)
    tail = tail_for(spec, "stage4_block1_1_conv", init_missing=True)
    assert tail.fresh == ("stage5_block2_2_conv", "pre_bn", "post_bn")


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("name", "unfreeze"),
    [("resnet50", "conv5_block1_1_conv"), ("resnet50v2", "conv5_block1_preact_bn")],
)
def test_the_real_partial_weights_fill_the_trunk_and_what_they_can(
    name: str, unfreeze: str, shared: Path
) -> None:
    file = shared / "weights" / REAL_WEIGHTS[name][0]
    tail = tail_for(EncoderSpec(name, str(file), size=SIZE), unfreeze, init_missing=True)
    assert {layer.partition("_")[0] for layer in tail.fresh} <= {"conv5", "post"}
    assert "conv5_block3_3_conv" in tail.fresh
    assert "conv5_block1_1_conv" not in tail.fresh


def partial_spec(spec: EncoderSpec, without: str, folder: Path) -> EncoderSpec:
    """Return a spec whose weight file lacks what begins so."""
    arrays = {k: v for k, v in np.load(spec.weights).items() if not k.startswith(without)}
    np.savez(folder / "partial.npz", **arrays)
    return replace(spec, weights=str(folder / "partial.npz"))


def test_nothing_frozen_is_a_tail_from_the_pictures_on(
    specs: dict[str, EncoderSpec],
    tails: Callable[[str, str], Tail],
    features: Callable[[str], NDArray[np.float32]],
    pictures: np.ndarray,
) -> None:
    whole = tails("simple_cnn", "").model(seen(pictures), training=False)
    assert apart(whole, features("simple_cnn")) < 2e-5
    drawn = tail_of(specs["simple_cnn"], "", weights=None)
    assert (drawn.cut, drawn.fresh) == ("", ("conv1", "conv2", "conv3", "conv4"))
    with pytest.raises(NetworkError, match="Without weights, all of simple_cnn"):
        tail_of(specs["simple_cnn"], "conv3", weights=None)


@pytest.mark.parametrize(
    ("name", "unfreeze", "around"),
    [
        ("pocket", "last_conv", "stage4_block1_1_conv or descriptor"),
        ("mobilenetv2", "block_15_depthwise", "block_15_expand or block_16_expand"),
    ],
)
def test_where_a_network_cannot_be_cut_the_layers_around_are_named(
    name: str, unfreeze: str, around: str
) -> None:
    with pytest.raises(NetworkError, match=rf"cannot be cut before '{unfreeze}'.*{around}"):
        cut_of(name, unfreeze)


def test_cut_leads_to_the_feature_layer_of_the_pooling() -> None:
    """With maxima or powers, pocket is described by the layer before its descriptor."""
    assert cut_of("pocket", "descriptor") == "levels"
    with pytest.raises(NetworkError, match="post_relu needs nothing of 'descriptor'"):
        cut_of("pocket", "descriptor", pooling="gem")


def test_unknown_layers_and_those_after_the_feature_are_refused() -> None:
    with pytest.raises(UnknownNetwork, match="no layer 'conv9'"):
        cut_of("simple_cnn", "conv9")
    with pytest.raises(NetworkError, match="needs nothing of 'conv4'"):
        cut_of("simple_cnn", "conv4", layer="conv3_relu")
