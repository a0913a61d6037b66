"""`flask evaluate`: what is typed becomes a plan, and what was found is printed."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest
from flask import Flask

from app.cli.evaluate import evaluate
from app.cli.evaluating.commands import TYPED, default_name
from app.cli.evaluating.printing import printed, printed_table
from app.cli.evaluating.running import tell, write_page
from app.cli.stopping import STOPPED
from app.reports.rendering import standalone
from app.reports.wording import written
from indexer.errors import BadParameter
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.drafts import making
from indexer.evaluation.reporting.model import Column, Mean, Shown, Table
from indexer.evaluation.reporting.storing import FILE, read_report, report_folder
from indexer.evaluation.systems.base import SystemSpec
from tests import reports, serving

TABLE = Table(
    "t",
    "Two networks",
    (Column("network"), Column("P@1", "share", "high"), Column("rank", "number", "low")),
    (
        ("pocket", Mean(0.5, 0.4, 0.6, 10), 12.5),
        ("resnet50", Mean(0.812, 0.79, 0.834, 10), 3.25),
        ("none", None, nan),
    ),
    "A note.",
)


def test_a_report_is_named_after_protocol_and_gallery() -> None:
    assert default_name("copies", ["sample"]) == "copies-sample"
    assert (
        default_name("folders", [Path("/a/Train Set"), Path("/a/val")]) == "folders-train-set-val"
    )
    assert len(default_name("folders", ["x" * 100])) == 64


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "A"}, "A report's name"),
        ({"precision": "fp8"}, "--precision is one of"),
        ({"split": 1.5}, "--split is a share"),
        ({"split": 0.2, "queries": (Path("q"),)}, "Give one"),
        ({"sources": ()}, "--index NAME"),
        ({"query_labels": Path("l")}, "--query-labels name"),
        ({"protocol": "triplets", "test_file": Path("t")}, "--test-file holds"),
        ({"protocol": "oxford"}, "--ground-truth FILE"),
        (
            {"sources": (), "systems": (SystemSpec("a"),), "distractors": (Path("d"),)},
            "go with folders",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_once(options: dict[str, object], said: str) -> None:
    with pytest.raises(BadParameter, match=said):
        EvaluationPlan(**{"protocol": "folders", "name": "a", "sources": (Path("s"),), **options})  # type: ignore[arg-type]


def test_a_plan_names_its_indexes() -> None:
    systems = (SystemSpec(index="one"), SystemSpec(), SystemSpec(index="two"))
    assert EvaluationPlan("folders", "a", systems).indexes == ("one", "two")


@pytest.mark.parametrize("name", sorted(evaluate.commands))
def test_every_command_explains_itself(app: Flask, name: str) -> None:
    shown = app.test_cli_runner().invoke(args=["evaluate", name, "--help"])
    assert shown.exit_code == 0
    assert "--name" in shown.output


COMMON = {"k", "seed", "worst", "classes", "show", "precision", "workers", "batch_size"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((each, COMMON) for each in ("folders", "grid", "holidays", "oxford", "copies")),
        ("triplets", {"seed", "precision", "workers", "batch_size"}),
        ("pairs", {"precision", "workers", "batch_size"}),
        ("ratings", {"seed"}),
    ],
)
def test_commands_take_the_options_that_they_use(name: str, options: set[str]) -> None:
    taken = {parameter.name for parameter in evaluate.commands[name].params}
    assert taken & COMMON == options
    assert ("network" in taken) == (name != "ratings")
    fields = set(EvaluationPlan.__dataclass_fields__)
    assert options <= fields


def test_a_ground_truth_is_imported_by_the_name_of_its_benchmark(
    app: Flask, tmp_path: Path
) -> None:
    entry = {"ok": [0], "junk": []}
    document = {"imlist": ["a"], "qimlist": ["a"], "gnd": [entry]}
    file = tmp_path / "gnd_roxford5k.pkl"
    file.write_bytes(pickle.dumps(document))
    kept = app.test_cli_runner().invoke(args=["evaluate", "import-groundtruth", str(file)])
    assert kept.output.startswith("Kept as roxford5k in ")


def test_copies_of_nothing_are_refused_with_the_cure(app: Flask) -> None:
    refused = app.test_cli_runner().invoke(args=["evaluate", "copies"])
    assert refused.exit_code == 1
    assert "--index NAME" in refused.output


def test_a_table_is_printed_in_columns() -> None:
    lines = printed_table(TABLE, 100).splitlines()
    assert lines == [
        "Two networks",
        "  network     P@1    rank",
        "  pocket    0.500   12.50",
        "  resnet50  0.812*   3.25*",
        "  none",
        "A note.",
    ]


def test_digits_stand_under_digits() -> None:
    lines = printed_table(TABLE, 100).splitlines()
    assert lines[2].index("0.500") == lines[3].index("0.812")
    assert lines[2].index(".50", 18) == lines[3].index(".25", 18)


def test_columns_without_room_are_named_with_their_file() -> None:
    columns = (Column("class"), *(Column(f"P@{k}", "share") for k in range(20)))
    rows = tuple((name, *(k / 20 for k in range(20))) for name in ("a", "b"))
    text = printed_table(Table("wide", "T", columns, rows), 60)
    assert all(len(line) <= 60 for line in text.splitlines())
    for k in range(20):
        assert f"P@{k}" in text.replace(",", "").replace(":", "").split()
    assert text.endswith("tables/wide.csv")


def test_a_long_table_is_cut_and_says_where_the_rest_is() -> None:
    rows = tuple((f"class {n}", n) for n in range(1000))
    text = printed_table(Table("long", "T", (Column("class"), Column("n", "count")), rows), 80)
    assert "… 980 more rows: tables/long.csv" in text


def test_of_a_long_table_the_best_rows_are_printed() -> None:
    rows = tuple((f"setting {n}", Mean(n / 100, 0, 1, 9)) for n in range(100))
    columns = (Column("setting"), Column("P@1", "share", "high"))
    lines = printed_table(Table("grid", "Settings", columns, rows), 80).splitlines()
    assert lines[0] == "Settings, those with the best P@1"
    assert [line.split()[1] for line in lines[2:-1]] == [str(n) for n in range(99, 89, -1)]
    assert lines[-1] == "… 90 more rows: tables/grid.csv"


def test_what_all_rows_share_is_told_once() -> None:
    columns = (Column("network"), Column("metric"), Column("n", "count"))
    table = Table("t", "Two networks", columns, (("a", "cosine", 1), ("b", "cosine", 2)))
    lines = printed_table(table, 80).splitlines()
    assert lines[0] == "Two networks; metric: cosine"
    assert lines[1].split() == ["network", "n"]


def test_long_names_are_shortened_but_never_to_the_same() -> None:
    names = ("Euclidean, with distractors", "Euclidean, without distractors", "x" * 90)
    text = printed_table(Table("t", "T", (Column("search"),), tuple((n,) for n in names)), 80)
    shown = text.splitlines()[2:]
    assert len(set(shown)) == 3
    assert max(map(len, shown)) < 40


def test_names_from_files_cannot_steer_the_terminal() -> None:
    row = ("\x1b[31mred\n", 1)
    text = printed_table(Table("t", "T", (Column("a"), Column("n", "count")), (row,)), 80)
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3


def test_a_report_is_printed_with_its_answer_first() -> None:
    shown = Shown("query.jpg", "", "", 0, 0)
    text = printed(reports.report("one", [shown] * 21), 60)
    assert text.startswith("97.5 % of 200 distorted copies")
    assert text.index("By what was done") < text.index("Precision at k by class")


def test_the_best_of_a_column_is_marked_once_it_differs() -> None:
    best = [[cell.is_best for cell in row] for row in written(TABLE)]
    assert best == [[False, False, False], [False, True, True], [False, False, False]]
    alike = replace(TABLE, rows=(TABLE.rows[0], TABLE.rows[0]))
    assert not any(cell.is_best for row in written(alike) for cell in row)


def test_what_looks_equally_good_is_marked_alike() -> None:
    column = Column("P@1", "share", "high")
    table = Table("t", "T", (column,), ((0.81249,), (0.81244,), (0.1,)))
    assert [row[0].is_best for row in written(table)] == [True, True, False]


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        ("count", (1, 1234567), ["1", "1,234,567"]),
        ("count", (12.25, 3), ["12.2", "3.0"]),
        ("share", (0.5, 1), ["0.500", "1.000"]),
        ("number", (0.01234, 0.5), ["0.0123", "0.5000"]),
        ("number", (1234.5, 2), ["1,234", "2"]),
        ("number", (3, 4), ["3", "4"]),
        ("text", ("a", None), ["a", ""]),
        ("percent", (0.785, 1), ["78.5 %", "100.0 %"]),
    ],
)
def test_numbers_are_written_alike_in_a_column(
    kind: str, values: tuple[float, ...], texts: list[str]
) -> None:
    column = Column("c", kind)  # type: ignore[arg-type]
    table = Table("t", "T", (column,), tuple((value,) for value in values))
    assert [row[0].text for row in written(table)] == texts


def test_the_page_of_a_report_is_written_beside_it_and_its_place_told(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = reports.make_report(copy)
    folder = report_folder(copy, "quality")
    with serving.make_app(copy).app_context():
        write_page(report, folder)
        assert (folder / "index.html").read_text() == standalone(report, folder)
    tell(report, folder)
    told = capsys.readouterr().out
    assert told.startswith("97.5 %")
    assert f"page        {folder / 'index.html'}" in told
    assert "/reports/quality" in told


def test_a_report_tells_how_it_was_typed() -> None:
    arguments = ["--index", "a b", "--seed", "3"]
    context = evaluate.commands["copies"].make_context("copies", arguments)
    assert context.meta[TYPED] == "flask evaluate copies --index 'a b' --seed 3"


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """An instance with the sample index, its encoder and its features, that a test may change."""
    return Path(shutil.copytree(serving.instance(), tmp_path / "instance", symlinks=True))


def test_copies_of_an_index_are_evaluated(whole: Path) -> None:
    app = serving.make_app(whole)
    typed = ["evaluate", "copies", "--index", "sample", "--sample", "6", "--name", "six"]
    done = app.test_cli_runner().invoke(args=typed)
    assert done.exit_code == 0, done.output
    assert "of 30 changed copies of 6 pictures lead back to their original first" in done.output
    report = read_report(report_folder(whole, "six"))
    assert report.command == f"flask {' '.join(typed)}"
    visitor = app.test_client()
    page = visitor.get("/index/sample/quality").text
    assert "How many copies lead back" in page
    assert report.answer in page
    with visitor.get("/reports/six/six.html") as kept:
        assert kept.text == (report_folder(whole, "six") / "index.html").read_text()


def test_folders_are_evaluated(whole: Path) -> None:
    app = serving.make_app(whole)
    typed = ["evaluate", "folders", str(serving.gallery()), "--split", "0.2", "--worst", "1"]
    done = app.test_cli_runner().invoke(args=typed)
    assert done.exit_code == 0, done.output
    assert "pocket: P@10" in done.output
    page = app.test_client().get("/reports/folders-gallery").text
    assert "flask evaluate folders gallery --split 0.2 --worst 1" in page
    assert str(serving.gallery()) not in page
    assert "drawing" in page
    folder = report_folder(whole, "folders-gallery")
    assert str(serving.gallery()) not in (folder / FILE).read_text()
    assert (folder / "tables/sequential.csv").exists()


def test_an_evaluation_that_is_stopped_leaves_the_report_that_there_was(whole: Path) -> None:
    reports.make_report(whole)
    before = (report_folder(whole, "quality") / FILE).read_bytes()
    typed = ["evaluate", "copies", "--index", "sample", "--sample", "1000", "--name", "quality"]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", *typed],
        cwd=serving.PROJECT,
        env=os.environ | {"LIKENESS_INSTANCE": str(whole), "FLASK_APP": "app"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    next(line for line in process.stderr if line.startswith("queries"))
    assert [each.name for each in making(whole)] == ["quality"]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == STOPPED, said
    assert f"To go on: flask {' '.join(typed)}" in said
    assert (report_folder(whole, "quality") / FILE).read_bytes() == before
    assert not list((whole / "reports").glob(".*.draft"))
