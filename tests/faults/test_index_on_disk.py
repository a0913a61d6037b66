"""What happens to files of an index, and how it is found out: faults 53 to 65."""

import json
import os
import pickle
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

from indexer.arrays import open_array, write_array
from indexer.build import BuildPlan, build_index
from indexer.building.drafts import KEPT
from indexer.errors import DamagedIndex, EncoderMismatch, FormatUnsupported, IndexUnusable
from indexer.generations import IndexFolder
from indexer.indexes.options import IndexOptions
from indexer.manifest import FORMAT, _render, list_files, read_manifest, write_manifest
from indexer.opening import check_index, open_current
from indexer.serving.strength import Strength
from indexer.shelf import Shelf
from tests.indexer.fixtures import draw, draw_gallery

FILES = (
    "catalog.sqlite", "distances.npy", "encoder/encoder.bin", "encoder/encoder.xml",
    "encoder/fingerprint.json", "features.npy", "manifest.json", "norms.npy", "tables/axes.npy",
    "tables/codes.npy", "tables/directory.npy", "tables/factors.npy", "tables/ids.npy",
    "tables/mean.npy", "tables/rotations.npy", "tables/spreads.npy",
)  # fmt: skip
every_file = pytest.mark.parametrize("name", FILES)


@pytest.fixture
def generation(copied):
    """Return the folder of the only generation of a copied index."""
    folder = IndexFolder(copied, "shapes")
    return folder.generation(folder.current())


def require_named(instance, name):
    """Assert that both opening and checking refuse, naming the file."""
    for look in (open_current, check_index):
        with pytest.raises(DamagedIndex, match=f"{name}.*flask index build"):
            look(instance, "shapes")


def rewrite_manifest(generation, **changes):
    """Write a manifest with changed fields and a right checksum."""
    manifest = replace(read_manifest(generation), **changes)
    write_manifest(generation, manifest)


def test_the_list_of_files_is_complete(generation):
    found = {path.relative_to(generation).as_posix() for path in generation.rglob("*.*")}
    assert found == set(FILES)


@every_file
def test_fault_53_a_missing_file_is_named(copied, generation, name):
    (generation / name).unlink()
    require_named(copied, name)


@every_file
@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_fault_54_a_truncated_file_is_named(copied, generation, name, part):
    content = (generation / name).read_bytes()
    (generation / name).write_bytes(content[: int(len(content) * part)])
    require_named(copied, name)


@every_file
@pytest.mark.parametrize("part", [0.01, 0.37, 0.75, 0.9999])
def test_fault_55_one_flipped_bit_is_found(copied, generation, name, part):
    content = bytearray((generation / name).read_bytes())
    content[int(len(content) * part)] ^= 1 << int(part * 7)
    (generation / name).write_bytes(content)
    with pytest.raises(DamagedIndex, match=name):
        check_index(copied, "shapes")
    if name != "features.npy":  # its checksum is left to the check
        with pytest.raises(IndexUnusable, match=name):
            open_current(copied, "shapes")


HUGE = "{'descr': '<f4', 'fortran_order': False, 'shape': (10**15, 10**6), }"
HEADERS = [
    HUGE.replace("10**15", "1" + "0" * 15).replace("10**6", "1000000"),
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 256), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (24,), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (24, 256), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (24, 256), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (24.0, 256), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (24, 256), }",
    "__import__('os').abort()",
    "(" * 400 + ")" * 400,
    "\x00" * 40,
]


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_fault_56_a_hostile_header_is_refused_before_allocating(tmp_path, header):
    text = header.encode().ljust(1017) + b"\n"
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(100)
    (tmp_path / "f.npy").write_bytes(data)
    with pytest.raises(DamagedIndex, match=r"f\.npy"):
        open_array(tmp_path / "f.npy", "<f4", (None, None))


def test_fault_56_a_long_header_is_refused(tmp_path):
    data = b"\x93NUMPY\x02\x00" + (2**31).to_bytes(4, "little") + b"{" * 1000
    (tmp_path / "f.npy").write_bytes(data)
    with pytest.raises(DamagedIndex, match=r"f\.npy"):
        open_array(tmp_path / "f.npy", "<f4", (None, None))


