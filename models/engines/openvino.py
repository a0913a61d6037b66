"""Runs an exported encoder in OpenVINO: no TensorFlow, a third of its memory."""

import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.base import Float32, UInt8

_FEATURE_RANK = 2
_MAP_RANK = 4


def import_openvino() -> Any:
    """Import OpenVINO without the package that reports each conversion to its makers."""
    if "openvino" not in sys.modules:
        # OpenVINO takes its own silent stand-in where this import fails.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


@cache
def core() -> Any:
    """Return OpenVINO's core, of which a process needs just one.

    Each one lends its thread a stack for signals, and the first that is let go takes away that of
    those after it: the next Ctrl-C would then end the process with a fault of segmentation.
    """
    return import_openvino().Core()


class OpenVinoEngine:
    """Runs an encoder from its intermediate representation.

    Args:
        xml: path of the network's description; its weights lie beside it as .bin.
        threads: for one inference; 0 leaves the number to OpenVINO.
        latency: True where single pictures must be quick, False where many must be done.
    """

    def __init__(self, xml: Path, *, threads: int = 0, latency: bool = True) -> None:
        self._xml = xml
        self._config = _config(threads, latency)
        self._lock = threading.Lock()
        self._local = threading.local()
        self._features = self._compile(_FEATURE_RANK)
        self._maps: Any = None

    def encode(self, images: UInt8) -> Float32:
        """Return the features (n, dim)."""
        # A request serves one inference at a time: each thread has its own.
        if not hasattr(self._local, "requests"):
            self._local.requests = _requests(self._features)
        try:
            return _infer(self._local.requests, images)
        except BaseException:
            # One that was left running would refuse all further work.
            del self._local.requests
            raise

    def map(self, images: UInt8) -> Float32:
        """Return the maps before pooling (n, h, w, c); the first call takes a moment longer."""
        with self._lock:
            if self._maps is None:
                self._maps = self._compile(_MAP_RANK)
        return _infer(_requests(self._maps), images)

    def _compile(self, rank: int) -> Any:
        """Compile the network up to the one output of that rank, so that nothing idle is run."""
        openvino = import_openvino()
        network = core().read_model(self._xml)
        wanted = [r for r in network.get_results() if len(r.input(0).get_partial_shape()) == rank]
        alone = openvino.Model(wanted, network.get_parameters(), network.get_friendly_name())
        return core().compile_model(alone, "CPU", self._config)


def _config(threads: int, latency: bool) -> dict[str, Any]:
    config: dict[str, Any] = {
        # Left alone, OpenVINO computes in bfloat16 on processors that can.
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY" if latency else "THROUGHPUT",
    }
    return config | ({"INFERENCE_NUM_THREADS": threads} if threads else {})


def _requests(compiled: Any) -> list[Any]:
    """Make as many requests as the compiled network serves at once: 1 where latency counts."""
    wanted = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
    return [compiled.create_infer_request() for _ in range(wanted)]


def _infer(requests: list[Any], images: UInt8) -> Float32:
    """Share a batch out among requests, and collect the results in the batch's order."""
    parts = np.array_split(np.ascontiguousarray(images), min(len(requests), len(images)))
    busy = list(zip(requests, parts, strict=False))
    for request, part in busy:
        request.start_async([part], share_inputs=True)
    for request, _ in busy:
        request.wait()
    return np.concatenate([request.get_output_tensor(0).data for request, _ in busy])
