"""Which precision is taken under `auto`: the quickest that finds the neighbours of fp32."""

import json
import shutil
from dataclasses import asdict, replace
from inspect import signature

import numpy as np
import pytest

from indexer.checks.calibration import CALIBRATION, drawn, in_precision
from indexer.checks.judging import LABELLED, RECALL, SHIFT, Verdict, judged
from indexer.checks.precision import SMALLEST, choose
from indexer.checks.samples import Sample, learn_on
from indexer.errors import BadParameter
from indexer.evaluation import agreement as comparing
from indexer.evaluation.agreement import agreement, neighbours
from indexer.features.cache import feature_cache
from indexer.gallery import scan
from indexer.sample import draw_sample
from indexer.types import ImageRecord, Scan
from models.encoder import open_encoder
from models.errors import PrecisionFailed
from models.exported import ENCODER_FILES, read_fingerprint
from models.precisions import derive, native
from models.types import EncoderSpec
from tests.indexer.fixtures import draw_gallery
from tests.once import prepared

PER_CLASS = 140


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return a gallery of 420 pictures: 300 to calibrate on, 120 to check."""
    return scan([draw_gallery(tmp_path_factory.mktemp("checked") / "gallery", PER_CLASS)])


@pytest.fixture(scope="module")
def checked(found, spec, tmp_path_factory):
    """Return an instance in which a precision was chosen, the choice, and what was told of it."""
    instance = tmp_path_factory.mktemp("chosen")
    told = []
    source = prepared(spec, instance / "encoders")
    choice = choose(found, source, instance, smallest=400, progress=told.append)
    return instance, choice, told


def records(count, labels=None):
    return tuple(
        ImageRecord(0, f"{n}.png", labels and labels[n], f"{n:064x}", 1, 1, 1, 1, "PNG")
        for n in range(count)
    )


def clusters(classes=12, members=20, dim=32):
    """Return features of classes whose members lie together, and the labels."""
    random = np.random.default_rng(0)
    centres = np.repeat(random.normal(size=(classes, dim)), members, axis=0)
    features = (centres + 0.5 * random.normal(size=centres.shape)).astype(np.float32)
    return features, [str(number // members) for number in range(len(features))]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_are_those_of_brute_force(metric):
    features, _ = clusters()
    found = neighbours(features, metric)
    rows = features.astype(np.float64)
    if metric == "cosine":
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for query in (0, 17, 239):
        distances = np.linalg.norm(rows - rows[query], axis=1)
        distances[query] = np.inf
        assert found[query].tolist() == np.argsort(distances)[:10].tolist()


def test_agreement_is_the_mean_overlap_and_the_shift_of_precision():
    features, labels = clusters()
    labels = np.array(labels)
    moved = features + np.random.default_rng(1).normal(size=features.shape).astype(np.float32)
    found = agreement(features, moved, labels, "cosine")
    before, after = neighbours(features, "cosine"), neighbours(moved, "cosine")
    overlaps = [len(set(a) & set(b)) / 10 for a, b in zip(before, after, strict=True)]
    assert found.recall.mean == pytest.approx(np.mean(overlaps))
    assert found.recall.error == pytest.approx(np.std(overlaps, ddof=1) / 240**0.5)
    right = [(labels[ids] == labels[:, None]).mean(axis=1) for ids in (before, after)]
    assert found.precision is not None
    assert found.precision.pictures == 240
    assert found.precision.found == pytest.approx(right[1].mean())
    assert found.precision.shift.mean == pytest.approx((right[1] - right[0]).mean())
    error = np.std(right[1] - right[0], ddof=1) / 240**0.5
    assert found.precision.shift.error == pytest.approx(error)


def test_the_size_of_blocks_changes_no_neighbour(monkeypatch):
    features, _ = clusters()
    whole = neighbours(features, "euclidean")
    monkeypatch.setattr(comparing, "BLOCK_CELLS", 7 * 240)
    assert np.array_equal(neighbours(features, "euclidean"), whole)


def test_without_labels_there_is_no_shift():
    features, labels = clusters()
    nothing = np.full(len(labels), "")
    assert agreement(features, features, nothing, "cosine").precision is None
    each_its_own = np.array([str(number) for number in range(len(labels))])
    assert agreement(features, features, each_its_own, "cosine").precision is None
    found = agreement(features, features, np.array(labels), "cosine").precision
    assert found is not None
    assert found.shift.mean == found.shift.error == 0


def test_pictures_alone_in_their_class_are_not_asked():
    features, labels = clusters()
    labels = np.array(["alone" if n == 0 else "" if n < 20 else labels[n] for n in range(240)])
    found = agreement(features, features, labels, "cosine").precision
    assert found is not None
    assert found.pictures == 220


def test_few_pictures_have_fewer_neighbours():
    features, labels = clusters(2, 2)
    assert neighbours(features, "cosine").shape == (4, 3)
    assert agreement(features, features, np.array(labels), "cosine").recall.mean == 1
    with pytest.raises(ValueError, match="two pictures"):
        agreement(features[:1], features[:1], np.array(labels[:1]), "cosine")


def test_the_same_neighbours_pass():
    features, labels = clusters(members=50)
    exact = Sample(records(600, labels), features)
    check = judged("bf16", exact, replace(exact, features=2 * features), "cosine")
    assert (check.taken, check.recall, check.shift, check.labelled) == (True, 1, 0, 600)
    assert check.sentence == "recall@10 1.000 ± 0.000, precision@10 +0.000 ± 0.000: taken"


def test_other_neighbours_fail():
    features, labels = clusters()
    exact = Sample(records(240, labels), features)
    noise = np.random.default_rng(2).normal(size=features.shape).astype(np.float32)
    check = judged("int8", exact, replace(exact, features=features + 0.3 * noise), "cosine")
    assert check.recall is not None
    assert check.recall < RECALL
    assert not check.taken
    assert check.sentence.endswith(": not taken")


def strayed(features):
    """Turn one feature in forty around, so that its neighbours are of other classes."""
    turned = features.copy()
    turned[::40] *= -1
    return turned


def test_neighbours_of_other_classes_fail_though_most_are_kept():
    features, labels = clusters(members=50)
    exact = Sample(records(600, labels), features)
    quick = replace(exact, features=strayed(features))
    check = judged("int8", exact, quick, "cosine")
    assert check.recall is not None
    assert check.shift is not None
    assert check.recall > RECALL
    assert check.shift < SHIFT
    assert not check.taken
    unlabelled = replace(exact, records=records(600))
    assert judged("int8", unlabelled, replace(quick, records=records(600)), "cosine").taken


def test_few_labels_decide_nothing():
    features, labels = clusters(members=50)
    few = [label if n < LABELLED - 1 else "" for n, label in enumerate(labels)]
    exact = Sample(records(600, few), features)
    turned = strayed(features)
    check = judged("int8", exact, replace(exact, features=turned), "cosine")
    assert check.shift is not None
    assert check.shift < SHIFT
    assert check.taken
    assert "of 499 pictures, too few to judge by: taken" in check.sentence
    enough = replace(exact, records=records(600, labels))
    assert not judged("int8", enough, replace(enough, features=turned), "cosine").taken


def test_what_is_in_doubt_is_not_taken():
    features, labels = clusters(members=50)
    exact = Sample(records(600, labels), features)
    turned = features.copy()
    turned[:200:50] *= -1  # four lose all: a shift of -.007, with an error of .003
    check = judged("int8", exact, replace(exact, features=turned), "cosine")
    assert check.shift is not None
    assert check.shift_error is not None
    assert SHIFT < check.shift < 0
    assert check.shift - 2 * check.shift_error < SHIFT
    assert not check.taken


def test_neighbours_are_compared_as_the_build_reduces_them():
    random = np.random.default_rng(0)
    wide = random.normal(size=(600, 8)) * [9, 9, 9, 9, 0.1, 0.1, 0.1, 0.1] + 20
    features = wide.astype(np.float32)
    quick = (wide + random.normal(size=wide.shape) * 0.05).astype(np.float32)
    exact = Sample(records(600), features)
    other = replace(exact, features=quick)
    assert judged("int8", exact, other, "cosine").taken
    same = learn_on(exact, 4, whiten=True, seed=0)
    assert judged("int8", exact, other, "cosine", same).taken
    # Whitening makes the noise in the weak directions as strong as all else.
    whitened = learn_on(exact, 7, whiten=True, seed=0)
    check = judged("int8", exact, other, "cosine", whitened)
    assert check.recall is not None
    assert check.recall < 0.8
    assert not check.taken


def test_a_sample_teaches_no_more_directions_than_it_has():
    features = np.random.default_rng(0).normal(size=(20, 64)).astype(np.float32)
    exact = Sample(records(20), features)
    assert learn_on(exact, None, whiten=False, seed=0) is None
    reduction = learn_on(exact, 32, whiten=False, seed=0)
    assert reduction is not None
    assert reduction.dim == 19
    with pytest.raises(BadParameter, match="directions"):
        learn_on(
            replace(exact, features=np.repeat(features[:2], 10, axis=0)), 8, whiten=False, seed=0
        )


def test_a_verdict_is_read_as_it_was_written():
    features, labels = clusters()
    exact = Sample(records(240, labels), features)
    check = judged("bf16", exact, exact, "cosine")
    verdict = Verdict("bf16", "the quickest that keeps the neighbours", 240, checks=(check,))
    assert Verdict.of(json.loads(json.dumps(asdict(verdict)))) == verdict
    with pytest.raises(TypeError):
        Verdict.of({"chosen": "bf16", "reason": "none"})


def test_pictures_without_a_feature_in_one_precision_are_left_out():
    features, _ = clusters()
    exact = Sample(records(240), features)
    fewer = Sample(exact.records[:7] + exact.records[9:], np.delete(features, [7, 8], axis=0))
    assert judged("int8", exact, fewer, "cosine").recall == 1
    assert judged("int8", fewer, exact, "cosine").recall == 1
    one = Sample(exact.records[:1], features[:1])
    assert not judged("int8", exact, one, "cosine").taken


def test_the_draw_takes_each_content_once_and_hardly_changes_with_the_gallery():
    gallery = Scan((), records(1000) + records(500), ())
    drawing = drawn(gallery, 300, 0)
    assert len({record.sha256 for record in drawing}) == 300
    backwards = replace(gallery, records=gallery.records[::-1])
    assert [r.sha256 for r in drawn(backwards, 300, 0)] == [r.sha256 for r in drawing]
    assert drawn(gallery, 300, 1) != drawing
    grown = drawn(Scan((), records(1010), ()), 300, 0)
    assert len({r.sha256 for r in grown} & {r.sha256 for r in drawing}) >= 290


def test_the_quickest_precision_that_passes_is_chosen(checked):
    _, choice, told = checked
    quicker = native()[:0:-1]
    verdict = choice.verdict
    assert [check.precision for check in verdict.checks] == list(quicker[: len(verdict.checks)])
    taken = [check.precision for check in verdict.checks if check.taken]
    assert verdict.chosen == (taken[0] if taken else "fp32")
    assert read_fingerprint(choice.folder).precision == verdict.chosen
    for check in verdict.checks:
        assert check.taken == (check.recall >= RECALL)  # too few labels to judge by
        assert check.labelled == 120
    notes = [progress.note for progress in told]
    assert any(note.startswith("recall@10") for note in notes) == bool(quicker)
    assert notes[-1] == f"{verdict.chosen}: {verdict.why}"


def test_a_choice_for_reduced_features_compares_these(checked, found):
    instance, choice, _ = checked
    if not choice.verdict.checks:
        pytest.skip("this processor computes fp32 alone")
    source = next(path for path in instance.glob("encoders/*") if path.name.count("-") == 1)
    reduced = choose(found, source, instance, reduce=100, whiten=True, smallest=400)
    recalls = [one.verdict.checks[0].recall for one in (choice, reduced)]
    assert recalls[1] < recalls[0]


def test_the_features_of_the_check_stay_in_the_cache(checked, found):
    instance, choice, _ = checked
    if not choice.verdict.checks:
        pytest.skip("this processor computes fp32 alone")
    digests = [record.sha256 for record in drawn(found, 1300, 0)[CALIBRATION:]]
    exact = next(path for path in instance.glob("encoders/*") if path.name.count("-") == 1)
    for folder in (exact, choice.folder):
        with feature_cache(instance, read_fingerprint(folder)) as cache:
            assert cache.known(digests).all()
            encoder = open_encoder(folder)
            assert cache.dim == encoder.dim


def test_a_second_check_computes_nothing_and_chooses_the_same(checked, found):
    instance, choice, _ = checked
    source = next(path for path in instance.glob("encoders/*") if path.name.count("-") == 1)
    before = {path: path.stat().st_mtime_ns for path in instance.rglob("*") if path.is_file()}
    told = []
    again = choose(found, source, instance, smallest=400, progress=told.append)
    assert again == choice
    assert not {"calibrate", "quantise"} & {progress.stage for progress in told}
    after = {path: path.stat().st_mtime_ns for path in instance.rglob("*") if path.is_file()}
    assert after == before


def test_a_small_gallery_stays_exact(spec, tmp_path):
    gallery = scan([draw_gallery(tmp_path / "gallery", 8)])
    source = prepared(spec, tmp_path / "encoders")
    told = []
    choice = choose(gallery, source, tmp_path, progress=told.append)
    assert (choice.folder, choice.verdict.chosen) == (source, "fp32")
    assert choice.verdict.checks == ()
    assert list((tmp_path / "encoders").iterdir()) == [source]
    assert len(told) == 1
    assert "fp32: 24 different pictures are too few" in told[0].note or len(native()) == 1
    assert signature(draw_sample).parameters["count"].default < SMALLEST


def test_copies_do_not_make_a_gallery_large(spec, tmp_path):
    gallery = draw_gallery(tmp_path / "gallery", 8)
    shutil.copytree(gallery / "lines", gallery / "again")
    source = prepared(spec, tmp_path / "encoders")
    assert choose(scan([gallery]), source, tmp_path, smallest=25).verdict.checks == ()


def test_a_gallery_with_features_stays_as_it_is(found, spec, tmp_path):
    source = prepared(spec, tmp_path / "encoders")
    fingerprint = read_fingerprint(source)
    digests = [record.sha256 for record in found.records[:250]]
    with feature_cache(tmp_path, fingerprint) as cache:
        cache.append(digests, np.ones((250, fingerprint.dim), np.float32))
    choice = choose(found, source, tmp_path, smallest=400)
    assert choice.folder == source
    assert "there already" in choice.verdict.why or len(native()) == 1


def test_a_precision_that_cannot_be_had_is_told_and_left_out(found, spec, tmp_path):
    source = tmp_path / "encoders" / "simple_cnn-bf16"
    derive(prepared(spec, tmp_path / "exported"), "bf16", source)
    choice = choose(found, source, tmp_path, smallest=400)  # nothing is made of bf16
    assert (choice.folder, choice.verdict.chosen) == (source, "fp32")
    for check in choice.verdict.checks:
        assert "fp32" in check.problem
        assert check.recall is None


def test_one_asked_for_is_made_and_kept(found, spec, tmp_path):
    source = prepared(spec, tmp_path / "encoders")
    assert in_precision("fp32", source, found) == source
    for precision in ("bf16", "int8"):
        made = in_precision(precision, source, found)
        assert read_fingerprint(made).precision == precision
        content = [(made / name).read_bytes() for name in ENCODER_FILES]
        (made / "encoder.xml").write_bytes(content[0][:100])
        assert in_precision(precision, source, found) == made
        assert [(made / name).read_bytes() for name in ENCODER_FILES] == content
    with pytest.raises(PrecisionFailed, match="int4"):
        in_precision("int4", source, found)


def test_a_gallery_that_grows_keeps_its_encoder(found, spec, tmp_path):
    source = prepared(spec, tmp_path / "encoders")
    some = replace(found, records=found.records[:100])
    made = in_precision("int8", source, some)
    assert in_precision("int8", source, found) == made
    half = replace(found, records=found.records[45:])
    assert in_precision("int8", source, half) == made
    other = replace(found, records=found.records[60:160])
    assert in_precision("int8", source, other) != made


@pytest.mark.campaign
def test_the_bundled_network_keeps_its_neighbours_in_int8(shared, tmp_path):
    if "int8" not in native():
        pytest.skip("this processor does not compute int8")
    source = prepared(EncoderSpec(), tmp_path / "encoders")
    corel = scan([shared / "data" / "corel1000"])
    choice = choose(corel, source, tmp_path, smallest=900)
    assert choice.verdict.chosen == "int8"
    assert choice.verdict.pictures == 700
    (check,) = choice.verdict.checks
    assert check.recall > 0.94
    assert check.shift > -0.004
    assert check.shift_error < 0.003
