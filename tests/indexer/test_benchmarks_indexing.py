"""The benchmark of builds measures what it says it does, on tiny galleries; never how fast."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import builds, processes
from benchmarks.builds import Build, Built
from benchmarks.indexing import __main__, contenders, limits, tables
from benchmarks.indexing.contenders import BATCH, Pictures
from benchmarks.indexing.growth import Need
from benchmarks.indexing.measuring import Measured
from benchmarks.indexing.rounds import Spread, ratio, speed, take_turns
from indexer.evaluation.agreement import agreement
from models.encoder import keras_encoder, open_encoder, prepare_encoder
from models.types import EncoderSpec
from tests.indexer.fixtures import SIZE, draw_gallery

MEGABYTE = 2**20


def network(spec: EncoderSpec) -> list[str]:
    """Return the options that ask for the small network of the tests."""
    return ["--network", f"{spec.network}={spec.weights}", "--size", str(spec.size)]


@pytest.fixture
def files(gallery: Path) -> list[Path]:
    return sorted(gallery.glob("*/*.png"))


def test_ways_take_turns_every_other_round_backwards(capsys):
    told = []
    ways = {name: lambda name=name: float(told.append(name) or len(told)) for name in "abc"}
    rounds = take_turns(ways, 3)
    assert "".join(told) == "abccbaabc"
    assert rounds == [{"a": 1, "b": 2, "c": 3}, {"a": 6, "b": 5, "c": 4}, {"a": 7, "b": 8, "c": 9}]
    assert "round 3 of 3: c: 9.0 a second" in capsys.readouterr().err


def test_ratios_are_taken_within_each_round():
    rounds = [{"a": 1, "b": 2}, {"a": 10, "b": 30}, {"a": 100, "b": 500}]
    assert ratio(rounds, "b", "a") == Spread(3, 2, 5)
    assert speed(rounds, "b") == Spread(30, 2, 500)


def measured(*, labelled=True):
    """Return what might have been found of one network in two precisions."""
    random = np.random.default_rng(0)
    labels = np.repeat(["cats", "dogs"], 20) if labelled else np.full(40, "")
    features = random.normal(size=(40, 8)).astype(np.float32)
    found = agreement(features, features, labels, "cosine")
    speeds = {"predict": 8.0, "tf.function": 10.0, "engine fp32": 12.0, "build fp32": 11.4}
    return Measured(
        network="small",
        images=40,
        precisions=("fp32", "int8"),
        rounds=[speeds | {"engine int8": 40.0, "build int8": 34.0}],
        built={name: [Built(40, 4.0, {"encode": 3.0})] for name in ("fp32", "int8")},
        first=dict.fromkeys(("fp32", "int8"), Built(40, 9.0, {"encode": 3.0})),
        agreement=dict.fromkeys(("fp32", "int8"), found),
    )


def test_it_says_of_each_ratio_whether_it_is_as_wanted():
    said = [wanted.sentence for wanted in limits.of_speed(measured())]
    assert said == [
        "build fp32 / engine fp32: 0.95, wanted 0.95 or more: met",
        "build fp32 / tf.function: 1.14, wanted 1.10 or more: met",
        "build int8 / engine int8: 0.85, wanted 0.90 or more: missed",
        "build int8 / tf.function: 3.40, wanted 3.50 or more: missed",
    ]
    assert all(sentence in tables.speeds(measured()) for sentence in said)


def test_the_table_tells_how_far_the_neighbours_agree():
    line = tables.speeds(measured()).splitlines()[10]
    assert line.startswith("fp32 ")
    assert "1.000 ± 0.000" in line
    assert "+0.000 ± 0.000" in line
    assert "no classes" in tables.speeds(measured(labelled=False))


def test_a_folder_at_the_root_has_no_weights_beside_it(tmp_path):
    for folder in (Path("/pictures-that-are-not-there"), tmp_path / "data" / "pictures"):
        (spec,) = __main__._specs(__main__._arguments([str(folder)]))
        assert spec == EncoderSpec()


def test_a_gallery_is_drawn_by_the_seed_in_its_classes(gallery, tmp_path):
    one, same, other = (
        [
            file.relative_to(tmp_path / name)
            for file in builds.draw(gallery, 5, seed, tmp_path / name)
        ]
        for name, seed in (("one", 0), ("same", 0), ("other", 1))
    )
    assert one == same != other
    assert len(one) == 5
    assert all(
        (tmp_path / "one" / path).read_bytes() == (gallery / path).read_bytes() for path in one
    )


def test_a_folder_without_classes_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="no folders of pictures"):
        builds.draw(tmp_path, 5, 0, tmp_path / "gallery")


def test_batches_in_memory_have_one_shape(tmp_path):
    drawn = sorted(draw_gallery(tmp_path / "many", per_class=25).glob("*/*.png"))
    batches = Pictures.of(drawn, SIZE).batches()
    assert [len(batch) for batch in batches] == [BATCH, BATCH]


def test_all_ways_compute_the_features_of_the_same_network(files, spec, exported):
    model = contenders.feature_model(spec)
    pictures = Pictures.of(files, spec.size)
    wanted = keras_encoder(spec).encode(pictures.decoded)
    encode = contenders.compiled_function(model, len(files))
    np.testing.assert_allclose(encode(pictures.decoded), wanted, rtol=1e-3, atol=1e-3)
    encoder = open_encoder(prepare_encoder(spec, exported), latency=False)
    for way in (
        contenders.predicting(model, pictures, 0.0),
        contenders.compiled(model, pictures, 0.0),
        contenders.engine(encoder, pictures, 0.0),
    ):
        assert way() > 0


def test_the_report_s_way_loads_the_files_again_and_again(files, spec):
    loaded = contenders._loaded(files, spec.size)
    first, second = next(loaded), next(loaded)
    assert first.shape == (len(files), SIZE, SIZE, 3)
    assert np.array_equal(first, second)


def test_a_failed_build_says_what_the_build_said(gallery, tmp_path):
    with pytest.raises(SystemExit, match=r"flask index failed:\n\S"):
        builds.build(Build(gallery, EncoderSpec("nothing"), "fp32"), tmp_path / "instance")


def test_the_memory_of_all_descendants_counts():
    script = "import sys; held = bytearray(b'x') * (64 << 20); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script]
    outer = f"import subprocess; subprocess.run({command!r})"
    parent = subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdin
    assert parent.stdout
    with parent.stdin, parent.stdout, processes.watched(parent.pid) as peak:
        parent.stdout.readline()
        assert len(list(processes.tree(parent.pid))) == 2
        (child,) = processes.children(parent.pid)
        assert 64 * MEGABYTE < processes.memory(child).private < 128 * MEGABYTE
        peak.see(parent.pid)
        parent.stdin.close()
        parent.wait()
    assert 64 * MEGABYTE < peak.bytes < 160 * MEGABYTE
    assert processes.memory(parent.pid).resident == 0


def test_growth_leaves_the_features_out():
    needs = [Need(1000, 504_000_000, 4_000_000), Need(8000, 557_000_000, 32_000_000)]
    *_, large, wanted = tables.memory("resnet50", needs).splitlines()
    assert large.strip() == "8,000 pictures      557 MB, of it features 32 MB; less these +5.0%"
    assert wanted.endswith("less the features: 5.0 %, wanted less than 10.0 %: met")
    (missed,) = limits.of_memory([needs[0], Need(8000, 583_000_000, 32_000_000)])
    assert not missed.met
    assert limits.of_memory(needs[:1]) == []


@pytest.mark.campaign
def test_everything_is_measured_in_one_run(gallery, spec, tmp_path, capsys):
    __main__.main(
        [
            *(str(gallery), "--count", "24", "--rounds", "2", "--seconds", "0"),
            *(*network(spec), "--precisions", "fp32"),
            *("--memory", "8", "24", "--json", str(tmp_path / "found.json")),
        ]
    )
    title, _, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith(f"simple_cnn {SIZE}: 24 pictures, 2 rounds")
    ways = [line.split("  ")[0] for line in lines[:4]]
    assert ways == ["predict", "tf.function", "engine fp32", "build fp32"]
    found = json.loads((tmp_path / "found.json").read_text())
    (network_found,) = found["networks"]
    assert [list(each) for each in network_found["rounds"]] == [ways, ways]
    assert network_found["agreement"]["fp32"]["recall"]["mean"] == 1.0
    assert [wanted["limit"] for wanted in network_found["summary"]["wanted"]] == [0.95, 1.1]
    assert set(network_found["summary"]["build / engine"]) == {"fp32"}
    assert [need["images"] for need in found["memory"]] == [8, 24]
    assert all(need["peak"] > 20 * MEGABYTE for need in found["memory"])
