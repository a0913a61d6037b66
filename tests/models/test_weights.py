"""Weights come from files of three kinds; half a file, or a hostile one, is refused by name."""

import hashlib
import io
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from models.downloads import fetch
from models.errors import WeightsMismatch, WeightsMissing
from models.export import build_encoder
from models.networks import Download
from models.types import EncoderSpec
from models.weights import resolve
from tests.models.nets import REAL_WEIGHTS, random_network, write_legacy_h5, write_npz


@pytest.fixture(scope="module")
def donor() -> Any:
    """Return a simple_cnn in Keras, with weights that other ones are to take over."""
    return random_network("simple_cnn", seed=7, size=48)


def spec_of(file: Path, layer: str | None = None) -> EncoderSpec:
    return EncoderSpec("simple_cnn", str(file), layer=layer, size=48)


def assert_same_weights(spec: EncoderSpec, donor: Any, tolerance: float = 0.0) -> None:
    """Check that an encoder built from a spec has the donor's weights, layer by layer."""
    model = build_encoder(spec).model
    for layer in model.layers:
        for mine, given in zip(layer.weights, donor_weights(donor, layer.name), strict=True):
            assert np.abs(np.asarray(mine) - np.asarray(given)).max() <= tolerance


def donor_weights(donor: Any, name: str) -> list[Any]:
    return next((list(layer.weights) for layer in donor.layers if layer.name == name), [])


def test_npz_is_loaded(donor: Any, tmp_path: Path) -> None:
    assert_same_weights(spec_of(write_npz(donor, tmp_path / "w.npz")), donor)


def test_npz_of_half_precision_is_loaded(donor: Any, tmp_path: Path) -> None:
    file = write_npz(donor, tmp_path / "w.npz", np.float16)
    assert_same_weights(spec_of(file), donor, tolerance=1e-3)


def test_keras_3_weights_are_loaded(donor: Any, tmp_path: Path) -> None:
    file = tmp_path / "w.weights.h5"
    donor.save_weights(file)
    assert_same_weights(spec_of(file), donor)


def test_keras_3_weights_without_names_are_loaded_by_their_place(
    donor: Any, tmp_path: Path
) -> None:
    file = tmp_path / "w.weights.h5"
    donor.save_weights(file)
    with h5py.File(file, "a") as root:
        for group in root["layers"].values():
            del group["vars"].attrs["name"]
    assert_same_weights(spec_of(file), donor)


def test_keras_2_weights_are_loaded_by_name(donor: Any, tmp_path: Path) -> None:
    assert_same_weights(spec_of(write_legacy_h5(donor, tmp_path / "w.h5")), donor)


def test_keras_2_weights_of_other_names_are_loaded_by_their_place(
    donor: Any, tmp_path: Path
) -> None:
    file = write_legacy_h5(donor, tmp_path / "w.h5", prefix="other_")
    assert_same_weights(spec_of(file), donor)


def test_partial_weights_do_where_the_feature_layer_is_covered(donor: Any, tmp_path: Path) -> None:
    whole = np.load(write_npz(donor, tmp_path / "whole.npz"))
    file = tmp_path / "partial.npz"
    np.savez(file, **{key: whole[key] for key in whole.files if not key.startswith("conv4")})
    assert_same_weights(spec_of(file, "conv3_relu"), donor)
    with pytest.raises(WeightsMismatch, match=r"partial\.npz .* 2 of 8 .* in the layers conv4\."):
        build_encoder(spec_of(file))


@pytest.mark.parametrize("name", REAL_WEIGHTS)
def test_the_real_partial_weights_are_loaded(name: str, shared: Path) -> None:
    file, layer = REAL_WEIGHTS[name]
    path = shared / "weights" / file
    built = build_encoder(EncoderSpec(name, str(path), layer=layer, size=64))
    first = next(layer for layer in built.model.layers if layer.weights)
    with np.load(path) as stored:
        kernel = stored[f"{first.name}/kernel"].astype(np.float32)
    assert np.array_equal(np.asarray(first.weights[0]), kernel)
    assert built.fingerprint.weights_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["resnet50", "resnet50v2"])
def test_the_real_partial_weights_do_not_cover_the_last_layer(name: str, shared: Path) -> None:
    path = shared / "weights" / REAL_WEIGHTS[name][0]
    with pytest.raises(
        WeightsMismatch, match=r"9 of \d+ .* conv5_block1_2_conv, .* conv5_block3_3_conv\."
    ):
        build_encoder(EncoderSpec(name, str(path), size=64))


def test_weights_of_another_shape_are_refused(donor: Any, tmp_path: Path) -> None:
    whole = dict(np.load(write_npz(donor, tmp_path / "whole.npz")))
    whole["conv2/kernel"] = np.zeros((5, 5, 32, 64), np.float32)
    file = tmp_path / "other.npz"
    np.savez(file, **whole)
    with pytest.raises(WeightsMismatch, match=r"conv2/kernel .*\(3, 3, 32, 64\).*\(5, 5, 32, 64\)"):
        build_encoder(spec_of(file))


def test_weights_that_are_not_finite_are_refused(donor: Any, tmp_path: Path) -> None:
    whole = dict(np.load(write_npz(donor, tmp_path / "whole.npz")))
    whole["conv2/bias"][3] = np.nan
    file = tmp_path / "nan.npz"
    np.savez(file, **whole)
    with pytest.raises(WeightsMismatch, match=r"nan\.npz: conv2/bias .*not finite"):
        build_encoder(spec_of(file))


