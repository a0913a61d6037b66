"""The README's commands, run one by one as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import serving

PROJECT = Path(__file__).parent.parent


def _commands() -> list[str]:
    text = (PROJECT / "README.md").read_text()
    block = re.search(r"one by one\n\n```\n(.*?)```", text, re.DOTALL)
    assert block
    lines = [line.split("#")[0].strip() for line in block[1].splitlines()]
    return [line for line in lines if line.startswith("flask ") and line != "flask run"]


@pytest.mark.campaign
def test_every_command_of_the_readme_does_its_work(tmp_path: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "FLASK_APP": "app",
        "PYTHONPATH": str(PROJECT),
        "LIKENESS_INSTANCE": str(tmp_path / "instance"),
    }
    commands = _commands()
    assert len(commands) >= 5
    for command in commands:
        shown = command.replace("/path/to/images", str(serving.gallery()))
        done = subprocess.run(
            shown, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{shown}\n{done.stdout}\n{done.stderr}"
