"""A feature cache whose writers are killed and whose files are damaged, byte by byte."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import DamagedIndex
from indexer.features.cache import feature_cache
from tests.indexer.test_feature_cache import FINGERPRINT, digests, features, fill

COUNT = 400
WRITE = """
import sys
from pathlib import Path
from indexer.features.cache import feature_cache
from tests.indexer.test_feature_cache import FINGERPRINT, digests, features
instance, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with feature_cache(instance, FINGERPRINT) as cache:
    print("opened", flush=True)
    known = cache.known(digests(*range(count)))
    missing = [number for number in range(count) if not known[number]]
    for start in range(0, len(missing), 4):
        numbers = missing[start : start + 4]
        cache.append(digests(*numbers), features(*numbers))
        if start % 16 == seed * 4:
            cache.sync()
            print(*missing[: start + 4], flush=True)
"""


def start_writer(instance, seed=0, count=COUNT):
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(instance), str(count), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def end(writer):
    """Return the numbers that a writer said were on the disk in its last whole line."""
    lines = writer.communicate(timeout=120)[0].splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    return {int(word) for word in whole[-1].split()} if whole else set()


def require_true(instance, count=COUNT):
    """Assert that what is known is right, and return it."""
    with feature_cache(instance, FINGERPRINT) as cache:
        known = np.flatnonzero(cache.known(digests(*range(count)))).tolist()
        assert np.array_equal(cache.read(digests(*known)), features(*known))
    return set(known)


def require_goes_on(instance, count=COUNT):
    """Assert that the cache can be completed, and that it needs no further segment for it."""
    before = len(list(instance.rglob("*.keys")))
    missing = set(range(count)) - require_true(instance, count)
    fill(instance, *missing)
    assert require_true(instance, count) == set(range(count))
    assert len(list(instance.rglob("*.keys"))) == max(1, before)


def kill_and_check(instance, delays):
    """Kill writers one after the other, and assert that each only lost what it did last."""
    before = require_true(instance)
    writers = [start_writer(instance, seed) for seed in range(len(delays))]
    for writer in writers:
        assert writer.stdout.readline() == "opened\n"
    for writer, delay in zip(writers, delays, strict=True):
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
    promised = [end(writer) for writer in writers]
    after = require_true(instance)
    assert after >= before.union(*promised)
    return after


def test_a_killed_writer_loses_only_what_was_not_synced(tmp_path):
    instants = random.Random(0)
    for _ in range(3):
        kill_and_check(tmp_path, [instants.uniform(0, 0.1)])
    require_goes_on(tmp_path)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_sixty_kills_of_one_to_three_writers(tmp_path):
    instants = random.Random(0)
    instance, kills, counts = tmp_path / "0", 0, set()
    while kills < 60:
        delays = [instants.uniform(0, 0.1) for _ in range(instants.randint(1, 3))]
        counts.add(len(kill_and_check(instance, delays)))
        kills += len(delays)
        if max(counts) == COUNT:
            require_goes_on(instance)
            shutil.rmtree(instance)
            counts.discard(COUNT)
    assert any(0 < count < COUNT for count in counts)


@pytest.fixture
def small(tmp_path):
    """Return an instance with six features, and the two files of its cache."""
    fill(tmp_path, *range(6))
    return tmp_path, sorted(tmp_path.rglob("000001.*"))


def damage(small, number, content):
    """Put other bytes into one of the two files; return what is still known."""
    instance, paths = small
    paths[number].write_bytes(content)
    return require_true(instance, 6)


@pytest.mark.parametrize("number", [0, 1], ids=["keys", "rows"])
def test_a_flipped_byte_costs_one_feature(small, number):
    whole = small[1][number].read_bytes()
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        lost = place * 6 // len(whole)
        assert damage(small, number, flipped) == set(range(6)) - {lost}
        with (
            feature_cache(small[0], FINGERPRINT) as cache,
            pytest.raises(DamagedIndex, match=digests(lost)[0]),
        ):
            cache.read(digests(*range(6)))


@pytest.mark.parametrize("number", [0, 1], ids=["keys", "rows"])
def test_a_cut_file_keeps_the_whole_features_and_takes_new_ones(small, number):
    kept = [path.read_bytes() for path in small[1]]
    for length in range(0, len(kept[number]), 5):
        for path, content in zip(small[1], kept, strict=True):
            path.write_bytes(content)
        known = damage(small, number, kept[number][:length])
        assert known == set(range(length * 6 // len(kept[number])))
        require_goes_on(small[0], 6)


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 36, b"\xff" * 35, b"\xff" * 36, b"x" * 100])
def test_what_is_no_key_at_the_end_of_the_keys_is_passed_over(small, tail):
    """A file system may have noted a length before the bytes."""
    whole = small[1][0].read_bytes()
    assert damage(small, 0, whole + tail) == set(range(6))
    fill(small[0], *range(6, 12))
    assert require_true(small[0], 14) == set(range(12))


def test_rows_without_keys_are_written_over(small):
    instance, (_, rows) = small
    whole = rows.read_bytes()
    assert damage(small, 1, whole + b"rows of a writer that died" * 10) == set(range(6))
    fill(instance, 6)
    assert require_true(instance, 8) == set(range(7))


@pytest.mark.parametrize("number", [0, 1], ids=["keys", "rows"])
def test_a_lost_file_is_no_end(small, number):
    small[1][number].unlink()
    assert require_true(small[0], 6) == set()
    require_goes_on(small[0], 6)
