"""A shelf whose old generation answers until the new one is ready."""

import shutil
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from indexer.build import build_index
from indexer.generations import IndexFolder
from indexer.manifest import list_files, read_manifest, write_manifest
from indexer.serving.encoding import EncoderSlot
from indexer.shelf import LOOK_SECONDS, Shelf
from models.encoder import prepare_encoder
from models.precisions import derive
from tests.conftest import draw_picture
from tests.indexer.fixtures import SIZE, draw

# Of other matters than the encoding: the pictures are encoded once for all.
pytestmark = pytest.mark.usefixtures("encoded")


def await_true(holds, what):
    """Wait until something is so."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def log_of(caplog, words):
    """Return how often the shelf has said something."""
    return sum(words in record.getMessage() for record in caplog.records)


@pytest.fixture
def shelf(plan, instance):
    """Return a shelf whose index serves pictures already."""
    build_index(plan, instance)
    shelf = Shelf(instance)
    service = shelf.get("shapes")
    service.search_image(service.image_path(0))
    return shelf


def test_a_shelf_that_nobody_asks_takes_up_a_new_generation(shelf, plan, instance, caplog):
    with caplog.at_level("INFO", "indexer.shelf"):
        built = build_index(plan, instance).generation
        await_true(lambda: log_of(caplog, f"{built} of shapes serves"), "it was not taken up")
    assert shelf.get("shapes").generation == built


def test_no_search_waits_for_a_generation_that_is_being_opened(shelf, plan, instance):
    first = shelf.get("shapes")
    with shelf._name_lock("shapes"):  # as while one is being opened
        built = build_index(plan, instance).generation
        assert shelf.get("shapes") is first
        assert shelf.status()[0].generation == first.generation
    await_true(lambda: shelf.get("shapes").generation == built, "it was not taken up")


def test_a_generation_serves_with_its_encoder_open(shelf, plan, instance):
    first = shelf.get("shapes")
    build_index(replace(plan, precision="bf16"), instance)
    shelf.refresh()
    second = shelf.get("shapes")
    assert second._encoder is not first._encoder
    assert second._encoder.is_open


def test_an_encoder_that_was_never_asked_for_stays_closed(plan, instance):
    build_index(plan, instance)
    shelf = Shelf(instance)
    shelf.get("shapes")
    build_index(replace(plan, precision="bf16"), instance)
    shelf.refresh()
    assert not shelf.get("shapes")._encoder.is_open


def test_an_index_whose_only_service_cannot_encode_any_more_is_opened_at_once(plan, instance):
    build_index(plan, instance)
    shelf = Shelf(instance)
    first = shelf.get("shapes")
    with shelf._name_lock("shapes"):
        built = build_index(plan, instance).generation
        IndexFolder(instance, "shapes").prune(0)
    service = shelf.get("shapes")
    assert not first.path.exists()
    assert service.generation == built


def test_a_damaged_generation_is_tried_once(shelf, plan, instance, caplog):
    first = shelf.get("shapes").generation
    with shelf._name_lock("shapes"):
        (build_index(plan, instance).path / "catalog.sqlite").unlink()
    await_true(lambda: shelf.status()[0].problem, "nobody noticed")
    for _ in range(4):
        time.sleep(LOOK_SECONDS)
        assert shelf.get("shapes").generation == first
    assert log_of(caplog, "is unusable") == 1
    assert "catalog.sqlite" in shelf.status()[0].problem


def test_without_a_whole_generation_the_one_that_is_open_goes_on(shelf, plan, instance, caplog):
    first = shelf.get("shapes")
    with shelf._name_lock("shapes"):
        for path in (first.path, build_index(plan, instance).path):
            (path / "manifest.json").unlink()
    await_true(lambda: shelf.status()[0].problem, "nobody noticed")
    for _ in range(4):
        time.sleep(LOOK_SECONDS)
        assert shelf.get("shapes") is first
    assert log_of(caplog, "goes on serving") == 1
    (status,) = shelf.status()
    assert status.usable
    assert "manifest.json" in status.problem
    built = build_index(plan, instance).generation
    await_true(lambda: shelf.get("shapes").generation == built, "it was not healed")
    assert shelf.status()[0].problem == ""


def test_a_generation_whose_encoder_fails_is_tried_again_later(shelf, plan, instance, monkeypatch):
    monkeypatch.setattr("indexer.serving.opened.RETRY_SECONDS", 1.0)
    first = shelf.get("shapes")
    with shelf._name_lock("shapes"):
        built = build_index(replace(plan, precision="bf16"), instance).path
        shutil.copytree(built, instance / "sound")
        (built / "encoder" / "encoder.xml").unlink()
        (built / "encoder" / "encoder.xml").write_text("<net/>")
        files = tuple(entry for entry in list_files(built) if entry.path != "manifest.json")
        write_manifest(built, replace(read_manifest(built), files=files))
    await_true(lambda: shelf.status()[0].problem, "nobody noticed")
    assert shelf.get("shapes") is first
    assert first.search_image(first.image_path(3)).hits[0].id == 3
    shutil.rmtree(built)
    (instance / "sound").rename(built)
    await_true(lambda: shelf.get("shapes").generation == built.name, "it was given up")
    assert shelf.status()[0].problem == ""


def test_an_index_that_is_removed_is_known_no_longer(shelf, plan, instance):
    (instance / "indexes").rename(instance / "elsewhere")
    shelf.refresh()
    assert shelf.status() == []
    (instance / "elsewhere").rename(instance / "indexes")
    assert shelf.get().name == "shapes"


def test_the_thread_of_a_shelf_ends_with_it(built):
    before = set(threading.enumerate())
    shelf = Shelf(built)
    shelf.get("shapes")
    shelf.get("shapes")
    (thread,) = set(threading.enumerate()) - before
    del shelf
    thread.join(60)
    assert not thread.is_alive()


def test_a_shelf_that_is_not_used_starts_no_thread(built):
    before = threading.active_count()
    Shelf(built).names()
    assert threading.active_count() <= before


@pytest.fixture(scope="module")
def quantised(spec, exported, tmp_path_factory):
    """Return the small network in int8."""
    folder = tmp_path_factory.mktemp("int8") / "encoder"
    pictures = np.stack([draw_picture(seed, SIZE, SIZE) for seed in range(16)])
    derive(prepare_encoder(spec, exported), "int8", folder, pictures)
    return folder


def test_a_network_in_int8_is_kept_compiled(quantised, tmp_path):
    picture = np.array(draw("lines", 1).resize((SIZE, SIZE)))[None]
    first = EncoderSlot(quantised, compiled=tmp_path / "compiled").get().encode(picture)
    (kept,) = (tmp_path / "compiled").iterdir()
    content = kept.read_bytes()
    again = EncoderSlot(quantised, compiled=tmp_path / "compiled").get().encode(picture)
    assert again.tobytes() == first.tobytes()
    assert kept.read_bytes() == content


def test_a_network_in_int8_is_compiled_anew_where_nothing_can_be_written(quantised, tmp_path):
    (tmp_path / "file").write_text("")
    picture = np.array(draw("lines", 1).resize((SIZE, SIZE)))[None]
    expected = EncoderSlot(quantised).get().encode(picture)
    found = EncoderSlot(quantised, compiled=tmp_path / "file" / "compiled").get().encode(picture)
    assert found.tobytes() == expected.tobytes()


def test_a_network_in_fp32_is_not_kept(spec, exported, tmp_path):
    source = prepare_encoder(spec, exported)
    EncoderSlot(source, compiled=tmp_path / "compiled").get()
    assert not (tmp_path / "compiled").exists()
