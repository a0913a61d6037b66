"""Pickles: plain ones of every protocol are read; hostile ones are refused, and nothing is run."""

import os
import pickle
import struct

import numpy as np
import pytest

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.layouts import published
from indexer.evaluation.groundtruth.model import MAX_BYTES
from indexer.evaluation.groundtruth.pickles import load_plain
from indexer.evaluation.groundtruth.reading import read_ground_truth

PLAIN = {"imlist": ["a", "é", ""], "gnd": [{"bbx": [1.5, -2, 3, 10**15], "ok": []}, None, True]}


class Runs:
    """Runs a shell command where it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_of_every_protocol_are_read(protocol):
    assert load_plain(pickle.dumps(PLAIN, protocol), "x.pkl") == PLAIN


def test_byte_strings_of_python_2_become_text():
    assert load_plain(b"\x80\x02]q\x00(U\x02\xe9tq\x01T\x01\x00\x00\x00ae.", "x") == ["ét", "a"]
    assert load_plain(b"(lp0\nS'a b'\np1\naI7\na.", "x") == ["a b", 7]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_call_is_refused_and_not_made(tmp_path, protocol):
    mark = tmp_path / "was-run"
    content = pickle.dumps({"imlist": [Runs(f"touch {mark}")]}, protocol)
    with pytest.raises(BadGroundTruth, match=r"x\.pkl asks for .*system.*Nothing of it was run"):
        load_plain(content, "x.pkl")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (pickle.dumps(np.arange(3), 2), r"asks for numpy\.[_.a-z]*multiarray\._reconstruct"),
        (pickle.dumps({"gnd": np.float64(2)}), r"asks for numpy"),
        (pickle.dumps(len), r"asks for builtins\.len"),
        (b"cos\nsystem\n(S'true'\ntR.", r"asks for os\.system"),
        (b"(S'true'\nios\nsystem\n.", r"asks for os\.system"),
        (b"\x80\x02\x82\x01.", "instruction EXT1"),
        (b"P1\n.", "instruction PERSID"),
        (b"\x80\x05\x97.", "instruction NEXT_BUFFER"),
        (pickle.dumps({1, 2}), "instruction EMPTY_SET"),
        (pickle.dumps((1, 2)), "instruction TUPLE2"),
    ],
)
def test_more_than_plain_values_is_refused_by_name(content, wanted):
    with pytest.raises(BadGroundTruth, match=wanted):
        load_plain(content, "x.pkl")


def test_deep_nesting_is_refused_or_read_but_never_overruns_the_stack():
    with pytest.raises(BadGroundTruth, match="expected a dict"):
        read(b"\x80\x02" + b"]" * 300_000 + b"a" * 299_999 + b".")
    with pytest.raises(BadGroundTruth, match="instruction TUPLE1"):
        load_plain(b"\x80\x02}K\x01" + b"\x85" * 300_000 + b"K\x01s.", "x.pkl")


def read(content):
    return published(load_plain(content, "x.pkl"), "x", "x.pkl")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b"hello, this is text",
        b"\x89PNG\r\n\x1a\n",
        b"\x80\x63.",
        pickle.dumps(PLAIN)[:-1],
        pickle.dumps(PLAIN)[:40],
        pickle.dumps(PLAIN, 0)[:30],
        b"\x80\x02h\x07.",  # what was never remembered
        b"\x80\x02K\x01K\x02a.",  # to add to a number
        b"\x80\x02]]K\x01s.",  # a list as the place of a list
        b"\x80\x02}]K\x01s.",  # a list as a key
        b"\x80\x02(u.",
        b"\x80\x04B\xff\xff\xff\x7fabc.",  # text that is not there
        b"I" + b"9" * 5000 + b"\n.",
        b"\x80\x02K\x01r\xff\xff\xff\x7f.",  # a memo that would take 34 GB
        b"p2147483647\n.",
        pickle.dumps({2**61 - 1: 0, 2 * (2**61 - 1): 0}),  # both of the hash 0
    ],
)
def test_what_is_no_pickle_or_damaged_is_refused(content):
    with pytest.raises(BadGroundTruth, match=r"x\.pkl .*no pickle"):
        load_plain(content, "x.pkl")


def test_a_truncated_file_is_refused_wherever_it_ends():
    content = pickle.dumps(PLAIN, 2)
    for end in range(len(content)):
        with pytest.raises(BadGroundTruth):
            load_plain(content[:end], "x.pkl")


def test_altered_bytes_raise_nothing_else():
    content, rng = bytearray(pickle.dumps(PLAIN, 2)), np.random.default_rng(0)
    for _ in range(2000):
        altered = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            altered[place] = rng.integers(0, 256)
        try:
            load_plain(bytes(altered), "x.pkl")
        except BadGroundTruth:
            continue


def test_a_huge_file_is_not_read(tmp_path):
    file = tmp_path / "gnd_huge.pkl"
    with file.open("wb") as content:
        content.truncate(MAX_BYTES + 1)
    with pytest.raises(BadGroundTruth, match="limit is 16,777,216"):
        read_ground_truth(file)


def test_a_list_without_end_is_not_walked():
    # A thousand queries that share one list of ten thousand places.
    shared = [0] * 10_000
    entry = {"bbx": [0, 0, 1, 1], "ok": shared, "junk": []}
    document = {"imlist": ["a"], "qimlist": ["a"] * 1000, "gnd": [entry] * 1000}
    content = pickle.dumps(document, 2)
    assert len(content) < 2**17
    with pytest.raises(BadGroundTruth, match="lists more than 2,000,000"):
        read(content)


@pytest.mark.parametrize("key", ["imlist", "qimlist"])
def test_a_name_without_end_is_not_decoded(key):
    # A small pickle with one long name that is listed 20,000 times.
    document = {"imlist": ["a"], "qimlist": ["a"], "gnd": [{"ok": [0], "junk": []}]}
    content = pickle.dumps({**document, key: [b"n" * 100_000] * 20_000}, 3)
    assert len(content) < 2**18
    with pytest.raises(BadGroundTruth, match=f"{key} lists a name of 100,000 letters"):
        read(content)


def test_names_without_end_are_not_taken():
    document = {"imlist": ["a"] * 2_000_001, "qimlist": ["a"], "gnd": [{"ok": [0]}]}
    with pytest.raises(BadGroundTruth, match="lists more than 2,000,000"):
        read(pickle.dumps(document, 2))


def test_a_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    document = {"imlist": endless, "qimlist": [], "gnd": []}
    with pytest.raises(BadGroundTruth, match=r"imlist lists names\. Received: a list"):
        read(pickle.dumps(document, 2))


def test_numbers_take_no_more_than_their_bytes():
    content = b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"\x01."
    with pytest.raises(BadGroundTruth):
        load_plain(content, "x.pkl")
