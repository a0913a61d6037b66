"""Searches by picture, id and feature, and the shelf that follows new generations."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from indexer.build import build_index
from indexer.errors import BadQuery, ImageGone, NoIndex, UnknownImage, UnknownIndex
from indexer.indexes.options import IndexOptions
from indexer.opening import open_current
from indexer.search import MAX_K, Gate, SearchService
from indexer.serving.wishes import EXACT, Wish
from indexer.shelf import Shelf
from models.errors import DamagedImage, EncoderBusy, EncoderFailed, UnsupportedImage
from models.types import Limits
from tests.indexer.fixtures import draw


@pytest.fixture(scope="module")
def service(built):
    return Shelf(built).get("shapes")


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("exact", [True, False])
def test_every_picture_finds_itself_first(service, metric, exact):
    for number in range(0, 24, 5):
        result = service.search_image(service.image_path(number), 3, metric, Wish(exact=exact))
        assert result.hits[0].id == number
        assert result.hits[0].distance == 0
        assert result.hits[0].similarity == pytest.approx(1)
        assert [hit.rank for hit in result.hits] == [1, 2, 3]


def test_bytes_and_path_give_the_same_answer(service):
    path = service.image_path(4)
    by_path, by_bytes = service.search_image(path), service.search_image(path.read_bytes())
    assert by_path.hits == by_bytes.hits


def test_a_result_says_what_was_done(service):
    result = service.search_image(service.image_path(4), 5, wish=EXACT)
    assert (result.index, result.metric, result.gallery) == ("shapes", "cosine", 24)
    assert (result.visited, result.exact) == (24, True)
    assert result.generation == service.generation
    assert result.fingerprint == service.manifest.fingerprint.digest
    assert result.feature.shape == (256,)
    assert min(result.timings.decode, result.timings.encode, result.timings.search) > 0


def test_an_id_and_a_feature_answer_like_their_picture(service):
    by_id = service.search_id(7, 6)
    by_feature = service.search_feature(service.feature(7), 6)
    by_picture = service.search_image(service.image_path(7), 6)
    assert by_id.hits == by_feature.hits
    assert [hit.id for hit in by_id.hits] == [hit.id for hit in by_picture.hits]
    assert by_id.hits[0].id == 7


def test_an_image_may_be_left_out_of_its_own_answer(service):
    result = service.search_id(7, 30, exclude_self=True)
    assert sorted(hit.id for hit in result.hits) == [n for n in range(24) if n != 7]


def test_a_mask_decides_what_may_be_found(service):
    allowed = np.zeros(24, bool)
    allowed[[2, 11]] = True
    result = service.search_feature(service.feature(0), 5, allowed=allowed)
    assert {hit.id for hit in result.hits} == {2, 11}


def test_similarity_is_the_cosine_whatever_the_metric(service):
    features = [service.feature(n).astype(float) for n in range(24)]
    query = features[3]
    for hit in service.search_id(3, 10, "euclidean").hits:
        other = features[hit.id]
        expected = query @ other / np.linalg.norm(query) / np.linalg.norm(other)
        assert hit.similarity == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("k", [0, -1, MAX_K + 1, 10**9, "x", 2.5, True, None])
def test_fault_24_k_out_of_range_is_refused(service, k):
    with pytest.raises(BadQuery, match="k must be"):
        service.search_id(0, k)


def test_a_wrong_metric_is_refused(service):
    with pytest.raises(BadQuery, match="metric"):
        service.search_id(0, metric="manhattan")


@pytest.mark.parametrize("number", [-1, 24, 10**12])
def test_an_unknown_image_is_refused(service, number):
    for ask in (service.search_id, service.image, service.image_path, service.feature):
        with pytest.raises(UnknownImage, match="0 to 23"):
            ask(number)


@pytest.mark.parametrize(
    "feature", [np.zeros(3), np.full(256, np.nan), np.full(256, np.inf), np.zeros((1, 256))]
)
def test_a_feature_of_another_kind_is_refused(service, feature):
    with pytest.raises(BadQuery, match="256 finite values"):
        service.search_feature(feature)


def test_a_mask_of_another_length_is_refused(service):
    with pytest.raises(BadQuery, match="mask"):
        service.search_feature(service.feature(0), allowed=np.ones(3, bool))


def test_a_feature_of_zeros_gets_an_answer(service):
    for metric in ("cosine", "euclidean"):
        result = service.search_feature(np.zeros(256, np.float32), 4, metric)
        assert len(result.hits) == 4
        assert np.isfinite([hit.distance for hit in result.hits]).all()


@pytest.mark.parametrize(
    ("data", "error"), [(b"text", UnsupportedImage), (b"\xff\xd8\xff\xe0cut", DamagedImage)]
)
def test_a_picture_that_cannot_be_used_is_named(service, data, error):
    with pytest.raises(error, match=r"holiday\.jpg"):
        service.search_image(data, name="holiday.jpg")


def test_limits_hold_for_queries(built, service):
    strict = Shelf(built, limits=Limits(max_bytes=100)).get("shapes")
    with pytest.raises(Exception, match="100"):
        strict.search_image(service.image_path(0).read_bytes())


def test_one_image_is_an_index(plan, instance, tmp_path, gallery):
    (tmp_path / "one").mkdir()
    shutil.copy(gallery / "lines" / "00.png", tmp_path / "one")
    build_index(replace(plan, sources=(tmp_path / "one",), options=IndexOptions()), instance)
    result = Shelf(instance).get().search_image(gallery / "lines" / "00.png", 10)
    assert [hit.distance for hit in result.hits] == [0]


def test_the_queue_before_the_encoder_is_bounded(built, service):
    gate = Gate(slots=1, wait_seconds=0.05)
    busy = SearchService(open_current(built, "shapes"), gate=gate)
    with gate.entered(), pytest.raises(EncoderBusy, match="Try again"):
        busy.search_image(service.image_path(0))
    assert busy.search_image(service.image_path(0)).hits


def test_a_warm_service_answers(built):
    service = Shelf(built).get("shapes")
    service.warm()
    assert service.search_id(0).hits


def test_fault_68_a_picture_that_is_gone_or_changed_is_not_shown(plan, instance, gallery):
    build_index(plan, instance)
    service = Shelf(instance).get()
    touched, changed, gone, linked = (service.image_path(n) for n in range(4))
    os.utime(touched, (1, 1))
    changed.write_bytes(changed.read_bytes()[::-1])
    gone.unlink()
    linked.rename(gallery.parent / "outside.png")
    linked.symlink_to(gallery.parent / "outside.png")
    assert service.image_path(0) == touched
    for number in (1, 2, 3):
        with pytest.raises(ImageGone, match=r"\.png"):
            service.image_path(number)


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_queries_of_a_reduced_index_are_reduced(plan, instance, whiten, metric):
    options = IndexOptions(metric=metric)
    build_index(replace(plan, reduce=6, whiten=whiten, options=options), instance)
    service = Shelf(instance).get()
    service.warm()
    for number in (0, 13, 23):
        by_picture = service.search_image(service.image_path(number), 5)
        by_id = service.search_id(number, 5)
        by_feature = service.search_feature(by_picture.feature, 5)
        assert by_picture.feature.shape == (6,)
        assert by_picture.hits[0].id == number
        assert by_picture.hits[0].distance == 0
        assert [hit.id for hit in by_picture.hits] == [hit.id for hit in by_id.hits]
        assert by_feature.hits == by_picture.hits


def test_the_feature_of_a_reduced_index_belongs_to_it_alone(plan, instance):
    build_index(plan, instance)
    whole = Shelf(instance).get().search_id(3)
    digests = {whole.fingerprint}
    for whiten in (False, True):
        build_index(replace(plan, reduce=6, whiten=whiten), instance)
        service = Shelf(instance).get()
        digests.add(service.search_image(service.image_path(3)).fingerprint)
        with pytest.raises(BadQuery, match="6 finite values"):
            service.search_feature(whole.feature)
    assert len(digests) == 3


def test_the_shelf_names_what_it_has(built, instance):
    assert Shelf(built).names() == ["shapes"]
    assert Shelf(built).get().name == "shapes"
    with pytest.raises(UnknownIndex, match="shapes"):
        Shelf(built).get("nothing")
    with pytest.raises(UnknownIndex):
        Shelf(built).get("../shapes")
    with pytest.raises(NoIndex, match="flask index build"):
        Shelf(instance).get()


def test_the_shelf_opens_once_and_follows_the_pointer(plan, instance):
    build_index(plan, instance)
    shelf = Shelf(instance)
    first = shelf.get("shapes")
    first.search_image(first.image_path(0))
    assert shelf.get("shapes") is first
    build_index(replace(plan, kind="exact"), instance)
    shelf.refresh()
    second = shelf.get("shapes")
    assert second.manifest.kind == "exact"
    assert second._encoder is first._encoder
    build_index(plan, instance)
    assert len(first.search_image(first.image_path(0)).hits) == 10


def test_fault_72_many_first_requests_open_the_index_once(built):
    shelf = Shelf(built)
    with ThreadPoolExecutor(8) as pool:
        services = list(pool.map(lambda _: shelf.get("shapes"), range(16)))
    assert len(set(map(id, services))) == 1


def test_fault_64_replacing_the_index_fails_no_search(plan, instance):
    build_index(plan, instance)
    shelf = Shelf(instance)
    done = Event()

    def ask():
        generations = set()
        while not done.is_set():
            service = shelf.get("shapes")
            result = service.search_image(service.image_path(5), 5)
            assert result.hits[0].id == 5
            generations.add(result.generation)
        return generations

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(ask) for _ in range(3)]
        try:
            for kind in ("exact", "lsh", "exact"):
                build_index(replace(plan, kind=kind), instance)
        finally:
            done.set()
        seen = set().union(*(future.result() for future in running))
    assert len(seen) >= 2


def test_the_status_tells_of_every_index(built, copied):
    assert [(s.name, s.usable, s.problem) for s in Shelf(built).status()] == [("shapes", True, "")]
    next((copied / "indexes").rglob("norms.npy")).unlink()
    (status,) = Shelf(copied).status()
    assert not status.usable
    assert "norms.npy" in status.problem


def test_fault_73_a_picture_that_overflows_the_encoder_fails_alone(plan, instance, tmp_path):
    arrays = dict(np.load(plan.encoder.weights))
    # Bright pixels give infinity, dark ones nothing, and infinity stays to the end.
    arrays["conv1/kernel"][..., 0] = 1e38
    for layer in ("conv2", "conv3", "conv4"):
        arrays[f"{layer}/kernel"] = np.abs(arrays[f"{layer}/kernel"])
    np.savez(tmp_path / "huge.npz", **arrays)
    (tmp_path / "pictures").mkdir()
    bright = draw("squares", 1).point(lambda value: 155 + value // 3)
    bright.save(tmp_path / "pictures" / "bright.png")
    for number in range(4):
        dark = draw("squares", number).point(lambda value: value // 3)
        dark.save(tmp_path / "pictures" / f"dark {number}.png")
    huge = replace(plan.encoder, weights=str(tmp_path / "huge.npz"))
    build_index(replace(plan, sources=(tmp_path / "pictures",), encoder=huge), instance)
    service = Shelf(instance).get()
    assert [(item.path, item.reason) for item in service.catalog.rejections()] == [
        ("bright.png", "no feature")
    ]
    for number in range(4):
        with pytest.raises(EncoderFailed, match="not finite for 1 of 1"):
            service.search_image(tmp_path / "pictures" / "bright.png")
        hits = service.search_image(service.image_path(number)).hits
        assert number in {hit.id for hit in hits if hit.distance == 0}
