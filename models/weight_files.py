"""Reads weight files without ever running anything that is in them."""

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsMismatch


@dataclass(frozen=True)
class Entry:
    """One weight in a file: its shape is known before a byte of it is read.

    Attributes:
        shape: of the array.
        floating: whether it holds floats, of any width.
        read: reads the array.
    """

    shape: tuple[int, ...]
    floating: bool
    read: Callable[[], NDArray[Any]]


Entries = dict[tuple[str, str], Entry]
"""(layer, weight) -> entry, as in ("conv1_conv", "kernel")."""


@contextmanager
def open_weights(file: Path, layers: Sequence[Any]) -> Iterator[Entries]:
    """Open a weight file: .npz of layer/weight, or .h5 or .weights.h5 of Keras.

    Args:
        file: its kind is told by its name.
        layers: all layers of the network, in Keras's order, by which files name their weights.

    Raises:
        WeightsMismatch: the file is of another kind, damaged, or holds what is not plain numbers.
    """
    try:
        match file.suffix.lower():
            case ".npz":
                with zipfile.ZipFile(file) as archive:
                    yield _npz_entries(archive)
            case ".h5" | ".hdf5":
                import h5py

                with h5py.File(file, "r") as root:
                    yield _h5_entries(root, layers)
            case _:
                raise WeightsMismatch(
                    f"{file} is not a kind of weight file that is opened here: .npz of "
                    "layer/weight, or .h5 or .weights.h5 of Keras. A whole model (.keras, or a "
                    "pickle) may carry code and is never opened: load it where you trust it, and "
                    "write its weights with model.save_weights('name.weights.h5')."
                )
    except WeightsMismatch:
        raise
    except Exception as error:
        # Damaged and hostile files make zipfile, NumPy and h5py raise nearly anything.
        raise WeightsMismatch(
            f"The weight file {file} is damaged, or not what its name says: {error}. "
            "Get it again, or give another."
        ) from error


def _npz_entries(archive: zipfile.ZipFile) -> Entries:
    entries = {}
    for member in archive.namelist():
        layer, _, weight = member.removesuffix(".npy").rpartition("/")
        if layer and member.endswith(".npy"):
            entries[layer, weight] = _npy_entry(archive, member)
    return entries


def _npy_entry(archive: zipfile.ZipFile, member: str) -> Entry:
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(stream)

    def read() -> NDArray[Any]:
        with archive.open(member) as stream:
            return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))

    return Entry(tuple(shape), dtype.kind == "f", read)


def _h5_entries(root: Any, layers: Sequence[Any]) -> Entries:
    weighted = [layer for layer in layers if layer.weights]
    if "layer_names" in root.attrs or "model_weights" in root:
        return _legacy_entries(root, weighted)
    return _keras3_entries(root, weighted)


def _legacy_entries(root: Any, layers: Sequence[Any]) -> Entries:
    """Read the layout of Keras 1 and 2, which keras.applications still publishes.

    Weights go by their layer's name or, where no name fits, by its place, as Keras itself does.
    """
    root = root if "layer_names" in root.attrs else _group(root, "model_weights")
    stored: dict[str, list[Entry]] = {}
    for name in _strings(root.attrs["layer_names"]):
        group = _group(root, name)
        paths = _strings(group.attrs["weight_names"])
        if paths:
            stored[name] = [_dataset(group, path) for path in paths]
    if not any(layer.name in stored for layer in layers) and len(layers) == len(stored):
        stored = dict(zip((layer.name for layer in layers), stored.values(), strict=True))
    return _named(stored, layers)


def _keras3_entries(root: Any, layers: Sequence[Any]) -> Entries:
    """Read the layout of Keras 3: layers/<class>_<number>/vars/<number>.

    The layer's own name is an attribute of vars; the first Keras 3 wrote none, and there the
    numbered class tells the layer.
    """
    groups, by_class = _group(root, "layers"), _class_names(layers)
    stored: dict[str, list[Entry]] = {}
    for key in groups:
        variables = _group(_group(groups, key), "vars")
        name = str(variables.attrs.get("name", by_class.get(key, "")))
        stored[name] = [_dataset(variables, str(at)) for at in range(len(variables))]
    return _named(stored, layers)


def _class_names(layers: Sequence[Any]) -> dict[str, str]:
    """Return Keras 3's numbered class, such as conv2d_7, -> layer's name."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for layer in layers:
        kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", type(layer).__name__).lower()
        names[f"{kind}_{counts[kind]}" if counts[kind] else kind] = layer.name
        counts[kind] += 1
    return names


def _named(stored: dict[str, list[Entry]], layers: Sequence[Any]) -> Entries:
    """Name each layer's stored weights, which HDF5 files keep in the layer's own order."""
    entries = {}
    for layer in layers:
        for weight, entry in zip(layer.weights, stored.get(layer.name, ()), strict=False):
            entries[layer.name, weight.name] = entry
    return entries


def _strings(values: Any) -> list[str]:
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _group(parent: Any, name: str) -> Any:
    import h5py

    return _hard_linked(parent, name, h5py.Group)


def _hard_linked(parent: Any, name: str, kind: type) -> Any:
    """Follow a path of hard links only: soft and external links lead out of the file."""
    import h5py

    node = parent
    for part in name.split("/"):
        if not isinstance(node.get(part, getlink=True), h5py.HardLink):
            raise WeightsMismatch(
                f"{parent.file.filename} has a link at '{name}' where weights should be; "
                "links are not followed. Write the file again with model.save_weights."
            )
        node = node[part]
    if not isinstance(node, kind):
        raise ValueError(f"'{name}' is not what a weight file has there")
    return node


def _dataset(group: Any, name: str) -> Entry:
    import h5py

    data = _hard_linked(group, name, h5py.Dataset)
    if data.is_virtual or data.external:
        raise WeightsMismatch(f"{data.file.filename}: '{name}' takes its values from other files.")
    return Entry(tuple(data.shape), data.dtype.kind == "f", lambda: np.asarray(data[()]))
