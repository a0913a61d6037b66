"""The benchmark of serving asks a real server, and sums its answers up; never how fast."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.processes import Memory
from benchmarks.serving import generated
from benchmarks.serving.__main__ import main
from benchmarks.serving.added import Page, Pages
from benchmarks.serving.clients import Client, Timed, load
from benchmarks.serving.figures import STAGES, Figures, Load, sum_up
from indexer.opening import open_current
from tests import serving

KINDS = ("search", "upload", "page", "picture")


def answers(count: int) -> list[Timed]:
    stages = {"decode": 1.0, "encode": 2.0, "search": 4.0, "render": 8.0}
    return [Timed(200, float(10 + number), stages) for number in range(count)]


def test_answers_are_summed_up() -> None:
    found = sum_up("search", 4, answers(101), 2.0)
    assert (found.p50, found.p95, found.p99) == (60.0, 105.0, 109.0)
    assert (found.answers, found.failed, found.per_second) == (101, 0, 50.5)
    assert found.stages == {"decode": 1, "encode": 2, "search": 4, "render": 8, "keep": 0}
    assert found.added == 60 - 7


def test_what_was_not_answered_is_counted() -> None:
    found = sum_up("upload", 1, [*answers(2), Timed(0, 1.0), Timed(503, 1.0)], 1.0)
    assert (found.answers, found.failed) == (4, 2)


def test_what_follows_an_upload_is_told_though_the_first_one_failed() -> None:
    def ask(client: Client, picture: Path) -> dict[str, Timed]:
        if picture.name == "first.jpg":
            return {"upload": Timed(503, 1.0)}
        return {"upload": Timed(303, 1.0), "page": Timed(200, 1.0)}

    found, _ = load(1, ask, [Path("first.jpg"), Path("second.jpg")], 1)
    assert {kind: len(timed) for kind, timed in found.items()} == {"upload": 2, "page": 1}


def figures(start: float, megabytes: float, added: float) -> Figures:
    of_kinds = {"search": added, "upload": added + 1, "page": 99.0}
    loads = [
        Load(kind, clients, 1, 0, 1.0, 1.0, 1.0, 1.0, dict.fromkeys(STAGES, 1.0), more * clients)
        for clients in (16, 1)
        for kind, more in of_kinds.items()
    ]
    worker = Memory(proportional=int(megabytes * 1e6))
    return Figures(loads, (1.0, 1.0), [start], [Memory(), worker])


def test_it_says_of_each_figure_whether_it_is_as_wanted() -> None:
    said = [wanted.sentence for wanted in figures(1.5, 449, 9).wanted]
    assert said == [
        "start to first answer: 1.50 s, wanted less than 2.00 s: met",
        "largest worker, proportional: 449 MB, wanted less than 450 MB: met",
        "search, 1 client, added: 9.0 ms, wanted less than 10.0 ms: met",
        "upload, 1 client, added: 10.0 ms, wanted less than 10.0 ms: missed",
    ]
    assert all(sentence in figures(1.5, 449, 9).table() for sentence in said)
    assert [wanted.met for wanted in figures(2, 450, 3).wanted] == [False, False, True, True]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no JPEG files"):
        main([str(serving.instance()), str(tmp_path)])


def test_a_real_server_is_measured(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found.json"
    failed = main(
        [
            *(str(copy), str(serving.gallery()), "--clients", "1", "3", "--uploads", "6"),
            *("--starts", "1", "--workers", "1", "--json", str(found)),
        ]
    )
    assert failed == 0
    table = capsys.readouterr().out
    assert [f"{kind}, {number}" in table for kind in KINDS for number in (1, 3)] == [True] * 8
    said = json.loads(found.read_text())
    loads = {(load["kind"], load["clients"]): load for load in said["loads"]}
    assert set(loads) == {(kind, number) for kind in KINDS for number in (1, 3)}
    assert all(load["answers"] == 6 for load in loads.values())
    wanted = {"search": STAGES[:4], "upload": (*STAGES[:2], "keep"), "page": STAGES[2:4]}
    for kind, stages in wanted.items():
        assert {name for name, time in loads[kind, 1]["stages"].items() if time} == set(stages)
    assert len(said["starts"]) == 1
    assert len(said["workers"]) == 1
    assert said["workers"][0]["private"] > 2**20
    assert len(said["wanted"]) == 4
    assert not (copy / "likeness.sqlite").exists()


def test_generated_images_lie_in_classes_with_copies_among_them() -> None:
    drawn = np.random.default_rng(1).normal(size=(3, 64)).astype(np.float32)
    made = generated.Made(2000, 10)
    labels = generated._labels(made, len(drawn))
    rows = np.concatenate([block for _, block in generated._features(labels, drawn, made)])
    assert (len(rows), sorted(set(labels))) == (1997, list(range(10)))
    counts = np.bincount(labels)
    assert counts[0] == counts.max() > 5 * counts[-1]
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    apart = 1 - unit @ unit.T
    of_each = np.array(labels)
    same = of_each[:, None] == of_each
    within, between = (np.median(apart[which]) for which in (same, ~same))
    assert within == pytest.approx(generated.WITHIN, abs=0.1)
    assert between == pytest.approx(1, abs=0.1)
    copies = np.arange(1, len(rows), generated.COPIES)
    assert apart[copies, copies - 1].max() < 0.01
    # The first classes lie around what was drawn.
    centre = drawn[0] / np.linalg.norm(drawn[0])
    assert (unit[of_each == 0] @ centre).mean() > 5 * abs((unit[of_each == 5] @ centre).mean())


def page(name: str, added: float) -> Page:
    return Page(name, 10, 0, added + 5, added + 5, added + 5, 5, added, added, added, added, 1e3)


def test_it_says_which_pages_add_too_much() -> None:
    pages = Pages(100_000, [page("home", 99.4), page("why", 100)], 1, (0.5, 0.5), 2)
    assert [wanted.met for wanted in pages.wanted] == [True, False]
    assert "why, added: 100 ms, wanted less than 100 ms: missed" in pages.table()
    assert "home, added" not in pages.table()
    good = Pages(100_000, [page("home", 99.4)], 1, (0.5, 0.5), 2)
    assert "met by all 1" in good.table()


def test_pages_of_a_generated_index_are_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, found = tmp_path / "instance", tmp_path / "found.json"
    shutil.copytree(serving.instance() / "encoders", folder / "encoders")
    typed = ["--generated", "500", "--classes", "20", "--folder", str(folder), "--rounds", "2"]
    typed += ["--runs", "1", "--workers", "1", "--json", str(found)]
    assert main(typed) == 0
    assert "failed: 0" in capsys.readouterr().out
    said = json.loads(found.read_text())
    pages = {each["name"]: each for each in said["pages"]}
    assert (said["images"], len(pages)) == (500, len(said["wanted"]))
    assert {"home", "one picture", "upload, k=100", "similar, rare class", "why"} <= set(pages)
    assert {each["answers"] for each in pages.values()} == {6}
    stages = {name for name, each in pages.items() if each["worked"]}
    assert {"upload, box", "similar, exact", "why"} <= stages
    assert not {"home", "gallery, a page", "about the index"} & stages
    built = open_current(folder, generated.NAME)
    classes = built.catalog.classes.all
    built.catalog.close()
    assert (built.manifest.kind, built.manifest.images) == ("lsh", 500)
    assert sum(each.name.startswith("class") for each in classes) == 20
    with pytest.raises(SystemExit, match="500 images"):
        generated.make(generated.Made(501, 20), folder)
