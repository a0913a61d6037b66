"""What a fine-tuning begins with and leaves behind: the tail of a network, and weight files."""

from contextlib import suppress
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32
from models.engines.keras import import_keras
from models.errors import NetworkError, WeightsMismatch
from models.export import lay_out
from models.heads import layer_names, parse
from models.training.augmenting import NORMAL, augmentation
from models.training.batches import asked
from models.training.examples import Examples, Positions
from models.training.files import write_arrays
from models.training.splitting import Cuts, Tail, tail_of
from models.types import EncoderSpec
from models.weight_files import open_weights
from models.weights import WeightFile

UNFREEZE = {
    "resnet50": "conv5_block1_1_conv",
    "resnet50v2": "conv5_block1_preact_bn",
    "resnet101": "conv5_block1_1_conv",
    "mobilenetv2": "block_13_expand",
}
"""The first layer that is trained of each network unless all of it is."""

LARGEST_HALF = 65_504.0


def unfrozen(network: str, *, trained: bool) -> str:
    """Return the first layer of a network that is trained by default, "" for all of it.

    Args:
        network: its name.
        trained: whether it begins with weights at all.
    """
    return UNFREEZE.get(network, "") if trained else ""


def open_tail(
    spec: EncoderSpec,
    unfreeze: str,
    weights: WeightFile | None,
    *,
    init_missing: bool,
    augmented: bool,
    seed: int,
) -> Tail:
    """Build the part of a network that is trained; where that is all of it, it varies pictures.

    Args:
        augmented: whether pictures are shown in varied forms; maps of frozen layers are varied
            before they are computed.

    Further args, Raises: as models.training.splitting.tail_of.
    """
    tail = tail_of(spec, unfreeze, weights=weights, init_missing=init_missing, seed=seed)
    if tail.cut or not augmented:
        return tail
    keras = import_keras()
    pictures = keras.Input((spec.size, spec.size, 3), dtype="uint8", name="pictures")
    varied = augmentation(NORMAL, seed)(pictures)
    return replace(tail, model=keras.Model(pictures, tail.model(varied)))


def covered_layer(spec: EncoderSpec, weights: WeightFile) -> str:
    """Return the last layer that a weight file reaches and that all later ones follow from.

    Args:
        spec: of the encoder; its layer is the answer where the file reaches it.
        weights: the file.
    """
    encoder, whole = lay_out(replace(spec, head=""))
    with open_weights(weights.path, whole.layers) as entries:

        def is_covered(layer: Any) -> bool:
            return all((layer.name, weight.name) in entries for weight in layer.weights)

        if all(map(is_covered, encoder.layers)):
            return spec.layer or ""
        first = len(list(takewhile(is_covered, whole.layers)))
    names = [layer.name for layer in whole.layers]
    # What stands before the first weights describes nothing that a network has learnt.
    least = next((at for at, layer in enumerate(whole.layers) if layer.weights), first)
    # A layer inside a block describes nothing by itself: only one that all others follow does.
    cuts = Cuts(whole, spec)
    for layer in reversed(whole.layers[least + 1 : first + 1]):
        with suppress(NetworkError):
            cut, _ = cuts.before(layer.name)
            if names.index(cut) >= least:
                return cut
    raise WeightsMismatch(f"{weights.path} holds nothing that pictures could be described by.")


def pooled(tail: Tail, examples: Examples, positions: Positions) -> Float32:
    """Return the pooled features of examples as they are, float32 (m, dim)."""
    plain = examples.plain()
    return asked(
        lambda chosen: np.asarray(
            tail.model.predict_on_batch(plain.batch(chosen, 0, 0)), np.float32
        ),
        positions,
    )


def save_encoder(
    tail: Tail, file: Path, *, head: str = "", best: Path | None = None, compress: bool = True
) -> None:
    """Write the weights of a whole encoder as float16 arrays named `layer/weight`.

    What float16 cannot hold stays float32.

    Args:
        tail: whose encoder is written.
        file: receives them, .npz.
        head: the dense layers after pooling that belong to it, or "".
        best: the file of a fine-tuning's weights, which holds these layers.
        compress: a smaller file, which takes longer to write.
    """
    arrays = {
        f"{layer.name}/{weight.name}": _halved(np.asarray(weight, np.float32))
        for layer in tail.encoder.layers
        for weight in layer.weights
    }
    if head and best:
        with np.load(best, allow_pickle=False) as stored:
            for name in layer_names(parse(head)):
                for weight in ("kernel", "bias"):
                    arrays[f"{name}/{weight}"] = _halved(stored[f"{name}/{weight}"])
    write_arrays(file, arrays, compress=compress)


def _halved(values: Float32) -> NDArray[Any]:
    fits = np.abs(values).max(initial=0) <= LARGEST_HALF
    return values.astype(np.float16) if fits else values
