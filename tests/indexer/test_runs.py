"""The folder of a run says what may be done with it."""

import errno
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError, RunFailed, require_run_name
from indexer.experiments.runs.working import unfinished, working_on

BEGUN = """{
  "state": "running", "of": "x", "begun": "then", "command": "flask", "precision": "fp32"
}"""


def record(instance: Path, content: str) -> RunFolder:
    """Make the folder of a run with this record."""
    folder = RunFolder(instance, "one")
    folder.path.mkdir(parents=True)
    folder.record.write_text(content)
    return folder


@pytest.mark.parametrize("name", ["", "..", "a/b", "Big", "-a", "a" * 65, "ä"])
def test_names_that_no_folder_should_have_are_refused(name: str) -> None:
    with pytest.raises(RunError, match="A run's name"):
        require_run_name(name)
    assert require_run_name("a-1_b") == "a-1_b"


def test_run_that_was_not_begun_is_free(tmp_path: Path) -> None:
    assert not unfinished(tmp_path, "one")
    with working_on(tmp_path, "one", resume=False) as run:
        assert run.path.is_dir()


def test_nothing_is_left_behind_where_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match="no run 'one' to go on with"),
        working_on(tmp_path, "one", resume=True),
    ):
        pytest.fail("it went on")
    assert list(tmp_path.iterdir()) == []


NOT_TEXT = '{"state": "running", "of": 5, "begun": "", "command": "", "precision": ""}'


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"state": "running"}', "\ud800", "[" * 100_000, NOT_TEXT],
    ids=["empty", "cut off", "list", "nothing", "little", "no UTF-8", "nested", "no text"],
)
def test_damaged_record_is_named(tmp_path: Path, content: str) -> None:
    folder = RunFolder(tmp_path, "one")
    folder.path.mkdir(parents=True)
    folder.record.write_bytes(content.encode("utf-8", "surrogatepass"))
    with (
        pytest.raises(RunError, match=r"run\.json is damaged"),
        working_on(tmp_path, "one", resume=True),
    ):
        pytest.fail("it went on")


@dataclass(frozen=True)
class Facts:
    """What a run may be told of itself."""

    of: str
    command: str = "flask"
    begun: str = "then"
    precision: str = ""


@pytest.mark.parametrize("resume", [False, True])
def test_run_that_was_announced_alone_is_begun_anew_or_gone_on_with(
    tmp_path: Path, resume: bool
) -> None:
    with working_on(tmp_path, "one", resume=False) as run, run.announced(Facts("")):
        assert unfinished(tmp_path, "one")
    later = Facts("", command="flask again", begun="later")
    with working_on(tmp_path, "one", resume=resume) as run, run.announced(later):
        known = run.begun()
        assert known is not None
        assert (known.command, known.begun) == ("flask again", "then")
        assert run.begin(Facts("x", begun="later")).begun == "then"
    with (
        pytest.raises(RunError, match="Go on with it: --resume"),
        working_on(tmp_path, "one", resume=False),
    ):
        pytest.fail("it began anew")


def test_run_that_is_refused_before_it_begins_never_was(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match="no"),
        working_on(tmp_path, "one", resume=False) as run,
        run.announced(Facts("")),
    ):
        raise RunError("no")
    assert not unfinished(tmp_path, "one")


@pytest.mark.parametrize("error", [RunError("no"), KeyboardInterrupt()])
def test_run_that_has_begun_stays_whatever_ends_it(tmp_path: Path, error: BaseException) -> None:
    def begin() -> None:
        with (
            working_on(tmp_path, "one", resume=False) as run,
            run.announced(Facts("")),
        ):
            run.begin(Facts("x"))
            raise error

    with pytest.raises(type(error)):
        begin()
    assert unfinished(tmp_path, "one")


def test_folder_with_a_lock_alone_is_free(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "one").path
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    assert not unfinished(tmp_path, "one")
    with working_on(tmp_path, "one", resume=False) as run:
        assert run.begun() is None


def test_run_goes_on_after_its_trainer_died(tmp_path: Path) -> None:
    record(tmp_path, BEGUN)
    (tmp_path / "runs/one/lock").touch()  # nobody holds it
    assert unfinished(tmp_path, "one")
    with working_on(tmp_path, "one", resume=True) as run:
        assert run.name == "one"


def test_full_disk_is_explained(tmp_path: Path) -> None:
    with (
        pytest.raises(RunFailed, match=r"No space left.*has room at .*command again\.$"),
        working_on(tmp_path, "one", resume=False) as run,
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    run.checkpoint.touch()
    run.record.write_text(BEGUN)
    with (
        pytest.raises(RunFailed, match=r"command again, with --resume: what was learnt"),
        working_on(tmp_path, "one", resume=True),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
