"""Systems: features of a task by a network or an index, each computed once, against brute force."""

import shutil
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from indexer.evaluation.errors import CannotEncode, EvaluationError
from indexer.evaluation.pictures import pictures_of_folders, pictures_of_index
from indexer.evaluation.systems.base import SystemSpec
from indexer.evaluation.systems.hashing import default_index
from indexer.evaluation.systems.matching import places_of
from indexer.evaluation.systems.naming import with_names
from indexer.evaluation.systems.opening import open_system
from indexer.evaluation.tasks import Picture, Task
from indexer.indexes.exact import ExactIndex
from indexer.opening import open_current
from indexer.shelf import Shelf
from indexer.tuning.targets import Target
from indexer.variants.distortions import DISTORTIONS
from models.encoder import open_encoder, prepare_encoder
from models.images import decode, squash
from models.types import EncoderSpec
from tests.indexer.fixtures import draw_gallery
from tests.once import prepared

BOX = (4.0, 6.0, 50.0, 41.0)


@dataclass(frozen=True)
class Nothing:
    """Says that no picture is right: systems do not ask."""

    count: int

    @property
    def totals(self):
        return np.zeros(self.count, np.int64)

    def relevant(self, rows, ids):
        return np.zeros(ids.shape, bool)

    def ignored(self, rows, ids):
        return None


def task_of(gallery, queries):
    return Task(tuple(gallery), tuple(queries), Nothing(len(queries)))


@pytest.fixture
def found(gallery):
    return pictures_of_folders([gallery]).pictures


@pytest.fixture
def network(spec):
    return SystemSpec(encoder=spec)


@pytest.fixture
def queries(found):
    """Return a whole picture, a part of it, and its copies and those of another."""
    part = replace(found[2], crop=BOX)
    copies = [replace(found[place], distortion=kind) for place in (2, 9) for kind in DISTORTIONS]
    return (found[7], part, *copies, replace(part, distortion="darkened"))


def by_hand(picture, encoder):
    """Return the feature of a picture, decoded and encoded by itself."""
    if picture.distortion:
        pixels = decode(picture.file)
        if picture.crop:
            left, top, right, bottom = map(int, picture.crop)
            pixels = pixels[top:bottom, left:right]
        pixels = squash(DISTORTIONS[picture.distortion](pixels), encoder.size)
    else:
        pixels = decode(picture.file, encoder.size, crop=picture.crop)
    return encoder.encode(pixels[None])[0]


def test_a_network_encodes_gallery_and_queries_in_their_order(
    found, queries, network, instance, tmp_path
):
    system = open_system(network, task_of(found, queries), instance, tmp_path)
    encoder = open_encoder(prepare_encoder(network.encoder, instance / "encoders"))
    assert system.places.tolist() == list(range(24))
    (file,) = tmp_path.glob("*.npy")
    assert np.array_equal(system.store.features, np.load(file))
    assert not system.store.features.flags.owndata
    expected = [by_hand(picture, encoder) for picture in (*found, *queries)]
    features = np.concatenate([system.store.rows(slice(None)), system.queries])
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)
    assert len(np.unique(system.queries.round(4), axis=0)) == len(queries)
    assert (system.name, system.metric, system.index) == ("simple_cnn", "cosine", None)


def test_what_was_encoded_once_is_not_even_read_again(
    found, queries, network, instance, tmp_path, gallery
):
    task = task_of(found, queries)
    first = open_system(network, task, instance, tmp_path)
    shutil.rmtree(gallery)
    told = []
    again = open_system(network, task, instance, tmp_path, progress=told.append)
    assert np.array_equal(first.queries, again.queries)
    assert np.array_equal(first.store.features, again.store.features)
    assert [each.note for each in told if each.stage == "encode"] == ["24 reused"]
    assert not [each for each in told if each.stage == "queries"]


def test_what_a_build_has_encoded_is_not_encoded_again(copied, network, tmp_path):
    pictures = pictures_of_index(open_current(copied, "shapes"))
    told = []
    open_system(network, task_of(pictures, pictures[:3]), copied, tmp_path, progress=told.append)
    assert [each.note for each in told if each.stage == "encode"] == ["24 reused"]