class Payload:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_fault_57_nothing_is_unpickled(copied, generation, tmp_path):
    payload = Payload(tmp_path / "trace")
    np.save(generation / "features.npy", np.array([payload], object), allow_pickle=True)
    (generation / "norms.npy").write_bytes(pickle.dumps(payload))
    files = list_files(generation)
    rewrite_manifest(generation, files=tuple(f for f in files if f.path != "manifest.json"))
    with pytest.raises(DamagedIndex, match="features"):
        open_current(copied, "shapes")
    for name in ("features.npy", "norms.npy"):
        with pytest.raises(DamagedIndex, match=name):
            open_array(generation / name, "<f4", (None,))
    assert not (tmp_path / "trace").exists()


@every_file
def test_fault_58_trailing_bytes_are_refused(copied, generation, name):
    with (generation / name).open("ab") as file:
        file.write(b" ")
    require_named(copied, name)


def test_fault_58_trailing_bytes_are_refused_whatever_the_manifest_says(tmp_path):
    write_array(tmp_path / "f.npy", np.ones((2, 3), np.float32))
    with (tmp_path / "f.npy").open("ab") as file:
        file.write(bytes(12))
    with pytest.raises(DamagedIndex, match="bytes instead of"):
        open_array(tmp_path / "f.npy", "<f4", (None, 3))


def rewrite_distances(generation, shape):
    """Write sampled distances of another shape, and a manifest that says that they are right."""
    write_array(generation / "distances.npy", np.zeros(shape, np.float32))
    files = tuple(entry for entry in list_files(generation) if entry.path != "manifest.json")
    rewrite_manifest(generation, files=files)


def test_a_generation_whose_distances_were_sampled_as_before_serves(copied, generation):
    sampled = np.array(open_current(copied, "shapes").distances)
    rewrite_distances(generation, (2, 1001))
    check_index(copied, "shapes")
    found = open_current(copied, "shapes")
    assert found.distances is None
    expected = Strength(found.store, sampled).percentile(0.2, "cosine")
    assert Shelf(copied).get("shapes").strength.percentile(0.2, "cosine") == expected


@pytest.mark.parametrize("shape", [(2, 1024), (3, 1001), (3, 1023), (0, 0)])
def test_distances_of_another_shape_are_refused_whatever_the_manifest_says(
    copied, generation, shape
):
    rewrite_distances(generation, shape)
    require_named(copied, "distances.npy")


