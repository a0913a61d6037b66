"""What a run's folder says of its encoder is believed only where it can be true."""

import json
import os
from pathlib import Path

import pytest

from indexer.experiments.runs.encoders import encoder_of_run, write_encoder
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from models.types import EncoderSpec

SOUND = {"network": "pocket", "layer": None, "pooling": "avg", "size": 64, "head": "", "layers": ""}


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Return the folder of a run that has left weights."""
    folder = RunFolder(tmp_path, "mine")
    folder.path.mkdir(parents=True)
    told = {"state": "done", "of": "it", "begun": "now", "command": "it", "precision": "fp32"}
    folder.record.write_text(json.dumps(told))
    folder.weights.write_bytes(b"weights")
    return folder


def test_encoder_is_read_as_it_was_written(run: RunFolder) -> None:
    spec = EncoderSpec("resnet50", str(run.weights), pooling="gem", size=300, head="48 tanh")
    write_encoder(run, spec, "48 tanh, 8 relu")
    assert encoder_of_run(run.instance, "run:mine") == spec


@pytest.mark.parametrize(
    "content",
    [
        '"x"',
        "5",
        "null",
        "[]",
        "{}x",
        "[" * 100_000,
        json.dumps({**SOUND, "size": 99999999}),
        json.dumps({**SOUND, "size": True}),
        json.dumps({**SOUND, "size": "64"}),
        json.dumps({"network": 5}),
        json.dumps({**SOUND, "network": "none"}),
        json.dumps({**SOUND, "pooling": ["avg"]}),
        json.dumps({**SOUND, "pooling": "sum"}),
        json.dumps({**SOUND, "layer": 5}),
        json.dumps({**SOUND, "head": "48 sigmoid"}),
        json.dumps({**SOUND, "layers": {}}),
        json.dumps({**SOUND, "head": "48 tanh", "layers": "48 relu"}),
        json.dumps({**SOUND, "colour": "red"}),
        json.dumps({**SOUND, "weights": "/etc/passwd"}),
    ],
)
def test_damaged_encoders_are_refused_by_their_file(run: RunFolder, content: str) -> None:
    run.encoder.write_text(content)
    with pytest.raises(RunError, match=r"encoder\.json is damaged"):
        encoder_of_run(run.instance, "mine")


def test_encoder_that_never_ends_is_not_waited_for(run: RunFolder) -> None:
    os.mkfifo(run.encoder)
    with pytest.raises(RunError, match=r"encoder\.json is damaged"):
        encoder_of_run(run.instance, "mine")


def test_sound_encoder_is_taken(run: RunFolder) -> None:
    run.encoder.write_text(json.dumps(SOUND))
    assert encoder_of_run(run.instance, "mine").size == 64
