"""Quicker precisions give nearly the same features, the same ones each time, and fail by name."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoder import open_encoder
from models.engines.openvino import core
from models.errors import PrecisionFailed
from models.exported import ENCODER_FILES, read_fingerprint
from models.precisions import PRECISIONS, derive, native
from tests.models.nets import centred_cosine


@pytest.fixture(scope="module")
def images(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pictures of the small encoder's size, (16, 48, 48, 3)."""
    return np.ascontiguousarray(pictures[:, :48, :48])


@pytest.fixture(scope="module")
def derived(
    small_export: Path, images: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Return the small encoder in each precision."""
    folder = tmp_path_factory.mktemp("derived")
    for precision in PRECISIONS:
        derive(small_export, precision, folder / precision, images)
    return {precision: folder / precision for precision in PRECISIONS}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_native_precisions_go_from_exact_to_quick() -> None:
    found = native()
    assert found[0] == "fp32"
    assert found == tuple(precision for precision in PRECISIONS if precision in found)
    assert ("bf16" in found) == ("BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


@pytest.mark.parametrize("latency", [True, False])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_place_and_batch_do_not_change_a_feature(
    precision: str, latency: bool, derived: dict[str, Path], images: NDArray[np.uint8]
) -> None:
    encoder = open_encoder(derived[precision], latency=latency)
    alone = encoder.encode(images[:1])
    for batch in (2, 5, 16):
        assert np.array_equal(encoder.encode(images[:batch])[:1], alone)
        assert np.array_equal(encoder.encode(images[:batch][::-1])[-1:], alone)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_second_opening_gives_the_same_features(
    precision: str, derived: dict[str, Path], images: NDArray[np.uint8], tmp_path: Path
) -> None:
    wanted = open_encoder(derived[precision], latency=False).encode(images)
    for _ in range(2):
        again = open_encoder(derived[precision], latency=False, compiled=tmp_path)
        assert np.array_equal(again.encode(images), wanted)


@pytest.mark.parametrize(("precision", "least"), [("bf16", 0.999), ("int8", 0.97)])
def test_a_quicker_precision_stays_close_to_fp32(
    precision: str, least: float, derived: dict[str, Path], images: NDArray[np.uint8]
) -> None:
    exact = open_encoder(derived["fp32"]).encode(images)
    quick = open_encoder(derived[precision]).encode(images)
    assert centred_cosine(quick, exact) > least
    if precision in native():
        assert not np.array_equal(quick, exact)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_map_pools_to_the_feature(
    precision: str, derived: dict[str, Path], images: NDArray[np.uint8]
) -> None:
    encoder = open_encoder(derived[precision])
    features = encoder.encode(images)
    difference = np.abs(encoder.map(images).mean(axis=(1, 2)) - features).max()
    assert difference <= (5e-3 if precision == "bf16" else 1e-5) * np.abs(features).max()


def test_each_precision_has_a_fingerprint_of_its_own(
    derived: dict[str, Path], small_export: Path
) -> None:
    found = {precision: read_fingerprint(folder) for precision, folder in derived.items()}
    assert [found[precision].precision for precision in PRECISIONS] == list(PRECISIONS)
    assert len({fingerprint.digest for fingerprint in found.values()}) == len(PRECISIONS)
    assert found["fp32"] == read_fingerprint(small_export)


def test_int8_has_small_weights_that_its_fingerprint_names(derived: dict[str, Path]) -> None:
    weights = (derived["int8"] / "encoder.bin").read_bytes()
    assert len(weights) < 0.4 * (derived["fp32"] / "encoder.bin").stat().st_size
    assert read_fingerprint(derived["int8"]).calibration == sha256(weights).hexdigest()


DERIVE = """
import sys
from pathlib import Path
import numpy as np
from models.precisions import derive
if __name__ == "__main__":
    derive(Path(sys.argv[1]), "int8", Path(sys.argv[2]), np.load(sys.argv[3]))
"""


def test_quantising_repeats_itself_and_leaves_no_trace(
    derived: dict[str, Path], small_export: Path, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    (home := tmp_path / "home").mkdir()
    (script := tmp_path / "script.py").write_text(DERIVE)
    np.save(tmp_path / "images.npy", images)
    made = subprocess.run(
        [sys.executable, script, small_export, tmp_path / "int8", tmp_path / "images.npy"],
        env=os.environ | {"HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=True,
    )
    assert made.stdout + made.stderr == b""
    assert list(home.iterdir()) == []
    assert contents(tmp_path / "int8") == contents(derived["int8"])


def running(process: int) -> bool:
    """Return whether a process is there and has not ended."""
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to come true, and fail if it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def quantisers(process: int) -> list[int]:
    """Return those children of a process that quantise: they have loaded OpenVINO."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    maps = {int(child): Path(f"/proc/{child}/maps").read_text() for child in children}
    return [child for child, loaded in maps.items() if "libopenvino" in loaded]


def test_quantising_ends_with_the_process_that_asked(
    small_export: Path, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    (script := tmp_path / "script.py").write_text(DERIVE)
    np.save(tmp_path / "images.npy", np.concatenate([images] * 500))
    asking = subprocess.Popen(
        [sys.executable, script, small_export, tmp_path / "int8", tmp_path / "images.npy"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    until(lambda: quantisers(asking.pid))
    (quantising,) = quantisers(asking.pid)
    asking.kill()
    asking.wait()
    until(lambda: not running(quantising))
    assert contents(tmp_path / "int8") == {}


def test_other_pictures_give_another_fingerprint(
    derived: dict[str, Path], small_export: Path, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    derive(small_export, "int8", tmp_path, images // 4)
    assert read_fingerprint(tmp_path).digest != read_fingerprint(derived["int8"]).digest


@pytest.mark.parametrize(
    ("shape", "kind", "received"),
    [
        (None, np.uint8, "Received: none"),
        ((0, 48, 48, 3), np.uint8, "Received: none"),
        ((2, 47, 48, 3), np.uint8, r"Received: uint8 of shape \(2, 47, 48, 3\)"),
        ((2, 48, 48, 3), np.float32, "Received: float32"),
    ],
)
def test_int8_without_fitting_pictures_is_refused(
    shape: tuple[int, ...] | None,
    kind: type,
    received: str,
    small_export: Path,
    tmp_path: Path,
) -> None:
    calibration = None if shape is None else np.zeros(shape, kind)
    with pytest.raises(PrecisionFailed, match=received):
        derive(small_export, "int8", tmp_path / "target", calibration)


def test_an_unknown_precision_is_refused(small_export: Path, tmp_path: Path) -> None:
    with pytest.raises(PrecisionFailed, match=r"'fp8'.*fp32, bf16, int8"):
        derive(small_export, "fp8", tmp_path / "target")


def test_only_fp32_is_made_into_others(derived: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(PrecisionFailed, match=r"Received: .*bf16"):
        derive(derived["bf16"], "bf16", tmp_path / "target")


def test_what_cannot_be_quantised_is_named_and_leaves_no_fingerprint(
    derived: dict[str, Path], small_export: Path, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(small_export, source)
    shutil.copytree(derived["int8"], target)
    os.truncate(source / "encoder.bin", 100)
    with pytest.raises(PrecisionFailed, match="int8 cannot be had"):
        derive(source, "int8", target, images)
    assert set(ENCODER_FILES) - set(contents(target)) == {"fingerprint.json"}
