"""Variants of pictures: the cache knows them by content and by what was done, however named."""

from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from indexer.features.cache import feature_cache
from indexer.files import sha256_of
from indexer.variants.distortions import DISTORTIONS
from indexer.variants.encoding import Original, digest_of, distorted, encode_variants
from models.encoder import open_encoder, prepare_encoder
from models.images import decode, squash
from models.types import Limits
from tests.conftest import draw_picture

CONTENT = sha256(b"picture").hexdigest()
BOX = (1.0, 2.0, 30.5, 40.0)


def test_copies_are_known_by_the_digests_that_builds_have_given_them():
    for kind in DISTORTIONS:
        assert digest_of(CONTENT, kind=kind) == sha256(f"{CONTENT} {kind}".encode()).hexdigest()


def test_digests_tell_contents_parts_and_distortions_apart():
    made = {
        digest_of(content, crop, kind)
        for content in (CONTENT, sha256(b"another").hexdigest())
        for crop in (None, BOX, (1.0, 2.0, 30.0, 40.0))
        for kind in ("", *DISTORTIONS)
    }
    assert len(made) == 2 * 3 * 6
    assert digest_of(CONTENT) == CONTENT


def test_whole_numbers_and_floats_are_one_box():
    assert digest_of(CONTENT, (0, 0, 5, 5)) == digest_of(CONTENT, tuple(np.array([0.0, 0, 5, 5])))


@pytest.fixture
def encoder(spec, exported):
    return open_encoder(prepare_encoder(spec, exported), latency=False)


def test_only_what_is_missing_is_made_and_what_cannot_be_is_named(gallery, encoder, tmp_path):
    files = sorted(gallery.glob("*/*.png"))[:6]
    originals = [
        Original(file, file.name, sha256_of(file), ("mirrored", "", "rotated"), (0, 0, 40, 40))
        for file in files
    ]
    files[4].write_bytes(b"another picture")

    def encoded(cache, some):
        told = []
        found = encode_variants(some, encoder, cache, limits=Limits(), workers=2, told=told.append)
        return [(each.row, each.reason) for each in found], told

    with feature_cache(tmp_path, encoder.fingerprint) as cache:
        assert encoded(cache, originals[:2]) == ([], [2])
        assert encoded(cache, originals) == ([(4, "changed")], [6])
        assert encoded(cache, originals[:4]) == ([], [])
        known = cache.known([digest for each in originals for digest in each.digests])
        assert np.flatnonzero(~known).tolist() == [12, 13, 14]
        features = cache.read(originals[0].digests)
    assert len(np.unique(features.round(4), axis=0)) == 3


@pytest.mark.parametrize(("height", "width"), [(48, 60), (500, 300), (20, 20)])
def test_pixels_are_squashed_as_those_of_a_file(tmp_path, height, width):
    picture = draw_picture(0, height, width)
    Image.fromarray(picture).save(tmp_path / "picture.png")
    assert np.array_equal(squash(picture, 32), decode(tmp_path / "picture.png", 32))


def test_copies_are_distorted_at_full_size_and_then_squashed(tmp_path):
    picture = draw_picture(1, 90, 120)
    Image.fromarray(picture).save(tmp_path / "picture.png")
    found = distorted(tmp_path / "picture.png", 32)
    assert found.shape == (len(DISTORTIONS), 32, 32, 3)
    kind = list(DISTORTIONS).index("cropped")
    expected = Image.fromarray(picture[13:76, 18:102]).resize(
        (32, 32), Image.Resampling.BILINEAR, reducing_gap=2.0
    )
    assert np.array_equal(found[kind], np.asarray(expected))
