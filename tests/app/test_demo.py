"""What the demo does while it serves."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.cli.demo import LOG, NICENESS, measuring
from tests import reports, serving


def children() -> str:
    """Return the process ids of this process's children."""
    return Path("/proc/thread-self/children").read_text()


def test_the_demo_measures_an_index_and_ends_with_it(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = children()
    with serving.make_app(copy).app_context(), measuring("sample", 5055):
        assert children() != before
        said = capsys.readouterr().out
    assert said == (
        "measuring how good the index is: see http://127.0.0.1:5055/index/sample/quality\n"
    )
    assert children() == before
    assert (copy / LOG).exists()


def test_the_demo_measures_no_index_twice(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports.make_report(copy)
    with serving.make_app(copy).app_context(), measuring("sample", 5055):
        assert not (copy / LOG).exists()
    assert "how good the index is: see http://" in capsys.readouterr().out


def test_the_demo_serves_measures_and_shows_what_it_found(tmp_path: Path) -> None:
    instance = Path(shutil.copytree(serving.instance(), tmp_path / "instance", symlinks=True))
    (instance / "sample").mkdir()  # the gallery counts as drawn, and the index is there
    port = serving.free_port()
    demo = subprocess.Popen(
        [sys.executable, "-m", "flask", "demo", "--port", str(port)],
        cwd=serving.PROJECT,
        env=os.environ | {"LIKENESS_INSTANCE": str(instance), "FLASK_APP": "app"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout is not None
        page = next(line for line in demo.stdout if line.startswith("measuring")).split()[-1]
        nicest = max(
            os.getpriority(os.PRIO_PROCESS, int(child))
            for child in Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        )
        assert nicest >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
        deadline = time.monotonic() + 200
        shown = ""
        while "lead back to their original first" not in shown and time.monotonic() < deadline:
            with urlopen(page, timeout=60) as response:
                shown = response.read().decode()
            time.sleep(0.5)
        assert "lead back to their original first" in shown, (instance / LOG).read_text()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)
    assert demo.returncode == 0
