"""The feature cache: what was computed once is found again, and nothing else is."""

import resource
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import DamagedIndex
from indexer.features.cache import feature_cache, prune_features
from models.types import Fingerprint

FINGERPRINT = Fingerprint(
    network="pocket", weights_sha256="0" * 64, layer="last", preprocessing="tf",
    pooling="avg", size=32, dim=3,
)  # fmt: skip
OTHER = replace(FINGERPRINT, pooling="max")


def digests(*numbers):
    return [sha256(b"%d" % number).hexdigest() for number in numbers]


def features(*numbers, dim=3):
    rows = [np.random.default_rng(number).normal(size=dim) for number in numbers]
    return np.array(rows, np.float32).reshape(-1, dim)


def fill(instance, *numbers, fingerprint=FINGERPRINT):
    with feature_cache(instance, fingerprint) as cache:
        cache.append(digests(*numbers), features(*numbers))


def files(instance):
    return sorted(path.name for path in (instance / "features").rglob("*") if path.is_file())


@settings(max_examples=25)
@given(
    batches=st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=6),
    wanted=st.lists(st.integers(0, 40), max_size=12),
)
def test_what_was_appended_is_known_and_read_in_any_order(tmp_path_factory, batches, wanted):
    instance = tmp_path_factory.mktemp("instance")
    added = set()

    def require_found(cache):
        expected = [number in added for number in wanted]
        assert cache.known(digests(*wanted)).tolist() == expected
        assert cache.holds(digests(*wanted)).tolist() == expected
        here = [number for number in wanted if number in added]
        assert np.array_equal(cache.read(digests(*here)), features(*here))

    for batch in batches:
        with feature_cache(instance, FINGERPRINT) as cache:
            cache.append(digests(*batch), features(*batch))
            added.update(batch)
            require_found(cache)
    with feature_cache(instance, FINGERPRINT) as cache:
        require_found(cache)


def test_more_than_one_block_is_read(tmp_path):
    wide = replace(FINGERPRINT, dim=200_000)
    with feature_cache(tmp_path, wide) as cache:
        for number in range(12):
            cache.append(digests(number), features(number, dim=200_000))
        assert cache.known(digests(*range(13))).tolist() == [True] * 12 + [False]
        assert np.array_equal(cache.read(digests(11, 3)), features(11, 3, dim=200_000))


def test_keys_tell_what_is_held_and_rows_what_of_it_is_whole(tmp_path):
    fill(tmp_path, 1, 2, 3)
    (rows,) = (tmp_path / "features").rglob("*.rows")
    content = bytearray(rows.read_bytes())
    content[0] ^= 1
    rows.write_bytes(content[:-1])  # the first is damaged, and the last cut off
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert cache.holds(digests(1, 2, 3, 4)).tolist() == [True, True, False, False]
        assert cache.known(digests(1, 2, 3, 4)).tolist() == [False, True, False, False]


def test_digests_are_told_apart_to_their_last_byte(tmp_path):
    alike = ["ab" * 8 + "00" * 24, "ab" * 8 + "00" * 23 + "01", "ab" * 31 + "00", "00" * 32]
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        cache.append(alike, features(0, 1, 2, 3))
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(alike), features(0, 1, 2, 3))
        assert not cache.known(["ab" * 8 + "00" * 23 + "02", "ab" * 32]).any()


def test_a_feature_that_is_not_there_is_named(tmp_path):
    fill(tmp_path, 1)
    with (
        feature_cache(tmp_path, FINGERPRINT) as cache,
        pytest.raises(DamagedIndex, match=digests(2)[0]),
    ):
        cache.read(digests(1, 2))


def test_features_of_another_encoder_are_not_known(tmp_path):
    fill(tmp_path, 1)
    with feature_cache(tmp_path, OTHER) as other:
        assert not other.known(digests(1)).any()
        with feature_cache(tmp_path, FINGERPRINT) as cache:
            for path in cache.folder.iterdir():
                path.rename(other.folder / path.name)
    with feature_cache(tmp_path, OTHER) as other:
        assert not other.known(digests(1)).any()


def test_writers_at_the_same_time_have_files_of_their_own(tmp_path):
    with (
        feature_cache(tmp_path, FINGERPRINT) as one,
        feature_cache(tmp_path, FINGERPRINT) as two,
    ):
        for number in range(0, 10, 2):
            one.append(digests(number), features(number))
            two.append(digests(number + 1), features(number + 1))
        assert one.known(digests(0, 1)).tolist() == [True, False]
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(*range(10))), features(*range(10)))
    assert files(tmp_path) == ["000001.keys", "000001.rows", "000002.keys", "000002.rows"]


def test_a_writer_goes_on_where_another_ended_meanwhile(tmp_path):
    with feature_cache(tmp_path, FINGERPRINT) as late:
        fill(tmp_path, 1, 2)
        fill(tmp_path, 3)
        late.append(digests(4), features(4))
        assert late.known(digests(1, 2, 3, 4)).all()
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(4, 3, 2, 1)), features(4, 3, 2, 1))
    assert files(tmp_path) == ["000001.keys", "000001.rows"]


