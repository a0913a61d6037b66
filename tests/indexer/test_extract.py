"""Images become features: each content once, in order, whatever the batches and processes."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from threading import Event, Lock, Thread

import numpy as np
import pytest

from indexer.errors import BuildFailed
from indexer.extract import Extraction, extract, write_features
from indexer.features.cache import FeatureCache, feature_cache
from indexer.features.writing import FeatureWriter, open_features
from indexer.gallery import scan
from indexer.types import Float32, Progress, Scan
from models.encoder import Encoder, open_encoder, prepare_encoder
from models.engines.base import Engine, UInt8
from models.images import decode
from tests.indexer.fixtures import draw
from tests.indexer.test_decoding import children, until


class WatchedEngine:
    """A real engine that notes what it gets, gives odd features of some pictures, and can fail.

    Attributes:
        together: pictures that it has the memory for at once.
        left: calls until it is lost for good.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.shapes: list[tuple[int, ...]] = []
        self.under_way = self.most = 0
        self.together, self.left = 1000, 1000
        self.lock = Lock()

    def encode(self, images: UInt8) -> Float32:
        with self.lock:
            self.shapes.append(images.shape)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self.left -= 1
        try:
            if self.left < 0:
                raise RuntimeError("the device is lost")
            if len(images) > self.together:
                raise RuntimeError("out of memory")
            features = self.engine.encode(images).copy()
            features[images[:, 0, 0, 0] == 14] = np.nan
            features[images[:, 0, 0, 0] == 15] = 0
            return features
        finally:
            with self.lock:
                self.under_way -= 1

    def map(self, images: UInt8) -> Float32:
        return self.engine.map(images)


@pytest.fixture
def engine(spec, exported) -> WatchedEngine:
    """Return the small network's engine."""
    return WatchedEngine(open_encoder(prepare_encoder(spec, exported), latency=False)._engine)


@pytest.fixture
def encoder(engine, spec, exported) -> Encoder:
    """Return the small encoder, watched."""
    fingerprint = open_encoder(prepare_encoder(spec, exported)).fingerprint
    return Encoder(engine, fingerprint)


@pytest.fixture
def cache(encoder, tmp_path) -> Iterator[FeatureCache]:
    """Return an empty cache of features."""
    with feature_cache(tmp_path / "cached", encoder.fingerprint) as opened:
        yield opened


def features_of(extraction: Extraction, cache: FeatureCache) -> Float32:
    """Return the features that a cache has of the images of an extraction."""
    return cache.read([record.sha256 for record in extraction.records])


def one_by_one(found: Scan, encoder: Encoder) -> Float32:
    """Return the features of all pictures, decoded and encoded without any pipeline."""
    files = [found.roots[record.root] / record.path for record in found.records]
    return np.concatenate([encoder.encode(decode(file, encoder.size)[None]) for file in files])


def truncated(lost: int) -> bytes:
    """Return a picture whose header is sound and whose last bytes are lost."""
    content = BytesIO()
    draw("lines", 0).save(content, "BMP")
    return content.getvalue()[:-lost]


@pytest.mark.parametrize(("batch_size", "workers"), [(8, 1), (7, 3), (64, 2), (1, 0)])
def test_features_are_those_of_one_picture_at_a_time(gallery, encoder, cache, batch_size, workers):
    found = scan([gallery])
    result = extract(found, encoder, cache, batch_size=batch_size, workers=workers)
    assert result == Extraction(found.records, (), reused=0, computed=24)
    assert np.allclose(features_of(result, cache), one_by_one(found, encoder), rtol=1e-5, atol=1e-5)


def test_fault_52_features_do_not_depend_on_batches_and_processes(gallery, encoder, tmp_path):
    found = scan([gallery])
    every = []
    for number, (batch_size, workers) in enumerate([(8, 1), (7, 3), (64, 2)]):
        with feature_cache(tmp_path / str(number), encoder.fingerprint) as cache:
            result = extract(found, encoder, cache, batch_size=batch_size, workers=workers)
            every.append(features_of(result, cache).tobytes())
    assert every[1:] == every[:1] * 2


