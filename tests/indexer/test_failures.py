"""What is advised where the system brings a build down: each cause has a cure of its own."""

import errno
import os
import sqlite3

import pytest

from indexer.build import explained
from indexer.errors import BuildFailed, DamagedIndex


def advice(tmp_path, fail):
    """Return what is said of a failure, in one line."""
    with pytest.raises(BuildFailed) as caught, explained("shapes", tmp_path):
        fail()
    message = str(caught.value)
    assert message.startswith("The index 'shapes' was not built: ")
    assert "What was there before still serves." in message
    assert "\n" not in message
    return message


def raising(number):
    """Return what fails as a call of the system does."""

    def fail():
        raise OSError(number, os.strerror(number), "/some/file")

    return fail


def fill_a_disk():
    with open("/dev/full", "w") as file:
        file.write("x")


def fill_a_database():
    database = sqlite3.connect(":memory:")
    try:
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    finally:
        database.close()


def write_where_nothing_may_be_written(folder):
    path = folder / "read-only.sqlite"
    path.touch()
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        database.execute("CREATE TABLE t (x)")
    finally:
        database.close()


@pytest.mark.parametrize(
    "fail", [fill_a_disk, fill_a_database, raising(errno.EDQUOT), raising(errno.EFBIG)]
)
def test_a_full_disk_wants_room(tmp_path, fail):
    message = advice(tmp_path, fail)
    assert f"has room at {tmp_path}, and that no quota" in message


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_missing_permission_names_the_file(tmp_path, number):
    message = advice(tmp_path, raising(number))
    assert "you may read and write /some/file" in message
    assert "room" not in message


def test_a_database_that_may_not_be_written_is_a_missing_permission(tmp_path):
    message = advice(tmp_path, lambda: write_where_nothing_may_be_written(tmp_path))
    assert f"you may read and write {tmp_path}" in message


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM])
def test_want_of_processes_or_memory_names_the_options_that_save_them(tmp_path, number):
    message = advice(tmp_path, raising(number))
    assert "fewer --workers" in message
    assert "disk" not in message


def test_want_of_memory_within_the_build_is_explained_too(tmp_path):
    def fail():
        raise MemoryError

    assert "not enough memory. What" in advice(tmp_path, fail)


def test_too_many_open_files_name_their_limit(tmp_path):
    assert "ulimit -n" in advice(tmp_path, raising(errno.EMFILE))


def test_what_a_damage_was_raised_from_decides(tmp_path):
    def fail():
        try:
            fill_a_disk()
        except OSError as error:
            raise DamagedIndex("something cannot be read.") from error

    assert "no quota" in advice(tmp_path, fail)


@pytest.mark.parametrize("fail", [raising(errno.EIO), raising(0)])
def test_any_other_failure_points_to_the_disk(tmp_path, fail):
    assert f"the disk is sound and has room at {tmp_path}" in advice(tmp_path, fail)
