"""Reports on disk: what is written is read back, and what is damaged or hostile is refused."""

import csv
import json
from dataclasses import replace
from io import StringIO
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.evaluation.errors import DamagedReport, EvaluationRunning, UnknownReport
from indexer.evaluation.reporting.csvs import csv_of
from indexer.evaluation.reporting.documents import document_of, report_of
from indexer.evaluation.reporting.drafts import drafting, making
from indexer.evaluation.reporting.model import (
    Cell,
    Column,
    Figure,
    Looks,
    Mean,
    Report,
    Section,
    Shown,
    Strip,
    Table,
)
from indexer.evaluation.reporting.storing import (
    FILE,
    read_report,
    report_folder,
    reports_in,
    write_report,
)

PLACES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
TEXT = st.text(max_size=30)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(-(2**60), 2**60)
CELLS = st.one_of(
    TEXT, COUNTS, NUMBERS, st.builds(Mean, NUMBERS, NUMBERS, NUMBERS, COUNTS), st.none()
)
SHOWN = st.builds(
    Shown,
    name=TEXT,
    label=TEXT,
    file=PLACES.map(lambda name: f"pictures/{name}.jpg") | st.just(""),
    width=st.integers(1, 500),
    height=st.integers(1, 500),
    distance=st.none() | NUMBERS,
    right=st.none() | st.booleans(),
    rank=st.integers(0, 10**9),
)
STRIPS = st.builds(
    Strip,
    query=SHOWN,
    system=TEXT,
    note=TEXT,
    first=st.lists(SHOWN, max_size=3).map(tuple),
    last=st.lists(SHOWN, max_size=3).map(tuple),
)
FIGURES = st.builds(Figure, PLACES, TEXT, TEXT, st.integers(1, 4000), st.integers(1, 4000))
LOOKS = st.builds(Looks, PLACES, TEXT, st.lists(STRIPS, max_size=2).map(tuple), TEXT)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table whose rows have as many cells as it has columns."""
    columns = draw(st.lists(st.builds(Column, TEXT), min_size=1, max_size=4))
    row = st.tuples(*[CELLS for _ in columns])
    rows = draw(st.lists(row, max_size=4))
    return Table(draw(PLACES), draw(TEXT), tuple(columns), tuple(rows), draw(TEXT))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Draw a report whose parts have names of their own."""

    def own(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        return st.lists(kind, max_size=3, unique_by=lambda part: part.name)

    blocks = draw(own(tables())) + draw(own(FIGURES)) + draw(own(LOOKS))
    names = draw(st.lists(PLACES, min_size=1, max_size=3, unique=True))
    sections = [Section(name, draw(TEXT), (draw(TEXT),)) for name in names]
    sections[0] = replace(sections[0], blocks=tuple(blocks))
    return Report(
        name=draw(PLACES),
        protocol=draw(TEXT),
        title=draw(TEXT),
        created="2026-01-02T03:04:05+00:00",
        command=draw(TEXT),
        seconds=draw(NUMBERS),
        answer=draw(TEXT),
        facts=draw(st.dictionaries(TEXT, TEXT, max_size=3)),
        indexes=tuple(draw(st.lists(TEXT, max_size=2))),
        sections=tuple(sections),
    )


def simple(name: str = "one", created: str = "2026-01-02T03:04:05+00:00") -> Report:
    """Return a small report."""
    table = Table("t", "T", (Column("a"), Column("b", "share")), (("x", Mean(0.5, 0.4, 0.6, 9)),))
    figure = Figure("f", "F", "alt", 10, 10)
    shown = Shown("n", "l", "pictures/p.jpg", 3, 4)
    looks = Looks("l", "L", (Strip(shown, "s", "", (shown,)),))
    section = Section("s", "S", (), (table, figure, looks))
    return Report(name, "copies", "T", created, "c", 1.0, "A", {}, ("sample",), (section,))


def put(instance: Path, report: Report) -> Path:
    """Put a report into an instance."""
    with drafting(instance, report.name, report.protocol, report.indexes) as folder:
        write_report(folder, report)
    return report_folder(instance, report.name)


@settings(deadline=None, max_examples=40)
@given(reports())
def test_what_is_written_is_read_back(report: Report) -> None:
    assert report_of(json.dumps(document_of(report))) == report


@settings(deadline=None)
@given(tables())
@example(Table("t", "", (Column("\ra"),), (("b\r\n",),)))
def test_a_table_is_the_same_in_its_csv(table: Table) -> None:
    head, *rows = csv.reader(StringIO(csv_of(table), newline=""))
    assert len(rows) == len(table.rows)
    assert {len(row) for row in rows} <= {len(head)}
    place = 0
    for number in range(len(table.columns)):
        cells = [row[number] for row in table.rows]
        for cell, row in zip(cells, rows, strict=True):
            value: Cell = cell.value if isinstance(cell, Mean) else cell
            assert row[place] == ("" if value is None else str(value))
        place += 3 if any(isinstance(cell, Mean) for cell in cells) else 1


def test_a_mean_becomes_three_columns() -> None:
    table = simple().sections[0].blocks[0]
    assert isinstance(table, Table)
    assert csv_of(table) == "a,b,b low,b high\r\nx,0.5,0.4,0.6\r\n"


def test_what_is_no_number_is_null(tmp_path: Path) -> None:
    columns = tuple(Column(name, "number") for name in "abcd")
    row = (nan, -inf, Mean(nan, nan, nan, 0), Mean(1.0, nan, inf, 1))
    section = Section("s", "S", (), (Table("t", "T", columns, (row,)),))
    folder = put(tmp_path, replace(simple(), sections=(section,), seconds=nan))
    text = (folder / FILE).read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    report = read_report(folder)
    (table,) = report.sections[0].blocks
    assert isinstance(table, Table)
    assert table.rows[0][:3] == (None, None, None)
    assert isnan(report.seconds)
    assert (folder / "tables/t.csv").read_text().splitlines()[1].startswith(",,,,,1.0,,")


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    np = pytest.importorskip("numpy")
    row = (np.int64(3), Mean(np.float64(0.5), np.float32(0.25), np.float64(1), np.int32(4)))
    section = Section("s", "S", (), (Table("t", "T", (Column("a"), Column("b")), (row,)),))
    document = document_of(replace(simple(), sections=(section,)))
    read = report_of(json.dumps(document))
    (table,) = read.sections[0].blocks
    assert isinstance(table, Table)
    assert table.rows == ((3, Mean(0.5, 0.25, 1.0, 4)),)


def test_names_of_files_that_are_not_utf8_are_escaped(tmp_path: Path) -> None:
    folder = put(tmp_path, replace(simple(), title="caf\udce9"))
    assert read_report(folder).title == r"caf\xe9"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.jpg",
        "pictures/../../secret.jpg",
        "/etc/passwd",
        "pictures/a.svg",
        "pictures/.jpg",
    ],
)
def test_pictures_cannot_lie_elsewhere(path: str) -> None:
    document = document_of(simple())
    document["sections"][0]["blocks"][2]["strips"][0]["query"]["file"] = path
    with pytest.raises(ValueError, match="a picture cannot lie at"):
        report_of(json.dumps(document))


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "a.b", "ü", "x\n", "a" * 101])
def test_parts_cannot_be_called_by_paths(name: str) -> None:
    for block in range(3):
        document = document_of(simple())
        document["sections"][0]["blocks"][block]["name"] = name
        with pytest.raises(ValueError, match="cannot be called"):
            report_of(json.dumps(document))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "its format is 2"),
        ({"format": True}, "its format is True"),
        ({"seconds": "1"}, "report.seconds"),
        ({"seconds": True}, "report.seconds"),
        ({"created": "yesterday"}, "yesterday"),
        ({"indexes": [1]}, r"report.indexes\[0\]"),
        ({"facts": {"a": 1}}, "report.facts.a"),
        ({"more": 1}, "report should have"),
        ({"sections": {}}, "report.sections"),
        ({"sections": [{}]}, r"report.sections\[0\] should have"),
        ({"title": "\ud800"}, "surrogates"),
        ({"name": "../one"}, "cannot be called"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    folder = put(tmp_path, simple())
    document = json.loads((folder / FILE).read_text())
    (folder / FILE).write_text(json.dumps(document | change))
    with pytest.raises(DamagedReport, match=said):
        read_report(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format": NaN}', b"1e999"]
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = put(tmp_path, simple())
    (folder / FILE).write_bytes(content)
    with pytest.raises(DamagedReport, match=r"report\.json is damaged"):
        read_report(folder)


def test_rows_have_a_cell_for_each_column() -> None:
    document = document_of(simple())
    document["sections"][0]["blocks"][0]["rows"][0].append(1)
    with pytest.raises(ValueError, match="do not have 2 cells"):
        report_of(json.dumps(document))


def test_two_tables_need_two_names() -> None:
    table = simple().sections[0].blocks[0]
    section = Section("s", "S", (), (table, table))
    with pytest.raises(ValueError, match="names of their own"):
        document_of(replace(simple(), sections=(section,)))


def test_a_report_of_another_name_is_refused(tmp_path: Path) -> None:
    folder = put(tmp_path, simple())
    moved = folder.rename(folder.with_name("two"))
    with pytest.raises(DamagedReport, match="belongs to another report, one"):
        read_report(moved)


def test_reports_come_newest_first_and_damaged_ones_last(tmp_path: Path) -> None:
    for name, year in (("old", 2020), ("new", 2026), ("middle", 2023), ("broken", 2027)):
        put(tmp_path, simple(name, f"{year}-01-01T00:00:00+00:00"))
    (report_folder(tmp_path, "broken") / FILE).write_text("{}")
    briefs = reports_in(tmp_path)
    assert [brief.name for brief in briefs] == ["new", "middle", "old", "broken"]
    assert "is damaged" in briefs[-1].problem
    assert (briefs[0].title, briefs[0].answer, briefs[0].indexes) == ("T", "A", ("sample",))


def test_an_instance_without_reports_has_none(tmp_path: Path) -> None:
    assert reports_in(tmp_path) == []
    assert making(tmp_path) == []


@pytest.mark.parametrize("name", ["..", "../a", "A", "", ".hidden", "a/b", "a.draft"])
def test_a_report_has_a_name_as_an_index_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownReport, match="A report's name"):
        report_folder(tmp_path, name)


def test_an_absent_report_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownReport, match="There is no report one"):
        read_report(report_folder(tmp_path, "one"))