def test_batches_are_full_but_the_last_and_few_are_under_way(gallery, encoder, engine, cache):
    extract(scan([gallery]), encoder, cache, batch_size=7)
    assert sorted(shape[0] for shape in engine.shapes) == [3, 7, 7, 7]
    assert 1 <= engine.most <= 2


def test_what_is_cached_is_neither_decoded_nor_encoded(gallery, encoder, engine, cache):
    found = scan([gallery])
    first = extract(found, encoder, cache)
    engine.shapes.clear()
    shutil.rmtree(gallery)
    assert extract(found, encoder, cache) == replace(first, reused=24, computed=0)
    assert engine.shapes == []


def test_what_was_computed_before_an_interrupt_is_reused(gallery, encoder, cache):
    found = scan([gallery])

    def interrupt(progress: Progress) -> None:
        if progress.done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(found, encoder, cache, batch_size=5, progress=interrupt)
    assert children() == []
    result = extract(found, encoder, cache, batch_size=5)
    assert (result.records, result.reused, result.computed) == (found.records, 10, 14)


def test_equal_contents_are_encoded_once(gallery, encoder, engine, cache):
    for number in range(5):
        shutil.copy(gallery / "lines" / "00.png", gallery / f"copy-{number}.png")
    found = scan([gallery])
    told: list[Progress] = []
    result = extract(found, encoder, cache, batch_size=1, progress=told.append)
    assert (len(result.records), result.computed, len(engine.shapes)) == (29, 24, 24)
    assert [told[0].done, told[-1].done, told[-1].total] == [0, 29, 29]


def test_a_content_is_taken_from_where_it_still_is(gallery, encoder, cache):
    for number in (1, 2):
        shutil.copy(gallery / "circles" / "00.png", gallery / "circles" / f"00-{number}.png")
    found = scan([gallery])
    for name in ("00-1.png", "00-2.png"):  # the first two of the three, in their order
        (gallery / "circles" / name).write_bytes(b"another")
    result = extract(found, encoder, cache, batch_size=8)
    assert [(each.path, each.reason) for each in result.rejections] == [
        ("circles/00-1.png", "changed"),
        ("circles/00-2.png", "changed"),
    ]
    assert len(result.records) == 24


def test_every_copy_of_a_damaged_picture_is_named(gallery, encoder, cache):
    for name in ("a.bmp", "b.bmp", "c.bmp"):
        (gallery / name).write_bytes(truncated(40))
    found = scan([gallery])
    told: list[Progress] = []
    result = extract(found, encoder, cache, batch_size=8, progress=told.append)
    assert [each.path for each in result.rejections] == ["a.bmp", "b.bmp", "c.bmp"]
    assert all(f"{each.path} is a damaged" in each.detail for each in result.rejections)
    assert (told[-1].done, told[-1].total, told[-1].rejected) == (27, 27, 3)


def test_progress_counts_what_was_rejected_before(gallery, encoder, cache):
    (gallery / "empty.png").write_bytes(b"")
    told: list[Progress] = []
    extract(scan([gallery]), encoder, cache, batch_size=8, progress=told.append)
    extract(scan([gallery]), encoder, cache, batch_size=8, progress=told.append)
    assert told == [
        *(Progress("encode", done, 24, "", 1) for done in (0, 8, 16, 24)),
        Progress("encode", 24, 24, "24 reused", 1),
    ]


def test_a_batch_without_any_sound_picture_is_not_encoded(tmp_path, encoder, engine, cache):
    (tmp_path / "g").mkdir()
    for number in range(3):
        (tmp_path / "g" / f"{number}.bmp").write_bytes(truncated(40 + number))
    result = extract(scan([tmp_path / "g"]), encoder, cache)
    assert (result.records, len(result.rejections), engine.shapes) == ((), 3, [])


