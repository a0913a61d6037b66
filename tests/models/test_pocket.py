"""The bundled network is small, whole and worth its place."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import models
from benchmarks.copies import encode_copies, first_hits
from indexer.experiments.comparing.describe import encode_files, thumbnails
from indexer.experiments.comparing.folders import Described, measure, read_folders
from indexer.variants.distortions import DISTORTIONS
from models.encoder import export_encoder, keras_encoder, open_encoder
from models.pocket import DESCRIPTOR, TAUGHT, WIDTH, build_pocket
from models.types import EncoderSpec

BUNDLED = Path(models.__file__).parent / "bundled"


@pytest.fixture(scope="module")
def network():
    import keras

    pictures = keras.Input((224, 224, 3))
    return keras.Model(pictures, build_pocket(pictures))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The network as an index uses it."""
    folder = tmp_path_factory.mktemp("pocket")
    export_encoder(EncoderSpec(), folder)
    return open_encoder(folder, latency=False)


def test_network_is_small(network):
    assert network.count_params() < 5_500_000
    assert (BUNDLED / "pocket.npz").stat().st_size < 12 * 2**20


def test_last_layer_is_the_feature_map(network):
    assert network.layers[-1].name == DESCRIPTOR
    assert network.output_shape == (None, 7, 7, WIDTH)


def test_bundled_weights_are_float16_and_cover_the_network_exactly(network):
    wanted = {
        f"{layer.name}/{weight.name}": tuple(weight.shape)
        for layer in network.layers
        for weight in layer.weights
    }
    with np.load(BUNDLED / "pocket.npz", allow_pickle=False) as stored:
        assert {name: stored[name].shape for name in stored} == wanted
        assert all(stored[name].dtype == np.float16 for name in stored)
        assert all(np.isfinite(stored[name]).all() for name in stored)


def test_card_names_this_very_file():
    digest = sha256((BUNDLED / "pocket.npz").read_bytes()).hexdigest()
    assert digest in (BUNDLED / "pocket.md").read_text(encoding="utf-8")


def test_export_gives_the_same_features(tmp_path):
    spec = EncoderSpec(size=96)
    export_encoder(spec, tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)
    expected = keras_encoder(spec).encode(images)
    np.testing.assert_allclose(
        open_encoder(tmp_path).encode(images), expected, atol=2e-5 * np.abs(expected).max()
    )


def test_finds_photographs_of_a_kind_far_better_than_a_thumbnail(shared):
    """Each class of Corel-1000 is taken by its first ten photographs."""
    encoder = keras_encoder(EncoderSpec(size=160))
    folders = sorted(folder for folder in (shared / "data" / "corel1000").iterdir())
    files = [file for folder in folders for file in sorted(folder.iterdir())[:10]]
    labels = np.array([file.parent.name for file in files])
    by_thumbnail = measure(Described(thumbnails(files), labels))
    by_network = measure(Described(encode_files(files, encoder), labels))
    assert by_network.mean_average_precision > by_thumbnail.mean_average_precision + 0.08


def test_parts_and_turned_pictures_lead_back_to_their_originals(shared, served):
    """The small form of the campaign below: five photographs of each class in a hundred."""
    folders = sorted((shared / "data" / "corel1000").iterdir())
    files = [file for folder in folders for file in sorted(folder.iterdir())[:10]]
    originals = np.arange(0, len(files), 2)
    copies = encode_copies([files[original] for original in originals], served)
    gallery = encode_files(files, served)
    assert min(first_hits(gallery, of_kind, originals) for of_kind in copies) >= 0.95


@pytest.mark.parametrize("pooling", ["max", "gem"])
def test_poolings_that_need_it_take_the_layer_without_signs(pooling):
    images = np.random.default_rng(1).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    encoder = keras_encoder(EncoderSpec(size=64, pooling=pooling))
    assert encoder.fingerprint.layer == TAUGHT
    assert encoder.map(images).min() >= 0


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("gallery", "queries", "least"),
    [
        (["corel1000"], [], 0.70),
        (["louvre/train", "louvre/val"], ["louvre/test"], 0.584),
    ],
)
def test_mean_average_precision_on_real_pictures(shared, served, gallery, queries, least):
    """Four fifths of MobileNetV2's on photographs, and as much as its on paintings."""

    def described(folders):
        pictures = read_folders(*(shared / "data" / folder for folder in folders))
        return Described(encode_files(pictures.files, served), pictures.labels)

    asked = described(queries) if queries else None
    assert measure(described(gallery), asked).mean_average_precision >= least


@pytest.mark.campaign
def test_changed_photographs_lead_back_to_their_originals(shared, served):
    files = read_folders(shared / "data" / "corel1000").files
    originals = np.arange(0, len(files), 2)
    copies = encode_copies([files[original] for original in originals], served)
    gallery = encode_files(files, served)
    shares = {
        kind: first_hits(gallery, of_kind, originals)
        for kind, of_kind in zip(DISTORTIONS, copies, strict=True)
    }
    assert min(shares.values()) >= 0.95, shares
