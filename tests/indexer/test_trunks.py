"""Maps of a trunk are computed once, by content, and found again whatever happened meanwhile."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.experiments.pictures import rows
from indexer.experiments.pictures.trunks import maps_of, pixels_of
from indexer.features import segments
from indexer.features.cache import FeatureCache
from indexer.gallery import scan
from indexer.types import DEFAULT_LIMITS, silent
from indexer.unneeded import prune_unneeded
from models.encoder import open_encoder
from models.errors import TrainingRefused
from models.images import decode
from models.training.augmenting import variants
from models.training.machine import served_encoder
from tests.indexer.fixtures import SIZE

CUT = "pool3"
SHAPE = (4, 4, 128)


@pytest.fixture
def found(gallery):
    """Return the scan of the small gallery."""
    return scan((gallery,))


@pytest.fixture
def expected(spec, instance, found):
    """Return what computes the maps of a variant of all pictures, float16 (n, 4, 4, 128)."""
    trunk = open_encoder(served_encoder(replace(spec, layer=CUT), instance / "encoders"))
    pictures = [decode(found.roots[each.root] / each.path, SIZE) for each in found.records]

    def maps(variant=0):
        return trunk.map(variants(np.stack(pictures), variant, 0)).astype(np.float16)

    return maps


def shown(examples, variant=0):
    """Return one variant of all pictures."""
    places = np.arange(len(examples))
    return examples.maps[places, np.full_like(places, variant)]


def notes(told):
    return [each.note for each in told]


def stored(instance, kind="rows"):
    return sorted((instance / "trunks").glob(f"*/*.{kind}"))


def test_maps_are_those_of_the_trunk_as_float16(spec, instance, found, expected):
    with maps_of(found.records, found.roots, spec, CUT, instance, variants=2) as made:
        assert made.records == found.records
        assert made.rejections == ()
        assert (len(made.examples), made.examples.shape) == (24, SHAPE)
        assert made.examples.maps.shape == (24, 3, *SHAPE)
        assert shown(made.examples).dtype == np.float16
        for variant in range(3):
            close = np.allclose(
                shown(made.examples, variant), expected(variant), rtol=2e-3, atol=1e-3
            )
            assert close
        order = np.array([5, 0, 5])
        assert np.array_equal(made.examples.plain().batch(order, 0, 0), shown(made.examples)[order])


def test_what_was_computed_is_found_again_and_only_the_rest_computed(spec, instance, found):
    def maps(records, variants, told=None):
        told = [] if told is None else told
        with maps_of(
            records, found.roots, spec, CUT, instance, variants=variants, progress=told.append
        ) as made:
            return shown(made.examples, variants), told

    maps(found.records[:10], 0)
    size = stored(instance)[0].stat().st_size
    assert size == 10 * 2 * np.prod(SHAPE)
    _, told = maps(found.records, 0)
    assert (told[0].done, told[-1].done, told[-1].total) == (10, 24, 24)
    first, _ = maps(found.records, 1)
    size = stored(instance)[0].stat().st_size
    assert size == 48 * 2 * np.prod(SHAPE)
    again, told = maps(found.records, 1)
    assert np.array_equal(first, again)
    assert [each.done for each in told] == [24]
    assert stored(instance)[0].stat().st_size == size


def test_pictures_of_equal_content_share_their_maps(spec, instance, gallery):
    shutil.copytree(gallery / "lines", gallery / "copies")
    found = scan((gallery,))
    with maps_of(found.records, found.roots, spec, CUT, instance) as made:
        assert len(made.examples) == 32
        by_content = {}
        for record, each in zip(made.records, shown(made.examples), strict=True):
            assert np.array_equal(by_content.setdefault(record.sha256, each), each)
    assert stored(instance)[0].stat().st_size == 24 * 2 * np.prod(SHAPE)


def test_pictures_that_cannot_be_read_are_rejected_with_their_reason(spec, instance, gallery):
    found = scan((gallery,))
    (gallery / "lines" / "03.png").write_bytes(b"no picture any more")
    (gallery / "lines" / "04.png").unlink()
    with maps_of(found.records, found.roots, spec, CUT, instance, variants=1) as made:
        assert [each.path for each in made.rejections] == ["lines/03.png", "lines/04.png"]
        assert {each.reason for each in made.rejections} == {"changed"}
        assert len(made.examples) == len(made.records) == 22
        kept = {each.path for each in made.records}
        assert kept == {each.path for each in found.records} - {"lines/03.png", "lines/04.png"}


def test_a_picture_is_upright_before_it_is_shown(spec, instance, tmp_path):
    (tmp_path / "turned").mkdir()
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8))
    picture.save(tmp_path / "turned" / "upright.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = picture.transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "turned" / "lying.png", exif=exif)
    found = scan((tmp_path / "turned",))
    with maps_of(found.records, found.roots, spec, CUT, instance) as made:
        one, other = shown(made.examples)
        assert np.array_equal(one, other)


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_map_is_computed_again(damage, spec, instance, found):
    with maps_of(found.records, found.roots, spec, CUT, instance) as made:
        before = shown(made.examples)
    file = stored(instance)[0]
    content = bytearray(file.read_bytes())
    content[5000] ^= 1
    {
        "flip": lambda: file.write_bytes(content),
        "cut": lambda: file.write_bytes(content[:-100]),
        "remove": file.unlink,
    }[damage]()
    with maps_of(found.records, found.roots, spec, CUT, instance) as made:
        assert np.array_equal(shown(made.examples), before)


def test_a_map_that_is_damaged_while_it_is_learnt_from_is_computed_again(spec, instance, found):
    with maps_of(found.records, found.roots, spec, CUT, instance, variants=1) as made:
        before = shown(made.examples, 1)
        with stored(instance)[0].open("r+b") as file:
            file.write(b"damaged" * 2000)
        assert np.array_equal(shown(made.examples, 1), before)
        assert np.array_equal(shown(made.examples, 1), before)


def test_a_damaged_map_of_a_picture_that_is_gone_is_an_error(spec, instance, gallery):
    found = scan((gallery,))
    with maps_of(found.records, found.roots, spec, CUT, instance) as made:
        with stored(instance)[0].open("r+b") as file:
            file.write(b"damaged" * 2000)
        shutil.rmtree(gallery)
        with pytest.raises(TrainingRefused, match="Put the picture back"):
            shown(made.examples)


def test_no_map_is_read_before_it_is_asked_for(spec, instance, found, monkeypatch):
    """A start costs a look at the keys, however many maps there are."""
    with maps_of(found.records, found.roots, spec, CUT, instance):
        pass
    offsets = []
    monkeypatch.setattr(segments.os, "preadv", recorded(os.preadv, offsets, stored(instance)[0]))
    with maps_of(found.records, found.roots, spec, CUT, instance) as made:
        assert offsets == []
        made.examples.plain().batch(np.array([3]), 0, 0)
        assert len(offsets) == 1


def recorded(read, offsets, file):
    """Return a function that reads as `read` does, and notes where in a file."""

    def noting(descriptor, buffers, offset):
        if os.path.samestat(os.fstat(descriptor), file.stat()):
            offsets.append(offset)
        return read(descriptor, buffers, offset)

    return noting


def test_pictures_that_are_only_measured_with_have_no_variants(spec, instance, found, expected):
    varied = np.arange(24) % 3 > 0
    with maps_of(
        found.records, found.roots, spec, CUT, instance, variants=2, varied=varied
    ) as made:
        assert made.examples.maps.shape == (24, 3, *SHAPE)
        plain = shown(made.examples)
        for variant in range(3):
            seen = shown(made.examples, variant)
            assert np.array_equal(seen[~varied], plain[~varied])
            assert np.allclose(seen[varied], expected(variant)[varied], rtol=2e-3, atol=1e-3)
    assert stored(instance)[0].stat().st_size == (16 * 3 + 8) * 2 * np.prod(SHAPE)


@pytest.mark.parametrize("variants", [0, 1, 2, 4, 8, 15])
def test_whole_requests_are_computed(variants, found, instance):
    """All views of a batch are computed in one call, and fill it but for the last pictures."""
    asked = []

    def compute(pixels):
        asked.append(len(pixels))
        return np.zeros((len(pixels), 10), np.float32)

    with closing(FeatureCache(instance / "rows", "it", 10)) as cache:
        pictures = rows.Pictures(found.records, found.roots, 20, "", DEFAULT_LIMITS, 1)
        views = rows.Views(variants)
        rows.keep(pictures, cache, (10,), views, compute, silent, request=4)
    assert sum(asked) == 24 * (variants + 1)
    assert sorted(count % 4 for count in asked)[:-1] == [0] * (len(asked) - 1)


def test_a_disk_without_room_is_refused_with_the_size(spec, instance, found, monkeypatch):
    full = shutil.disk_usage(instance)._replace(free=1000)
    monkeypatch.setattr(rows.shutil, "disk_usage", lambda path: full)
    with (
        pytest.raises(TrainingRefused, match=r"24 pictures in 9 views, 4 kB each.*--variants"),
        maps_of(found.records, found.roots, spec, CUT, instance, variants=8),
    ):
        pass


def test_maps_too_great_for_float16_are_rejected(spec, instance, found, tmp_path):
    arrays = dict(np.load(spec.weights))
    arrays["conv3/bias"][:] = 1e5
    np.savez(tmp_path / "great.npz", **arrays)
    great = replace(spec, weights=str(tmp_path / "great.npz"))
    with maps_of(found.records, found.roots, great, CUT, instance, variants=1) as made:
        assert len(made.examples) == 0
        assert {each.reason for each in made.rejections} == {"no feature"}
        assert len(made.rejections) == 24


def test_pruning_removes_maps_but_not_those_being_written(spec, instance, found):
    with maps_of(found.records, found.roots, spec, CUT, instance):
        assert prune_unneeded(instance) == 0
    size = sum(path.stat().st_size for path in stored(instance) + stored(instance, "keys"))
    assert prune_unneeded(instance) == size > 0
    assert stored(instance) == []


def test_squashed_pictures_are_those_of_the_decoder(instance, found):
    for _ in range(2):
        with pixels_of(found.records, found.roots, 20, instance) as made:
            assert (len(made.examples), made.examples.shape) == (24, (20, 20, 3))
            pixels = made.examples.batch(np.array([7, 2]), 0, 0)
            for row, place in zip(pixels, (7, 2), strict=True):
                record = found.records[place]
                assert np.array_equal(row, decode(found.roots[record.root] / record.path, 20))


COMPUTE = """
import sys
from pathlib import Path
from indexer.experiments.pictures import rows
from indexer.experiments.pictures.trunks import maps_of
from indexer.features import segments
from indexer.features.cache import FeatureCache
from indexer.gallery import scan
from indexer.types import DEFAULT_LIMITS, silent
from models.types import EncoderSpec
rows.MOST_PICTURES = 1
found = scan((Path(sys.argv[1]),))
spec = EncoderSpec("simple_cnn", sys.argv[3], size=int(sys.argv[4]))
told = lambda progress: print(progress.done, flush=True)
with maps_of(found.records, found.roots, spec, sys.argv[5], Path(sys.argv[2]), variants=3,
             workers=1, progress=told):
    print("done", flush=True)
"""


def test_a_killed_computation_goes_on_and_ends_with_the_same_maps(spec, instance, gallery, found):
    with maps_of(found.records, found.roots, spec, CUT, instance, variants=3) as made:
        whole = [shown(made.examples, variant) for variant in range(4)]
    shutil.rmtree(instance / "trunks")
    arguments = [str(gallery), str(instance), spec.weights, str(spec.size), CUT]
    process = subprocess.Popen(
        [sys.executable, "-c", COMPUTE, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    for line in process.stdout:
        if line.strip() not in ("0", "done"):
            break
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with maps_of(found.records, found.roots, spec, CUT, instance, variants=3) as made:
        for variant in range(4):
            assert np.array_equal(shown(made.examples, variant), whole[variant])
