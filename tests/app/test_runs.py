"""The pages of trainings, in each state, and how their curves are drawn."""

import json
import math
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.runs.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Drawing, drawings
from indexer.experiments.curvefiles import best_of
from indexer.experiments.runs import working_on
from tests import reports, serving
from tests.runs import CURVE, DISTILLING, TAUGHT, TUNING, epochs, make_run

JSON = {"Accept": "application/json"}


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """An instance with nothing in it."""
    return tmp_path / "instance"


@pytest.fixture
def visitor(instance: Path) -> FlaskClient:
    """A visitor of that instance."""
    return serving.make_app(instance).test_client()


def test_without_runs_the_list_says_how_to_train(visitor: FlaskClient) -> None:
    page = visitor.get("/runs/")
    assert page.status_code == 200
    assert "flask train --help" in page.text
    assert "Refresh" not in page.headers


def test_the_list_leads_to_the_runs(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance)
    make_run(instance, "pocket", **DISTILLING, **TAUGHT)
    page = visitor.get("/runs/").text
    assert 'href="/runs/tuned"' in page
    assert 'href="/runs/pocket"' in page
    assert "classifier, resnet50: finished" in page
    assert "distillation, pocket: finished" in page
    assert "held out: loss 1.11, 71.0 % right" in page
    assert "begun 2026-11-20 11:00 UTC" in page


@pytest.mark.parametrize("copied", [True, False], ids=["indexes", "no index"])
def test_the_gallery_leads_to_the_trainings_where_there_are_some(
    instance: Path, copied: bool
) -> None:
    if copied:
        serving.copy_of(serving.instance(), instance)
    visitor = serving.make_app(instance).test_client()
    assert 'href="/runs/"' not in visitor.get("/index/").text
    make_run(instance)
    assert 'href="/runs/"' in visitor.get("/index/").text


def test_a_finished_run_tells_what_came_of_it(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance)
    response = visitor.get("/runs/tuned")
    page = response.text
    assert "It learnt for 4 epochs in 2 min 2 s." in page
    assert "mAP is better than before: 0.612 instead of 0.471." in page
    assert "<bdi>better</bdi>" in page
    assert "0.580 \N{EN DASH} 0.640" in page
    assert "The class of 81.2 % of the pictures held out is told right." in page
    assert (
        "flask index build &#39;/pictures/old towns&#39; --name tuned --network run:tuned" in page
    )
    assert "--resume" not in page
    assert "Refresh" not in response.headers


def test_a_distilled_student_is_compared_with_its_teacher(
    visitor: FlaskClient, instance: Path
) -> None:
    make_run(instance, **DISTILLING, **TAUGHT)
    page = visitor.get("/runs/tuned").text
    assert "student 50.0 %, teacher 62.5 %, thumbnail 25.0 %" in page


def test_a_run_says_what_it_was_given(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance)
    page = visitor.get("/runs/tuned").text
    told = dict(re.findall(r"<dt><bdi>(.*?)</bdi></dt><dd><bdi>(.*?)</bdi></dd>", page))
    assert told["network"] == "resnet50"
    assert told["recipe"] == "auto"
    assert told["rate"] == "0.001"
    assert told["seed"] == "7"
    assert told["backend"] == "tensorflow"
    assert told["/pictures/old towns"] == "97 usable pictures"
    assert told["held out"] == "19 pictures"
    assert "flask train classifier &#39;/pictures/old towns&#39; --name tuned" in page


def test_the_report_is_linked_where_it_is_there(instance: Path) -> None:
    serving.copy_of(serving.instance(), instance)
    visitor = serving.make_app(instance).test_client()
    make_run(instance)
    assert "/reports/training-tuned" not in visitor.get("/runs/tuned").text
    reports.make_report(instance, "training-tuned")
    assert 'href="/reports/training-tuned"' in visitor.get("/runs/tuned").text


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "", 3, None, "UPPER"])
def test_a_record_leads_to_no_report_that_cannot_be(
    visitor: FlaskClient, instance: Path, name: object
) -> None:
    make_run(instance, **TUNING, retrieval={"report": name, "answer": "Better."})
    page = visitor.get("/runs/tuned")
    assert page.status_code == 200
    assert 'href="/reports/"' in page.text
    assert not re.search(r'href="/reports/[^"]', page.text)


def test_a_run_at_work_is_looked_at_again(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance, state="running", **TUNING)
    with working_on(instance, "tuned", resume=True):
        page = visitor.get("/runs/tuned")
        assert "4 of at most 24 epochs are done; the last one took 30 s." in page.text
        assert "It is learning at the moment" in page.text
        assert page.headers["Refresh"] == "10"
        assert visitor.get("/runs/").headers["Refresh"] == "10"
        assert "flask index build" not in page.text


def test_a_run_without_an_epoch_has_no_curve_yet(visitor: FlaskClient, instance: Path) -> None:
    with working_on(instance, "fresh", resume=False):
        page = visitor.get("/runs/fresh").text
    assert "no epoch is finished yet" in page
    assert "<polyline" not in page


def test_a_stopped_run_says_how_to_go_on(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance, state="running", **TUNING)
    page = visitor.get("/runs/tuned")
    assert "It stopped after 4 of at most 24 epochs, and can go on." in page.text
    assert "--name tuned --resume" in page.text
    assert "Refresh" not in page.headers