def test_fault_50_a_feature_of_nan_or_zeros_is_rejected_with_its_file(tmp_path, encoder, cache):
    (tmp_path / "g").mkdir()
    for number in range(10, 18):
        image = draw("circles", number)
        image.paste((number, 99, 99), (0, 0, 20, 20))
        image.save(tmp_path / "g" / f"{number}.png")
    result = extract(scan([tmp_path / "g"]), encoder, cache, batch_size=4)
    assert [(item.path, item.reason) for item in result.rejections] == [
        (f"{number}.png", "no feature") for number in (14, 15)
    ]
    assert [record.path for record in result.records] == [
        f"{number}.png" for number in (10, 11, 12, 13, 16, 17)
    ]
    assert np.isfinite(features_of(result, cache)).all()


def test_an_engine_short_of_memory_gets_pictures_one_by_one(
    gallery, encoder, engine, cache, caplog
):
    found, engine.together = scan([gallery]), 1
    result = extract(found, encoder, cache, batch_size=9)
    assert result == Extraction(found.records, (), reused=0, computed=24)
    assert np.allclose(features_of(result, cache), one_by_one(found, encoder), rtol=1e-5, atol=1e-5)
    assert {shape[0] for shape in engine.shapes} == {1, 6, 9}
    assert "out of memory" in caplog.text


def test_an_engine_that_is_lost_ends_the_build_and_rejects_nothing(gallery, encoder, engine, cache):
    found, engine.left = scan([gallery]), 3
    with pytest.raises(BuildFailed, match=r"the device is lost.*no fault of the picture.*goes on"):
        extract(found, encoder, cache, batch_size=4)
    assert children() == []
    engine.left = 1000
    result = extract(found, encoder, cache, batch_size=4)
    assert (result.records, result.rejections) == (found.records, ())
    assert result.reused + result.computed == 24
    assert result.reused >= 4


def test_features_are_written_in_the_order_of_the_records(
    gallery, encoder, cache, tmp_path, monkeypatch
):
    monkeypatch.setattr("indexer.extract.BLOCK_BYTES", 5 * 4 * encoder.dim)
    records = extract(scan([gallery]), encoder, cache).records[::-1]
    with FeatureWriter(tmp_path / "f.npy", encoder.dim) as writer:
        norms = write_features(records, cache, writer)
    written = open_features(tmp_path / "f.npy", 24, encoder.dim)
    assert np.array_equal(written, cache.read([record.sha256 for record in records]))
    assert np.allclose(norms, np.linalg.norm(written, axis=1))


def test_features_are_reduced_as_they_are_written(gallery, encoder, cache, tmp_path):
    records = extract(scan([gallery]), encoder, cache).records
    with FeatureWriter(tmp_path / "f.npy", 3) as writer:
        norms = write_features(records, cache, writer, lambda rows: rows[:, :3] + 1)
    written = open_features(tmp_path / "f.npy", 24, 3)
    whole = cache.read([record.sha256 for record in records])
    assert np.array_equal(written, whole[:, :3] + 1)
    assert np.allclose(norms, np.linalg.norm(written, axis=1))


def test_no_records_write_an_empty_file(encoder, cache, tmp_path):
    with FeatureWriter(tmp_path / "f.npy", encoder.dim) as writer:
        assert write_features((), cache, writer).shape == (0,)
    assert open_features(tmp_path / "f.npy").shape == (0, encoder.dim)


@contextmanager
def killing(times: int) -> Iterator[None]:
    """Kill the processes that decode, so many times, as soon as there are any."""
    ended = Event()

    def kill() -> None:
        for _ in range(times):
            until(lambda: children() or ended.is_set())
            for pid in children():
                os.kill(pid, signal.SIGKILL)
            until(lambda: not children() or ended.is_set())

    killer = Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        ended.set()
        killer.join()


def test_fault_51_killed_processes_change_nothing(gallery, encoder, cache):
    found = scan([gallery])
    with killing(times=3):
        result = extract(found, encoder, cache, batch_size=2, workers=2)
    assert result == Extraction(found.records, (), reused=0, computed=24)
    assert np.allclose(features_of(result, cache), one_by_one(found, encoder), rtol=1e-5, atol=1e-5)
