"""Networks that were compiled once are kept on disk, and damage to them does no harm."""

import os
import shutil
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from models.encoder import open_encoder
from models.engines.compiled import KEPT
from models.errors import EncoderDamaged


@pytest.mark.parametrize("latency", [True, False])
def test_a_kept_network_gives_the_same_features(
    latency: bool, small_export: Path, pictures: np.ndarray, tmp_path: Path
) -> None:
    images = np.ascontiguousarray(pictures[:, :48, :48])
    wanted = open_encoder(small_export, latency=latency)
    for _ in range(2):
        kept = open_encoder(small_export, latency=latency, compiled=tmp_path / "compiled")
        assert np.array_equal(kept.encode(images), wanted.encode(images))
        assert np.array_equal(kept.map(images), wanted.map(images))


def test_a_kept_network_is_used_again(small_export: Path, tmp_path: Path) -> None:
    open_encoder(small_export, compiled=tmp_path)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_ino
    os.utime(file, (0, 0))
    open_encoder(small_export, compiled=tmp_path)
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_ino == written
    assert file.stat().st_mtime > 0


@pytest.mark.parametrize("harm", ["empty", "cut", "flip", "other"])
def test_a_damaged_kept_network_is_written_again(
    harm: str, small_export: Path, pictures: np.ndarray, tmp_path: Path
) -> None:
    images = np.ascontiguousarray(pictures[:, :48, :48])
    wanted = open_encoder(small_export, compiled=tmp_path).encode(images)
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    match harm:
        case "empty":
            content.clear()
        case "cut":
            del content[len(content) // 2 :]
        case "flip":
            content[len(content) // 2] ^= 0x40
        case "other":
            content[:] = b"no network" + crc32(b"no network").to_bytes(4)
    file.write_bytes(content)
    assert np.array_equal(open_encoder(small_export, compiled=tmp_path).encode(images), wanted)
    assert file.read_bytes() != content


def test_a_folder_that_cannot_be_written_is_done_without(
    small_export: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    encoder = open_encoder(small_export, compiled=tmp_path / "file" / "compiled")
    assert encoder.encode(np.zeros((1, 48, 48, 3), np.uint8)).shape == (1, 256)


def test_only_the_networks_used_last_are_kept(small_export: Path, tmp_path: Path) -> None:
    for number in range(KEPT):
        (tmp_path / f"{number}.blob").write_bytes(b"")
        os.utime(tmp_path / f"{number}.blob", (number, number))
    open_encoder(small_export, compiled=tmp_path)
    assert len(list(tmp_path.iterdir())) == KEPT
    assert not (tmp_path / "0.blob").exists()


def test_a_kept_network_hides_no_damage(small_export: Path, tmp_path: Path) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    open_encoder(home, compiled=tmp_path / "compiled")
    os.truncate(home / "encoder.bin", 100)
    with pytest.raises(EncoderDamaged, match=str(home)):
        open_encoder(home, compiled=tmp_path / "compiled")
