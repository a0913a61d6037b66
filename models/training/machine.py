"""What a training runs on, and how its result reaches the engine that serves."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from models.encoder import prepare_encoder
from models.engines.keras import import_keras
from models.engines.openvino import core
from models.training.precision import on_gpu
from models.types import EncoderSpec


@dataclass(frozen=True)
class Machine:
    """What a training ran on.

    Attributes:
        backend: what Keras computed with: tensorflow, jax or torch.
        keras: its version.
        device: the processor's name, or how the backend calls its GPU.
    """

    backend: str
    keras: str
    device: str


def this_machine() -> Machine:
    """Describe what trainings run on here."""
    keras = import_keras()
    device = str(keras.ops.zeros(1).device) if on_gpu() else processor()
    return Machine(keras.config.backend(), str(keras.__version__), device)


def processor() -> str:
    """Return the name of the processor that encoders are served on."""
    return str(core().get_property("CPU", "FULL_DEVICE_NAME")).strip()


def served_encoder(spec: EncoderSpec, cache: Path) -> Path:
    """Export an encoder as an index build does, whatever backend this process trains with.

    Only Keras on TensorFlow writes what the serving engine reads: beside another backend, a
    process of its own does it.

    Args, Returns, Raises: as models.encoder.prepare_encoder.
    """
    if import_keras().config.backend() == "tensorflow":
        return prepare_encoder(spec, cache)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_prepared_on_tensorflow, spec, cache).result()


def _prepared_on_tensorflow(spec: EncoderSpec, cache: Path) -> Path:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that waits decides
    os.environ |= {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    return prepare_encoder(spec, cache)
