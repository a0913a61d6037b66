"""Every protocol that ranks evaluates every kind of index, and what is left out is told."""

import shutil
import struct
from zlib import crc32

import numpy as np
import pytest
from PIL import Image

from indexer.build import BuildPlan, build_index
from indexer.evaluation.errors import BadTable, EvaluationError, NothingToMeasure
from indexer.evaluation.groundtruth.documents import to_json
from indexer.evaluation.groundtruth.model import GroundTruth, Query
from indexer.evaluation.groundtruth.storing import import_ground_truth
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.protocols.registry import PROTOCOLS
from indexer.evaluation.reporting.model import Section
from indexer.evaluation.run import evaluate
from indexer.evaluation.settings import settings_of
from indexer.evaluation.systems.base import SystemSpec
from indexer.indexes.options import IndexOptions
from tests.indexer.fixtures import CLASSES, draw

KINDS = ("hamming", "lsh", "exact")
TRUTH = GroundTruth(
    "small", (Query("100", (1.0, 2.0, 50.0, 40.0), ok=("101", "102"), junk=("200",)),)
)
REVISITED = GroundTruth(
    "rsmall", (Query("100", easy=("101",), hard=("102",)),), ("101", "102", "200", "201")
)


@pytest.fixture(scope="module")
def several(spec, exported, tmp_path_factory):
    """Return a folder of pictures whose names are numbers, and an instance with its indexes.

    `small` was built before the last picture of each class came.
    """
    folder = tmp_path_factory.mktemp("kinds")
    shutil.copytree(exported, folder / "instance" / "encoders")
    for number, kind in enumerate(CLASSES, 1):
        (folder / "pictures" / kind).mkdir(parents=True)
        for seed in range(4):
            draw(kind, seed).save(folder / "pictures" / kind / f"{number}0{seed}.png")
    late = sorted((folder / "pictures").glob("*/*03.png"))
    kept = [(file, file.read_bytes()) for file in late]
    for file in late:
        file.unlink()
    built(folder, spec, "small", "exact")
    for file, content in kept:
        file.write_bytes(content)
    for kind in KINDS:
        built(folder, spec, kind, kind)
    return folder


def built(folder, spec, name, kind):
    metric = "hamming" if kind == "hamming" else "cosine"
    plan = BuildPlan(
        (folder / "pictures",),
        name=name,
        encoder=spec,
        kind=kind,
        options=IndexOptions(metric, g=4, h=3) if kind == "lsh" else IndexOptions(metric),
        batch_size=8,
    )
    build_index(plan, folder / "instance")


def evaluated(folder, protocol, *indexes, truth=None, sources=True, **options):
    if truth:
        (folder / "truth.json").write_bytes(to_json(truth))
        options["ground_truth"] = str(folder / "truth.json")
    plan = EvaluationPlan(
        protocol,
        f"{protocol}-{len(indexes)}",
        tuple(SystemSpec(index=name) for name in indexes),
        sources=(folder / "pictures",) if sources else (),
        **{"k": 3, "worst": 1, "classes": 0, "sample": 2, **options},
    )
    return evaluate(plan, folder / "instance")[0]


def spoil(file):
    """Write a PNG that looks sound until its pixels are unpacked."""
    content = file.read_bytes()
    at = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[at - 4 : at])
    part = b"IDAT" + bytes(length)
    whole = part + struct.pack(">I", crc32(part))
    file.write_bytes(content[:at] + whole + content[at + len(whole) :])


def remarks(report):
    return " ".join(fact for name, fact in report.facts.items() if name.startswith("remark"))


def section(report, name) -> Section:
    (found,) = [each for each in report.sections if each.name == name]
    return found


@pytest.mark.parametrize("protocol", [*PROTOCOLS, "grid"])
def test_every_protocol_evaluates_every_kind(several, protocol):
    grid = settings_of("3", "2", "4") if protocol == "grid" else ()
    truth = TRUTH if protocol == "oxford" else None
    # Codes are not hashed again.
    kinds = [kind for kind in KINDS if protocol != "grid" or kind != "hamming"]
    report = evaluated(several, protocol, *kinds, truth=truth, grid=grid, sources=False)
    rows = section(report, "systems").blocks[0].rows
    assert {row[0] for row in rows} == {f"index {kind}" for kind in kinds}
    whole = protocol in ("oxford", "holidays")
    assert ("answers with its first hits" in remarks(report)) == whole


@pytest.mark.parametrize(
    ("protocol", "options"),
    [("folders", {"split": 0.3}), ("oxford", {"truth": REVISITED, "setup": "medium"})],
)
def test_pictures_that_are_taken_out_of_the_gallery_are_passed_over(several, protocol, options):
    report = evaluated(several, protocol, *KINDS, **options)
    taken = 3 if protocol == "folders" else 1
    assert report.facts["gallery"].startswith(f"{12 - taken} pictures")
    indexed = section(report, "index").blocks[0]
    assert [row[0] for row in indexed.rows] == ["index lsh"]


def test_what_one_index_lacks_is_left_out_for_all(several):
    report = evaluated(several, "folders", "exact", "small", sources=False, sample=None)
    assert report.facts["gallery"].startswith("9 pictures")
    assert (
        "Left out of the gallery: 3 pictures that the index small does not hold, for instance "
        "circles/103.png."
    ) in remarks(report)
    further = evaluated(several, "folders", "small", "exact", sources=False, sample=None)
    assert "The index exact holds 3 pictures that the gallery lacks" in remarks(further)
    first, second = (section(each, "systems").blocks[0].rows for each in (report, further))
    assert first[0][1:] == second[0][1:]


