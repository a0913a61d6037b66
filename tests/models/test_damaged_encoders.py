"""Damaged encoders are named, or made again where they can be."""

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from models.encoder import open_encoder, prepare_encoder
from models.errors import EncoderDamaged
from models.exported import ENCODER_FILES, read_fingerprint
from models.types import EncoderSpec


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_a_damaged_prepared_encoder_is_made_again(
    name: str, small_spec: EncoderSpec, small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / small_export.name
    shutil.copytree(small_export, home)
    os.truncate(home / name, 100)
    assert prepare_encoder(small_spec, tmp_path) == home
    assert open_encoder(home).fingerprint == read_fingerprint(small_export)


@pytest.mark.parametrize("name", ENCODER_FILES)
@pytest.mark.parametrize("harm", ["remove", "truncate", "overwrite"])
def test_a_damaged_export_is_named(
    name: str, harm: str, small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    file = home / name
    match harm:
        case "remove":
            file.unlink()
        case "truncate":
            os.truncate(file, file.stat().st_size // 2)
        case "overwrite":
            file.write_bytes(b"<html>")
    with pytest.raises(EncoderDamaged, match=str(home)):
        open_encoder(home)


@pytest.mark.parametrize("content", ["[]", "{}", '{"network": 1}', "null", "\x00"])
def test_a_fingerprint_of_another_form_is_refused(
    content: str, small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    (home / "fingerprint.json").write_text(content)
    with pytest.raises(EncoderDamaged, match=r"fingerprint\.json"):
        open_encoder(home)


@pytest.mark.parametrize(
    "wrong", [{"dim": 255}, {"size": 64}, {"size": 0}, {"size": -1}, {"precision": "fp8"}]
)
def test_a_fingerprint_of_another_encoder_is_refused(
    wrong: dict[str, Any], small_export: Path, tmp_path: Path
) -> None:
    home = tmp_path / "encoder"
    shutil.copytree(small_export, home)
    values = asdict(replace(read_fingerprint(home), **wrong))
    (home / "fingerprint.json").write_text(json.dumps(values))
    with pytest.raises(EncoderDamaged, match=str(home)):
        open_encoder(home)
