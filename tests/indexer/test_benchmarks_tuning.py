"""The benchmark of tuning runs, and tells of pictures that are in no index."""

import json
from pathlib import Path

import pytest

from benchmarks import tuning
from tests.indexer.fixtures import draw_gallery


@pytest.mark.timeout(300)
def test_held_out_pictures_are_asked_of_both_generations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = draw_gallery(tmp_path / "pictures", per_class=20)
    arguments = [str(folder), "--held-out", "10", "--recall", "0.9", "--json"]
    tuning.main([*arguments, str(tmp_path / "found.json")])
    told = json.loads((tmp_path / "found.json").read_text())
    assert [each["name"] for each in told["found"]] == ["build", "tune"]
    for each in told["found"]:
        assert (each["images"], each["queries"]) == (50, 10)
        assert 0 < each["low"] <= each["recall"] <= each["high"]
        assert 0 < each["visited"] <= 1
    assert len(told["wanted"]) == 4
    assert "10 held out: recall@10" in capsys.readouterr().out
    assert len(list(folder.glob("*/*"))) == 60


def test_more_than_there_is_cannot_be_held_out(tmp_path: Path) -> None:
    folder = draw_gallery(tmp_path / "pictures", per_class=2)
    with pytest.raises(SystemExit, match="hold out fewer"):
        tuning.main([str(folder), "--held-out", "6"])
