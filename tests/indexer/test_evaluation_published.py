"""Holidays and Oxford on small folders of their layouts: the figures are those of plain loops."""

import pickle

import pytest
from PIL import Image

from indexer.evaluation.errors import BadGroundTruth, EvaluationError
from indexer.evaluation.groundtruth.storing import import_ground_truth
from indexer.evaluation.systems.base import SystemSpec
from tests.conftest import draw_picture
from tests.indexer.by_hand import agree, evaluated, features, mean_measures, ranked, table, without

PLACES = ("mill", "tower", "bridge")
PICTURES = tuple(f"{place}_{number:06d}" for place in PLACES for number in range(8))
BOXES = {"mill_000000": (10.5, 8.2, 70.0, 60.7), "tower_000001": (0.0, 20.0, 55.3, 70.0)}


def draw(folder, names):
    """Draw pictures of few different kinds, so that some are near each other."""
    folder.mkdir()
    for seed, name in enumerate(names):
        Image.fromarray(draw_picture(seed, 72 + seed % 5, 96)).save(folder / f"{name}.png")
    return folder


def lists(image):
    """Return good, ok, junk of a query: the query itself is good, as it was published."""
    place = image.split("_")[0]
    names = [name for name in PICTURES if name.startswith(place)]
    others = [name for name in names if name != image]
    return [image, *others[:2]], others[2:4], [*others[4:6], "bridge_000007"]


@pytest.fixture
def pictures(tmp_path):
    return draw(tmp_path / "jpg", PICTURES)


@pytest.fixture
def texts(tmp_path):
    """Return a folder of text files as Oxford's were published."""
    folder = tmp_path / "gt_files"
    folder.mkdir()
    for number, (image, box) in enumerate(BOXES.items(), 1):
        edges = " ".join(map(str, box))
        named = dict(zip(("good", "ok", "junk"), lists(image), strict=True))
        for kind, names in named.items():
            (folder / f"all_{number}_{kind}.txt").write_text("".join(f"{n}\n" for n in names))
        (folder / f"all_{number}_query.txt").write_text(f"oxc1_{image} {edges}\n")
    return folder


@pytest.fixture
def pickled(tmp_path):
    """Return a pickle as that of Oxford is passed around: good and ok are one list."""
    at = {name: place for place, name in enumerate(PICTURES)}
    entries = []
    for image, box in BOXES.items():
        good, ok, junk = lists(image)
        right, wrong = [at[name] for name in (*good, *ok)], [at[name] for name in junk]
        entries.append({"bbx": list(box), "ok": right, "junk": wrong})
    document = {"imlist": list(PICTURES), "qimlist": list(BOXES), "gnd": entries, "qidx": [0, 9]}
    file = tmp_path / "gnd_small.pkl"
    file.write_bytes(pickle.dumps(document, 2))
    return file


@pytest.fixture
def revisited(tmp_path):
    """Return a pickle as that of the revisited Oxford: its gallery lacks the queries."""
    images = [name for name in PICTURES if name not in BOXES]
    entries = []
    for image, box in BOXES.items():
        own = [at for at, name in enumerate(images) if name.startswith(image.split("_")[0])]
        kinds = {"easy": own[:2], "hard": own[2:5], "junk": own[5:]}
        entries.append({"bbx": list(box), **kinds})
    document = {"imlist": images, "qimlist": list(BOXES), "gnd": entries}
    file = tmp_path / "gnd_rsmall.pkl"
    file.write_bytes(pickle.dumps(document, 2))
    return file


def by_hand(pictures, names, right, ignored, spec, instance):
    """Rank pictures for each query's part, and measure the rankings of names."""
    of = {name: pictures / f"{name}.png" for name in PICTURES}
    gallery = features([of[name] for name in names], spec, instance)
    asked = features([of[image] for image in BOXES], spec, instance, list(BOXES.values()))
    rankings = [
        without([names[at] for at in ranked(query, gallery)], out)
        for query, out in zip(asked, ignored, strict=True)
    ]
    return mean_measures(rankings, right)


