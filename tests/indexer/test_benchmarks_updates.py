"""The benchmark of updates measures what it says it does, on a few pictures; never how fast."""

import json

import pytest

from benchmarks import updates
from indexer.gallery import scan


def test_pictures_are_drawn_by_their_numbers_in_classes(tmp_path):
    files = updates.draw(tmp_path / "one", range(5, 12))
    again = updates.draw(tmp_path / "two", range(4, 8))
    assert files[0].read_bytes() == again[1].read_bytes()
    found = scan([tmp_path / "one"])
    assert [record.path for record in found.records[:2]] == ["05/0000005.jpg", "06/0000006.png"]
    assert {record.format for record in found.records} == {"PNG", "JPEG"}
    assert len({record.sha256 for record in found.records}) == len({*files}) == 7


@pytest.mark.campaign
def test_each_command_is_measured(tmp_path, capsys):
    file = tmp_path / "found.json"
    updates.main(["--images", "40", "--new", "3", "--json", str(file)])
    title, _, *lines = capsys.readouterr().out.splitlines()
    assert title == "40 pictures, 3 new ones; simple_cnn 32"
    steps = json.loads(file.read_text())
    wanted = {"first build": 40, "sync": 43, "sync again": 43, "add": 46, "remove": 43}
    assert {step["name"]: step["images"] for step in steps} == wanted
    assert [line.split("  ")[0] for line in lines] == [*wanted]
    assert [step["name"] for step in steps if not step["stages"]] == ["sync again"]
    assert all("publish" in step["stages"] for step in steps if step["name"] != "sync again")
    assert all(step["peak"] > 2**20 for step in steps)
