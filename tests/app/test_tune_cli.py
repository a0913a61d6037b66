"""`flask index tune`, as people type it."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from indexer.generations import IndexFolder
from indexer.indexes.options import IndexOptions
from indexer.indexes.parameters import ChosenTables
from indexer.manifest import Manifest
from indexer.opening import FEATURES, QUERIES, check_index, open_current
from indexer.tuning.points import Tuning, tuning_of
from tests import serving
from tests.indexer.fixtures import draw_gallery

Run = Callable[..., Result]
COUNT = 40


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of pictures that are not in the index, and of files that are none."""
    folder = tmp_path_factory.mktemp("held out")
    draw_gallery(folder / "drawn")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def prepared(network: list[str], exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance with the index `mine` of pictures beside it; not to be changed."""
    folder = tmp_path_factory.mktemp("prepared")
    for number, picture in enumerate(serving.pictures()[:COUNT]):
        target = folder / "pictures" / picture.parent.name / f"{number}{picture.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    shutil.copytree(exported, folder / "instance/encoders")
    built = runner(folder / "instance")("build", folder / "pictures", "--name", "mine", *network)
    assert built.exit_code == 0, built.output
    return folder


@pytest.fixture
def instance(prepared: Path, tmp_path: Path) -> Path:
    """Return a copy of that instance."""
    return Path(shutil.copytree(prepared / "instance", tmp_path / "instance", symlinks=True))


@pytest.fixture
def index(instance: Path) -> Run:
    """Return what runs `flask index` on it."""
    return runner(instance)


@pytest.fixture
def build(index: Run, prepared: Path, network: list[str]) -> Run:
    """Return what builds `mine` of the same pictures, or of others, as `flask index build` does."""

    def run(*options: object, pictures: Path = prepared / "pictures") -> Result:
        return index("build", pictures, "--name", "mine", *network, *options)

    return run


def runner(instance: Path) -> Run:
    """Return what runs `flask index` on an instance."""
    invoke = serving.make_app(instance).test_cli_runner().invoke
    return lambda *arguments: invoke(args=["index", *map(str, arguments)])


def manifest(instance: Path) -> Manifest:
    """Return what is known of the index, all of whose files are sound."""
    return check_index(instance, "mine")


def tuning(instance: Path) -> Tuning:
    """Return what was measured of it."""
    found = tuning_of(manifest(instance).tuning)
    assert found
    return found


def test_the_winner_becomes_the_default_of_a_new_generation(index: Run, instance: Path) -> None:
    result = index("tune", "mine", "--recall", "0.9", "--at", "5")
    assert result.exit_code == 0, result.output
    found, own = tuning(instance), manifest(instance).parameters
    assert (found.target.recall, found.target.at) == (0.9, 5)
    assert found.reached
    chosen = found.chosen
    assert (own["g"], own["h"]) == (chosen.g, chosen.h)
    assert (own["probes"], own["keep"]) == (chosen.probes, chosen.keep)
    assert f"> {chosen.recall:8.3f} ± {chosen.error:.3f}  {found.low(chosen):8.3f}" in result.output
    marked = next(line for line in result.output.splitlines() if line.startswith(">"))
    reach = "" if chosen.reach is None else f" --reach {chosen.reach:g}"
    assert marked.endswith(
        f"--g {chosen.g} --h {chosen.h} --probes {chosen.probes}{reach} --keep {chosen.keep}"
    )
    assert f"by {COUNT} images of the gallery" in result.output
    assert len(IndexFolder(instance, "mine").generations()) == 2


def test_features_are_shared_and_nothing_is_encoded(index: Run, instance: Path) -> None:
    before = open_current(instance, "mine")
    shutil.rmtree(instance / "features")
    result = index("tune", "mine")
    assert result.exit_code == 0, result.output
    after = open_current(instance, "mine")
    assert (before.path / FEATURES).samefile(after.path / FEATURES)
    for generation in (before, after):
        generation.catalog.close()


def test_other_tables_are_tried_and_told(index: Run, instance: Path) -> None:
    result = index("tune", "mine")
    assert "tune: " in result.stderr
    assert "g=16" in result.stderr
    assert tuning(instance).chosen.tables > 0


def test_tables_that_were_asked_for_stay(index: Run, build: Run, instance: Path) -> None:
    assert build("--g", 3, "--h", 2).exit_code == 0
    result = index("tune", "mine")
    assert result.exit_code == 0, result.output
    assert {(point.g, point.h) for point in tuning(instance).points} == {(3, 2)}


def test_a_sync_keeps_the_tables(index: Run, instance: Path, prepared: Path) -> None:
    assert index("tune", "mine").exit_code == 0
    before = manifest(instance)
    assert index("remove", "mine", next((prepared / "pictures").glob("*/*"))).exit_code == 0
    after = manifest(instance)
    assert after.images == before.images - 1
    for name in ("g", "h"):
        assert after.parameters[name] == before.parameters[name]
    assert after.recipe["tables"] == before.recipe["tables"]
    assert (after.recipe["options"]["g"], after.recipe["options"]["h"]) == (None, None)


def test_chosen_tables_follow_the_size_of_the_gallery() -> None:
    tables = ChosenTables(g=4, finer=-1)
    few, many = (tables.within(IndexOptions(), 512, count) for count in (1000, 100_000))
    assert (few.g, few.h, many.g, many.h) == (4, 1, 4, 2)


def test_held_out_pictures_are_asked(index: Run, instance: Path, held_out: Path) -> None:
    result = index("tune", "mine", "--queries", held_out)
    assert result.exit_code == 0, result.output
    found = tuning(instance)
    assert (found.source.kind, found.source.folder) == ("folder", str(held_out.resolve()))
    usable = found.queries
    assert usable >= 24
    words = f"by {usable} pictures that are not in the gallery ({held_out.resolve()})"
    assert words in result.output
    assert "notes.txt" in result.output
    assert words in index("info", "mine").output


def test_a_sync_asks_the_same_again(
    index: Run, instance: Path, held_out: Path, prepared: Path, tmp_path: Path
) -> None:
    away = Path(shutil.copytree(held_out, tmp_path / "away"))
    assert index("tune", "mine", "--queries", away).exit_code == 0
    before = tuning(instance)
    shutil.rmtree(away)
    assert index("remove", "mine", next((prepared / "pictures").glob("*/*"))).exit_code == 0
    after = tuning(instance)
    assert (after.source, after.queries) == (before.source, before.queries)
    with_queries = IndexFolder(instance, "mine").generations()[1:]
    folders = [IndexFolder(instance, "mine").generation(name) for name in with_queries]
    assert len({(folder / QUERIES).read_bytes() for folder in folders}) == 1
    assert index("tune", "mine").exit_code == 0
    assert tuning(instance).source.kind == "gallery"


def test_copies_are_asked_and_encoded_once(index: Run, instance: Path, prepared: Path) -> None:
    first = index("tune", "mine", "--copies")
    assert first.exit_code == 0, first.output
    found = tuning(instance)
    assert (found.source.kind, found.queries, found.together) == ("copies", 5 * COUNT, 5)
    assert f"by {5 * COUNT} distorted copies of images of the gallery" in first.output
    keys = {path: path.stat().st_size for path in instance.glob("features/*/*.keys")}
    assert index("tune", "mine", "--copies").exit_code == 0
    assert {path: path.stat().st_size for path in instance.glob("features/*/*.keys")} == keys
    assert tuning(instance).queries == found.queries


def test_the_truth_of_a_copy_is_what_lies_nearest_to_it(index: Run, instance: Path) -> None:
    assert index("tune", "mine", "--copies", "--recall", "1").exit_code == 0
    generation = open_current(instance, "mine")
    with closing(generation.catalog):
        queries = generation.queries()
        assert queries
        at = tuning(instance).target.at
        found = 0
        for query in queries.features:
            ids = [
                generation.index.search(query, at, "cosine", exact=exact).ids.tolist()
                for exact in (False, True)
            ]
            found += len(set(ids[0]) & set(ids[1]))
    assert found / (at * len(queries)) == pytest.approx(tuning(instance).chosen.recall, abs=0.002)


def test_pictures_that_are_gone_are_named_and_not_copied(
    index: Run, build: Run, instance: Path, held_out: Path, tmp_path: Path
) -> None:
    pictures = Path(shutil.copytree(held_out / "drawn", tmp_path / "pictures"))
    assert build(pictures=pictures).exit_code == 0
    gone = sorted(pictures.glob("*/*"))[0]
    gone.unlink()
    result = index("tune", "mine", "--copies")
    assert result.exit_code == 0, result.output
    assert gone.name in result.output
    assert tuning(instance).queries == 5 * (manifest(instance).images - 1)
    shutil.rmtree(pictures)
    pictures.mkdir()
    shutil.rmtree(instance / "features")
    result = index("tune", "mine", "--copies")
    assert result.exit_code == 1
    assert "leave --copies out" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--queries", "{gallery}"], "holds 0 usable pictures that are not in the index"),
        (["--queries", "{empty}"], "holds no file"),
        (["--queries", "{gallery}", "--copies"], "Give --queries or --copies, not both"),
    ],
)
def test_too_little_to_ask_is_refused(
    index: Run, instance: Path, prepared: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"gallery": prepared / "pictures", "empty": tmp_path / "empty"}
    result = index("tune", "mine", *(each.format(**places) for each in arguments))
    assert result.exit_code == 1
    assert words in result.stderr
    assert len(IndexFolder(instance, "mine").generations()) == 1


@pytest.mark.parametrize("kind", [["--kind", "exact"], ["--family", "plain"], ["--w", "0.5"]])
def test_what_cannot_be_tuned_is_refused(
    index: Run, build: Run, instance: Path, kind: list[str]
) -> None:
    assert build(*kind).exit_code == 0
    before = IndexFolder(instance, "mine").current()
    result = index("tune", "mine")
    assert result.exit_code == 1
    assert "mine is of a kind whose searches always do the same" in result.stderr
    assert IndexFolder(instance, "mine").current() == before


def test_what_was_given_for_a_search_is_tuned(index: Run, build: Run, instance: Path) -> None:
    assert build("--probes", 3, "--keep", 5).exit_code == 0
    assert manifest(instance).tuning == {}
    assert index("tune", "mine").exit_code == 0
    assert tuning(instance).reached


def test_an_index_that_is_not_there_is_explained(index: Run) -> None:
    result = index("tune", "nowhere")
    assert result.exit_code == 1
    assert "no index 'nowhere'. There is: mine" in result.stderr


def test_an_index_of_one_picture_has_nothing_to_tune(
    index: Run, build: Run, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    shutil.copy(serving.pictures()[0], tmp_path / "one")
    assert build("--accept", 0, pictures=tmp_path / "one").exit_code == 0
    assert "holds a single image: there is nothing to tune" in index("tune", "mine").output


def test_a_limit_of_time_that_nothing_keeps_leaves_the_least(index: Run, instance: Path) -> None:
    result = index("tune", "mine", "--max-ms", "0.000001")
    assert result.exit_code == 0, result.output
    found = tuning(instance)
    assert found.target.max_ms == 0.000001
    assert found.chosen == found.frontier[0]


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_trade_off_is_drawn(index: Run, tmp_path: Path, ending: str) -> None:
    drawing = tmp_path / f"frontier.{ending}"
    result = index("tune", "mine", "--plot", drawing)
    assert result.exit_code == 0, result.output
    assert f"Drawn in {drawing}" in result.output
    assert drawing.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("frontier.txt", "Received: {folder}/frontier.txt. Give it one of these endings"),
        ("frontier", "is a .png, .svg or .pdf file"),
        ("missing/frontier.png", "no folder {folder}/missing to draw frontier.png in. Make it"),
    ],
)
def test_a_drawing_that_cannot_be_made_is_refused_before_the_work(
    index: Run, instance: Path, tmp_path: Path, place: str, words: str
) -> None:
    result = index("tune", "mine", "--plot", tmp_path / place)
    assert result.exit_code == 1
    assert words.format(folder=tmp_path) in result.stderr
    assert len(IndexFolder(instance, "mine").generations()) == 1


@pytest.mark.parametrize(
    "given",
    [
        ["--family", "plain"],
        ["--w", "0.5"],
        ["--probes", "3"],
        ["--keep", "5"],
        ["--reach", "0.02"],
    ],
)
def test_a_recall_beside_what_says_how_much_searches_do_is_refused(
    build: Run, instance: Path, given: list[str]
) -> None:
    result = build(*given, "--recall", "0.9")
    assert result.exit_code == 1
    assert "--recall 0.9" in result.stderr
    assert "leave out --recall" in result.stderr
    assert len(IndexFolder(instance, "mine").generations()) == 1


@pytest.mark.parametrize("wrong", [["--recall", "0"], ["--at", "0"], ["--max-ms", "0"]])
def test_wishes_out_of_range_are_refused(index: Run, wrong: list[str]) -> None:
    assert index("tune", "mine", *wrong).exit_code == 2
