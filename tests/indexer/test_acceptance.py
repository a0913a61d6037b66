"""Which builds go live: sound ones do, and each kind of broken one does not."""

import shutil
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from indexer.checks.acceptance import RECALL, accept, sample_size
from indexer.checks.trials import MILD, Candidate
from indexer.distances import FeatureStore
from indexer.errors import BadParameter, BuildFailed, NotAccepted
from indexer.experiments.comparing.describe import encode_files
from indexer.features.reduction import learn
from indexer.gallery import scan
from indexer.indexes.options import IndexOptions
from indexer.indexes.registry import KINDS, index_class
from models.encoder import Encoder, keras_encoder, open_encoder, prepare_encoder
from models.precisions import derive, native
from models.types import EncoderSpec
from models.weights import resolve
from tests.indexer.fixtures import draw, draw_gallery
from tests.once import prepared

PER_CLASS = 40


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return draw_gallery(tmp_path_factory.mktemp("accepted") / "gallery", PER_CLASS)


@pytest.fixture(scope="module")
def candidate(tmp_path_factory, encoder):
    """Return a build of 600 pictures, in whose index one can get lost."""
    return build(draw_gallery(tmp_path_factory.mktemp("many") / "gallery", 200), encoder)


@pytest.fixture(scope="module")
def encoder(spec, exported):
    return open_encoder(prepare_encoder(spec, exported))


def build(folder, encoder, *, dim=None, whiten=False, kind="lsh", **options):
    """Index a folder as a build does, as far as it can be tried before it goes live."""
    found = scan([folder])
    raw = encoded(folder, encoder)
    reduction = learn(raw, dim, whiten=whiten) if dim else None
    store = FeatureStore.of(reduction.apply(raw) if reduction else raw)
    chosen = IndexOptions(**options)
    index = index_class(kind).build(store, chosen)
    return Candidate(found.roots, found.records, encoder, reduction, store, index, chosen.metric)


@cache
def encoded(folder, encoder):
    """Return the features of a folder, which are computed once."""
    return encode_files([folder / record.path for record in scan([folder]).records], encoder)


def narrow(candidate, width):
    """Hash a build's features so that two tables of one projection each tell too little."""
    options = IndexOptions(g=2, h=1, w=width)
    return replace(candidate, index=index_class("lsh").build(candidate.store, options))


def variant(spec, folder, change):
    """Open the small network after a change of its weights."""
    arrays = dict(np.load(spec.weights))
    change(arrays)
    np.savez(folder / "changed.npz", **arrays)
    return keras_encoder(replace(spec, weights=str(folder / "changed.npz")))


def shuffle(weights, folder, spec):
    """Open a network each of whose arrays of weights is in another order."""
    random = np.random.default_rng(0)
    arrays = {
        name: random.permutation(array.ravel()).reshape(array.shape)
        for name, array in np.load(weights).items()
    }
    np.savez(folder / "shuffled.npz", **arrays)
    return keras_encoder(replace(spec, weights=str(folder / "shuffled.npz")))


@pytest.mark.parametrize(
    ("kind", "metric"),
    [(kind, metric) for kind in KINDS for metric in KINDS[kind].metrics],
)
@pytest.mark.parametrize("reduced", [{}, {"dim": 16}, {"dim": 16, "whiten": True}])
def test_a_sound_build_is_accepted_with_room(pictures, encoder, kind, metric, reduced):
    found = accept(build(pictures, encoder, kind=kind, metric=metric, **reduced))
    assert found.first == 1
    assert found.recall > 0.9 > RECALL
    assert found.contrast > 0.05


