"""The pages of trainings, in each state."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.experiments.reading.records import Record
from indexer.experiments.reading.runs import read_run
from indexer.experiments.runs.underway import noting
from indexer.experiments.runs.working import working_on
from indexer.types import Progress, silent
from tests import reports, serving
from tests.runs import BEFORE_AND_AFTER, CURVE, DISTILLING, TAUGHT, TUNING, make_run

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
    assert '<span translate="no">classifier, resnet50</span>' in page
    assert '<span translate="no">distillation, pocket</span>' in page
    assert "Better: mAP 0.471 \N{RIGHTWARDS ARROW} 0.612 on 19 held out pictures;" in page
    assert "held out: loss 1.11" in page
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
    assert (
        '<p class="lead"><span lang="en">Better: mAP 0.471 \N{RIGHTWARDS ARROW} 0.612 on 19 held '
        "out pictures; they also chose the epoch, so that it is a little too good.</span></p>"
    ) in page
    assert "<bdi>better</bdi>" in page
    assert "0.580 to 0.640" in page
    assert "287.3 <" in page
    assert "Distance" not in page
    assert "The class of 81.2 % of the held out pictures is told right." in page
    assert "<code>flask index build FOLDER --name NAME --network run:tuned</code>" in page
    assert "--resume" not in page
    assert "Refresh" not in response.headers


def test_a_distilled_student_is_compared_with_its_teacher(
    visitor: FlaskClient, instance: Path
) -> None:
    make_run(instance, **DISTILLING, **TAUGHT)
    page = visitor.get("/runs/tuned").text
    assert re.search(r"In <bdi [^>]*>all labelled</bdi>, the first hit", page)
    assert "the weights of the last one are kept" in page
    assert "student 50.0 %, teacher 62.5 %, thumbnail 25.0 %" in page


def test_a_run_says_what_it_was_given(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance)
    page = visitor.get("/runs/tuned").text
    told = dict(re.findall(r"<dt><bdi[^>]*>(.*?)</bdi></dt><dd><bdi[^>]*>(.*?)</bdi></dd>", page))
    assert told["network"] == "resnet50"
    assert told["recipe"] == "auto"
    assert told["highest rate"] == "0.001"
    assert told["seed"] == "7"
    assert told["backend"] == "tensorflow"
    assert told["old towns"] == "97 usable pictures"
    assert told["held out"] == "19 pictures"
    assert told["left out"] == "13 of no class"
    assert told["cannot be used"] == "1 damaged"
    assert "flask train classifier &#39;old towns&#39; --name tuned" in page


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
    make_run(instance, **TUNING, retrieval={"report": name, "verdict": "better"})
    page = visitor.get("/runs/tuned")
    assert page.status_code == 200
    assert 'href="/reports/"' in page.text
    assert not re.search(r'href="/reports/[^"]', page.text)


def test_a_run_at_work_is_looked_at_again(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance, state="running", **TUNING)
    with working_on(instance, "tuned", resume=True):
        page = visitor.get("/runs/tuned")
        assert "nothing is known of how far it is" in page.text
        assert "Somebody works on it at the moment" in page.text
        assert page.headers["Refresh"] == "10"
        assert visitor.get("/runs/").headers["Refresh"] == "10"
        assert "flask index build" not in page.text


def test_a_run_without_an_epoch_has_no_curve_yet(visitor: FlaskClient, instance: Path) -> None:
    with working_on(instance, "fresh", resume=False):
        page = visitor.get("/runs/fresh").text
    assert "It has begun" in page
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
        "retrieval": {"before": hostile, "verdict": hostile},
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
    assert found["right_is"] == "accuracy"
    assert visitor.get("/runs/none", headers=JSON).json["error"]["code"] == "unknown_run"


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Progress("scan", 40, 97), "Reading pictures: 40 of 97."),
        (Progress("trunk", 30, 97), "Computing what the frozen layers see: 30 of 97."),
        (Progress("learn", 2, 9), "Learning: epoch 5 of at most 24; the last one took 30 s."),
        (Progress("search", 3, 19), "Measuring."),
    ],
)
def test_a_run_at_work_says_which_stage_it_is_in(
    visitor: FlaskClient, instance: Path, stage: Progress, said: str
) -> None:
    noting(silent, make_run(instance, state="running", **TUNING))(stage)
    with working_on(instance, "tuned", resume=True):
        assert f'<p class="lead">{said}</p>' in visitor.get("/runs/tuned").text
        told = visitor.get("/runs/tuned", headers=JSON).json["stage"]
        assert told == {"name": stage.stage, "done": stage.done, "total": stage.total}


def test_codes_are_built_for_hamming(visitor: FlaskClient, instance: Path) -> None:
    hashing = {"method": "hash", "settings": {"bits": 48, "supervision": "pairwise"}}
    make_run(instance, **{**TUNING, **BEFORE_AND_AFTER, **hashing})
    page = visitor.get("/runs/tuned").text
    assert "FOLDER --name NAME --network run:tuned --kind hamming</code>" in page
    assert "pairs told apart, held out" in page
    assert "bits of a code" in page


@pytest.mark.parametrize("word", ["worse", "no difference"])
def test_a_run_that_made_nothing_better_says_what_may_help(
    visitor: FlaskClient, instance: Path, word: str
) -> None:
    found = BEFORE_AND_AFTER["retrieval"]
    make_run(instance, **{**TUNING, **BEFORE_AND_AFTER, "retrieval": {**found, "verdict": word}})
    page = visitor.get("/runs/tuned").text
    assert f'<p class="lead"><span lang="en">{word.capitalize()}: mAP 0.471' in page
    assert "Keep the index you have. What may help: a --rate lower than 0.001" in page
    assert "flask index build" not in page


def test_few_pictures_are_said_to_tell_little(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance)
    assert "the intervals are wide" not in visitor.get("/runs/tuned").text
    change = {"measure": "mAP", "before": [0.4, 0.3, 0.5], "after": [0.6, 0.4, 0.8]}
    make_run(instance, "few", **TUNING, retrieval={"exact": [change], "verdict": "better"})
    assert "With 19 held out pictures the intervals are wide" in visitor.get("/runs/few").text


def test_nobody_reads_how_the_machines_folders_are_called(
    visitor: FlaskClient, instance: Path
) -> None:
    make_run(instance)
    make_run(instance, "stopped", state="running", **TUNING)
    make_run(instance, "student", **DISTILLING, **TAUGHT)
    for name in ("tuned", "stopped", "student"):
        for headers in ({}, JSON):
            told = visitor.get(f"/runs/{name}", headers=headers).text
            assert "old towns" in told
            assert not re.search(r"/pictures|/weights/|instance/", told)


PLAIN = {
    "state": "finished",
    "kept": "epoch that is kept",
    "seconds": "2 min 2 s",
    "shown": "78 pictures",
    "begun": "2026-11-20 11:00 UTC",
    "ended": "2026-11-20 11:02 UTC",
    "bytes": "43.2 MB",
    "parameters": "23,564,801",
    "report": 'href="/reports/training-tuned"',
    "before": "resnet50 as far as most-of-it.npz reaches",
    "verdict": "Better: mAP",
    "classified": "0.833",
    "triplets": "94.3 % of pictures learnt from",
    "lsh": "0.566",
    "changes": "174.3",
    "given": "97 usable pictures",
    "classes": "altars",
    "unused": "13 of no class",
    "rejected": "1 damaged",
    "machine": "a processor",
    "recipe": "widths of dense layers",
    "fresh": "conv5_block2_1_conv, conv5_block3_3_bn",
    "variants": "variants of each picture",
    "command": "flask train classifier",
    "crop": "of the largest face",
    "test": "31 pictures",
    "asked": "on 31 test pictures",
    "codes": "Codes keep 95.4% of the mAP of before, in 8 bytes a picture instead of 4,096",
}
"""Field of a record -> what the page says of it; of others their value."""


def test_every_field_of_a_record_stands_on_the_page_and_in_its_twin(instance: Path) -> None:
    serving.copy_of(serving.instance(), instance)
    visitor = serving.make_app(instance).test_client()
    asked_by_codes = {
        "test": 31,
        "encoder": {**TUNING["encoder"], "crop": "faces"},
        "retrieval": {
            **BEFORE_AND_AFTER["retrieval"],
            "asked": "test",
            "codes": {"share": 0.954, "bytes_before": 4096, "bytes_after": 8, "values": []},
        },
    }
    make_run(instance, **{**TUNING, **BEFORE_AND_AFTER, **asked_by_codes})
    reports.make_report(instance, "training-tuned")
    page, twin = visitor.get("/runs/tuned").text, visitor.get("/runs/tuned", headers=JSON).json
    record = read_run(instance, "tuned").record
    for part in fields(Record):
        if part.name not in ("problem", "found"):  # of damaged runs, and of students
            value = getattr(record, part.name)
            assert value, part.name
            assert PLAIN.get(part.name, str(value)) in page, part.name
            assert twin[part.name], part.name


def test_many_classes_are_folded(visitor: FlaskClient, instance: Path) -> None:
    names = [f"class {at}" for at in range(61)]
    figures = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 3}

    def told(count: int) -> dict[str, object]:
        return {
            "classes": {name: [8, 2] for name in names[:count]},
            "classification": {
                "accuracy": 0.5,
                "classes": [{"name": name, **figures} for name in names[:count]],
                "confusion": [[1] * count] * count,
            },
        }

    for count, folds, tables in ((20, 0, 3), (21, 3, 3), (61, 2, 2)):
        make_run(instance, f"of-{count}", **{**TUNING, **told(count)})
        classes = visitor.get(f"/runs/of-{count}").text.split("The classes</h2>")[1]
        classes = classes.split("What it was given</h2>")[0]
        assert (classes.count("<details"), classes.count("<table")) == (folds, tables)


def test_classes_that_look_like_parts_are_warned_of(visitor: FlaskClient, instance: Path) -> None:
    make_run(instance, **{**TUNING, "classes": {"train": [40, 10], "Val": [38, 9]}})
    assert "these look like parts, not classes" in visitor.get("/runs/tuned").text


def test_very_many_epochs_make_no_endless_page(visitor: FlaskClient, instance: Path) -> None:
    lines = "".join(f"{at},0,{1 + 1 / at},,1,,\n" for at in range(1, 20_001))
    make_run(instance, curve="number,size,loss,held_out,seconds,right,held_out_right\n" + lines)
    page = visitor.get("/runs/tuned").text
    assert "It learnt for 20,000 epochs" in page
    assert "Of very many epochs some are shown" in page
    assert len(page) < 200_000
