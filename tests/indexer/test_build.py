"""The pipeline from folder to index, with the encoder's own answers as oracle."""

from dataclasses import replace

import numpy as np
import pytest

from indexer.build import build_index
from indexer.catalog import Count
from indexer.errors import BadParameter, EmptyGallery
from indexer.extract import extract
from indexer.features import FeatureWriter, open_features
from indexer.gallery import scan
from indexer.generations import index_names
from indexer.opening import open_current
from models.encoder import open_encoder, prepare_encoder
from models.images import decode
from tests.indexer.fixtures import SIZE, draw


def test_features_are_those_of_the_encoder(built):
    generation = open_current(built, "shapes")
    encoder = open_encoder(generation.encoder)
    root = generation.catalog.roots()[0]
    for number in (0, 9, 23):
        pixels = decode(root / generation.catalog.image(number).path, SIZE)
        expected = encoder.encode(pixels[None])[0]
        assert np.allclose(generation.store.features[number], expected, rtol=1e-4, atol=1e-5)


def test_the_summary_tells_what_was_done(plan, instance, gallery):
    (gallery / "broken.jpg").write_text("no picture")
    (gallery / "empty.png").touch()
    told = []
    summary = build_index(plan, instance, told.append)
    assert (summary.name, summary.images, summary.distractors) == ("shapes", 24, 0)
    assert set(summary.rejected) == {Count("not an image", 1), Count("empty", 1)}
    names = [stage.name for stage in summary.stages]
    assert names == ["encoder", "scan", "encode", "index", "publish"]
    assert summary.images_per_second > 0
    assert 0 < summary.visited_share <= 1
    assert summary.parameters["g"] == 4
    assert summary.path.is_dir()
    assert {item.stage for item in told} == set(names)
    assert [item.done for item in told if item.stage == "encode" and item.total][-1] == 24


def test_batch_size_and_workers_change_nothing(plan, instance):
    tables = []
    for batch_size, workers in ((8, 1), (5, 4), (32, 2)):
        build_index(replace(plan, batch_size=batch_size, workers=workers), instance)
        generation = open_current(instance, "shapes")
        tables.append(generation)
    first = tables[0]
    for other in tables[1:]:
        assert other.catalog.all_images() == first.catalog.all_images()
        assert np.allclose(other.store.features, first.store.features, rtol=1e-4, atol=1e-5)
        w, expected = (item.manifest.parameters["w"] for item in (other, first))
        assert w == pytest.approx(expected, rel=1e-4)


def test_distractors_are_counted(plan, instance, tmp_path):
    (tmp_path / "more").mkdir()
    draw("lines", 77).save(tmp_path / "more" / "1.png")
    summary = build_index(replace(plan, distractors=(tmp_path / "more",)), instance)
    assert (summary.images, summary.distractors) == (25, 1)


def test_an_image_that_cannot_be_decoded_is_rejected_by_the_build(plan, instance, gallery):
    file = gallery / "circles" / "00.png"
    draw("circles", 0).resize((600, 600)).save(file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    summary = build_index(plan, instance)
    assert summary.images == 23
    assert summary.rejected == (Count("damaged", 1),)


def test_a_gallery_without_images_builds_nothing(plan, instance, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(EmptyGallery):
        build_index(replace(plan, sources=(tmp_path / "none",)), instance)
    assert index_names(instance) == []


@pytest.mark.parametrize("wrong", [{"name": "No"}, {"kind": "tree"}, {"batch_size": 0}])
def test_a_wrong_plan_is_refused_at_once(plan, wrong):
    with pytest.raises(BadParameter):
        replace(plan, **wrong)


def test_extraction_keeps_the_order_of_the_scan(gallery, spec, exported, tmp_path):
    encoder = open_encoder(prepare_encoder(spec, exported))
    found = scan([gallery])
    with FeatureWriter(tmp_path / "f.npy", encoder.dim) as writer:
        result = extract(found, encoder, writer, batch_size=7, workers=5)
    assert result.records == found.records
    assert open_features(tmp_path / "f.npy").shape == (24, 256)
    norms = np.linalg.norm(open_features(tmp_path / "f.npy"), axis=1)
    assert np.allclose(result.norms, norms)
