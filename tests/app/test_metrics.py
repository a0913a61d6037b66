"""Metrics: in Prometheus's format, and honest about what is not there."""

import re
from pathlib import Path

from flask.testing import FlaskClient

from app.metrics import HELP, Sample, render
from tests import serving

LINE = re.compile(r'\w+(\{\w+="(?:[^"\\\n]|\\[\\"n])*"(,\w+="(?:[^"\\\n]|\\[\\"n])*")*\})? \S+')


def test_every_line_has_the_format_of_prometheus(client: FlaskClient) -> None:
    response = client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = response.text.splitlines()
    assert response.text.endswith("\n")
    values = [line for line in lines if not line.startswith("# ")]
    assert all(LINE.fullmatch(line) for line in values)
    assert f'likeness_index_images{{index="sample"}} {serving.count()}' in values
    assert "likeness_database_up 1" in values
    info = r'^likeness_index_info\{index="sample",generation="[\w-]+",kind="lsh",created="'
    assert re.search(info, response.text, re.MULTILINE)


def test_labels_are_escaped() -> None:
    text = render([Sample("likeness_index_images", 3, {"index": 'a"b\\c\nd'})])
    assert text.splitlines()[-1] == r'likeness_index_images{index="a\"b\\c\nd"} 3'


def test_large_numbers_keep_their_digits() -> None:
    text = render([Sample("likeness_index_images", 12_345_678, {"index": "a"})])
    assert text.splitlines()[-1] == 'likeness_index_images{index="a"} 12345678'


def test_what_cannot_be_read_is_left_out(copy: Path) -> None:
    broken = serving.make_app(copy, DATABASE_URL="sqlite:////nowhere/at/all").test_client()
    text = broken.get("/metrics").text
    assert "likeness_database_up 0" in text
    assert 'likeness_index_usable{index="sample"} 1' in text
    for path in copy.rglob("manifest.json"):
        path.unlink()
    damaged = serving.make_app(copy).test_client().get("/metrics")
    assert damaged.status_code == 200
    assert 'likeness_index_usable{index="sample"} 0' in damaged.text


def test_without_an_index_there_is_little_to_tell(tmp_path: Path) -> None:
    assert "likeness_index" not in serving.make_app(tmp_path).test_client().get("/metrics").text


def test_every_metric_is_documented() -> None:
    text = (serving.PROJECT / "docs/deployment.md").read_text()
    assert set(re.findall(r"`(likeness_\w+)`", text)) == set(HELP)