@pytest.mark.parametrize("layout", ["texts", "pickled", "imported"])
def test_oxford_as_published_first(layout, pictures, texts, pickled, spec, instance):
    if layout == "imported":
        import_ground_truth(pickled, instance, "small")
    truth = {"texts": str(texts), "pickled": str(pickled), "imported": "small"}[layout]
    report = evaluated(
        instance,
        "oxford",
        sources=(pictures,),
        systems=(SystemSpec(encoder=spec),),
        ground_truth=truth,
    )
    right = [{*lists(image)[0], *lists(image)[1]} for image in BOXES]
    ignored = [set(lists(image)[2]) for image in BOXES]
    (row,) = table(report, "sequential")
    expected = by_hand(pictures, sorted(PICTURES), right, ignored, spec, instance)
    agree(row, expected, "mAP (trapezoid)", "mAP", "P@1", "P@10", "R@10", "nDCG@10")
    agree(row, expected, "First rank", "Mean rank")
    assert 0.2 < row["mAP (trapezoid)"] < 1


@pytest.mark.parametrize(
    ("setup", "right", "ignored"),
    [
        ("easy", ("easy",), ("hard", "junk")),
        ("medium", ("easy", "hard"), ("junk",)),
        ("hard", ("hard",), ("easy", "junk")),
    ],
)
def test_oxford_revisited(setup, right, ignored, pictures, revisited, spec, instance):
    report = evaluated(
        instance,
        "oxford",
        sources=(pictures,),
        systems=(SystemSpec(encoder=spec),),
        ground_truth=str(revisited),
        setup=setup,
    )
    document = pickle.loads(revisited.read_bytes())
    names = document["imlist"]

    def named(kinds):
        return [{names[at] for kind in kinds for at in each[kind]} for each in document["gnd"]]

    (row,) = table(report, "sequential")
    expected = by_hand(pictures, sorted(names), named(right), named(ignored), spec, instance)
    agree(row, expected, "mAP (trapezoid)", "mAP", "P@1", "P@10", "First rank", "Mean rank")
    assert report.facts["gallery"].startswith("22 pictures")


def test_a_setup_or_ground_truth_that_is_not_there_is_refused(pictures, texts, instance):
    asked = {"sources": (pictures,), "ground_truth": str(texts)}
    with pytest.raises(EvaluationError, match="has the setups original"):
        evaluated(instance, "oxford", setup="hard", **asked)
    with pytest.raises(BadGroundTruth, match="absent"):
        evaluated(instance, "oxford", **asked | {"ground_truth": "absent"})
    assert {each.name for each in (instance / "reports").iterdir()} == {".r.lock"}


GROUPS = {1000: 4, 1001: 3, 1002: 2, 1003: 1}
"""Number of a place -> how many pictures it has; of the last nothing can be asked."""

NUMBERS = tuple(f"{place * 100 + at}" for place, count in GROUPS.items() for at in range(count))


@pytest.mark.parametrize("listed", [False, True])
def test_holidays(listed, tmp_path, spec, instance):
    pictures = draw(tmp_path / "jpg", NUMBERS)
    truth = tmp_path / "holidays_images.dat"
    truth.write_text("".join(f"{name}.jpg\n" for name in NUMBERS))
    report = evaluated(
        instance,
        "holidays",
        sources=(pictures,),
        systems=(SystemSpec(encoder=spec),),
        ground_truth=str(truth) if listed else "",
    )
    gallery = features([pictures / f"{name}.png" for name in NUMBERS], spec, instance)
    rankings, rights = [], []
    for place, count in GROUPS.items():
        if count > 1:
            query = f"{place}00"
            names = [NUMBERS[at] for at in ranked(gallery[NUMBERS.index(query)], gallery)]
            rankings.append(without(names, {query}))
            rights.append({name for name in NUMBERS if name.startswith(str(place))} - {query})
    (row,) = table(report, "sequential")
    expected = mean_measures(rankings, rights)
    agree(row, expected, "mAP (trapezoid)", "mAP", "P@1", "R@10", "nDCG@10")
    agree(row, expected, "First rank", "Mean rank")
    assert report.facts["queries"] == "3"
    assert "1 that lack a right answer" in report.facts["remark"]


def test_missing_pictures_are_refused_or_remarked(tmp_path, spec, instance):
    pictures = draw(tmp_path / "jpg", NUMBERS)
    (pictures / "100001.png").unlink()
    truth = tmp_path / "holidays_images.dat"
    truth.write_text("".join(f"{name}.jpg\n" for name in NUMBERS))
    asked = {
        "sources": (pictures,),
        "systems": (SystemSpec(encoder=spec),),
        "ground_truth": str(truth),
    }
    with pytest.raises(EvaluationError, match="--partial"):
        evaluated(instance, "holidays", **asked)
    report = evaluated(instance, "holidays", partial=True, **asked)
    assert "cannot be compared with published" in report.facts["remark 1"]
