"""An encoder turns a batch of pictures into features, and can say exactly which features."""

import json
import shutil
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore

import numpy as np

from models.engines.base import Engine, Float32, UInt8
from models.errors import (
    EncoderBusy,
    EncoderDamaged,
    EncoderFailed,
    FeatureNotFinite,
    NetworkError,
)
from models.exported import (
    BIN,
    FINGERPRINT,
    XML,
    damaged,
    identity,
    read_fingerprint,
    write_fingerprint,
)
from models.heads import parse, text_of
from models.networks import network
from models.parting import require_parts
from models.precisions import ENGINES
from models.types import Crop, EncoderSpec, Fingerprint
from models.weights import resolve

_LAYOUT = 2
"""Raised whenever an export from the same weights would differ, so that old ones are not reused."""


QUEUE = 64
"""Calls of one encoder that may be under way at once, unless a caller says otherwise."""


class Encoder:
    """Turns pictures into features; safe to share between threads.

    Args:
        engine: what computes them.
        fingerprint: what they are.
        queue: calls that may be under way at once; more are refused.
    """

    def __init__(self, engine: Engine, fingerprint: Fingerprint, *, queue: int = QUEUE) -> None:
        self._engine = engine
        self._places = BoundedSemaphore(queue)
        self.fingerprint = fingerprint

    @property
    def size(self) -> int:
        """Return the side of the square pictures that it takes, in pixels."""
        return self.fingerprint.size

    @property
    def crop(self) -> Crop:
        """Return what of each picture is to be shown to it."""
        return self.fingerprint.crop

    @property
    def dim(self) -> int:
        """Return the width of its features."""
        return self.fingerprint.dim

    def encode(self, images: UInt8) -> Float32:
        """Compute the pooled features of a batch.

        Args:
            images: uint8 (n, size, size, 3), upright RGB as models.images.decode gives it.

        Returns:
            float32 (n, dim), neither reduced nor normalised.

        Raises:
            EncoderFailed: the engine failed.
            FeatureNotFinite: it gave a feature that is not finite.
            EncoderBusy: too many calls are under way already.
        """
        self._check(images)
        if len(images) == 0:
            return np.empty((0, self.dim), np.float32)
        return self._run(self._engine.encode, images)

    def map(self, images: UInt8) -> Float32:
        """Compute the maps before pooling.

        Args, Raises: as for encode.

        Returns:
            float32 (n, h, w, c); without a head c is dim.
        """
        self._check(images)
        return self._run(self._engine.map, images)

    def places(self, images: UInt8) -> Float32:
        """Compute what each place of a picture tells, the mean of which is the feature.

        Args, Raises: as for encode; and

        Returns:
            float32 (n, h, w, dim). Their mean over the places is what encode gives, to the noise
            of float arithmetic in fp32 and int8, and to 5e-3 of the largest number in bf16, which
            averages in that precision.

        Raises:
            NoExplanation: the feature is no such mean; the message names what stands in the way.
        """
        require_parts(self.fingerprint)
        self._check(images)
        compute = self._engine.places if self.fingerprint.head else self._engine.map
        return self._run(compute, images)

    def _check(self, images: UInt8) -> None:
        expected = (self.size, self.size, 3)
        if images.ndim != 4 or images.shape[1:] != expected or images.dtype != np.uint8:
            raise ValueError(
                f"The encoder takes uint8 pictures of shape (n, {self.size}, {self.size}, 3). "
                f"Received: {images.dtype} of shape {images.shape}."
            )

    def _run(self, compute: Callable[[UInt8], Float32], images: UInt8) -> Float32:
        if not self._places.acquire(blocking=False):
            raise EncoderBusy("Too many pictures wait for the encoder. Try again in a moment.")
        try:
            result = compute(images)
        except Exception as error:
            raise EncoderFailed(
                f"The encoder {self.fingerprint.network} failed on {len(images)} picture(s): "
                f"{error}"
            ) from error
        finally:
            self._places.release()
        if not np.isfinite(result).all():
            raise FeatureNotFinite(
                f"The encoder {self.fingerprint.network} gave values that are not finite for "
                f"{_not_finite(result)} of {len(images)} picture(s)."
            )
        return result


def _not_finite(result: Float32) -> int:
    """Count the pictures of a batch whose result is not finite."""
    return int((~np.isfinite(result.reshape(len(result), -1)).all(axis=1)).sum())


def build_engine(asked: str) -> str:
    """Return the engine that a build uses: openvino, or keras where TensorFlow has a GPU.

    Args:
        asked: auto, openvino or keras.

    Raises:
        NetworkError: there is no such engine.
    """
    if asked not in ENGINES:
        raise NetworkError(f"There is no engine '{asked}'. Choose one of: {', '.join(ENGINES)}.")
    if asked != "auto":
        return asked
    from models.engines.keras import sees_gpu

    return "keras" if sees_gpu() else "openvino"