@pytest.mark.parametrize("per_class", [1, 2, 3, 8])
def test_small_galleries_are_accepted(tmp_path, encoder, per_class):
    found = accept(build(draw_gallery(tmp_path / "gallery", per_class), encoder))
    assert found.pictures == min(12, 3 * per_class)
    assert found.k == max(1, 3 * per_class // 10)
    assert found.first == 1


@pytest.mark.parametrize("precision", native())
def test_the_bundled_network_is_accepted_in_every_precision(
    pictures, exported, tmp_path, precision
):
    exact = prepared(EncoderSpec(size=64), exported)
    sample = scan([pictures]).records[::4]
    calibration = np.stack(
        [np.array(Image.open(pictures / each.path).resize((64, 64))) for each in sample]
    )
    derive(exact, precision, tmp_path / precision, calibration)
    found = accept(build(pictures, open_encoder(tmp_path / precision)))
    assert found.recall > 0.9 > RECALL
    assert found.contrast > 0.05


def test_what_was_measured_is_returned_for_the_manifest(pictures, encoder):
    found = accept(build(pictures, encoder), wanted=0.5, seed=3)
    assert asdict(found) == asdict(found) | {
        "pictures": 12,
        "skipped": 0,
        "first": 1.0,
        "k": 10,
        "wanted": 0.5,
        "kinds": MILD,
    }
    assert found == accept(build(pictures, encoder), wanted=0.5, seed=3)


def test_shuffled_weights_are_refused(pictures, exported, tmp_path):
    bundled = EncoderSpec(size=64)
    made = build(pictures, open_encoder(prepared(bundled, exported)))
    shuffled = shuffle(resolve(bundled).path, tmp_path, bundled)
    with pytest.raises(NotAccepted, match=r"12 did not find themselves first.*--accept 0"):
        accept(replace(made, encoder=shuffled))


def test_shuffled_weights_are_refused_of_a_build_too(shared, pictures, tmp_path):
    weights = shared / "weights" / "mobilenetv2.npz"
    shuffled = shuffle(weights, tmp_path, EncoderSpec("mobilenetv2", size=64))
    with pytest.raises(NotAccepted, match=r"its negative.*--weights.*--accept 0"):
        accept(build(pictures, shuffled))


def test_real_weights_are_accepted(shared, tmp_path):
    weights = shared / "weights" / "mobilenetv2.npz"
    folder = tmp_path / "gallery"
    for file in sorted(shared.glob("data/corel1000/*/*"))[::25]:
        (folder / file.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file.parent.name)
    spec = EncoderSpec("mobilenetv2", str(weights), size=96)
    found = accept(build(folder, keras_encoder(spec)))
    assert found.recall > 0.9 > RECALL
    assert found.contrast > 0.05


def test_a_wrong_preprocessing_is_refused(pictures, spec, tmp_path):
    def divide_pictures_by_255(arrays):
        # K * (p / 255 / 127.5 - 1) is K/255 * (p / 127.5 - 1) and something constant.
        kernel = arrays["conv1/kernel"]
        arrays["conv1/bias"] += kernel.sum(axis=(0, 1, 2)) * (1 / 255 - 1)
        arrays["conv1/kernel"] = kernel / 255

    with pytest.raises(NotAccepted, match=r"distance of their features is 0\.00.*at least 0\.02"):
        accept(build(pictures, variant(spec, tmp_path, divide_pictures_by_255)))


def test_constant_features_are_refused(pictures, spec, tmp_path):
    def see_nothing(arrays):
        arrays["conv4/kernel"][:] = 0
        arrays["conv4/bias"][:] = 1

    with pytest.raises(NotAccepted, match="its negative"):
        accept(build(pictures, variant(spec, tmp_path, see_nothing)))


def test_features_of_another_network_are_refused(pictures, encoder, spec, tmp_path):
    def mix(arrays):
        arrays["conv1/kernel"] = arrays["conv1/kernel"][..., ::-1]

    made = build(pictures, encoder)
    with pytest.raises(NotAccepted, match=r"12 did not find themselves first.*/\d\d\.png did not"):
        accept(replace(made, encoder=variant(spec, tmp_path, mix)))


def test_constant_features_of_a_sound_network_are_refused(candidate):
    same = FeatureStore.of(np.tile(candidate.store.features[:1], (candidate.store.count, 1)))
    index = index_class("lsh").build(same, IndexOptions())
    with pytest.raises(NotAccepted, match="did not find themselves first"):
        accept(replace(candidate, store=same, index=index))


def test_an_index_of_other_features_is_refused(candidate):
    turned = FeatureStore.of(candidate.store.features[::-1])
    index = index_class("exact").build(turned, IndexOptions())
    with pytest.raises(NotAccepted, match="the index loses them"):
        accept(replace(candidate, index=index))


@pytest.mark.parametrize("width", [0.01, 0.02])
def test_an_lsh_index_with_an_absurd_width_is_refused(candidate, width):
    assert accept(candidate).recall > 0.9 > RECALL
    with pytest.raises(NotAccepted, match=r"Of 24 copies.*--kind exact or a greater --w or --g"):
        accept(narrow(candidate, width))


def test_the_wanted_recall_decides(candidate):
    lossy = narrow(candidate, 0.02)
    assert accept(lossy, wanted=0.01).recall < RECALL
    with pytest.raises(NotAccepted, match=r"\d\d% found their original.*, and 80% is wanted"):
        accept(lossy, wanted=0.8)


@pytest.mark.parametrize("wanted", [-0.1, 0, 1.1, float("nan")])
def test_a_wanted_recall_out_of_its_range_is_refused(candidate, wanted):
    with pytest.raises(BadParameter, match="--accept"):
        accept(candidate, wanted=wanted)


def test_copies_in_the_gallery_count_as_the_picture_itself(tmp_path, encoder):
    gallery = draw_gallery(tmp_path / "gallery", 4)
    for folder in list(gallery.iterdir()):
        for number in range(12):
            shutil.copytree(folder, gallery / f"{folder.name}-{number}")
    found = accept(build(gallery, encoder))
    assert found.first == found.recall == 1


def test_the_same_pixels_in_other_files_count_as_the_picture_itself(tmp_path, encoder):
    gallery = draw_gallery(tmp_path / "gallery", 4)
    for file in list(gallery.rglob("*.png")):
        for number in range(12):
            Image.open(file).save(file.with_suffix(f".{number}.bmp"))
    found = accept(build(gallery, encoder))
    assert found.first == found.recall == 1


def test_files_that_vanished_or_changed_are_skipped(tmp_path, encoder):
    gallery = draw_gallery(tmp_path / "gallery", 2)
    made = build(gallery, encoder)
    (gallery / "lines" / "00.png").unlink()
    (gallery / "lines" / "01.png").write_bytes(b"something else")
    shutil.copy(gallery / "circles" / "00.png", gallery / "circles" / "01.png")
    found = accept(made)
    assert (found.pictures, found.skipped, found.first) == (3, 3, 1)


@pytest.mark.parametrize("left", [0, 2])
def test_a_build_of_which_most_files_cannot_be_read_again_is_refused(tmp_path, encoder, left):
    gallery = draw_gallery(tmp_path / "gallery", 2)
    made = build(gallery, encoder)
    for file in sorted(gallery.rglob("*.png"))[left:]:
        file.unlink()
    with pytest.raises(NotAccepted, match=rf"Of 6 .*, {left} could be .*offline.*--accept 0"):
        accept(made)


def test_a_picture_that_is_its_own_negative_tells_nothing(tmp_path, encoder):
    (tmp_path / "grey").mkdir()
    Image.new("RGB", (50, 50), (127, 128, 127)).save(tmp_path / "grey" / "grey.png")
    assert accept(build(tmp_path / "grey", encoder)).contrast is None


class FailingEngine:
    """A real engine that has no memory for so many pictures at once."""

    def __init__(self, engine, most):
        self.engine, self.most = engine, most

    def encode(self, images):
        if len(images) > self.most:
            raise RuntimeError("out of memory")
        return self.engine.encode(images)


def test_an_engine_that_fails_says_nothing_against_a_build(pictures, encoder):
    made = build(pictures, encoder)
    short = Encoder(FailingEngine(encoder._engine, 1), encoder.fingerprint)
    assert accept(replace(made, encoder=short)) == accept(made)
    lost = Encoder(FailingEngine(encoder._engine, 0), encoder.fingerprint)
    with pytest.raises(BuildFailed, match="out of memory"):
        accept(replace(made, encoder=lost))


def overflow_when_bright(arrays):
    """Let bright pictures have no finite feature."""
    arrays["conv1/kernel"][..., 0] = 1e38
    for layer in ("conv2", "conv3", "conv4"):
        arrays[f"{layer}/kernel"] = np.abs(arrays[f"{layer}/kernel"])


def test_a_picture_that_the_encoder_cannot_take_is_not_found(pictures, encoder, spec, tmp_path):
    made = build(pictures, encoder)
    with pytest.raises(NotAccepted, match="did not find themselves first"):
        accept(replace(made, encoder=variant(spec, tmp_path, overflow_when_bright)))


def test_a_negative_that_the_encoder_cannot_take_tells_nothing(spec, tmp_path):
    (tmp_path / "dark").mkdir()
    for number in range(4):
        dark = draw("squares", number).point(lambda value: value // 3)
        dark.save(tmp_path / "dark" / f"{number}.png")
    found = accept(build(tmp_path / "dark", variant(spec, tmp_path, overflow_when_bright)))
    assert (found.first, found.contrast) == (1, None)


@pytest.mark.parametrize(
    ("images", "tried"), [(1, 1), (8, 8), (24, 12), (600, 12), (5000, 50), (10**6, 100)]
)
def test_small_galleries_try_fewer_pictures(images, tried):
    assert sample_size(images) == tried


def test_progress_is_told_group_by_group(pictures, encoder):
    told = []
    accept(build(pictures, encoder), progress=told.append)
    assert [(each.stage, each.done, each.total) for each in told] == [
        ("accept", 8, 12),
        ("accept", 12, 12),
    ]