def test_two_systems_of_one_network_do_not_share_a_file(found, network, instance, tmp_path):
    first = open_system(network, task_of(found, found[:1]), instance, tmp_path)
    before = np.array(first.store.features)
    second = open_system(network, task_of(found[:5], found[:1]), instance, tmp_path)
    assert np.array_equal(first.store.features, before)
    assert second.store.count == 5


@pytest.mark.parametrize("change", [{}, {"crop": BOX}, {"distortion": "rotated"}])
def test_pictures_that_cannot_be_encoded_are_named(found, network, instance, tmp_path, change):
    for picture in found[3:5]:
        picture.file.write_bytes(picture.file.read_bytes()[:100])
    asked = [replace(picture, **change) for picture in found[3:6]]
    with pytest.raises(CannotEncode) as error:
        open_system(network, task_of(found[:1], asked), instance, tmp_path)
    assert "2 of 4 pictures" in str(error.value)
    assert f"The first is {found[3].file}: " in str(error.value)
    refused = error.value.refused
    assert {file: each.path for file, each in refused.items()} == {
        each.file: each.name for each in found[3:5]
    }


def test_a_box_that_does_not_fit_is_told_with_its_picture(found, network, instance, tmp_path):
    asked = replace(found[0], crop=(0, 0, 99, 10))
    with pytest.raises(EvaluationError, match=r"60 x 48 pixels, and the box \(0, 0, 99, 10\)"):
        open_system(network, task_of(found, [asked]), instance, tmp_path)


def test_another_precision_is_told_and_gives_other_features(found, network, instance, tmp_path):
    task = task_of(found, found[:2])
    exact = open_system(network, task, instance, tmp_path)
    quick = open_system(network, task, instance, tmp_path, precision="int8")
    assert (exact.facts["precision"], quick.facts["precision"]) == ("fp32", "int8")
    difference = np.abs(exact.queries - quick.queries).max()
    assert 0 < difference < 0.2 * np.abs(exact.queries).max()


def test_an_index_answers_as_its_own_searches(built, tmp_path):
    service = Shelf(built).get("shapes")
    pictures = pictures_of_index(open_current(built, "shapes"))
    queries = [pictures[1], replace(pictures[9], crop=BOX)]
    system = open_system(SystemSpec(index="shapes"), task_of(pictures, queries), built, tmp_path)
    assert system.places.tolist() == list(range(24))
    found = system.index.search(system.queries[0], 10, system.metric)
    answer = service.search_image(pictures[1].file, 10)
    assert [hit.id for hit in answer.hits] == found.ids.tolist()
    np.testing.assert_allclose(found.distances, [hit.distance for hit in answer.hits], atol=1e-6)
    assert system.index_facts["kind"] == "lsh"
    assert (system.index_facts["g"], system.index_facts["h"]) == (4, 3)
    assert "seed" not in system.index_facts
    assert (system.name, system.facts["network"]) == ("index shapes", "simple_cnn")


def test_rows_of_an_index_are_found_wherever_its_pictures_lie(built, tmp_path):
    pictures = pictures_of_index(open_current(built, "shapes"))
    moved = draw_gallery(tmp_path / "moved")
    gallery = pictures_of_folders([moved]).pictures[::-1]
    system = open_system(SystemSpec(index="shapes"), task_of(gallery, []), built, tmp_path)
    assert [gallery[place].sha256 for place in system.places] == [
        picture.sha256 for picture in pictures
    ]
    assert len(set(system.places.tolist())) == 24


def test_of_equal_contents_the_same_file_is_taken_then_the_same_path():
    gallery = [
        picture("a.png", content="1", folder="other"),
        picture("b.png", content="1", folder="mine"),
        picture("c.png", content="1", folder="mine"),
        picture("d.png", content="2", folder="mine"),
    ]
    index = [
        picture("c.png", content="1", folder="mine"),
        picture("a.png", content="1", folder="mine"),
        picture("x.png", content="1", folder="mine"),
        picture("y.png", content="1", folder="mine"),
        picture("z.png", content="3", folder="mine"),
    ]
    assert places_of(index, gallery).tolist() == [2, 0, 1, -1, -1]
    assert places_of(gallery, gallery).tolist() == [0, 1, 2, 3]
    assert places_of(gallery, gallery[::-1]).tolist() == [3, 2, 1, 0]


