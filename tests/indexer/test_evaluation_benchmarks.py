"""The commands of `benchmarks` that measure retrieval read what they are asked and print it."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import codes, copies, evaluation, hamming, precision, preprocessing, retrieval
from indexer.build import build_index
from indexer.opening import open_current
from models.types import EncoderSpec


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mobilenetv2=a.npz", EncoderSpec("mobilenetv2", "a.npz", None, size=96)),
        ("resnet50:conv4=b/c.npz", EncoderSpec("resnet50", "b/c.npz", "conv4", size=96)),
        ("resnet50=odd=name:1.npz", EncoderSpec("resnet50", "odd=name:1.npz", None, size=96)),
        ("resnet50v2", EncoderSpec("resnet50v2", "imagenet", None, size=96)),
    ],
)
def test_networks_are_read(text, expected):
    assert retrieval.wanted_networks([text], 96) == [EncoderSpec(size=96), expected]


def test_folders_without_a_known_data_set_are_refused(tmp_path):
    with pytest.raises(SystemExit, match="neither corel1000 nor louvre"):
        retrieval.main([str(tmp_path)])


def test_samples_are_drawn_by_the_seed(gallery):
    drawn = [copies.draw(gallery, 5, seed).originals.tolist() for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 5


def test_files_of_the_same_content_have_one_number(gallery):
    twin = gallery / "circles" / "twin.png"
    twin.write_bytes((gallery / "lines" / "03.png").read_bytes())
    task = copies.draw(gallery, 500, 0)
    numbers = dict(zip(task.files, task.contents.tolist(), strict=True))
    assert numbers[twin.resolve()] == numbers[(gallery / "lines" / "03.png").resolve()]
    assert len(set(numbers.values())) == 24
    assert len(task.originals) == 25


def test_copies_are_printed_side_by_side(gallery, spec, capsys):
    copies.main(
        [
            *(str(gallery), "--queries", "6", "--size", "32"),
            *("--network", f"{spec.network}={spec.weights}"),
        ]
    )
    title, names, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith("24 pictures, 6 of them")
    assert names.split() == ["pocket", "32", "simple_cnn", "32"]
    assert [line.split()[0] for line in lines] == list(copies.DISTORTIONS)
    for line in lines:
        assert all(0 <= float(share) <= 1 for share in line.split()[1:])
        assert len(line.split()) == 3


def test_codes_are_compared_with_features(gallery, spec, capsys):
    codes.main([str(gallery), "--size", "32", "--network", f"{spec.network}={spec.weights}"])
    title, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith("24 pictures")
    named = [line[:46].strip() for line in lines]
    assert named == [f"{name} 32, {way}" for name, way in (
        ("pocket", "cosine"), ("pocket", "512 signs"),
        ("simple_cnn", "cosine"), ("simple_cnn", "256 signs"),
    )]  # fmt: skip
    recalls = [float(line.split()[-1]) for line in lines]
    assert recalls[0] == recalls[2] == 1
    assert all(0.2 < recall < 1 for recall in (recalls[1], recalls[3]))


def test_a_wrong_preprocessing_changes_features_and_is_gone_afterwards(gallery, spec, capsys):
    before = preprocessing.opened(spec).encode(np.full((1, 32, 32, 3), 200, np.uint8))
    folder = str(gallery)
    network = f"{spec.network}={spec.weights}"
    preprocessing.main([folder, "--queries", folder, "--size", "32", "--network", network])
    own, wrong = (line.split() for line in capsys.readouterr().out.splitlines()[2:])
    assert (own[:3], wrong[:3]) == (["its", "own", "(tf)"], ["pixels", "/", "255"])
    assert own[-1] != wrong[-1]
    after = preprocessing.opened(spec).encode(np.full((1, 32, 32, 3), 200, np.uint8))
    np.testing.assert_array_equal(after, before)


def test_searches_among_codes_are_timed_and_ours_miss_nothing(capsys):
    hamming.main(["--n", "600", "--bits", "64", "--queries", "3"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Likeness")]
    assert len(lines) == 2 * len(hamming.GALLERIES)
    for line in lines:
        milliseconds, recall, _, room = line[28:].split()
        assert float(milliseconds) > 0
        assert float(recall) == 1
        assert int(room) > 8


def test_queries_are_reduced_as_the_index_is(plan, instance, gallery):
    build_index(replace(plan, reduce=12, whiten=True), instance)
    generation = open_current(instance, "shapes")
    queries = precision._queries(gallery, generation)
    assert np.allclose(queries.features, generation.store.features, atol=1e-3)
    generation.catalog.close()


def test_all_parts_of_an_evaluation_are_timed(capsys):
    evaluation.main(["--n", "300", "--dim", "16", "--queries", "12", "--settings", "2"])
    title, _, *lines = capsys.readouterr().out.splitlines()
    assert title == "12 queries, 300 vectors of 16 numbers"
    assert [line[:32].strip() for line in lines] == [
        "matrix product, NumPy",
        "exact, both metrics",
        "grid of 2 settings, cosine",
        "bootstrap of all measures",
        "distances in the gallery",
        "all of it",
    ]
    seconds = [float(line[32:].split(" s")[0]) for line in lines]
    assert seconds[-1] == pytest.approx(sum(seconds[1:-1]), abs=0.03)


def test_generated_classes_are_those_that_vectors_are_most_like():
    task, system = evaluation.drawn(200, 32, 20, 0)
    again, _ = evaluation.drawn(200, 32, 20, 0)
    assert (task.gallery, task.queries) == (again.gallery, again.queries)
    assert len({each.label for each in task.gallery}) > 10
    assert {each.label for each in task.queries} <= {each.label for each in task.gallery}
    assert system.queries.shape == (20, 32)