@pytest.mark.parametrize("name", ["w.npz", "w.h5", "w.weights.h5"])
@pytest.mark.parametrize("content", [b"", b"<html>404 Not Found</html>", b"\x89HDF\r\n\x1a\n\0\0"])
def test_fault_69_a_damaged_file_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsMismatch, match=name):
        build_encoder(spec_of(tmp_path / name))


@pytest.mark.parametrize("name", ["w.npz", "w.h5"])
def test_fault_69_a_truncated_file_is_named(name: str, donor: Any, tmp_path: Path) -> None:
    write = write_npz if name.endswith(".npz") else write_legacy_h5
    whole = write(donor, tmp_path / f"whole-{name}").read_bytes()
    for share in (0.3, 0.9):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(WeightsMismatch, match=name):
            build_encoder(spec_of(tmp_path / name))


def test_fault_69_a_missing_file_is_named_with_the_ways_out(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.npz"
    with pytest.raises(WeightsMissing) as caught:
        resolve(EncoderSpec("resnet50", str(missing)))
    for part in (str(missing), "--weights FILE", "resnet50_weights_tf", "--network pocket"):
        assert part in str(caught.value)


def test_fault_69_weights_that_nobody_has_are_explained() -> None:
    for weights in ("bundled", "imagenet"):
        with pytest.raises(WeightsMissing, match="--network pocket"):
            resolve(EncoderSpec("simple_cnn", weights))


class Bomb:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (os.mkdir, (str(self.trace),))


def test_fault_70_a_pickle_in_an_npz_is_not_run(donor: Any, tmp_path: Path) -> None:
    trace, file = tmp_path / "trace", tmp_path / "hostile.npz"
    whole = dict(np.load(write_npz(donor, tmp_path / "whole.npz")))
    whole["conv1/kernel"] = np.array([Bomb(trace)], dtype=object)
    np.savez(file, **whole)
    with pytest.raises(WeightsMismatch, match="conv1/kernel"):
        build_encoder(spec_of(file))
    assert not trace.exists()


@pytest.mark.parametrize("name", ["model.keras", "model.pkl", "model.npy", "model"])
def test_fault_70_other_kinds_of_file_are_not_opened(name: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / name).write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(WeightsMismatch, match=r"\.npz of layer/weight"):
        build_encoder(spec_of(tmp_path / name))
    assert not trace.exists()


@pytest.mark.parametrize("link", ["external", "soft", "virtual", "raw"])
def test_fault_70_an_h5_cannot_take_values_from_other_files(
    link: str, donor: Any, tmp_path: Path
) -> None:
    secret = write_legacy_h5(donor, tmp_path / "secret.h5")
    file = write_legacy_h5(donor, tmp_path / "hostile.h5")
    place = "conv1/conv1/bias:0"
    with h5py.File(file, "a") as root:
        del root[place]
        match link:
            case "external":
                root[place] = h5py.ExternalLink(str(secret), place)
            case "soft":
                root[place] = h5py.SoftLink("/conv2/conv2/bias:0")
            case "virtual":
                layout = h5py.VirtualLayout((32,), "f4")
                layout[:] = h5py.VirtualSource(str(secret), place, (32,))
                root.create_virtual_dataset(place, layout)
            case "raw":
                root.create_dataset(place, (32,), "f4", external=[(str(secret), 0, 128)])
    with pytest.raises(WeightsMismatch, match=r"hostile\.h5"):
        build_encoder(spec_of(file))


def test_fault_70_a_giant_array_is_refused_before_it_is_read(tmp_path: Path) -> None:
    header = io.BytesIO()
    giant = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(header, giant)
    file = tmp_path / "giant.npz"
    names = [f"conv{n}/{weight}" for n in (1, 2, 3, 4) for weight in ("kernel", "bias")]
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", header.getvalue())
    with pytest.raises(WeightsMismatch, match=r"\(1000000, 1000000\)"):
        build_encoder(spec_of(file))


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Yield the address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_does_not_answer_is_given_up_within_seconds(
    silent_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    started = time.monotonic()
    with pytest.raises(WeightsMissing, match=r"no\.h5 cannot be downloaded"):
        fetch(Download(f"{silent_server}/no.h5", None), seconds=1)
    assert time.monotonic() - started < 5


def test_a_server_that_has_not_the_file_is_given_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(WeightsMissing, match="refused"):
        fetch(Download(f"http://127.0.0.1:{port}/no.h5", None))


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a server that has one file, weights.h5."""
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "weights.h5").write_bytes(b"all the weights")
    handler = partial(QuietHandler, directory=str(tmp_path / "mirror"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


FETCH = """
import sys
from models.downloads import fetch
from models.errors import WeightsMissing
from models.networks import Download
url, md5 = sys.argv[1:]
try:
    fetch(Download(url, "0" * 32))
except WeightsMissing as error:
    print("refused:", error)
print("fetched:", fetch(Download(url, md5)))
"""


def test_a_download_is_kept_in_the_cache_of_keras_and_hash_checked(
    mirror: str, tmp_path: Path
) -> None:
    md5 = hashlib.md5(b"all the weights").hexdigest()
    home = tmp_path / "keras"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", FETCH, f"{mirror}/weights.h5", md5],
        env={**os.environ, "KERAS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "refused:" in done.stdout
    assert "hash" in done.stdout
    assert f"fetched: {home / 'models' / 'weights.h5'}" in done.stdout
    assert (home / "models" / "weights.h5").read_bytes() == b"all the weights"


def test_a_cached_file_is_taken_without_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "w.h5").write_bytes(b"sound")
    md5 = hashlib.md5(b"sound").hexdigest()
    nowhere = Download("http://127.0.0.1:9/w.h5", md5)
    assert fetch(nowhere) == tmp_path / "models" / "w.h5"
