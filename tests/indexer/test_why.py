"""What makes two pictures alike is told place by place, sums to their cosine, or is refused."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.build import build_index
from indexer.errors import BadQuery, ImageGone, UnknownImage
from indexer.indexes.options import IndexOptions
from indexer.opening import open_current
from indexer.sample import Task, draw_picture
from indexer.search import Gate, SearchService
from indexer.serving.asking import Part
from indexer.serving.why import explain, require_explainable, shared
from indexer.shelf import Shelf
from models.encoder import open_encoder
from models.errors import EncoderBusy, NoExplanation, UnsupportedImage
from models.images import look, squash
from models.types import EncoderSpec, Fingerprint
from tests.indexer.fixtures import draw
from tests.once import prepared

PLAIN = Fingerprint("simple_cnn", "0" * 64, "conv4_relu", "tf", "avg", 32, 256)


@pytest.fixture(scope="module")
def service(built):
    return Shelf(built).get("shapes")


@pytest.fixture(scope="module")
def pocket(tmp_path_factory):
    """Return the bundled encoder, with maps of 4 x 4 places."""
    return open_encoder(prepared(EncoderSpec(size=128), tmp_path_factory.mktemp("pocket")))


def content_of(picture):
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def require_whole(found, similarity):
    """Check that both maps sum to a similarity."""
    assert found.query_map.dtype == found.hit_map.dtype == np.float32
    for each in (found.similarity, found.query_map.sum(), found.hit_map.sum()):
        assert each == pytest.approx(similarity, abs=1e-5)


def test_both_maps_sum_to_the_similarity_that_a_search_tells(service):
    query = content_of(draw("circles", 99))
    for hit in service.search_image(query, 4).hits:
        found = service.why(Part(query), hit.id)
        assert found.query_map.shape == found.hit_map.shape == (4, 4)
        require_whole(found, hit.similarity)
        assert found.note == ""


@pytest.mark.parametrize("whiten", [False, True])
def test_a_reduction_is_shared_out_among_the_places(plan, instance, whiten):
    build_index(replace(plan, reduce=6, whiten=whiten), instance)
    service = Shelf(instance).get()
    for hit in service.search_id(3, 24).hits:
        require_whole(service.why(Part(3), hit.id), hit.similarity)


def test_by_another_metric_it_is_the_cosine_still_and_said(service):
    found = service.why(Part(3), 7, metric="euclidean")
    cosine = service.why(Part(3), 7)
    assert np.array_equal(found.query_map, cosine.query_map)
    assert found.metric == "euclidean"
    assert "euclidean" in found.note
    assert "cosine" in found.note


def test_each_place_is_its_sum_over_the_places_of_the_other(pocket):
    looks = [look(content_of(draw(kind, 1)), 128) for kind in ("circles", "lines")]
    found = explain(pocket, *looks, None, "cosine")
    features = pocket.encode(np.stack([each.pixels for each in looks])).astype(float)
    maps = [pocket.map(each.pixels[None]).astype(float).reshape(16, -1) for each in looks]
    pairs = np.einsum("ic,jc->ij", *maps) / 16**2 / np.prod(np.linalg.norm(features, axis=1))
    assert np.allclose(found.query_map.ravel(), pairs.sum(axis=1), atol=1e-5)
    assert np.allclose(found.hit_map.ravel(), pairs.sum(axis=0), atol=1e-5)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("other", [("drawing", "tree"), ("iconography", "madonna")])
def test_half_of_a_picture_pasted_into_another_lights_up_that_half(pocket, left, other):
    original, pasted = (
        squash(np.asarray(draw_picture(Task(*named, 0))), 128)
        for named in (("painting", "landscape"), other)
    )
    half, rest = (slice(0, 64), slice(64, 128)) if left else (slice(64, 128), slice(0, 64))
    pasted[:, half] = original[:, half]
    query, hit = (look(content_of(Image.fromarray(each)), 128) for each in (pasted, original))
    lit = explain(pocket, query, hit, None, "cosine").query_map.repeat(32, axis=1)
    assert lit[:, half].sum() > 3 * lit[:, rest].sum()


def test_parts_of_nothing_bring_in_nothing():
    similarity, own, other = shared(np.zeros((4, 3)), np.ones((2, 3)))
    assert (similarity, own.tolist(), other.tolist()) == (0, [0] * 4, [0] * 2)


def test_the_scale_is_common_and_little_likeness_stays_pale(pocket):
    black, white = (look(content_of(Image.new("RGB", (9, 9), c)), 128) for c in ("black", "white"))
    same, other = (explain(pocket, black, each, None, "cosine") for each in (black, white))
    assert same.most == max(same.query_map.max(), same.hit_map.max())
    assert other.most >= 1 / 16 > other.similarity / 16


def test_the_part_is_told_on_which_a_map_lies(service):
    image = service.image(4)
    found = service.why(Part(4, (0, 12 / image.height, 0.5, 36 / image.height)), 7)
    assert found.query_shown == (0, 12 / image.height, 0.5, 36 / image.height)
    assert found.hit_shown == (0, 0, 1, 1)
    whole = service.why(Part(4), 7)
    assert whole.query_shown == (0, 0, 1, 1)
    assert not np.array_equal(found.query_map, whole.query_map)


def test_bytes_a_file_and_an_id_give_the_same(service):
    path = service.image_path(4)
    maps = [service.why(Part(source), 7).query_map for source in (path, path.read_bytes(), 4)]
    assert np.array_equal(maps[0], maps[1])
    assert np.array_equal(maps[0], maps[2])


@pytest.mark.parametrize(
    ("changes", "metric", "reason"),
    [
        ({"pooling": "gem"}, "cosine", "pools by 'gem'"),
        ({"pooling": "max"}, "euclidean", "pools by 'max'"),
        ({"head": "48 tanh", "dim": 48}, "cosine", "'48 tanh'"),
        ({}, "hamming", "hash codes"),
    ],
)
def test_what_is_no_sum_over_places_is_refused_with_its_reason(changes, metric, reason):
    with pytest.raises(NoExplanation, match=reason):
        require_explainable(replace(PLAIN, **changes), metric)


def test_an_index_of_hash_codes_is_refused_unless_features_are_asked_for(plan, instance):
    build_index(replace(plan, kind="hamming", options=IndexOptions(metric="hamming")), instance)
    service = Shelf(instance).get()
    with pytest.raises(NoExplanation, match="hash codes"):
        service.why(Part(3), 7)
    hit = service.search_id(3, 24, "cosine").hits[5]
    require_whole(service.why(Part(3), hit.id, metric="cosine"), hit.similarity)


def test_an_index_of_maxima_is_refused_before_a_picture_is_opened(plan, instance):
    build_index(replace(plan, encoder=replace(plan.encoder, pooling="max")), instance)
    service = Shelf(instance).get()
    with pytest.raises(NoExplanation, match="'max'"):
        service.why(Part(b"no picture"), 7)


def test_unknown_gone_and_unusable_pictures_are_named(plan, instance):
    build_index(plan, instance)
    service = Shelf(instance).get()
    service.image_path(7).unlink()
    for source, number, error, named in (
        (3, 7, ImageGone, "07.png"),
        (7, 3, ImageGone, "07.png"),
        (3, 24, UnknownImage, "0 to 23"),
        (-1, 3, UnknownImage, "0 to 23"),
        (b"text", 3, UnsupportedImage, "The uploaded picture"),
    ):
        with pytest.raises(error, match=named):
            service.why(Part(source), number)
    with pytest.raises(BadQuery, match="metric"):
        service.why(Part(3), 4, metric="manhattan")


def test_it_waits_at_the_gate_as_searches_do(built):
    gate = Gate(slots=1, wait_seconds=0.05)
    busy = SearchService(open_current(built, "shapes"), gate=gate)
    with gate.entered(), pytest.raises(EncoderBusy, match="Try again"):
        busy.why(Part(3), 7)
    assert busy.why(Part(3), 7).similarity


def test_nothing_is_kept(built, service):
    def state():
        return {path: path.stat().st_mtime_ns for path in Path(built).rglob("*")}

    before = state()
    service.why(Part(3), 7)
    assert state() == before