def test_an_index_and_folders_without_a_common_picture_are_refused(several, tmp_path):
    (tmp_path / "x" / "a").mkdir(parents=True)
    Image.fromarray(np.full((40, 40, 3), 7, np.uint8)).save(tmp_path / "x" / "a" / "0.png")
    plan = EvaluationPlan(
        "folders", "none", (SystemSpec(index="exact"),), sources=(tmp_path / "x",)
    )
    with pytest.raises(NothingToMeasure, match="have no picture in common"):
        evaluate(plan, several / "instance")


def test_labels_say_the_classes_of_an_index(several, tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("".join(f"circles/10{n}.png,{'ab'[n % 2]}\n" for n in range(4)))
    report = evaluated(several, "folders", "exact", sources=False, labels=file, sample=None)
    (classes, *_) = section(report, "data").blocks
    assert [row[:3] for row in classes.rows] == [
        ("a", 2, 2), ("b", 2, 2), ("no class", 8, 0), ("all", 12, 4),
    ]  # fmt: skip


def test_queries_have_labels_of_their_own(several, spec, tmp_path):
    shutil.copytree(several / "pictures" / "lines", tmp_path / "asked")
    labels, of_queries = tmp_path / "labels.csv", tmp_path / "queries.csv"
    labels.write_text("lines/200.png,a\nlines/201.png,b\n")
    of_queries.write_text("200.png,b\n202.png,a\n")
    report = evaluated(
        several,
        "folders",
        "exact",
        labels=labels,
        queries=(tmp_path / "asked",),
        query_labels=of_queries,
    )
    (classes, *_) = section(report, "data").blocks
    assert [row[:3] for row in classes.rows[:2]] == [("a", 1, 1), ("b", 1, 1)]


def test_an_imported_ground_truth_is_not_shadowed_by_a_folder(several, tmp_path, monkeypatch):
    (tmp_path / "truth.json").write_bytes(to_json(TRUTH))
    import_ground_truth(tmp_path / "truth.json", several / "instance", "small")
    (tmp_path / "small").mkdir()
    monkeypatch.chdir(tmp_path)
    report = evaluated(several, "oxford", "exact", ground_truth="small")
    assert report.facts["queries"] == "1"


def test_triplets_are_given_or_drawn_for_each_side(several, tmp_path):
    file = tmp_path / "triplets.csv"
    file.write_text(
        "anchor,positive,negative\n"
        "circles/100.png,circles/101.png,lines/200.png\n"
        "lines/200.png,lines/201.png,lines/202.png\n"
    )
    given = evaluated(several, "triplets", "exact", triplets_file=file, sources=False)
    assert given.facts["triplets of the gallery"] == "2"
    assert "triplets of the queries" not in given.facts
    both = evaluated(several, "triplets", "lsh", split=0.5, triplets=50, sources=False)
    sides = ("triplets of the gallery", "triplets of the queries")
    assert [both.facts[side] for side in sides] == ["50", "50"]
    assert both.answer.startswith("Of 50 triplets of the queries")
    (tmp_path / "test.csv").write_text(file.read_text().splitlines()[0] + "\n")
    with pytest.raises(BadTable, match="holds no rows"):
        evaluated(several, "triplets", "lsh", split=0.5, test_file=tmp_path / "test.csv")


def test_a_picture_that_cannot_be_encoded_is_left_out_for_all(several, spec, tmp_path):
    pictures = tmp_path / "pictures"
    shutil.copytree(several / "pictures", pictures)
    spoil(pictures / "circles" / "100.png")
    plan = EvaluationPlan(
        "holidays",
        "cut",
        (SystemSpec(encoder=spec),),
        sources=(pictures,),
        worst=0,
        classes=0,
    )
    report, _ = evaluate(plan, several / "instance")
    assert report.facts["gallery"].startswith("11 pictures")
    assert "Left out: 1 picture that cannot be encoded, for instance circles/100.png" in remarks(
        report
    )
    (rejected,) = [b for b in section(report, "data").blocks if b.name == "rejected"]
    assert rejected.rows[0][2] == "circles/100.png"


def test_a_picture_that_a_ground_truth_names_must_be_encoded_or_partial(several, spec, tmp_path):
    pictures = tmp_path / "pictures"
    shutil.copytree(several / "pictures", pictures)
    spoil(pictures / "circles" / "102.png")
    (tmp_path / "truth.json").write_bytes(to_json(TRUTH))
    options = {
        "sources": (pictures,),
        "ground_truth": str(tmp_path / "truth.json"),
        "worst": 0,
        "classes": 0,
    }
    systems = (SystemSpec(encoder=spec),)
    with pytest.raises(EvaluationError, match=r"lacks 1 of .*--partial.*first is .*102\.png"):
        evaluate(EvaluationPlan("oxford", "cut", systems, **options), several / "instance")
    report, _ = evaluate(
        EvaluationPlan("oxford", "cut", systems, partial=True, **options), several / "instance"
    )
    assert report.facts["gallery"].startswith("11 pictures")
    assert "What is right was cut to what is there" in remarks(report)
