"""Compiled kernels: where they are kept, and that they are there before a worker is ready."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from app import kernels
from tests import serving

CODE = """
import os, sys
from app import create_app
create_app()
print(os.environ.get("NUMBA_CACHE_DIR", ""), "numba" in sys.modules)
"""


def created(*, program: Path = serving.PROJECT, **environment: str) -> str:
    """Create an application in a process of its own; tell where kernels would be kept."""
    clean = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(
        command, cwd=program, env=clean | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def no_folder(folder: Path) -> Path:
    """Return a path below which nobody can write, not even root."""
    (folder / "file").touch()
    return folder / "file"


def test_they_are_kept_beside_the_program_and_nothing_is_compiled_yet() -> None:
    assert created() == "False"


def test_a_setting_moves_them(tmp_path: Path) -> None:
    assert created(LIKENESS_KERNELS=str(tmp_path)) == f"{tmp_path} False"


def test_the_librarys_own_variable_goes_before(tmp_path: Path) -> None:
    answer = created(LIKENESS_KERNELS="/elsewhere", NUMBA_CACHE_DIR=str(tmp_path))
    assert answer == f"{tmp_path} False"


def test_a_program_that_cannot_be_written_has_them_in_the_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kernels.VARIABLE, "to be restored")
    monkeypatch.delenv(kernels.VARIABLE)
    monkeypatch.setattr(kernels, "SOURCE", no_folder(tmp_path))
    kernels.keep_in(None, tmp_path)
    assert os.environ[kernels.VARIABLE] == str(tmp_path / "compiled" / "kernels")


def test_a_folder_that_cannot_be_written_is_named_and_another_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(kernels.VARIABLE, "to be restored")
    monkeypatch.delenv(kernels.VARIABLE)
    kept, asked = kernels.SOURCE / "__pycache__", no_folder(tmp_path) / "kernels"
    kernels.keep_in(asked, tmp_path)
    assert kernels.VARIABLE not in os.environ
    assert f"kept in {kept}: {asked}, which LIKENESS_KERNELS names" in caplog.text


def test_a_folder_that_is_not_there_yet_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "kernels"
    assert created(LIKENESS_KERNELS=str(folder)) == f"{folder} False"


def compiled(folder: Path) -> dict[str, int]:
    """Return the compiled kernels in a folder, and when each was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.nb[ci]")}


@pytest.mark.campaign
def test_a_worker_that_is_ready_has_its_kernels(tmp_path: Path) -> None:
    instance = serving.copy_of(serving.instance(), tmp_path / "instance")
    settings = {"KERNELS": str(tmp_path / "kernels")}
    with serving.serving(instance, "--workers", "1", settings=settings, seconds=240) as server:
        before = compiled(tmp_path / "kernels")
        assert any("search_one" in path for path in before)
        with urllib.request.urlopen(f"{server.url}/similar/sample/0", timeout=60) as response:
            assert response.status == 200
        assert compiled(tmp_path / "kernels") == before