def keras_encoder(spec: EncoderSpec, batch_size: int | None = None) -> Encoder:
    """Build an encoder that runs in Keras: slow to start, and the reference for all others.

    Args:
        spec: what is asked for.
        batch_size: pictures that are computed together, whatever the batch; None to compute each
            batch as it comes.

    Raises:
        NetworkError: Keras does not run on TensorFlow.
        UnknownNetwork, WeightsMissing, WeightsMismatch: saying what cannot be had.
    """
    from models.engines.keras import KerasEngine
    from models.export import build_encoder

    built = build_encoder(spec)
    return Encoder(KerasEngine(built.model, batch_size), built.fingerprint)


def export_encoder(spec: EncoderSpec, directory: Path) -> Fingerprint:
    """Export an encoder: encoder.xml, encoder.bin and, last, fingerprint.json.

    Args:
        spec: what is asked for.
        directory: is made where it does not exist.

    Raises:
        UnknownNetwork, WeightsMissing, WeightsMismatch: saying what cannot be had.
    """
    from models.export import build_encoder, export_model

    built = build_encoder(spec)
    directory.mkdir(parents=True, exist_ok=True)
    export_model(built, directory / XML)
    write_fingerprint(built.fingerprint, directory)
    return built.fingerprint


def export_key(spec: EncoderSpec) -> str:
    """Return a name that two specs share only where their exported encoders are the same.

    It needs no TensorFlow, unless ImageNet weights have to be downloaded first.

    Raises:
        NetworkError: as for export_encoder.
    """
    layer = spec.layer or network(spec.network).layer_for(spec.pooling)
    head = (text_of(parse(spec.head)),) if spec.head else ()
    crop = (f"crop {spec.crop}",) if spec.crop else ()
    seen = (spec.pooling, spec.size, *head, *crop)
    parts = (_LAYOUT, spec.network, resolve(spec).sha256, layer, *seen)
    return f"{spec.network}-{sha256(json.dumps(parts).encode()).hexdigest()[:16]}"


def prepare_encoder(spec: EncoderSpec, cache: Path) -> Path:
    """Export an encoder into a cache, or find it there.

    Args:
        spec: what is asked for.
        cache: a folder of exported encoders, one sub-folder each; made where it does not exist.

    Returns:
        the folder of the exported encoder, complete.

    Raises:
        UnknownNetwork, WeightsMissing, WeightsMismatch: as for export_encoder.
    """
    home = cache / export_key(spec)
    if _is_usable(home):
        return home
    cache.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed, so that a killed export leaves nothing that looks like an encoder.
    with tempfile.TemporaryDirectory(prefix=".exporting-", dir=cache) as aside:
        export_encoder(spec, Path(aside) / home.name)
        if not _is_usable(home):
            shutil.rmtree(home, ignore_errors=True)
            (Path(aside) / home.name).replace(home)
    return home


def open_encoder(
    directory: Path,
    *,
    threads: int = 0,
    latency: bool = True,
    queue: int = QUEUE,
    compiled: Path | None = None,
) -> Encoder:
    """Open an exported encoder in OpenVINO, without TensorFlow, and try it once.

    Args:
        directory: holds encoder.xml, encoder.bin and fingerprint.json, which tells the precision.
        threads: of the processor for one batch; 0 leaves the number to OpenVINO.
        latency: True where single pictures must be quick, False where many must be done.
        queue: calls that may be under way at once; more are refused with EncoderBusy.
        compiled: a folder of compiled networks, which spare the compiling; made where it does not
            exist, and done without where it cannot be written.

    Raises:
        EncoderDamaged: a file is missing, cannot be read, or does not fit the others; the
            message names it.
    """
    from models.engines.openvino import OpenVinoEngine
    from models.engines.processor import machine

    fingerprint = read_fingerprint(directory)
    for name in (XML, BIN):
        if not (directory / name).is_file():
            raise damaged(directory / name, "it is missing")
    try:
        engine = OpenVinoEngine(
            directory / XML,
            precision=fingerprint.precision,
            threads=threads,
            latency=latency,
            kept=compiled and compiled / f"{identity(directory, fingerprint)}-{machine()}",
        )
        black = np.zeros((1, fingerprint.size, fingerprint.size, 3), np.uint8)
        width = engine.encode(black).shape[1]
    except Exception as error:
        raise damaged(directory / XML, f"OpenVINO cannot run it: {error}") from error
    if width != fingerprint.dim:
        raise damaged(
            directory / FINGERPRINT, f"it tells of {fingerprint.dim} features and not of {width}"
        )
    return Encoder(engine, fingerprint, queue=queue)


def _is_usable(directory: Path) -> bool:
    """Say whether an exported encoder can be opened, which finds a truncated one too."""
    try:
        open_encoder(directory)
    except EncoderDamaged:
        return False
    return True
