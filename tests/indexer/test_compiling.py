"""Kernels are kept on disk, discarded when they are out of date, and count no references."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numba.core.errors import NumbaError

from indexer.indexes.kernels import compiling
from indexer.indexes.kernels.compiling import CONSTANTS, KERNELS, inner_kernel, stamp
from indexer.indexes.kernels.filtering import product

PROGRAM = KERNELS.parents[2]
INNER = """
from indexer.indexes.kernels.compiling import inner_kernel

@inner_kernel
def value():
    return 1
"""
OUTER = """
from indexer.features.halves import SCALE
from indexer.indexes.coding import CODED
from indexer.indexes.kernels.compiling import kernel
from indexer.indexes.kernels.inner import value

@kernel
def outer():
    return value() + CODED + SCALE

print(outer(), sum(outer.stats.cache_hits.values()))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a program of two small kernels and two constants, compiled as ours are."""
    indexer = tmp_path / "indexer"
    for folder in ("", "features", "indexes", "indexes/kernels"):
        (indexer / folder).mkdir()
        (indexer / folder / "__init__.py").touch()
    shutil.copy(compiling.__file__, indexer / "indexes/kernels")
    (indexer / "indexes/kernels/inner.py").write_text(INNER)
    (indexer / "indexes/kernels/outer.py").write_text(OUTER)
    (indexer / "features/halves.py").write_text("SCALE = 100\n")
    (indexer / "indexes/coding.py").write_text("CODED = 10\n")
    return tmp_path


def run(package: Path, **environment: str) -> tuple[str, str]:
    """Call the outer kernel in a process of its own.

    Returns:
        its result, and how often it was found on disk; what was logged.
    """
    kept = {"NUMBA_CACHE_DIR": str(package / "kept"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", "import indexer.indexes.kernels.outer"],
        cwd=package,
        env=os.environ | kept | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip(), done.stderr


def test_kept_kernels_are_used_until_any_source_that_is_compiled_in_changes(package: Path) -> None:
    assert run(package)[0] == "111 0"
    assert run(package)[0] == "111 1"
    for file, old, new, result in (
        ("indexes/kernels/inner.py", "return 1", "return 2", 112),
        ("indexes/coding.py", "10", "20", 122),
        ("features/halves.py", "100", "200", 222),
    ):
        path = package / "indexer" / file
        path.write_text(path.read_text().replace(old, new))
        assert run(package)[0] == f"{result} 0"
    assert run(package)[0] == "222 1"


def test_all_sources_of_constants_are_heeded() -> None:
    imported = set()
    for path in set(KERNELS.glob("*.py")) - {KERNELS / "__main__.py"}:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(PROGRAM / f"{node.module.replace('.', '/')}.py")
    ours = {path for path in imported if path.exists() and KERNELS not in path.parents}
    assert ours == set(CONSTANTS)


def test_a_numba_that_keeps_kernels_otherwise_is_refused() -> None:
    for unknown in (SimpleNamespace(), SimpleNamespace(_cache=SimpleNamespace(_cache_file=1))):
        with pytest.raises(RuntimeError, match=r"numba .* out of date. Install an earlier one"):
            stamp(unknown)


def test_a_folder_that_cannot_be_written_is_named_once(package: Path) -> None:
    (package / "file").touch()
    asked, kept = package / "file" / "kept", KERNELS.relative_to(PROGRAM) / "__pycache__"
    result, logged = run(package, NUMBA_CACHE_DIR=str(asked))
    assert result == "111 0"
    assert logged.count("\n") == 1
    assert f"kept in {package / kept}: {asked}, which NUMBA_CACHE_DIR names" in logged


def test_where_no_folder_can_be_written_kernels_work_and_it_is_said_once(package: Path) -> None:
    file = package / "indexer" / "indexes" / "kernels" / "__pycache__"
    file.touch()
    nowhere = {"NUMBA_CACHE_DIR": "", "HOME": str(file), "XDG_CACHE_HOME": str(file)}
    result, logged = run(package, **nowhere)
    assert result == "111 0"
    assert logged.count("\n") == 1
    assert f"compiled anew in each process, about half a minute: neither {file} nor" in logged


def test_kernels_that_count_no_references_give_what_numpy_gives() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(-127, 128, (5, 64)).astype(np.int8)
    query = random.integers(-9999, 9999, 64).astype(np.int16)
    found = [product(codes, np.uint64(number), query) for number in range(5)]
    assert found == (codes.astype(np.int64) @ query).tolist()


def test_kernels_that_count_no_references_can_make_no_arrays() -> None:
    @inner_kernel
    def making(count):  # type: ignore[no-untyped-def]
        return np.zeros(count)

    with pytest.raises(NumbaError, match="array passed into the function"):
        making(3)
