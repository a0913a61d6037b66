"""The benchmark of copies: originals are found, and ties count fairly."""

import numpy as np
import pytest

from benchmarks.copies import encode_copies, first_hits
from indexer.experiments.comparing.describe import encode_files, encode_pictures
from indexer.variants.distortions import DISTORTIONS
from indexer.variants.encoding import distorted
from models.encoder import keras_encoder


def spread(count=30, dim=40, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)


@pytest.fixture(scope="module")
def encoder(spec):
    return keras_encoder(spec)


def test_equal_copies_find_their_originals():
    gallery, originals = spread(), np.array([3, 29, 0])
    assert first_hits(gallery, gallery[originals] * 2, originals) == 1


def test_share_equals_a_loop():
    gallery, originals = spread(), np.arange(0, 30, 2)
    copies = gallery[originals] + 1.5 * spread(15, seed=1)
    found = 0
    for copy, original in zip(copies, originals, strict=True):
        similar = [image @ copy / np.linalg.norm(image) for image in gallery]
        found += int(np.argmax(similar)) == original
    assert 0 < found < 15
    assert first_hits(gallery, copies, originals) == pytest.approx(found / 15)


def test_images_that_features_do_not_tell_apart_share_the_hit():
    gallery = spread()
    gallery[[4, 11, 17]] = gallery[20]
    originals = np.array([11, 3])
    assert first_hits(gallery, gallery[originals], originals) == pytest.approx((1 / 4 + 1) / 2)


def test_constant_features_find_no_more_than_chance():
    gallery, originals = np.ones((40, 5), np.float32), np.arange(40)
    assert first_hits(gallery, gallery, originals) == pytest.approx(1 / 40)


def test_files_of_the_same_content_are_one_picture():
    gallery = spread(6)
    gallery[5] = gallery[2]
    originals = np.array([2, 5, 0])
    contents = np.array([0, 1, 2, 3, 4, 2])
    assert first_hits(gallery, gallery[originals], originals, contents) == 1
    assert first_hits(gallery, gallery[originals], originals) == pytest.approx(2 / 3)


def test_another_picture_of_equal_features_shares_with_files_of_the_same_content():
    gallery = np.ones((3, 4), np.float32)
    found = first_hits(gallery, gallery[:1], np.array([0]), np.array([7, 7, 8]))
    assert found == pytest.approx(2 / 3)


@pytest.mark.parametrize(("copies", "originals"), [(2, 3), (0, 0)])
def test_what_does_not_belong_together_is_refused(copies, originals):
    with pytest.raises(ValueError, match="needs its original"):
        first_hits(spread(), spread(copies), np.arange(originals))


def test_copies_are_encoded_by_kind_and_in_the_order_of_the_files(gallery, encoder):
    files = sorted(gallery.glob("*/*.png"))[:10]
    found = encode_copies(files, encoder)
    assert found.shape == (len(DISTORTIONS), 10, encoder.dim)
    for kind in range(len(DISTORTIONS)):
        for at in (0, 7, 9):
            expected = encode_pictures([distorted(files[at], encoder.size)[kind]], encoder)[0]
            np.testing.assert_allclose(found[kind, at], expected, rtol=1e-4, atol=1e-5)


def test_copies_of_drawn_pictures_are_found(gallery, encoder):
    """Even a network with random weights knows a picture again whose colours stay."""
    files = sorted(gallery.glob("*/*.png"))
    features = encode_files(files, encoder)
    originals = np.arange(len(files))
    assert first_hits(features, features, originals) == 1
    by_kind = [
        first_hits(features, of_kind, originals) for of_kind in encode_copies(files, encoder)
    ]
    assert by_kind[list(DISTORTIONS).index("recompressed")] > 0.5
