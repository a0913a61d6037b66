"""A gallery of faces: one of each picture, found alike in building, searching and training."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from indexer.build import BuildPlan, build_index
from indexer.evaluation.errors import CannotEncode
from indexer.evaluation.pictures import pictures_of_index
from indexer.evaluation.systems.base import SystemSpec
from indexer.evaluation.systems.encoding import Means, encode, features_of
from indexer.evaluation.systems.naming import facts_of_features, with_names
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.finetuning.training import fine_tune
from indexer.experiments.pictures.trunks import maps_of, pixels_of
from indexer.experiments.runs.encoders import encoder_of_run
from indexer.features.cache import feature_cache
from indexer.gallery import scan
from indexer.opening import open_current
from indexer.shelf import Shelf
from models.encoder import open_encoder
from models.errors import NoFace
from models.faces import largest_face
from models.images import decode
from models.types import EncoderSpec
from tests.indexer.fixtures import SIZE, draw
from tests.once import export_once
from tests.portraits import draw_portrait

BOX = (8.0, 90.0, 60.0, 150.0)
"""A part of the drawn pictures in which there is no face."""

pytestmark = pytest.mark.usefixtures("untraced")


def draw_faces(folder, per_class=4):
    """Draw a folder of pictures with faces, in two classes, one of which shows two faces each."""
    for kind, places in (("one", ((70, 30, 100),)), ("two", ((20, 30, 110), (160, 70, 60)))):
        (folder / kind).mkdir(parents=True)
        for seed in range(per_class):
            moved = tuple((left + 2 * seed, top + seed, side) for left, top, side in places)
            draw_portrait(moved, seed=seed).save(folder / kind / f"{seed}.png")
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Return a folder of 8 pictures with faces and 2 without."""
    folder = draw_faces(tmp_path_factory.mktemp("faces") / "pictures")
    draw("circles", 1).save(folder / "one" / "circles.png")
    draw_portrait((), seed=5).save(folder / "two" / "waves.png")
    return folder


@pytest.fixture(scope="module")
def asked(spec):
    """Return what to ask for to get the small encoder, of faces."""
    return replace(spec, crop="faces")


@pytest.fixture(scope="module")
def followed(pictures, asked, tmp_path_factory):
    """Return an instance with an index of faces and one of the whole pictures."""
    instance = tmp_path_factory.mktemp("instance")
    for name, encoder in (("faces", asked), ("whole", replace(asked, crop=""))):
        plan = BuildPlan((pictures,), name=name, encoder=encoder, kind="exact", accept=0.5)
        build_index(plan, instance)
    return instance


@pytest.fixture
def encoder(followed):
    return open_encoder(open_current(followed, "faces").encoder)


def test_pictures_without_a_face_are_rejected_with_that_reason(followed):
    faces, whole = (open_current(followed, name) for name in ("faces", "whole"))
    assert (faces.manifest.images, whole.manifest.images) == (8, 10)
    rejections = faces.catalog.rejections()
    assert {(each.path, each.reason) for each in rejections} == {
        ("one/circles.png", "no face"),
        ("two/waves.png", "no face"),
    }
    assert "No face was found in one/circles.png." in rejections[0].detail
    assert faces.manifest.fingerprint.digest != whole.manifest.fingerprint.digest


def test_a_rebuild_of_whole_pictures_takes_those_without_a_face_again(pictures, asked, tmp_path):
    plan = BuildPlan((pictures,), name="it", encoder=asked, kind="exact", accept=0)
    shutil.copytree(export_once(asked), tmp_path / "encoders")
    assert build_index(plan, tmp_path).images == 8
    assert build_index(replace(plan, encoder=replace(asked, crop="")), tmp_path).images == 10


def test_features_are_those_of_the_cut_faces(followed, pictures, encoder):
    generation = open_current(followed, "faces")
    for number, image in enumerate(generation.catalog.all_images()):
        box = largest_face(decode(pictures / image.path))
        cut = encoder.encode(decode(pictures / image.path, SIZE, crop=box)[None])[0]
        assert np.allclose(generation.store.row(number), cut, atol=1e-6)


def test_a_face_is_found_by_a_picture_that_shows_it_elsewhere(followed, tmp_path):
    draw_portrait(((30, 20, 110),), width=400, height=300, seed=40).save(tmp_path / "query.png")
    result = Shelf(followed).get("faces").search_image(tmp_path / "query.png", 8)
    assert len(result.hits) == 8
    assert result.hits[0].distance < 0.1


def test_a_query_without_a_face_is_refused_unless_it_is_a_part(followed, pictures, encoder):
    service, file = Shelf(followed).get("faces"), pictures / "two" / "waves.png"
    with pytest.raises(NoFace, match=r"No face was found in .* looks at the camera"):
        service.search_image(file)
    part = service.search_image(file, 3, crop=BOX)
    expected = encoder.encode(decode(file, SIZE, crop=BOX)[None])[0]
    assert np.allclose(part.feature, expected, atol=1e-6)
    assert len(Shelf(followed).get("whole").search_image(file, 3).hits) == 3


