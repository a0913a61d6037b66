"""A network's weights and maps become bytes, at ranges found on pictures."""

import os
import sys
import threading
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from models.engines.base import UInt8
from models.engines.openvino import core, import_openvino
from models.errors import PrecisionFailed

AFTER_MAP = ("ReduceMean", "ReduceMax", "Maximum", "Power", "MatMul")
"""OpenVINO's operations that make a feature of a map, those of a head among them; they stay exact
and cost next to nothing."""


def quantise(source: Path, target: Path, pictures: UInt8) -> None:
    """Write an exported network as int8, by NNCF's post-training quantisation.

    Weights get a range for each channel, maps one for all (Jacob et al., "Quantization and
    Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018); biases
    then take up the mean error (Nagel et al., "Data-Free Quantization Through Weight Equalization
    and Bias Correction", 2019).

    It runs in a process of its own: NNCF makes further cores of OpenVINO (see
    models.engines.openvino.core), writes to the terminal, and takes memory that is needed no more
    afterwards.

    Args:
        source: the network's .xml, its weights beside it as .bin.
        target: the .xml to write, and a .bin beside it.
        pictures: uint8 (n, size, size, 3); all are used.

    Raises:
        PrecisionFailed: NNCF is missing or fails, or the process is killed.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(source, target, pictures, sender), name="quantise", daemon=True
    )
    process.start()
    sender.close()
    try:
        problem = receiver.recv()
    except EOFError:
        problem = "the process that quantises was ended from outside"
    finally:
        process.kill()
        process.join()
        receiver.close()
    if problem:
        raise PrecisionFailed(
            f"int8 cannot be had: {problem}. Use --precision fp32 or bf16 instead."
        )


def _work(source: Path, target: Path, pictures: UInt8, sender: Connection) -> None:
    """Quantise in this process, which is there for nothing else, and send what went wrong."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _quantise(source, target, pictures)
        sender.send("")
    except ImportError as error:
        sender.send(f"{error}; pip install -r requirements.txt brings what is missing")
    except Exception as error:
        sender.send(f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, and write no more."""
    if parent := parent_process():
        wait([parent.sentinel])
    os._exit(1)


def _quantise(source: Path, target: Path, pictures: UInt8) -> None:
    openvino = import_openvino()
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import nncf

    smaller = nncf.quantize(
        core().read_model(source),
        nncf.Dataset([picture[None] for picture in pictures]),
        subset_size=len(pictures),
        preset=nncf.QuantizationPreset.MIXED,
        target_device=nncf.TargetDevice.CPU,
        ignored_scope=nncf.IgnoredScope(types=list(AFTER_MAP), validate=False),
    )
    openvino.save_model(smaller, target, compress_to_fp16=False)
