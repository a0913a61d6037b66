"""Files of labels: three separators, clear errors, matching by path or unique name."""

import pytest

from indexer.errors import LabelsInvalid
from indexer.scanning.labels import assign_labels, read_labels


@pytest.mark.parametrize(
    "text",
    [
        "a/1.jpg,cat\nb/2.jpg,dog\n",
        "path,label\na/1.jpg,cat\nb/2.jpg,dog\n",
        "a/1.jpg\tcat\r\nb/2.jpg\tdog\r\n",
        "a/1.jpg cat\n\nb/2.jpg    dog",
        '\ufeffimage_id,identity\n"a/1.jpg", cat\n./b/2.jpg,dog\n',
    ],
)
def test_comma_tab_and_blanks_are_read(tmp_path, text):
    (tmp_path / "labels").write_text(text, encoding="utf-8")
    assert read_labels(tmp_path / "labels") == {"a/1.jpg": "cat", "b/2.jpg": "dog"}


def test_an_identity_file_is_read(tmp_path):
    (tmp_path / "identity.txt").write_text("000001.jpg 2880\n000002.jpg 2937\n")
    assert read_labels(tmp_path / "identity.txt")["000002.jpg"] == "2937"


def test_a_quoted_comma_belongs_to_the_path(tmp_path):
    (tmp_path / "labels.csv").write_text('"one, two.jpg",cat\n')
    assert read_labels(tmp_path / "labels.csv") == {"one, two.jpg": "cat"}


def test_blanks_in_a_path_belong_to_it(tmp_path):
    (tmp_path / "labels.txt").write_text("my cat.jpg cat\n")
    assert read_labels(tmp_path / "labels.txt") == {"my cat.jpg": "cat"}


def test_names_that_are_not_utf8_are_kept(tmp_path):
    (tmp_path / "labels").write_bytes(b"caf\xe9.jpg cat\n")
    assert read_labels(tmp_path / "labels") == {"caf\udce9.jpg": "cat"}


@pytest.mark.parametrize(
    ("text", "line"),
    [("a.jpg,cat\nb.jpg\n", 2), ("a.jpg\n", 1), ("a.jpg,\n", 1), ("a.jpg,x\na.jpg,y\n", 2)],
)
def test_a_wrong_line_is_named(tmp_path, text, line):
    (tmp_path / "labels").write_text(text)
    with pytest.raises(LabelsInvalid, match=f"labels, line {line}"):
        read_labels(tmp_path / "labels")


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_a_file_without_labels_is_refused(tmp_path, name):
    (tmp_path / "empty").write_text("\n\n")
    with pytest.raises(LabelsInvalid, match=name):
        read_labels(tmp_path / name)


def test_labels_match_by_path_and_else_by_a_unique_name():
    labels = {"a/1.jpg": "cat", "2.jpg": "dog", "3.jpg": "owl"}
    paths = ["a/1.jpg", "deep/er/2.jpg", "x/3.jpg", "y/3.jpg", "other.jpg"]
    assert assign_labels(labels, paths) == ["cat", "dog", None, None, None]
