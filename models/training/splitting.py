"""Cuts a network in two: a trunk that stays as it is, and a tail that is trained.

The trunk is an ordinary encoder whose feature layer is the cut: its maps are computed once. The
tail begins with such a map, so that a step of training costs only what the tail costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.engines.keras import import_keras, tensors_of
from models.errors import NetworkError
from models.export import feature_map, head_layers, lay_out
from models.networks import network
from models.types import EncoderSpec
from models.weights import WeightFile, load_into

NOTHING = "none"
"""What is unfrozen where only what a method lays over the pooled feature is trained."""

_ANY_SIZE = 64  # pixels: where a network can be cut does not depend on them


@dataclass(frozen=True)
class Tail:
    """The part of an encoder that is trained.

    Attributes:
        model: Keras model from the cut's maps, float (n, h, w, c), to features (n, dim); where
            nothing is frozen, from pictures, uint8 (n, size, size, 3).
        encoder: Keras model of the whole encoder, uint8 (n, size, size, 3) -> feature (n, dim),
            map; it shares its layers with the tail, and so learns with it.
        cut: the layer whose maps the tail takes, or "" where nothing is frozen.
        fresh: names of the layers that no weight file filled, in their order.
    """

    model: Any
    encoder: Any
    cut: str
    fresh: tuple[str, ...]


def cut_of(name: str, unfreeze: str, layer: str | None = None, pooling: str = "avg") -> str:
    """Return the layer whose output is all that the layers to be trained need of those before.

    Args:
        name: of the network.
        unfreeze: the first layer that is trained, in Keras's order of layers, or NOTHING.
        layer: the feature layer, or None for the network's own with that pooling.
        pooling: of the feature.

    Raises:
        UnknownNetwork: there is no such network or layer.
        NetworkError: the network cannot be cut there; the message names where it can.
    """
    spec = EncoderSpec(name, layer=layer, pooling=pooling, size=_ANY_SIZE)
    return Cuts(lay_out(spec)[1], spec).before(unfreeze)[0]


def tail_of(
    spec: EncoderSpec,
    unfreeze: str,
    *,
    weights: WeightFile | None,
    init_missing: bool = False,
    seed: int = 1,
) -> Tail:
    """Build an encoder of which a part is to be trained.

    Args:
        spec: of the whole encoder, its head included; its weights are those below.
        unfreeze: the first layer that is trained, in Keras's order of layers; all after it are
            trained too, and none before. "" to train all, NOTHING to train none.
        weights: what the encoder begins with, or None to draw all of it, which needs a tail
            that is all of it.
        init_missing: draw layers of the tail that the file lacks, or holds only a part of, and
            the batch normalisations behind them.
        seed: of what is drawn.

    Raises:
        UnknownNetwork: there is no such network, layer or pooling.
        NetworkError: the network cannot be cut there; the message names where it can.
        WeightsMismatch: the file does not fit, or lacks layers that stay as they are.
    """
    import_keras().utils.set_random_seed(seed)
    encoder, whole = lay_out(spec)
    cut, frozen = "", list[Any]()
    if unfreeze:
        cut, frozen = Cuts(whole, spec).before(unfreeze)
    for layer in frozen:
        layer.trainable = False
    fresh = _filled(spec, encoder, whole, frozen, weights, init_missing)
    begin = whole.get_layer(cut).output if cut else encoder.inputs[0]
    model = import_keras().Model(begin, encoder.outputs[0])
    return Tail(model, encoder, cut, fresh)


def _filled(
    spec: EncoderSpec,
    encoder: Any,
    whole: Any,
    frozen: Sequence[Any],
    weights: WeightFile | None,
    init_missing: bool,
) -> tuple[str, ...]:
    """Fill an encoder with weights, and return the layers that are left as they were drawn."""
    if weights:
        layers = [*whole.layers, *head_layers(encoder, spec)]
        return load_into(
            encoder.layers,
            weights,
            of_network=layers,
            name=spec.network,
            init_missing=init_missing,
            training=True,
        )
    if frozen:
        raise NetworkError(
            f"Without weights, all of {spec.network} has to be trained. Received: a training of "
            "its last layers. Give --weights, or leave out --unfreeze."
        )
    return tuple(layer.name for layer in encoder.layers if layer.weights)


class Cuts:
    """Where a network that is laid out can be cut in two.

    Args:
        whole: Keras model of the whole network.
        spec: of the encoder, whose feature layer counts.
    """

    def __init__(self, whole: Any, spec: EncoderSpec) -> None:
        self._whole, self._network = whole, network(spec.network)
        self._feature = spec.layer or self._network.layer_for(spec.pooling)
        self._steps = _steps(whole, feature_map(whole, self._network, self._feature))
        self._names = [step.name for step in self._steps]

    def before(self, unfreeze: str) -> tuple[str, list[Any]]:
        """Return the cut before a layer, and the layers that come before that one.

        Raises:
            UnknownNetwork: the network has no such layer.
            NetworkError: it cannot be cut there; the message names where it can.
        """
        if unfreeze == NOTHING:
            return self._feature, [each for each in self._whole.layers if each.name in self._names]
        feature_map(self._whole, self._network, unfreeze)
        if unfreeze not in self._names:
            raise NetworkError(
                f"{self._network.name}'s feature layer {self._feature} needs nothing of "
                f"'{unfreeze}', which therefore learns nothing. Give --unfreeze {self._feature}, "
                "or a layer before it."
            )
        at = self._names.index(unfreeze)
        found = _sources(self._steps, at)
        if not self._is_cut(found):
            raise self._no_cut(at)
        names = set(self._names[:at])
        return found[0].name, [layer for layer in self._whole.layers if layer.name in names]

    def _is_cut(self, sources: Sequence[Any]) -> bool:
        """Say whether one layer's map is all that is needed."""
        named = {layer.name for layer in self._whole.layers[1:]}  # the first is the picture itself
        return len(sources) == 1 and sources[0].name in named

    def _no_cut(self, at: int) -> NetworkError:
        steps = self._steps
        places = [place for place in range(len(steps)) if self._is_cut(_sources(steps, place))]
        before, after = [p for p in places if p < at], [p for p in places if p > at]
        around = " or ".join(steps[place].name for place in (*before[-1:], *after[:1]))
        sources = " and of ".join(source.name for source in _sources(steps, at))
        return NetworkError(
            f"{self._network.name} cannot be cut before '{steps[at].name}': the layers from there "
            f"on need the output of {sources}. Give --unfreeze {around} instead."
        )


def _steps(whole: Any, last: Any) -> list[Any]:
    """Return the operations that lead to a Keras tensor, in Keras's order."""
    needed = {id(step) for step in import_keras().Model(whole.inputs, last).operations}
    return [step for step in whole.operations if id(step) in needed]


def _sources(steps: Sequence[Any], at: int) -> list[Any]:
    """Return the operations before a place whose outputs are needed from there on."""
    makers = {id(tensor): step for step in steps[:at] for tensor in tensors_of(step.output)}
    needed = [id(tensor) for step in steps[at:] for tensor in tensors_of(step.input)]
    return list({id(makers[each]): makers[each] for each in needed if each in makers}.values())
