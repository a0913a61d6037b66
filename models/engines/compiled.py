"""Keeps compiled networks on disk, so that the next process is spared the compiling.

OpenVINO's own cache writes its files in place and reads them unchecked; here a file is complete,
under a checksum, or not there.
"""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_LOG = logging.getLogger(__name__)
_CHECKSUM = 4  # bytes, at the end of a file
KEPT = 16
"""Files that are kept in a folder, those used last."""


@dataclass(frozen=True)
class Compiled:
    """A compiled network.

    Attributes:
        network: OpenVINO's.
        memory: uint8 (bytes,) that the network goes on reading its weights from, or None.
    """

    network: Any
    memory: NDArray[np.uint8] | None = None


def compiled(
    core: Any, read: Callable[[], Any], config: Mapping[str, Any], file: Path | None = None
) -> Compiled:
    """Compile a network for the processor, or take it from a file.

    Args:
        core: OpenVINO's.
        read: returns OpenVINO's network; not called where the file holds it compiled.
        config: OpenVINO's settings.
        file: where it is or will be kept, under a name that tells all that it depends on; None to
            keep nothing. One that is damaged is written again; a folder that cannot be written
            is done without.

    Raises:
        RuntimeError: OpenVINO cannot read or compile the network.
    """
    found = _load(core, config, file) if file else None
    if found:
        return found
    network = core.compile_model(read(), "CPU", dict(config))
    if file:
        _keep(network, file)
    return Compiled(network)


def _load(core: Any, config: Mapping[str, Any], file: Path) -> Compiled | None:
    try:
        content = np.fromfile(file, np.uint8)
    except OSError:
        return None
    memory, checksum = content[:-_CHECKSUM], content[-_CHECKSUM:]
    if crc32(memory.data).to_bytes(_CHECKSUM) != checksum.tobytes():
        return None
    from openvino import Tensor

    try:
        # Shared with the network, which spares a copy, and crashes if the memory is let go first.
        network = core.import_model(Tensor(memory, shared_memory=True), "CPU", dict(config))
    except RuntimeError as error:
        _LOG.info("The compiled network %s is of no use: %s", file, error)
        return None
    with suppress(OSError):
        os.utime(file)
    return Compiled(network, memory)


def _keep(network: Any, file: Path) -> None:
    partial = file.with_name(f"{file.name}.{os.getpid()}-{get_ident()}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        memory = network.export_model().getvalue()
        with partial.open("wb") as content:
            content.write(memory)
            content.write(crc32(memory).to_bytes(_CHECKSUM))
        partial.replace(file)
        _prune(file.parent)
    except (RuntimeError, OSError) as error:
        _LOG.info("The compiled network %s is not kept: %s", file, error)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _prune(folder: Path) -> None:
    """Remove all but the files used last; what killed processes left behind goes the same way."""
    by_use = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    for file in by_use[:-KEPT]:
        file.unlink(missing_ok=True)