def test_a_report_is_seen_only_when_it_is_whole(tmp_path: Path) -> None:
    with drafting(tmp_path, "one", "copies", ("sample",)) as folder:
        write_report(folder, simple())
        assert reports_in(tmp_path) == []
        (under_way,) = making(tmp_path)
        assert (under_way.name, under_way.indexes) == ("one", ("sample",))
    assert [brief.name for brief in reports_in(tmp_path)] == ["one"]
    assert making(tmp_path) == []
    names = {path.name for path in report_folder(tmp_path, "one").iterdir()}
    assert names == {"figures", "pictures", "tables", FILE}


def test_a_report_replaces_the_one_of_its_name(tmp_path: Path) -> None:
    folder = put(tmp_path, simple())
    (folder / "left.txt").write_text("of the one before")
    put(tmp_path, replace(simple(), answer="B"))
    assert read_report(folder).answer == "B"
    assert not (folder / "left.txt").exists()
    assert [brief.answer for brief in reports_in(tmp_path)] == ["B"]


def test_a_failure_leaves_the_report_of_before(tmp_path: Path) -> None:
    folder = put(tmp_path, simple())
    with pytest.raises(RuntimeError), drafting(tmp_path, "one", "copies"):
        raise RuntimeError
    assert read_report(folder) == simple()
    assert {path.name for path in folder.parent.iterdir()} == {"one", ".one.lock"}


def test_two_processes_cannot_make_the_same_report(tmp_path: Path) -> None:
    with drafting(tmp_path, "one", "copies"):
        with pytest.raises(EvaluationRunning, match="makes the report one"):
            drafting(tmp_path, "one", "copies").__enter__()
        put(tmp_path, simple("two"))


def test_what_a_dead_process_left_is_tidied_up(tmp_path: Path) -> None:
    folder = put(tmp_path, simple())
    folder.rename(folder.with_name(".one.old"))  # it died between the two renames
    (folder.with_name(".one.draft") / "figures").mkdir(parents=True)
    assert making(tmp_path) == []
    with pytest.raises(RuntimeError), drafting(tmp_path, "one", "copies"):
        raise RuntimeError
    assert read_report(folder) == simple()