def test_a_reader_locks_nobody_out(tmp_path):
    fill(tmp_path, 1)
    with feature_cache(tmp_path, FINGERPRINT) as reader:
        fill(tmp_path, 2)
        assert reader.known(digests(1)).all()
    assert files(tmp_path) == ["000001.keys", "000001.rows"]


def test_of_two_copies_the_whole_one_serves(tmp_path):
    with (
        feature_cache(tmp_path, FINGERPRINT) as one,
        feature_cache(tmp_path, FINGERPRINT) as two,
    ):
        one.append(digests(1, 1), features(7, 7))
        two.append(digests(1), features(1))
        folder = one.folder
    with (folder / "000001.rows").open("r+b") as rows:
        rows.write(b"damaged")
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(1)), features(7))
    (folder / "000001.rows").unlink()
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(1)), features(1))


def test_what_was_appended_before_an_error_is_kept(tmp_path):
    def work():
        with feature_cache(tmp_path, FINGERPRINT) as cache:
            cache.append(digests(1), features(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert cache.known(digests(1)).all()


@contextmanager
def files_of_at_most(most_bytes):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_takes_no_more_rows_is_named_and_costs_nothing_else(tmp_path):
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        cache.append(digests(1), features(1))
        with files_of_at_most(20), pytest.raises(OSError, match=r"000001\.rows"):
            cache.append(digests(2, 3), features(2, 3))
        cache.append(digests(4), features(4))
        assert cache.known(digests(1, 2, 3, 4)).tolist() == [True, False, False, True]
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(4, 1)), features(4, 1))


def test_a_disk_that_takes_no_more_keys_is_named_and_costs_nothing_else(tmp_path):
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        cache.append(digests(1, 2), features(1, 2))
        with files_of_at_most(50), pytest.raises(OSError, match=r"000001\.keys"):
            cache.sync()
        cache.append(digests(3), features(3))
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(3, 1, 2)), features(3, 1, 2))


@pytest.mark.parametrize(
    "wrong", [features(1, 2), features(1, dim=4), features(1).astype(np.float64), features(1)[0]]
)
def test_features_of_another_form_are_refused(tmp_path, wrong):
    with (
        feature_cache(tmp_path, FINGERPRINT) as cache,
        pytest.raises(ValueError, match="Expected float32"),
    ):
        cache.append(digests(1), wrong)


def test_what_is_no_digest_is_refused(tmp_path):
    with (
        feature_cache(tmp_path, FINGERPRINT) as cache,
        pytest.raises(ValueError, match="SHA-256"),
    ):
        cache.known(["abcd"])


def test_memory_is_that_of_the_keys(tmp_path):
    count = 20_000
    wide = replace(FINGERPRINT, dim=100)
    with feature_cache(tmp_path, wide) as cache:
        cache.append(digests(*range(count)), np.ones((count, 100), np.float32))
    wanted = digests(5)
    tracemalloc.start()
    with feature_cache(tmp_path, wide) as cache:
        assert cache.known(wanted).all()
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * count


def test_features_that_nobody_needs_are_pruned(tmp_path):
    fill(tmp_path, 1, 2)
    fill(tmp_path, 3, fingerprint=OTHER)
    assert prune_features(tmp_path, {FINGERPRINT.digest}) == 12 + 36
    assert prune_features(tmp_path, {FINGERPRINT.digest}) == 0
    assert [path.name for path in (tmp_path / "features").iterdir()] == [
        f"pocket-{FINGERPRINT.digest}"
    ]
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert np.array_equal(cache.read(digests(1, 2)), features(1, 2))


def test_features_that_are_being_written_are_not_pruned(tmp_path):
    fill(tmp_path, 0)
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        cache.append(digests(1), features(1))
        assert prune_features(tmp_path, set()) == 0
    assert prune_features(tmp_path, set()) == 2 * (12 + 36)


def test_a_cache_pruned_under_its_reader_can_still_be_read_and_written(tmp_path):
    fill(tmp_path, 1)
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert prune_features(tmp_path, set()) == 12 + 36
        assert np.array_equal(cache.read(digests(1)), features(1))
        cache.append(digests(2), features(2))
    with feature_cache(tmp_path, FINGERPRINT) as cache:
        assert cache.known(digests(1, 2)).tolist() == [False, True]


def test_pruning_leaves_alone_what_is_no_cache(tmp_path):
    assert prune_features(tmp_path, set()) == 0
    (tmp_path / "features" / "of-mine").mkdir(parents=True)
    (tmp_path / "features" / f"note-{FINGERPRINT.digest}").touch()
    assert prune_features(tmp_path, set()) == 0
    assert len(list((tmp_path / "features").iterdir())) == 2