def picture(name, content, folder):
    return Picture(Path(folder) / name, name, content)


def test_an_index_may_hold_further_pictures_and_lack_none(built, tmp_path):
    pictures = pictures_of_index(open_current(built, "shapes"))
    task = task_of(pictures[2:], [])
    system = open_system(SystemSpec(index="shapes"), task, built, tmp_path)
    assert system.places.tolist() == [-1, -1, *range(22)]
    assert system.rows.tolist() == list(range(2, 24))
    new = replace(pictures[0], sha256="0" * 64, name="new/picture.png")
    with pytest.raises(EvaluationError, match=r"lacks 1 of 23 .* as new/picture\.png"):
        open_system(SystemSpec(index="shapes"), task_of((new, *pictures[2:]), []), built, tmp_path)


def test_the_lsh_of_a_build_is_made_of_any_features(found, network, instance, tmp_path):
    system = open_system(network, task_of(found, found[:4]), instance, tmp_path)
    index, facts = default_index(system, target=Target(1.0))
    assert facts["kind"] == "lsh"
    assert facts["g"] == index.parameters["g"]
    exact = ExactIndex(system.store)
    for query in system.queries:
        near = index.search(query, 5, "cosine").ids
        assert near.tolist() == exact.search(query, 5, "cosine").ids.tolist()


def test_neither_or_both_of_network_and_index_are_refused(found, spec, instance, tmp_path):
    for wrong in (SystemSpec(), SystemSpec(index="a", encoder=spec)):
        with pytest.raises(EvaluationError, match="Name an index or a network"):
            open_system(wrong, task_of(found, []), instance, tmp_path)


def test_pocket_is_evaluated_by_its_bundled_weights(found, instance, tmp_path):
    spec = EncoderSpec(size=64)
    prepared(spec, instance / "encoders")
    system = open_system(SystemSpec(encoder=spec), task_of(found, found[:1]), instance, tmp_path)
    assert system.name == "pocket"
    assert system.facts["weights"].startswith("bundled ")
    assert system.facts["size"] == "64 x 64 pixels"
    distances = ExactIndex(system.store).search(system.queries[0], 24, "cosine")
    assert distances.ids[0] == 0
    assert all(near <= far for near, far in pairwise(distances.distances))


V2 = EncoderSpec("resnet50v2", "imagenet", "conv5_block1_preact_relu")


@pytest.mark.parametrize(
    ("specs", "names"),
    [
        (["mine", EncoderSpec(), V2], ["index mine", "pocket", f"resnet50v2 {V2.layer}"]),
        ([V2, replace(V2, size=448)], [f"resnet50v2 {V2.layer} {px} px" for px in (224, 448)]),
        (
            [EncoderSpec(), EncoderSpec(weights="runs/a.npz"), EncoderSpec("resnet50", "imagenet")],
            ["pocket bundled", "pocket a.npz", "resnet50"],
        ),
        ([EncoderSpec(), EncoderSpec(pooling="gem")], ["pocket avg", "pocket gem"]),
        (
            [EncoderSpec(), EncoderSpec(), "b", "b"],
            ["pocket", "pocket (2)", "index b", "index b (2)"],
        ),
        (
            [EncoderSpec(weights="a/x.npz"), EncoderSpec(weights="b/x.npz")],
            ["pocket", "pocket (2)"],
        ),
    ],
)
def test_names_tell_systems_apart(specs, names):
    made = [
        SystemSpec(index=each) if isinstance(each, str) else SystemSpec(encoder=each)
        for each in specs
    ]
    assert [each.label for each in with_names(made)] == names


def test_what_a_user_calls_a_system_stays():
    mine = SystemSpec(encoder=EncoderSpec(), label="mine")
    assert [each.label for each in with_names([mine, mine, SystemSpec(encoder=EncoderSpec())])] == [
        "mine",
        "mine (2)",
        "pocket",
    ]