@pytest.mark.parametrize("content", ["", "{", "[]", '{"state": null}'])
def test_a_damaged_run_is_named_and_hides_no_other(
    visitor: FlaskClient, instance: Path, content: str
) -> None:
    make_run(instance)
    (make_run(instance, "torn") / "run.json").write_text(content)
    page = visitor.get("/runs/").text
    assert "This run&#39;s record is damaged" in page or "This run's record is damaged" in page
    assert 'href="/runs/tuned"' in page
    response = visitor.get("/runs/torn")
    assert response.status_code == 200
    assert "run.json is damaged" in response.text
    assert "<polyline" in response.text
    assert str(instance) not in response.text


def test_a_damaged_curve_is_named_and_the_rest_is_drawn(
    visitor: FlaskClient, instance: Path
) -> None:
    make_run(instance, curve=CURVE + "5,224,0.")
    page = visitor.get("/runs/tuned").text
    assert "curve.csv is damaged: 1 line is left out." in page
    assert page.count("<polyline") == 4


def test_what_a_file_says_is_shown_as_text(visitor: FlaskClient, instance: Path) -> None:
    hostile = "<script>alert(1)</script>\udcff"
    folder = make_run(instance)
    record = json.loads((folder / "run.json").read_text())
    spoilt = {
        "command": hostile,
        "method": hostile,
        "begun": hostile,
        "machine": {hostile: hostile},
        "retrieval": {"answer": hostile},
        "data": {"sources": [{"folder": hostile, "pictures": 1}]},
    }
    (folder / "run.json").write_text(json.dumps(record | spoilt))
    for address in ("/runs/", "/runs/tuned"):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
        assert visitor.get(address, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "address", ["none", "TUNED", "..", "%2e%2e", ".hidden", "tuned/run.json", "..%2fsecret_key"]
)
def test_what_is_no_run_is_not_found(visitor: FlaskClient, instance: Path, address: str) -> None:
    make_run(instance)
    (instance / "runs/.hidden").mkdir()
    assert visitor.get(f"/runs/{address}").status_code == 404


def test_pages_of_trainings_keep_the_policy(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance)
    for address in ("/runs/", "/runs/tuned"):
        response = visitor.get(address)
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        for forbidden in ("<style", "style=", "onclick", "<script>"):
            assert forbidden not in response.text


def test_programs_get_the_same_as_json(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance, curve="number,size,loss,held_out,seconds\n1,32,1.5,,3\n")
    (listed,) = visitor.get("/runs/", headers=JSON).json["runs"]
    assert (listed["name"], listed["state"], listed["best"]["loss"]) == ("tuned", "done", 1.5)
    response = visitor.get("/runs/tuned", headers=JSON)
    assert "Accept" in response.headers["Vary"]
    found = response.json
    assert found["curve"][0] == {
        "number": 1,
        "size": 32,
        "loss": 1.5,
        "held_out": None,
        "seconds": 3,
        "right": None,
        "held_out_right": None,
    }
    assert found["changes"][0]["after"] == [0.612, 0.58, 0.64]
    assert found["problems"] == []
    assert visitor.get("/runs/none", headers=JSON).json["error"]["code"] == "unknown_run"


def inside(drawing: Drawing) -> bool:
    """Say whether all that is drawn lies in the field."""
    points = [
        tuple(map(float, point.split(",")))
        for line in drawing.lines
        for part in line.parts
        for point in part.split()
    ]
    return all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in points)


@pytest.mark.parametrize(
    "losses",
    [
        [1.0],
        [0.0, 0.0],
        [2.3, 1.1, 0.9],
        [1e30, -1e30],
        [1e-30, 2e-30],
        [-5, -1e-9],
        [1e6, 1e6 + 1],
    ],
)
def test_every_curve_lies_in_its_field(losses: list[float]) -> None:
    (drawing,) = drawings(epochs(losses), 0, None)
    assert inside(drawing)
    assert 2 <= len(drawing.up) <= 8
    assert len({mark.text for mark in drawing.up}) == len(drawing.up)


def test_a_lower_loss_is_drawn_lower() -> None:
    (drawing,) = drawings(epochs([3, 1, 2]), 0, None)
    (line,) = drawing.lines
    first, second, third = line.dots
    assert first.y < third.y < second.y
    assert first.x < second.x < third.x


def test_a_gap_in_a_curve_stays_a_gap() -> None:
    (drawing,) = drawings(epochs([3, 2, math.nan, 1]), 0, None)
    assert [len(part.split()) for part in drawing.lines[0].parts] == [2, 1]


def test_the_best_epoch_is_ringed_on_the_line_that_is_held_out() -> None:
    curve = epochs([3, 2, 1], [3, 1, 2])
    (drawing,) = drawings(curve, 0, best_of(curve))
    learnt, held_out = drawing.lines
    assert [dot.is_best for dot in learnt.dots] == [False] * 3
    assert [dot.is_best for dot in held_out.dots] == [False, True, False]


def test_of_many_epochs_the_best_alone_has_a_dot() -> None:
    curve = epochs([1 / at for at in range(1, 500)])
    (drawing,) = drawings(curve, 0, curve[-1])
    assert [dot.is_best for dot in drawing.lines[0].dots] == [True]
    assert len(drawing.across) <= 10
    assert inside(drawing)


def test_there_is_room_for_the_epochs_to_come() -> None:
    (drawing,) = drawings(epochs([3, 2]), 24, None)
    assert drawing.lines[0].dots[-1].x < LEFT + (WIDTH - LEFT - RIGHT) / 10
    assert drawing.across[0].text == "1"


def test_without_figures_nothing_is_drawn() -> None:
    assert drawings([], 24, None) == []
