"""Whole evaluations: every protocol can be run, and reports come whole or not at all."""

import json
from dataclasses import replace
from importlib import import_module
from typing import get_args

import pytest

from indexer.evaluation.plans import EvaluationPlan, ProtocolName
from indexer.evaluation.reporting.storing import read_report
from indexer.evaluation.run import STUDIES, evaluate, study_of
from indexer.evaluation.settings import Setting


def test_every_protocol_has_a_study():
    assert set(STUDIES) == set(get_args(ProtocolName))
    for name, path in STUDIES.items():
        module, function = path.split(":")
        assert study_of(name) is getattr(import_module(module), function)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_old_report_stays_whole_when_a_new_one_fails(place, instance, network, error):
    asked = EvaluationPlan("copies", "r", (network,), sources=(place / "gallery",), sample=2)
    old, folder = evaluate(asked, instance)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    def fail(*_):
        raise error

    with pytest.raises(error):
        evaluate(replace(asked, sample=3), instance, finish=fail)
    with pytest.raises(error):
        evaluate(replace(asked, sample=5), instance, progress=fail)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert {each.name for each in folder.parent.iterdir()} == {"r", ".r.lock"}
    assert read_report(folder) == old


def test_nothing_is_left_beside_what_a_report_tells_of(place, instance, network):
    asked = EvaluationPlan("copies", "r", (network,), sources=(place / "gallery",), sample=2)
    _, folder = evaluate(asked, instance, finish=lambda _, draft: (draft / "page").touch())
    names = {each.name for each in folder.iterdir()}
    assert names == {"report.json", "page", "figures", "pictures", "tables"}


def test_equal_seeds_give_equal_reports(place, instance, network):
    def found(name, seed):
        plan = EvaluationPlan(
            "grid",
            name,
            (network,),
            sources=(place / "gallery",),
            split=0.3,
            grid=(Setting(2, 3, 4.0),),
            seed=seed,
        )
        _, folder = evaluate(plan, instance)
        document = json.loads((folder / "report.json").read_bytes())
        for changing in ("name", "created", "seconds"):
            document.pop(changing)
        tables = {file.name: file.read_bytes() for file in (folder / "tables").iterdir()}
        return document, tables

    assert found("a", 1) == found("b", 1)
    assert found("a", 1)[1]["grid.csv"] != found("c", 2)[1]["grid.csv"]