@pytest.fixture(scope="module")
def two_generations(exported, spec, tmp_path_factory):
    """Return an instance with two generations of different galleries and seeds."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(exported, folder / "instance" / "encoders")
    gallery = draw_gallery(folder / "gallery")
    plan = BuildPlan((gallery,), name="shapes", encoder=spec, options=IndexOptions(g=4, h=3))
    build_index(plan, folder / "instance")
    for file in sorted(gallery.rglob("*.png"))[:3]:
        file.write_bytes((gallery / "squares" / "07.png").read_bytes())
    options = IndexOptions(g=4, h=3, seed=5)
    build_index(replace(plan, options=options), folder / "instance")
    return folder / "instance"


@pytest.mark.parametrize("name", [n for n in FILES if "encoder" not in n and "factors" not in n])
def test_fault_59_parts_of_two_generations_are_refused(two_generations, tmp_path, name):
    instance = shutil.copytree(two_generations, tmp_path / "mixed")
    folder = IndexFolder(instance, "shapes")
    old, new = map(folder.generation, folder.generations())
    shutil.copy(old / name, new / name)
    with pytest.raises(DamagedIndex, match=name):
        check_index(instance, "shapes")
    generation = open_current(instance, "shapes")
    assert generation.path == old
    assert name in generation.problem


@pytest.mark.parametrize(
    "change", [{"network": "resnet50"}, {"preprocessing": "caffe"}, {"size": 64}, {"dim": 128}]
)
def test_fault_60_another_encoder_is_refused_with_the_command(copied, generation, change):
    manifest = read_manifest(generation)
    path = generation / "encoder" / "fingerprint.json"
    path.write_text(json.dumps(asdict(manifest.fingerprint) | change))
    files = tuple(entry for entry in list_files(generation) if entry.path != "manifest.json")
    rewrite_manifest(generation, files=files)
    with pytest.raises(EncoderMismatch, match="flask index build"):
        open_current(copied, "shapes")


@pytest.mark.parametrize(
    ("version", "word"), [(FORMAT - 1, "older"), (FORMAT + 1, "newer"), (10**6, "newer")]
)
def test_faults_61_and_62_another_format_is_explained(copied, generation, version, word):
    content = json.loads((generation / "manifest.json").read_text())["content"]
    (generation / "manifest.json").write_text(_render(content | {"format": version}))
    with pytest.raises(FormatUnsupported, match=word) as caught:
        open_current(copied, "shapes")
    assert "flask index build" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"[" * 100_000, b"\xff\xfe"])
def test_fault_55_a_manifest_that_is_none_is_named(copied, generation, content):
    (generation / "manifest.json").write_bytes(content)
    with pytest.raises(DamagedIndex, match=r"manifest\.json"):
        open_current(copied, "shapes")


@pytest.mark.parametrize("name", ["manifest.json", "norms.npy", "catalog.sqlite"])
def test_fault_63_the_generation_before_serves_and_the_status_says_so(plan, instance, name):
    first = build_index(plan, instance).generation
    second = build_index(plan, instance).path
    content = (second / name).read_bytes()
    (second / name).unlink()  # the generation before may have the same file
    (second / name).write_bytes(content + b"x")
    shelf = Shelf(instance)
    assert shelf.get("shapes").generation == first
    assert shelf.get("shapes").search_id(0).hits
    (status,) = shelf.status()
    assert status.usable
    assert name in status.problem


def flip_last_digit(generation):
    """Change one feature by so little that only the checksum can tell."""
    content = bytearray((generation / "features.npy").read_bytes())
    content[-4] ^= 1
    (generation / "features.npy").write_bytes(content)


def test_fault_63_features_found_damaged_after_the_start_serve_no_longer(plan, instance):
    first = build_index(plan, instance).generation
    draw("lines", 50).save(plan.sources[0] / "new.png")
    second = build_index(plan, instance)
    flip_last_digit(second.path)
    shelf = Shelf(instance)
    held = shelf.get("shapes")
    assert held.generation == second.generation
    shelf.verify()
    assert shelf.get("shapes").generation == first
    assert shelf.get("shapes").search_id(0).hits
    assert held.search_id(0).hits
    (status,) = shelf.status()
    assert status.usable
    assert "features.npy is damaged" in status.problem
    third = build_index(plan, instance).generation
    shelf.verify()
    assert shelf.get("shapes").generation == third
    assert shelf.status()[0].problem == ""


def test_fault_55_damaged_features_without_a_generation_before_are_refused(copied, generation):
    flip_last_digit(generation)
    shelf = Shelf(copied)
    shelf.verify()
    with pytest.raises(DamagedIndex, match=r"features\.npy"):
        shelf.get("shapes")
    assert not shelf.status()[0].usable


def test_sound_features_are_verified_without_a_change(built):
    shelf = Shelf(built)
    service = shelf.get("shapes")
    shelf.verify()
    assert shelf.get("shapes") is service


def test_fault_63_a_rebuild_heals(plan, instance):
    build_index(plan, instance)
    second = build_index(plan, instance).path
    shelf = Shelf(instance)
    (second / "norms.npy").unlink()
    third = build_index(plan, instance).generation
    assert shelf.get("shapes").generation == third
    assert shelf.status()[0].problem == ""


@pytest.mark.parametrize("content", [b"", b"nonsense", b"../../../etc\n", b"\xff" * 100])
def test_a_damaged_pointer_is_not_believed(copied, content):
    IndexFolder(copied, "shapes").pointer.write_bytes(content)
    generation = open_current(copied, "shapes")
    assert "current" in generation.problem
    with pytest.raises(DamagedIndex, match="current"):
        check_index(copied, "shapes")


def test_fault_64_an_index_replaced_before_its_first_picture_still_encodes(plan, instance):
    build_index(plan, instance)
    shelf = Shelf(instance)
    first = shelf.get("shapes").path
    for _ in range(KEPT + 1):
        build_index(plan, instance)
    assert not first.exists()
    service = shelf.get("shapes")
    assert service.search_image(service.image_path(3)).hits[0].id == 3


def test_fault_65_a_read_only_folder_serves(copied):
    before = {path: path.stat().st_mtime_ns for path in copied.rglob("*")}
    for path in copied.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        service = Shelf(copied).get()
        assert service.search_image(service.image_path(3)).hits[0].id == 3
        check_index(copied, "shapes")
    finally:
        for path in copied.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    after = {path: path.stat().st_mtime_ns for path in copied.rglob("*")}
    assert after == before
