"""A Keras encoder is laid out, given its weights, and exported for the engine that serves."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.engines.keras import import_keras
from models.engines.openvino import core, import_openvino
from models.errors import NetworkError, UnknownNetwork
from models.heads import lay_head, layer_names, parse, text_of
from models.layers import PREPROCESSING
from models.networks import Network, network
from models.pooling import pooling
from models.types import EncoderSpec, Fingerprint
from models.weights import WeightFile, load_into, resolve

MIN_SIZE, MAX_SIZE = 32, 1024
"""Sides of the square input that networks are built for, in pixels."""


@dataclass(frozen=True)
class KerasEncoder:
    """A Keras model with its weights, and what it is.

    Attributes:
        model: uint8 (n, size, size, 3) -> feature (n, dim), map (n, h, w, c), float32.
        fingerprint: of its features.
    """

    model: Any
    fingerprint: Fingerprint


def build_encoder(spec: EncoderSpec) -> KerasEncoder:
    """Build an encoder in Keras: preprocessing, network up to its feature layer, pooling, head.

    Raises:
        NetworkError: the head is none, or the input size is out of bounds.
        UnknownNetwork: there is no such network, layer or pooling.
        WeightsMissing, WeightsMismatch: the weights are absent or do not fit.
    """
    chosen = network(spec.network)
    pooling(spec.pooling)
    weights = resolve(spec)
    model, whole = lay_out(spec)
    layers = [*whole.layers, *head_layers(model, spec)]
    load_into(model.layers, weights, of_network=layers, name=chosen.name)
    return KerasEncoder(model, _fingerprint(spec, chosen, weights, model))


def lay_out(spec: EncoderSpec) -> tuple[Any, Any]:
    """Build an encoder without weights.

    Returns:
        the Keras model of the encoder, and the one of the whole network with its last map, which
        share their layers; the head is only in the first.

    Raises:
        UnknownNetwork: there is no such network or layer.
        NetworkError: the head is none, or the input size is out of bounds.
    """
    chosen, head = network(spec.network), parse(spec.head)
    if not MIN_SIZE <= spec.size <= MAX_SIZE:
        raise NetworkError(
            f"A network's input is {MIN_SIZE} to {MAX_SIZE} pixels wide, for {chosen.name} usually "
            f"{chosen.default_size}. Received: --size {spec.size}."
        )
    keras = import_keras()
    image = keras.Input((spec.size, spec.size, 3), dtype="uint8", name="image")
    last = chosen.build(PREPROCESSING[chosen.preprocessing](image))
    whole = keras.Model(image, last)
    chosen_map = feature_map(whole, chosen, spec.layer or chosen.layer_for(spec.pooling))
    feature = lay_head(head, pooling(spec.pooling)(chosen_map))
    return keras.Model(image, [feature, chosen_map]), whole


def head_layers(model: Any, spec: EncoderSpec) -> list[Any]:
    """Return the layers of a laid out encoder's head."""
    return [model.get_layer(name) for name in layer_names(parse(spec.head))]


def feature_map(whole: Any, chosen: Network, layer: str) -> Any:
    """Return the output of a layer of a whole network, a Keras tensor (n, h, w, c).

    Raises:
        UnknownNetwork: there is no such layer; the message names those close to it.
    """
    names = [known.name for known in whole.layers]
    if layer not in names:
        close = get_close_matches(layer, names, n=5, cutoff=0.5) or [chosen.default_layer]
        raise UnknownNetwork(
            f"{chosen.name} has no layer '{layer}'. Close to it: {', '.join(close)}; "
            f"its last is {chosen.default_layer}."
        )
    return whole.get_layer(layer).output


def _fingerprint(
    spec: EncoderSpec, chosen: Network, weights: WeightFile, model: Any
) -> Fingerprint:
    return Fingerprint(
        network=chosen.name,
        weights_sha256=weights.sha256,
        layer=spec.layer or chosen.layer_for(spec.pooling),
        preprocessing=chosen.preprocessing,
        pooling=spec.pooling,
        size=spec.size,
        dim=int(model.outputs[0].shape[-1]),
        head=text_of(parse(spec.head)),
        crop=spec.crop,
    )


def export_model(encoder: KerasEncoder, xml: Path) -> None:
    """Write a Keras encoder as OpenVINO's intermediate representation: xml, and .bin beside it.

    Weights stay float32.
    """
    import_openvino().save_model(convert(encoder.model), xml, compress_to_fp16=False)


def convert(model: Any) -> Any:
    """Convert a Keras model of one input to OpenVINO's, by way of a frozen graph of TensorFlow.

    OpenVINO reads that itself, and the weights are constants in it. A SavedModel, which holds them
    as variables, takes three to ten times as long to write, with the same result; Keras's own
    model.export(format="openvino") uses a converter that fails on Python 3.13.
    """
    with TemporaryDirectory(prefix="likeness-export-") as folder:
        file = Path(folder) / "frozen.pb"
        file.write_bytes(_frozen(model).as_graph_def().SerializeToString())
        return core().read_model(file)


def _frozen(model: Any) -> Any:
    """Return the graph of TensorFlow of what a Keras model answers while it does not learn."""
    import tensorflow as tf

    weights = [
        [import_keras().ops.convert_to_numpy(weight) for weight in some]
        for some in (model.trainable_variables, model.non_trainable_variables)
    ]

    def answer(given: Any) -> Any:
        constants = [[tf.constant(values) for values in some] for some in weights]
        return model.stateless_call(*constants, given, training=False)[0]

    (given,) = model.inputs
    traced = tf.function(answer, autograph=False)
    return traced.get_concrete_function(tf.TensorSpec(given.shape, given.dtype, given.name)).graph
