"""The last line that machines read: what came of a command, or why it was refused."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests import serving

KEYS = {
    "done", "index", "generation", "images", "rejected", "reused", "computed", "recall", "accepted",
    "seconds", "bytes", "changes", "refused",
}  # fmt: skip
Index = Callable[..., Result]


def objects(result: Result) -> list[dict[str, Any]]:
    """Return what was written to standard output, each line an object."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_sync_ends_with_what_has_changed(index: Index, gallery: Path) -> None:
    next(gallery.glob("*/*.jpg")).unlink()
    (gallery / "text.jpg").write_text("not a picture")
    result = index("sync", "few", "--json")
    assert result.exit_code == 0, result.output
    *told, last = objects(result)
    assert {each["stage"] for each in told} >= {"scan", "encode", "accept", "publish"}
    assert told[-1]["rejected"] == 1
    assert last.keys() >= KEYS
    assert (last["done"], last["images"], last["rejected"]) == (True, 5, {"not an image": 1})
    assert last["changes"] == {"added": 0, "changed": 0, "moved": 0, "dropped": 1, "noted": 0}
    assert last["generation"].startswith("000002-")
    assert "1 dropped" in result.stderr


def documented(heading: str) -> set[str]:
    """Return the keys of the table in docs/indexing.md that follows some words."""
    text = (serving.PROJECT / "docs/indexing.md").read_text()
    rows = text.partition(heading)[2].strip().split("\n\n")[0].splitlines()[2:]
    return {key for row in rows for key in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_every_key_is_documented_and_no_other(index: Index, gallery: Path) -> None:
    *told, last = objects(index("remove", "few", next(gallery.glob("*/*.jpg")), "--json"))
    assert all(each.keys() == documented("it hangs or is gone.") for each in told)
    assert last.keys() - {"done"} == documented("and these keys:")


def test_sync_ends_with_no_generation_where_nothing_has_changed(index: Index) -> None:
    *_, last = objects(index("sync", "few", "--json"))
    assert last.keys() >= KEYS
    assert (last["done"], last["generation"], last["images"]) == (True, None, 6)


def test_add_and_remove_end_with_what_came_of_them(index: Index, gallery: Path) -> None:
    picture = next(gallery.glob("*/*.jpg"))
    *_, removed = objects(index("remove", "few", picture, "--json"))
    assert (removed["changes"]["dropped"], removed["rejected"]) == (1, {"removed": 1})
    *_, added = objects(index("add", "few", picture, "--json"))
    assert (added["changes"]["added"], added["refused"]) == (1, [])


def test_add_takes_what_it_can_and_says_what_it_refused(
    index: Index,
    gallery: Path,
) -> None:
    sound, text, outside = gallery / "new.png", gallery / "text.jpg", serving.pictures()[0]
    sound.write_bytes(serving.png(color="red"))
    text.write_text("not a picture")
    result = index("add", "few", text, sound, outside, "--json")
    assert result.exit_code == 1
    *_, last = objects(result)
    assert (last["done"], last["images"]) == (True, 7)
    refused = {each["file"]: each["reason"] for each in last["refused"]}
    assert refused == {str(text): "not an image", str(outside): "elsewhere"}
    assert f"Error: not taken\n  {outside} lies in none of the folders" in result.stderr
    assert "text.jpg" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("build", "FOLDER", "--whiten"),
        ("build", "FOLDER", "--network", "nowhere"),
        ("sync", "nowhere"),
        ("add", "nowhere", "FOLDER"),
        ("remove", "few", "FOLDER/absent.jpg"),
    ],
)
def test_a_refusal_ends_with_its_reason(
    index: Index,
    gallery: Path,
    command: tuple[str, ...],
) -> None:
    result = index(*(word.replace("FOLDER", str(gallery)) for word in command), "--json")
    assert result.exit_code == 1
    *_, last = objects(result)
    assert last.keys() == {"error"}
    assert result.stderr.endswith(f"Error: {last['error']}\n")


def test_a_missing_drive_is_a_refusal(index: Index, gallery: Path) -> None:
    for picture in list(gallery.glob("*/*.jpg"))[:4]:
        picture.unlink()
    result = index("sync", "few", "--json")
    assert result.exit_code == 1
    assert f"4 of 6 in {gallery}" in objects(result)[-1]["error"]
    *_, last = objects(index("sync", "few", "--json", "--drop-missing"))
    assert last["changes"]["dropped"] == 4


def test_ctrl_c_ends_with_an_object_too(tmp_path: Path) -> None:
    shutil.copytree(serving.instance() / "encoders", tmp_path / "instance/encoders")
    command = [sys.executable, "-m", "flask", "index", "build", str(serving.gallery())]
    settings = os.environ | {"LIKENESS_INSTANCE": str(tmp_path / "instance"), "FLASK_APP": "app"}
    with subprocess.Popen(
        [*command, "--json", "--batch-size", "1"],
        cwd=serving.PROJECT,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as build:
        assert build.stdout is not None
        while json.loads(line := build.stdout.readline())["stage"] != "encode":
            assert line
        os.killpg(build.pid, signal.SIGINT)  # as a terminal does
        rest = build.stdout.read()
        assert build.wait(60) == 130
    assert json.loads(rest.splitlines()[-1])["error"].startswith("Stopped")
