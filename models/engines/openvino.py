"""Runs an exported encoder in OpenVINO: no TensorFlow, a third of its memory."""

import sys
import threading
from collections import deque
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.base import Float32, UInt8, filled
from models.engines.compiled import Compiled, compiled

_FEATURE_RANK = 2
_MAP_RANK = 4

_AVERAGE = "ReduceMean"

_HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}
"""Precision -> that of all layers which are not quantised."""

_EXACT = {"INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False}

_PICTURES = 4
"""Pictures in a request where many must be done: weights are read once for all of them."""

_REQUESTS = 2
"""Requests for each that runs, so that the next one waits ready while a result is taken."""


def import_openvino() -> Any:
    """Import OpenVINO without the package that reports each conversion to its makers."""
    if "openvino" not in sys.modules:
        # OpenVINO takes its own silent stand-in where this import fails.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


_FIRST_USE = threading.Lock()


def core() -> Any:
    """Return OpenVINO's core, of which a process needs just one.

    Each one lends its thread a stack for signals, and the first that is let go takes away that of
    those after it: the next Ctrl-C would then end the process with a fault of segmentation.
    """
    with _FIRST_USE:
        return _core()


@cache
def _core() -> Any:
    return import_openvino().Core()


class OpenVinoEngine:
    """Runs an encoder from its intermediate representation.

    Requests have one constant shape, so that a picture's feature is the same to the last bit
    wherever it stands in whichever batch. To keep the processor busy between batches as well,
    call `encode` from two threads.

    Args:
        xml: path of the network's description; its weights lie beside it as .bin.
        precision: fp32, bf16 or int8; a processor without bf16 computes that in fp32.
        threads: for one inference; 0 leaves the number to OpenVINO.
        latency: True where single pictures must be quick, False where many must be done.
        kept: beginning of the paths where the compiled network is kept, which must tell the
            network and the machine; None to compile anew.
    """

    def __init__(
        self,
        xml: Path,
        *,
        precision: str = "fp32",
        threads: int = 0,
        latency: bool = True,
        kept: Path | None = None,
    ) -> None:
        self._xml = xml
        self._kept = kept
        self._config = _config(precision, threads, latency)
        self._pictures = 1 if latency else _PICTURES
        self._lock = threading.Lock()
        self._local = threading.local()
        self._features = self._compile(_FEATURE_RANK)
        self._maps: Compiled | None = None
        self._head: Any = None

    def encode(self, images: UInt8) -> Float32:
        """Return the features (n, dim)."""
        # A request serves one inference at a time: each thread has its own.
        if not hasattr(self._local, "requests"):
            self._local.requests = _requests(self._features)
        try:
            return self._infer(self._local.requests, images)
        except BaseException:
            # One that was left running would refuse all further work.
            del self._local.requests
            raise

    def map(self, images: UInt8) -> Float32:
        """Return the maps before pooling (n, h, w, c); the first call takes a moment longer."""
        with self._lock:
            if self._maps is None:
                self._maps = self._compile(_MAP_RANK)
        return self._infer(_requests(self._maps), images)

    def places(self, images: UInt8) -> Float32:
        """Return the maps, each place of which went through the head, (n, h, w, dim)."""
        maps = self.map(images)
        with self._lock:
            if self._head is None:
                cut = after_pooling(core().read_model(self._xml))
                self._head = core().compile_model(cut, "CPU", _EXACT)
        request = self._head.create_infer_request()
        request.infer([maps.reshape(-1, maps.shape[-1])])
        return _result(request).reshape(*maps.shape[:3], -1)

    def _infer(self, requests: Sequence[Any], images: UInt8) -> Float32:
        """Share a batch out among requests, and collect the results in the batch's order."""
        images = np.ascontiguousarray(images)
        results: list[Float32] = []
        busy: deque[Any] = deque()
        for start, request in zip(range(0, len(images), self._pictures), cycle(requests)):
            if len(busy) == len(requests):
                results.append(_result(busy.popleft()))
            part = filled(images[start : start + self._pictures], self._pictures)
            request.start_async([part], share_inputs=True)
            busy.append(request)
        results.extend(_result(request) for request in busy)
        return np.concatenate(results)[: len(images)]

    def _compile(self, rank: int) -> Compiled:
        """Compile the network up to the one output of that rank, so that nothing idle is run."""
        kept = None
        if self._kept:
            parts = sorted(self._config.items()), rank, self._pictures
            ending = sha256(repr(parts).encode()).hexdigest()[:8]
            kept = self._kept.with_name(f"{self._kept.name}-{ending}.blob")
        return compiled(core(), lambda: self._read(rank), self._config, kept)

    def _read(self, rank: int) -> Any:
        network = core().read_model(self._xml)
        wanted = [r for r in network.get_results() if len(r.input(0).get_partial_shape()) == rank]
        alone = import_openvino().Model(
            wanted, network.get_parameters(), network.get_friendly_name()
        )
        alone.reshape([self._pictures, *alone.input(0).get_partial_shape()[1:]])
        return alone


def after_pooling(network: Any) -> Any:
    """Cut out of an exported encoder what makes the feature of the averaged map.

    Args:
        network: OpenVINO's, with both outputs; not to be used afterwards.

    Returns:
        OpenVINO's network of float32 (n, c) -> (n, dim).

    Raises:
        RuntimeError: the map is not averaged.
    """
    results = network.get_results()
    feature = next(r for r in results if len(r.input(0).get_partial_shape()) == _FEATURE_RANK)
    node = feature
    while node.get_type_name() != _AVERAGE:
        if not node.inputs():
            raise RuntimeError(f"it has no {_AVERAGE} before its feature")
        node = node.input_value(0).get_node()
    openvino = import_openvino()
    pooled = openvino.opset13.parameter(node.get_output_partial_shape(0), np.float32)
    for reader in node.output(0).get_target_inputs():
        reader.replace_source_output(pooled.output(0))
    return openvino.Model([feature], [pooled], "head")


def _config(precision: str, threads: int, latency: bool) -> dict[str, Any]:
    config: dict[str, Any] = {
        # Left alone, OpenVINO computes in bfloat16 on processors that can.
        "INFERENCE_PRECISION_HINT": _HINTS[precision],
        "PERFORMANCE_HINT": "LATENCY" if latency else "THROUGHPUT",
        # Each process would pin its threads to the same first cores.
        "ENABLE_CPU_PINNING": False,
    }
    return config | ({"INFERENCE_NUM_THREADS": threads} if threads else {})


def _requests(network: Compiled) -> list[Any]:
    """Make requests enough to keep all cores busy."""
    running = network.network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
    return [network.network.create_infer_request() for _ in range(_REQUESTS * running)]


def _result(request: Any) -> Float32:
    """Wait for a request, and copy its output, which the next inference overwrites."""
    request.wait()
    return np.array(request.get_output_tensor(0).data)
