"""Exports are made once for each way of encoding, whole or not at all."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.encoder import export_key, prepare_encoder
from models.errors import LikenessError
from models.exported import ENCODER_FILES, read_fingerprint
from models.types import EncoderSpec

EXPORT = """
import sys
from pathlib import Path
from models.encoder import export_encoder
from models.types import EncoderSpec
export_encoder(EncoderSpec("simple_cnn", sys.argv[1], size=48), Path(sys.argv[2]))
"""


def test_exporting_says_nothing_on_the_terminal(small_spec: EncoderSpec, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    exported = subprocess.run(
        [sys.executable, "-c", EXPORT, small_spec.weights, str(tmp_path / "encoder")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert exported.stdout + exported.stderr == ""


def test_an_export_holds_three_files_and_its_fingerprint(
    small_spec: EncoderSpec, small_export: Path
) -> None:
    assert sorted(file.name for file in small_export.iterdir()) == sorted(ENCODER_FILES)
    fingerprint = read_fingerprint(small_export)
    assert (fingerprint.network, fingerprint.layer) == ("simple_cnn", "conv4_relu")
    assert (fingerprint.size, fingerprint.dim, fingerprint.precision) == (48, 256, "fp32")


def test_a_prepared_encoder_is_found_again(small_spec: EncoderSpec, small_export: Path) -> None:
    before = (small_export / "encoder.bin").stat().st_mtime_ns
    assert prepare_encoder(small_spec, small_export.parent) == small_export
    assert (small_export / "encoder.bin").stat().st_mtime_ns == before
    assert [entry.name for entry in small_export.parent.iterdir()] == [small_export.name]


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.npz").write_bytes(b"")
    spec = EncoderSpec("simple_cnn", str(tmp_path / "empty.npz"), size=48)
    with pytest.raises(LikenessError):
        prepare_encoder(spec, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_key_of_an_export_tells_all_that_changes_a_feature(
    small_spec: EncoderSpec, tmp_path: Path
) -> None:
    other = tmp_path / "other.npz"
    other.write_bytes(b"other weights")
    changed = [
        small_spec,
        replace(small_spec, weights=str(other)),
        replace(small_spec, layer="conv3_relu"),
        replace(small_spec, pooling="gem"),
        replace(small_spec, size=64),
    ]
    assert len({export_key(spec) for spec in changed}) == len(changed)
    assert export_key(replace(small_spec, layer="conv4_relu")) == export_key(small_spec)
