"""Questions of several pictures, parts of them, and what is farthest or narrowed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indexer.distances import FeatureStore, farthest, measure
from indexer.errors import BadQuery, UnknownClass, UnknownImage
from indexer.search import MAX_K
from indexer.serving import narrowing
from indexer.serving.asking import MOST_PARTS, Part, joined
from indexer.serving.narrowing import Masks, Narrowing
from indexer.serving.wishes import EXACT
from indexer.shelf import Shelf
from models.errors import BadCrop
from models.types import Limits

WHOLE = (0.0, 0.0, 1.0, 1.0)
RIGHT = (0.5, 0.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def service(built):
    return Shelf(built).get("shapes")


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_one_part_answers_like_its_picture(service):
    path = service.image_path(7)
    expected = service.search_image(path, 6).hits
    for source in (path, path.read_bytes(), service.feature(7)):
        assert [hit.id for hit in service.ask([Part(source)], 6).hits] == [h.id for h in expected]
    assert service.ask([Part(7)], 6).hits == service.search_id(7, 6).hits


def test_several_pictures_are_joined_by_the_mean_of_their_directions(service):
    features = [service.feature(number).astype(float) for number in (2, 11)]
    expected = unit(unit(features[0]) + unit(features[1]))
    result = service.ask([Part(2), Part(11)], 5)
    np.testing.assert_allclose(unit(result.feature), expected, atol=1e-6)
    lengths = [np.linalg.norm(feature) for feature in features]
    assert np.linalg.norm(result.feature) == pytest.approx(np.mean(lengths), rel=1e-5)


def test_what_is_not_wanted_comes_later(service):
    wanted, unwanted = 2, 11

    def similarity(result):
        return next(hit.similarity for hit in result.hits if hit.id == unwanted)

    before = service.ask([Part(wanted)], 24, wish=EXACT)
    after = service.ask([Part(wanted), Part(unwanted, sign=-1)], 24, wish=EXACT)
    assert similarity(after) < similarity(before)
    assert after.hits[0].id == wanted


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [Part(2, sign=-1)],
        [Part(2)] * (MOST_PARTS + 1),
        [Part(2, box=(0.5, 0, 0.5, 1))],
        [Part(2, box=(0, 0, 1.1, 1))],
        [Part(2, box=(float("nan"), 0, 1, 1))],
        [Part(np.zeros(3, np.float32))],
    ],
)
def test_what_is_no_question_is_refused(service, parts):
    with pytest.raises(BadQuery):
        service.ask(parts)


def test_pictures_that_cancel_each_other_out_are_refused():
    one = np.array([1, 0], np.float32)
    with pytest.raises(BadQuery, match="cancel"):
        joined([one, -one], [1, 1])


@given(arrays(np.float32, (4, 6), elements=st.floats(0.125, 8, width=32)))
def test_the_length_of_a_feature_gives_it_no_weight(rows):
    once = joined(list(rows), [1, 1, -1, 1])
    rows[1] *= 4
    again = joined(list(rows), [1, 1, -1, 1])
    np.testing.assert_allclose(unit(once), unit(again), atol=1e-5)


def test_the_part_of_a_picture_is_what_is_compared(service):
    path = service.image_path(4)
    header = service.image(4)
    pixels = (header.width / 2, 0, header.width, header.height)
    expected = service.search_image(path, 6, crop=pixels)
    for source in (path.read_bytes(), path, 4):
        result = service.ask([Part(source, RIGHT)], 6)
        np.testing.assert_array_equal(result.feature, expected.feature)
    assert service.ask([Part(path, WHOLE)], 3).hits[0].id == 4


def test_a_class_is_searched_alone_and_still_gives_k_hits(service):
    result = service.ask([Part(0)], 8, narrowing=Narrowing(classes=frozenset({"lines"})))
    assert {hit.image.label for hit in result.hits} == {"lines"}
    assert (len(result.hits), result.permitted, result.gallery) == (8, 8, 24)


def test_several_classes_and_some_left_out(service):
    two = Narrowing(frozenset({"lines", "circles"}), without=frozenset({0}))
    result = service.ask([Part(0)], 24, narrowing=two)
    assert {hit.image.label for hit in result.hits} == {"lines", "circles"}
    assert (len(result.hits), 0 in {hit.id for hit in result.hits}) == (15, False)


def test_masks_are_kept_as_read_and_only_so_many(service, monkeypatch):
    monkeypatch.setattr(narrowing, "KEPT_BYTES", 2 * service.count)
    masks, labels = Masks(service.catalog), [image.label for image in service.catalog.all_images()]
    names = sorted(set(labels))
    for name in [*names, *names[::-1], *names]:
        expected = [number for number, label in enumerate(labels) if label == name]
        found = masks.mask(Narrowing(frozenset({name})))
        assert np.flatnonzero(found).tolist() == expected
        found = masks.mask(Narrowing(frozenset({name}), without=frozenset(expected[:1])))
        assert np.flatnonzero(found).tolist() == expected[1:]
        assert len(masks._kept) <= 2


def test_what_cannot_be_narrowed_to_is_refused(service):
    with pytest.raises(UnknownClass, match="'stars'"):
        service.ask([Part(0)], narrowing=Narrowing(frozenset({"stars"})))
    with pytest.raises(BadQuery, match="no image 24"):
        service.ask([Part(0)], narrowing=Narrowing(without=frozenset({24})))
    with pytest.raises(BadQuery, match="between -1 and 1"):
        Narrowing(least=float("nan"))
    with pytest.raises(UnknownImage):
        service.ask([Part(24)])


def test_classes_are_counted(service):
    counted = [(count.name, count.count) for count in service.classes]
    assert counted == [("circles", 8), ("lines", 8), ("squares", 8)]


def test_no_hit_is_less_similar_than_is_asked_for(service):
    every = service.ask([Part(0)], 24, wish=EXACT).hits
    least = every[5].similarity
    some = service.ask([Part(0)], 24, wish=EXACT, narrowing=Narrowing(least=least)).hits
    assert some == tuple(hit for hit in every if hit.similarity >= least)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_what_is_farthest_is_the_other_end(service, metric):
    nearest = service.ask([Part(3)], 24, metric, EXACT).hits
    last = service.ask([Part(3)], 5, metric, order="farthest")
    assert last.exact
    assert [hit.distance for hit in last.hits] == [hit.distance for hit in nearest[::-1][:5]]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming"])
def test_the_farthest_are_those_of_brute_force(metric):
    generator = np.random.default_rng(5)
    store = FeatureStore.of(generator.normal(size=(300, 16)).astype(np.float32))
    query = generator.normal(size=16).astype(np.float32)
    some = np.sort(generator.permutation(300)[:90])
    for ids in (None, some):
        every = np.arange(300) if ids is None else ids
        distances = measure(store, query, metric, every)
        order = np.lexsort((every, -distances))[:12]
        found, far = farthest(store, query, 12, metric, ids)
        np.testing.assert_array_equal(found, every[order])
        np.testing.assert_array_equal(far, distances[order])


def test_pages_follow_each_other(service):
    every = service.ask([Part(3)], 24, wish=EXACT).hits
    pages = [service.ask([Part(3)], 10, wish=EXACT, skip=skip).hits for skip in (0, 10, 20)]
    assert [hit for page in pages for hit in page] == list(every)
    with pytest.raises(BadQuery, match=f"{MAX_K} hits deep"):
        service.ask([Part(3)], 10, skip=MAX_K - 9)


def test_the_farthest_are_as_alike_as_is_asked_for(service):
    every = service.ask([Part(0)], 24, wish=EXACT).hits
    least = every[9].similarity
    found = service.ask([Part(0)], 3, narrowing=Narrowing(least=least), order="farthest").hits
    assert [hit.id for hit in found] == [hit.id for hit in every[9:6:-1]]


def test_a_refusal_names_a_file_by_its_path_in_the_gallery(service):
    with pytest.raises(BadCrop) as refused:
        service.ask([Part(4, (0.5, 0.5, 0.5001, 0.5001))])
    assert str(refused.value).startswith(service.image(4).path)
    assert str(service.image_path(4)) not in str(refused.value)


def test_limits_of_uploads_are_not_those_of_the_gallery(built):
    size = max(Shelf(built).get("shapes").image(number).bytes for number in range(24))
    strict = Shelf(built, limits=Limits(max_bytes=size // 2)).get("shapes")
    assert strict.ask([Part(4, RIGHT)], 3).hits
    assert strict.why(Part(4), 7).similarity
