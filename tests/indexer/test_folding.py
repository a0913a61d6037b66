"""Hits that show the same picture become one."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.distances import FeatureStore
from indexer.opening import open_current
from indexer.search import SearchService
from indexer.serving.folding import LIKE, Fold, fold, threshold_of, to_fetch
from indexer.serving.queries import MAX_K
from indexer.serving.strength import Strength
from indexer.types import Hit, ImageRecord
from tests.indexer.clouds import clusters


def hits_of(contents):
    """Make hits of pictures with such contents, in their order."""
    records = (
        ImageRecord(0, f"{n}.png", None, content, 1, 0, 8, 8, "PNG")
        for n, content in enumerate(contents)
    )
    return [Hit(n + 1, n, record, n / 100, 1 - n / 100) for n, record in enumerate(records)]


def brute_force(contents, features, threshold):
    """Fold, one pair after the other: numbers of the hits of each fold."""
    folds = []
    for n, feature in enumerate(features.astype(float)):
        for members in folds:
            other = features[members[0]].astype(float)
            lengths = np.linalg.norm(feature) * np.linalg.norm(other)
            distance = 1 - feature @ other / lengths if lengths else 1.0
            if contents[n] == contents[members[0]] or distance <= max(threshold, 1e-9):
                members.append(n)
                break
        else:
            folds.append([n])
    return folds


def numbers(folds):
    """Return the ids of each fold's hits."""
    return [[each.first.id, *(hit.id for hit in each.others)] for each in folds]


@given(
    count=st.integers(0, 40),
    kinds=st.integers(1, 40),
    threshold=st.floats(0, 0.6),
    seed=st.integers(0, 100),
)
def test_folding_is_what_comparing_one_by_one_gives(count, kinds, threshold, seed):
    random = np.random.default_rng(seed)
    features = clusters(count or 1, dim=6, seed=seed)[:count] - 2
    contents = [f"content {n}" for n in random.integers(0, kinds, count)]
    # The same content has the same feature.
    first = {content: features[n] for n, content in reversed(list(enumerate(contents)))}
    features = np.array([first[c] for c in contents], np.float32).reshape(count, 6)
    found = fold(hits_of(contents), features, threshold)
    assert numbers(found) == brute_force(contents, features, threshold)
    assert sorted(chain(*numbers(found))) == list(range(count))


def test_equal_contents_fold_where_features_say_nothing():
    found = fold(hits_of("abcab"), np.zeros((5, 4), np.float32), 0.5)
    assert numbers(found) == [[0, 3], [1, 4], [2]]


def test_equal_features_fold_without_a_threshold():
    features = clusters(3)[[0, 1, 0, 2]] * np.array([[1], [1], [3], [1]], np.float32)
    assert numbers(fold(hits_of("abcd"), features, 0.0)) == [[0, 2], [1], [3]]


def test_a_chain_of_like_pictures_is_not_one():
    angles = np.radians([0, 10, 20, 30, 40])
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = fold(hits_of("abcde"), features, 1 - np.cos(np.radians(12)))
    assert numbers(found) == [[0, 1], [2, 3], [4]]


def test_a_hit_folds_into_the_best_that_it_is_like():
    angles = np.radians([0, 15, 8])
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert numbers(fold(hits_of("abc"), features, 1 - np.cos(np.radians(10)))) == [[0, 2], [1]]


@given(cards=st.integers(0, 12))
def test_so_many_cards_are_the_first_of_all_with_all_that_is_theirs(cards):
    hits, features = hits_of("abcadbefcghij" * 2), np.eye(26, dtype=np.float32)
    assert fold(hits, features, 0.0, cards) == fold(hits, features, 0.0)[:cards]


def test_hits_keep_what_they_are():
    hits = hits_of("aab")
    found = fold(hits, np.eye(3, dtype=np.float32), 0.1)
    assert found == (Fold(hits[0], (hits[1],)), Fold(hits[2]))


def test_hits_without_their_features_are_refused():
    with pytest.raises(ValueError, match="3 hits need as many features"):
        fold(hits_of("abc"), np.eye(2, dtype=np.float32), 0.1)


def test_more_is_fetched_than_is_shown_as_far_as_a_search_goes():
    assert (to_fetch(1), to_fetch(10), to_fetch(MAX_K)) == (2, 20, MAX_K)


def test_the_threshold_follows_the_gallery():
    features = clusters(100)
    strength = Strength(FeatureStore.of(features))
    assert threshold_of(strength) == LIKE * strength.distance(50, "cosine") > 0
    assert threshold_of(Strength(FeatureStore.of(features[:5]))) == 0


def test_copies_in_a_built_gallery_fold_and_others_do_not(built):
    service = SearchService(open_current(built, "shapes"))
    hits = service.search_id(3, 24).hits
    features = np.stack([service.feature(hit.id) for hit in (*hits, hits[5])])
    found = fold((*hits, hits[5]), features, threshold_of(service.strength))
    pairs = [members for members in numbers(found) if len(members) > 1]
    assert [hits[5].id] * 2 in pairs