def test_a_part_of_a_query_is_taken_as_it_is(followed, pictures, encoder):
    file = pictures / "one" / "0.png"
    whole = Shelf(followed).get("faces").search_image(file, 1)
    part = Shelf(followed).get("faces").search_image(file, 1, crop=BOX)
    assert whole.hits[0].distance == pytest.approx(0, abs=1e-6)
    assert np.allclose(part.feature, encoder.encode(decode(file, SIZE, crop=BOX)[None])[0])


def test_evaluations_see_faces_and_take_parts_as_they_are(followed, pictures, encoder, tmp_path):
    found = pictures_of_index(open_current(followed, "faces"))[0]
    asked = (found, replace(found, crop=BOX), replace(found, distortion="mirrored"))
    with feature_cache(tmp_path, encoder.fingerprint) as cache:
        encode(asked, encoder, cache, Means())
        features = features_of(asked, cache)
    face = decode(found.file, crop="faces")
    assert np.allclose(features[0], open_current(followed, "faces").store.row(0), atol=1e-6)
    part = encoder.encode(decode(found.file, SIZE, crop=BOX)[None])[0]
    assert np.allclose(features[1], part, atol=1e-6)
    Image.fromarray(face[:, ::-1]).save(tmp_path / "mirrored.png")
    mirrored = encoder.encode(decode(tmp_path / "mirrored.png", SIZE)[None])[0]
    assert np.allclose(features[2], mirrored, atol=1e-6)


def test_evaluations_name_the_pictures_without_a_face(followed, pictures, encoder, tmp_path):
    whole = pictures_of_index(open_current(followed, "whole"))
    with feature_cache(tmp_path, encoder.fingerprint) as cache:
        with pytest.raises(CannotEncode, match=r"2 of 10 pictures .* No face was found") as refusal:
            encode(whole, encoder, cache, Means())
        assert {file.name for file in refusal.value.refused} == {"circles.png", "waves.png"}


def test_tables_tell_faces_from_whole_pictures(asked, encoder):
    systems = with_names([SystemSpec(encoder=asked), SystemSpec(encoder=replace(asked, crop=""))])
    assert [each.label for each in systems] == ["simple_cnn faces", "simple_cnn"]
    assert facts_of_features(encoder.fingerprint)["crop"] == "faces"


def test_what_is_learnt_from_is_kept_apart(pictures, asked, tmp_path):
    found = scan((pictures,))
    kept = {}
    for crop in ("faces", ""):
        spec = replace(asked, crop=crop)
        with pixels_of(found.records, found.roots, SIZE, tmp_path, crop=crop) as shown:
            kept[crop] = len(shown.records)
            for place, record in enumerate(shown.records):
                expected = decode(pictures / record.path, SIZE, crop=crop)
                assert np.array_equal(shown.examples.batch(np.array([place]), 0, 0)[0], expected)
        with maps_of(found.records, found.roots, spec, "pool3", tmp_path) as maps:
            assert len(maps.records) == kept[crop]
            assert {each.reason for each in maps.rejections} <= {"no face"}
    assert kept == {"faces": 8, "": 10}
    assert len(list((tmp_path / "trunks").iterdir())) == 4


def test_whole_pictures_are_kept_where_they_were_before_there_were_faces(pictures, tmp_path):
    found = scan((pictures,))
    with pixels_of(found.records, found.roots, 20, tmp_path):
        assert [each.name for each in (tmp_path / "trunks").iterdir()] == [PIXELS_OF_20]


PIXELS_OF_20 = "pixels-7ce91f79ad771b5b"


def test_a_network_learns_from_faces_and_brings_that_along(tmp_path):
    gallery = draw_faces(tmp_path / "gallery", 6)
    draw("lines", 1).save(gallery / "one" / "lines.png")
    spec = EncoderSpec("simple_cnn", "none", size=SIZE, crop="faces")
    plan = TrainPlan(
        "classifier", (gallery,), spec, "tiny", changes={"epochs": 2}, precision="fp32"
    )
    done = fine_tune(plan, tmp_path / "instance")
    assert [(each.path, each.reason) for each in done.facts.data.left_out] == [
        ("one/lines.png", "no face")
    ]
    assert sum(map(sum, done.facts.classes.values())) == 12
    found = encoder_of_run(tmp_path / "instance", "run:tiny")
    assert (found.crop, found.head) == ("faces", "")
    build = BuildPlan((gallery,), name="it", encoder=found, kind="exact", accept=0)
    assert build_index(build, tmp_path / "instance").images == 12
