"""Ground truth: every published layout is read, kept in the instance, and refused when damaged."""

import json
import pickle

import pytest

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.holidays import of_names
from indexer.evaluation.groundtruth.layouts import published
from indexer.evaluation.groundtruth.model import GroundTruth, Query, stem_of
from indexer.evaluation.groundtruth.reading import benchmark_name, read_ground_truth
from indexer.evaluation.groundtruth.storing import (
    ground_truth_names,
    import_ground_truth,
    stored_ground_truth,
)

OXFORD = Query("tower_1", (136.5, 34.1, 648.5, 955.7), ("tower_1",), ("tower_2",), ("mill_1",))


def write_text(folder, name="tower_a", query="oxc1_tower_1 136.5 34.1 648.5 955.7\n"):
    folder.mkdir(exist_ok=True)
    lists = {"query": query, "good": "tower_1\n", "ok": "tower_2\n\n", "junk": "mill_1\r\n"}
    for kind, text in lists.items():
        (folder / f"{name}_{kind}.txt").write_text(text, newline="")
    return folder


def revisited():
    entry = {"bbx": [1, 2, 30.5, 40], "easy": [0], "hard": [2, 1], "junk": [3]}
    names = ["a", "b", "c", "d"]
    return {"gnd": [entry], "imlist": names, "qimlist": ["q"], "gnd_fname": "x", "dir": None}


def pickled(file, document, protocol=2):
    file.write_bytes(pickle.dumps(document, protocol))
    return file


def test_text_files_of_oxford_are_read(tmp_path):
    assert read_ground_truth(write_text(tmp_path / "gt")) == GroundTruth("gt", (OXFORD,))


def test_text_files_of_paris_have_no_prefix(tmp_path):
    write_text(tmp_path / "gt", "b", "paris_defense_000605 130 17 843 732")
    folder = write_text(tmp_path / "gt", "a")
    first, second = read_ground_truth(folder).queries
    assert (first.image, second.image) == ("tower_1", "paris_defense_000605")
    assert second.box == (130, 17, 843, 732)


@pytest.mark.parametrize("kind", ["good", "ok", "junk"])
def test_a_missing_text_file_is_named(tmp_path, kind):
    folder = write_text(tmp_path / "gt")
    (folder / f"tower_a_{kind}.txt").unlink()
    with pytest.raises(BadGroundTruth, match=f"tower_a_{kind}.txt cannot be read: No such file"):
        read_ground_truth(folder)


@pytest.mark.parametrize(
    "query", ["", "tower_1 1 2 3", "tower_1 1 2 3 x", "tower_1 9 2 3 4", "tower_1 1 2 inf 4"]
)
def test_a_query_without_a_box_is_refused(tmp_path, query):
    with pytest.raises(BadGroundTruth, match=r"tower_a_query\.txt: .* Received: "):
        read_ground_truth(write_text(tmp_path / "gt", query=query))


def test_a_folder_without_queries_is_refused(tmp_path):
    with pytest.raises(BadGroundTruth, match=r"holds no file \*_query\.txt"):
        read_ground_truth(tmp_path)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "gnd.mat").write_bytes(b"MATLAB")
    with pytest.raises(
        BadGroundTruth, match=r"a \.pkl, \.json or \.dat file\. Received: .*gnd.mat"
    ):
        read_ground_truth(tmp_path / "gnd.mat")
    with pytest.raises(BadGroundTruth, match="absent does not exist"):
        read_ground_truth(tmp_path / "absent")
    with pytest.raises(BadGroundTruth, match=r"absent\.pkl cannot be read"):
        read_ground_truth(tmp_path / "absent.pkl")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_dicts_are_read(tmp_path, protocol):
    document = {
        "imlist": ["tower_1", "tower_2", "mill_1"],
        "qimlist": ["tower_1"],
        "gnd": [{"bbx": [136.5, 34.1, 648.5, 955.7], "ok": [0, 1], "junk": [2]}],
        "qidx": [0],
    }
    truth = read_ground_truth(pickled(tmp_path / "gnd_small.pkl", document, protocol))
    query = Query("tower_1", OXFORD.box, ok=("tower_1", "tower_2"), junk=("mill_1",))
    assert truth == GroundTruth("small", (query,), ("tower_1", "tower_2", "mill_1"))
    assert not truth.revisited


