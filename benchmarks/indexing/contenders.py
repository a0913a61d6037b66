"""The ways to turn pictures into features that a build is measured against."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from indexer.decoding.contents import AT_ONCE
from indexer.types import Float32, Pixels
from models.encoder import Encoder
from models.engines.keras import import_keras
from models.export import build_encoder
from models.images import decode
from models.parallel import in_order
from models.types import EncoderSpec

BATCH = 32
HELD = 512
"""Pictures that are held in memory at most, and taken in turn."""


@dataclass(frozen=True)
class Pictures:
    """The same pictures as files and in memory.

    Attributes:
        files: of the pictures.
        decoded: uint8 (n, size, size, 3), n a multiple of BATCH or less than one.
    """

    files: Sequence[Path]
    decoded: Pixels

    @classmethod
    def of(cls, files: Sequence[Path], size: int) -> "Pictures":
        """Decode pictures as a build does."""
        held = min(len(files), HELD)
        chosen = files[: held - held % BATCH or held]
        return cls(chosen, np.stack([decode(file, size) for file in chosen]))

    def batches(self) -> list[Pixels]:
        """Return what is held in memory, a batch at a time."""
        return [self.decoded[start : start + BATCH] for start in range(0, len(self.files), BATCH)]


def feature_model(spec: EncoderSpec) -> Any:
    """Return the network in Keras: uint8 (n, size, size, 3) -> features (n, dim), nothing else."""
    model = build_encoder(spec).model
    return import_keras().Model(model.input, model.outputs[0])


def predicting(model: Any, pictures: Pictures, seconds: float) -> Callable[[], float]:
    """Return what runs the report's way for some time, and gives pictures a second.

    Keras's `predict` over a generator that loads one picture after another by Keras's own loader.
    """
    size = int(model.input.shape[1])

    def run(seconds: float = seconds) -> float:
        start = perf_counter()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Your input ran out of data")  # as it is meant to
            batches = _until(start + seconds, _loaded(pictures.files, size))
            features = model.predict(((batch,) for batch in batches), verbose=0)
        return len(features) / (perf_counter() - start)

    run(0.0)  # Keras compiles its loop at the first call
    return run


def compiled(model: Any, pictures: Pictures, seconds: float) -> Callable[[], float]:
    """Return what runs one compiled tf.function over arrays in memory, of one static shape."""
    encode = compiled_function(model, len(pictures.batches()[0]))
    return partial(_over_arrays, encode, pictures, seconds, threads=1)


def engine(encoder: Encoder, pictures: Pictures, seconds: float) -> Callable[[], float]:
    """Return what runs an encoder over arrays in memory, as many at once as a build gives it."""
    return partial(_over_arrays, encoder.encode, pictures, seconds, threads=AT_ONCE)


def compiled_function(model: Any, batch: int) -> Callable[[Pixels], Float32]:
    """Compile a Keras model for batches of one size."""
    import tensorflow as tf

    size = int(model.input.shape[1])
    signature = tf.TensorSpec((batch, size, size, 3), tf.uint8)
    function = tf.function(
        lambda images: model(images, training=False), input_signature=[signature]
    )

    def encode(images: Pixels) -> Float32:
        return np.asarray(function(tf.constant(images)))

    return encode


def _over_arrays(
    encode: Callable[[Pixels], Float32], pictures: Pictures, seconds: float, threads: int
) -> float:
    """Encode what is in memory, again and again, for some time; return pictures a second."""
    batches = pictures.batches()
    encode(batches[0])  # what comes first takes longer
    start = perf_counter()
    taken = _until(start + seconds, cycle(batches))
    found = in_order(encode, taken, workers=threads, ahead=threads)
    return sum(len(features) for features in found) / (perf_counter() - start)


def _until(deadline: float, batches: Iterable[Pixels]) -> Iterator[Pixels]:
    """Yield batches until a time, at least one."""
    for batch in batches:
        yield batch
        if perf_counter() >= deadline:
            return


def _loaded(files: Sequence[Path], size: int) -> Iterator[Pixels]:
    """Yield batches of the files, one picture loaded after another, again and again."""
    utils = import_keras().utils
    for start in cycle(range(0, len(files), BATCH)):
        batch = files[start : start + BATCH]
        pictures = [utils.load_img(file, target_size=(size, size)) for file in batch]
        yield np.stack([utils.img_to_array(picture, dtype="uint8") for picture in pictures])