def test_revisited_dicts_are_read(tmp_path):
    truth = read_ground_truth(pickled(tmp_path / "gnd_rsmall.pkl", revisited()))
    query = Query("q", (1, 2, 30.5, 40), easy=("a",), hard=("c", "b"), junk=("d",))
    assert truth == GroundTruth("rsmall", (query,), ("a", "b", "c", "d"))
    assert truth.revisited


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"gnd": []}, "Received: 1 pictures and 0 dicts"),
        ({"qimlist": [], "gnd": []}, "Received: 0 pictures"),
        ({"imlist": None}, "imlist must be a list. Received: None"),
        ({"imlist": ["a", 3]}, "imlist lists names. Received: 3"),
        ({"gnd": ["x"]}, "query q: expected a dict.* Received: 'x'"),
        ({"gnd": [{"bbx": [1, 2, 3, 4]}]}, "expected the lists ok and junk"),
        ({"gnd": [{"ok": [4]}]}, "from 0 to 3. Received: 4"),
        ({"gnd": [{"ok": [-1]}]}, "Received: -1"),
        ({"gnd": [{"ok": [True]}]}, "Received: True"),
        ({"gnd": [{"ok": [0], "bbx": [1, 2, 3]}]}, "a box is its left"),
        ({"gnd": [{"ok": [0], "bbx": [4, 2, 3, 5]}]}, "a box is its left"),
        ({"gnd": [{"ok": {"a": 1}}]}, "ok must be a list. Received: a dict"),
    ],
)
def test_dicts_of_another_layout_are_refused(change, wanted):
    with pytest.raises(BadGroundTruth, match=wanted):
        published({**revisited(), **change}, "x", "x.pkl")


def test_a_pickle_that_holds_no_dict_is_refused(tmp_path):
    with pytest.raises(BadGroundTruth, match=r"gnd_x\.pkl: expected a dict.* Received: a list"):
        read_ground_truth(pickled(tmp_path / "gnd_x.pkl", [1]))


def test_the_list_of_holidays_is_read(tmp_path):
    file = tmp_path / "holidays_images.dat"
    file.write_text("100000.jpg\n100001.jpg 3 x\n\n100100.jpg\n100101.jpg\n100102.jpg")
    truth = read_ground_truth(file)
    assert truth.queries == (
        Query("100000", good=("100001",), junk=("100000",)),
        Query("100100", good=("100101", "100102"), junk=("100100",)),
    )
    assert truth.images == ("100000", "100001", "100100", "100101", "100102")


def test_holidays_is_made_of_names_alone_whatever_their_order():
    truth = of_names(["b/100101.JPG", "a.jpg", "x/100100.jpg", "100201.png"], "The gallery")
    assert truth.queries == (Query("100100", good=("100101",), junk=("100100",)),)


def test_a_list_that_is_not_of_holidays_is_refused(tmp_path):
    file = tmp_path / "names.dat"
    file.write_text("100000.jpg\ntower_1.jpg\n")
    with pytest.raises(BadGroundTruth, match=r"names\.dat, name 2: .* Received: 'tower_1\.jpg'"):
        read_ground_truth(file)
    file.write_text("100001.jpg\n")
    with pytest.raises(BadGroundTruth, match=r"names\.dat names no query"):
        read_ground_truth(file)


def test_names_are_matched_without_folder_and_suffix():
    names = ["a/b/tower.v1.JPG", "tower.v1", "tower.v1.png", "x/tower.v1.jpeg"]
    assert {stem_of(name) for name in names} == {"tower.v1"}


@pytest.mark.parametrize("layout", ["text", "pickle", "revisited", "holidays"])
def test_what_was_imported_is_what_was_published(tmp_path, layout):
    source = tmp_path / "source"
    match layout:
        case "text":
            write_text(source)
        case "holidays":
            source = tmp_path / "names.dat"
            source.write_text("1000.jpg\n1001.jpg\n")
        case _:
            source = pickled(tmp_path / "gnd_é.pkl", revisited())
    file = import_ground_truth(source, tmp_path / "instance", "mine")
    assert file == tmp_path / "instance/groundtruth/mine.json"
    wanted = read_ground_truth(source)
    assert stored_ground_truth(tmp_path / "instance", "mine") == wanted
    assert read_ground_truth(file) == wanted
    assert [path.name for path in file.parent.iterdir()] == ["mine.json"]


def test_a_failed_import_leaves_what_was_there(tmp_path):
    file = import_ground_truth(write_text(tmp_path / "gt"), tmp_path, "mine")
    before = file.read_bytes()
    with pytest.raises(BadGroundTruth):
        import_ground_truth(tmp_path / "absent", tmp_path, "mine")
    assert file.read_bytes() == before


def test_names_of_what_is_stored_are_listed(tmp_path):
    assert ground_truth_names(tmp_path) == []
    import_ground_truth(write_text(tmp_path / "gt"), tmp_path, "oxford5k")
    assert ground_truth_names(tmp_path) == ["oxford5k"]
    with pytest.raises(BadGroundTruth, match=r"no ground truth 'paris6k' in .*known: oxford5k"):
        stored_ground_truth(tmp_path, "paris6k")


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "x" * 65])
def test_names_that_no_file_may_have_are_refused(tmp_path, name):
    with pytest.raises(BadGroundTruth, match="A ground truth's name has up to 64"):
        import_ground_truth(write_text(tmp_path / "gt"), tmp_path, name)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"queries": None},
        {"queries": [{"image": "a"}]},
        {"name": 1},
        {"images": [1]},
        {"images": "abc"},
    ],
)
def test_a_damaged_stored_file_is_named_with_the_cure(tmp_path, change):
    file = import_ground_truth(write_text(tmp_path / "gt"), tmp_path, "mine")
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(BadGroundTruth, match=r"mine\.json .*flask evaluate import-groundtruth"):
        stored_ground_truth(tmp_path, "mine")


@pytest.mark.parametrize("content", ["", "[]", "{}", "{", "[" * 100_000, "\x00"])
def test_a_stored_file_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(BadGroundTruth, match=r"x\.json .*import-groundtruth"):
        read_ground_truth(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("name", "images", "right", "junk"),
    [("oxford5k", 5063, 2840, 1495), ("paris6k", 6392, 8955, 8245)],
)
def test_the_published_ground_truth_is_read(shared, name, images, right, junk):
    truth = read_ground_truth(shared / f"data/protocols/gnd_{name}.pkl")
    assert (len(truth.queries), len(truth.images)) == (55, images)
    assert sum(len(query.ok) for query in truth.queries) == right
    assert sum(len(query.junk) for query in truth.queries) == junk
    assert all(query.image in query.ok and query.box for query in truth.queries)


def test_the_published_list_of_holidays_is_read(shared):
    truth = read_ground_truth(shared / "data/protocols/holidays_images.dat")
    assert (len(truth.queries), len(truth.images)) == (500, 1491)
    assert sum(len(query.good) for query in truth.queries) == 991


def test_stored_names_are_as_short_as_published_ones(tmp_path):
    file = import_ground_truth(write_text(tmp_path / "gt"), tmp_path, "mine")
    document = json.loads(file.read_bytes())
    document["queries"][0]["ok"] = ["n" * 256]
    file.write_text(json.dumps(document))
    with pytest.raises(BadGroundTruth, match="lists a name of 256 letters"):
        stored_ground_truth(tmp_path, "mine")


def test_what_could_not_be_read_again_is_not_kept(tmp_path):
    names = ["n" * 200] * 50
    entry = {"ok": list(range(50)) * 2000, "junk": []}
    document = {"imlist": names, "qimlist": ["q"], "gnd": [entry]}
    with pytest.raises(BadGroundTruth, match="16,777,216 letters together"):
        import_ground_truth(pickled(tmp_path / "big.pkl", document), tmp_path, "big")
    assert ground_truth_names(tmp_path) == []


@pytest.mark.parametrize("file", ["gnd_roxford5k.pkl", "gnd-roxford5k.pkl", "roxford5k.pkl"])
def test_the_file_of_a_benchmark_names_it(tmp_path, file):
    assert benchmark_name(tmp_path / file) == "roxford5k"
    assert read_ground_truth(pickled(tmp_path / file, revisited())).name == "roxford5k"
