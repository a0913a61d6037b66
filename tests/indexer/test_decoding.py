"""Pictures decoded ahead in processes: the same whatever their number, and whatever kills them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image

from indexer.decoding.ahead import decoded
from indexer.decoding.crew import Crew
from indexer.decoding.decoder import File, Manner
from indexer.decoding.hands import Batch
from indexer.decoding.slots import Slots, shared_slots
from indexer.errors import BuildFailed
from indexer.files import sha256_of
from indexer.gallery import scan
from indexer.types import DEFAULT_LIMITS, Scan
from models.images import decode

SIZE = 32
ROOM = Path(__file__).resolve().parents[2]


@pytest.fixture
def found(gallery: Path) -> Scan:
    """Return the scan of 24 pictures."""
    return scan([gallery])


def pixels_of(found: Scan, **options: int) -> np.ndarray:
    """Return all pictures as the processes decode them, uint8 (n, SIZE, SIZE, 3)."""
    options = {"batch_size": 5} | options
    batches = decoded(found.records, found.roots, SIZE, limits=DEFAULT_LIMITS, **options)
    return np.concatenate([batch.pixels[: len(batch.records)].copy() for batch in batches])


def expected(found: Scan) -> np.ndarray:
    """Return all pictures as this process decodes them."""
    return np.stack([decode(found.roots[r.root] / r.path, SIZE) for r in found.records])


def children(name: str = "indexer.decoding.decoder") -> list[int]:
    """Return the processes that decode for this one."""
    return [pid for pid in _pids() if _parent(pid) == os.getpid() and name in _command(pid)]


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)


@pytest.mark.parametrize(("workers", "batch_size"), [(1, 5), (3, 5), (3, 1), (2, 64)])
def test_pictures_are_those_of_one_decode_in_order(found, workers, batch_size):
    pixels = pixels_of(found, workers=workers, batch_size=batch_size)
    assert np.array_equal(pixels, expected(found))


def test_every_batch_has_the_same_shape_and_the_rest_is_black(found):
    with closing(
        decoded(found.records, found.roots, SIZE, batch_size=9, limits=DEFAULT_LIMITS)
    ) as batches:
        sizes = []
        for batch in batches:
            sizes.append(len(batch.records))
            assert batch.pixels.shape == (9, SIZE, SIZE, 3)
            assert not batch.pixels[len(batch.records) :].any()
    assert sizes == [9, 9, 6]


def test_bytes_that_are_no_utf8_reach_the_process(gallery):
    os.rename(gallery / "lines" / "00.png", os.fsencode(gallery / "lines") + b"/\xff\xfe\n.png")
    found = scan([gallery])
    assert np.array_equal(pixels_of(found), expected(found))


def test_files_that_cannot_be_used_cost_nothing_but_themselves(gallery, found):
    files = sorted((gallery / "circles").iterdir())
    content = files[3].read_bytes()
    files[3].write_bytes(content[:-40])  # and the scan knows it so
    files[4].unlink()
    files[5].write_bytes(files[6].read_bytes())
    records = list(found.records)
    records[3] = replace(records[3], sha256=sha256_of(files[3]))
    rest = [0, 1, 2, 6, 7]
    with closing(
        decoded(records, found.roots, SIZE, batch_size=8, limits=DEFAULT_LIMITS)
    ) as batches:
        batch = next(batches)
        assert [each and each.reason for each in batch.rejections] == [
            *(None, None, None, "damaged", "changed", "changed", None, None)
        ]
        assert not batch.pixels[3:6].any()
        assert np.array_equal(batch.pixels[rest], np.stack([decode(files[i], SIZE) for i in rest]))
    damaged, gone, changed = batch.rejections[3:6]
    assert (damaged.path, damaged.mtime_ns) == (records[3].path, records[3].mtime_ns)
    assert "circles/03.png is a damaged" in damaged.detail
    assert "No such file" in gone.detail
    assert "has changed" in changed.detail


def test_only_so_many_files_are_looked_at_ahead(found):
    taken = 0

    def counted():
        nonlocal taken
        for record in found.records * 20:
            taken += 1
            yield record

    with closing(
        decoded(counted(), found.roots, SIZE, batch_size=3, limits=DEFAULT_LIMITS, workers=2)
    ) as batches:
        next(batches)
        time.sleep(0.5)
        assert taken == 4 * 3


def test_pixels_stay_while_they_are_held(found):
    with closing(
        decoded(found.records, found.roots, SIZE, batch_size=2, limits=DEFAULT_LIMITS, held=3)
    ) as batches:
        every = expected(found).reshape(12, 2, SIZE, SIZE, 3)
        last: list[np.ndarray] = []
        for number, batch in enumerate(batches):
            last = [*last[-3:], batch.pixels]
            time.sleep(0.02)  # what is decoded ahead would overwrite them by now
            assert np.array_equal(last, every[number - len(last) + 1 : number + 1])


def test_nothing_is_left_behind(found):
    shared, descriptors = set(os.listdir("/dev/shm")), len(os.listdir("/proc/self/fd"))
    pixels_of(found, workers=3)
    with closing(
        decoded(found.records, found.roots, SIZE, batch_size=2, limits=DEFAULT_LIMITS)
    ) as batches:
        next(batches)  # and left before its end
    assert children() == []
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert set(os.listdir("/dev/shm")) == shared


def test_nothing_to_decode_starts_no_process(found):
    assert list(decoded([], found.roots, SIZE, batch_size=2, limits=DEFAULT_LIMITS)) == []


def test_a_process_knows_neither_networks_nor_flask():
    program = "import sys, indexer.decoding.decoder; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOM, capture_output=True, text=True, check=True
    )
    modules = {name.partition(".")[0] for name in result.stdout.split()}
    assert "PIL" in modules
    assert not modules & {"tensorflow", "keras", "openvino", "flask", "click", "app", "numba"}


def test_another_process_joins_where_decoding_is_slow(large):
    found = scan([large])
    slow = [record for record in found.records if record.path == "2.png"] * 8
    counts = []
    with closing(
        decoded(slow, found.roots, SIZE, batch_size=1, limits=DEFAULT_LIMITS, workers=2)
    ) as batches:
        for _ in batches:
            counts.append(len(children()))
    assert max(counts) == 2


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """Return a folder of five pictures; the third takes long to decode."""
    folder = tmp_path / "large"
    folder.mkdir()
    for row in range(5):
        side = 5000 if row == 2 else 40
        Image.new("RGB", (side, side), (50 * row, 9, 99)).save(folder / f"{row}.png")
    return folder


def rows_of(folder: Path) -> tuple[File, ...]:
    """Return the files of a folder as a batch."""
    return tuple(
        File(row, str(file), file.name, sha256_of(file))
        for row, file in enumerate(sorted(folder.iterdir()))
    )


def kill_at(slots: Slots, row: int, times: int) -> Thread:
    """Kill the process that decodes a row, in the middle of it, so many times."""

    def watch() -> None:
        killed: set[int] = set()
        while len(killed) < times:
            until(lambda: slots.reached[0] == row and set(children()) - killed)
            (pid,) = set(children()) - killed
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
            until(lambda pid=pid: pid not in children())

    thread = Thread(target=watch)
    thread.start()
    return thread


def test_fault_51_a_batch_whose_process_is_killed_is_decoded_again(large):
    with shared_slots(1, 8, SIZE) as slots, Crew(slots, Manner(DEFAULT_LIMITS), 1) as crew:
        killer = kill_at(slots, 2, times=1)
        assert crew.result(crew.submit(Batch(0, rows_of(large)))) == ()
        killer.join()
        pictures = [decode(file, SIZE) for file in sorted(large.iterdir())]
        assert np.array_equal(slots.pixels[0, :5], pictures)


def test_fault_51_a_file_at_which_two_processes_die_is_rejected_alone(large):
    with shared_slots(1, 8, SIZE) as slots, Crew(slots, Manner(DEFAULT_LIMITS), 1) as crew:
        killer = kill_at(slots, 2, times=2)
        (lost,) = crew.result(crew.submit(Batch(0, rows_of(large))))
        killer.join()
        assert (lost.row, lost.reason) == (2, "worker died")
        assert "killed by SIGKILL" in lost.detail
        for row in (0, 1, 3, 4):
            assert np.array_equal(slots.pixels[0, row], decode(large / f"{row}.png", SIZE))
        assert not slots.pixels[0, [2, 5, 6, 7]].any()


def test_idle_processes_that_are_killed_are_replaced(found):
    with closing(
        decoded(found.records, found.roots, SIZE, batch_size=2, limits=DEFAULT_LIMITS, workers=2)
    ) as batches:
        pictures = []
        for batch in batches:
            pictures.append(batch.pixels.copy())
            for pid in children():
                with suppress(ProcessLookupError):  # it ended by itself
                    os.kill(pid, signal.SIGKILL)
    assert np.array_equal(np.concatenate(pictures), expected(found))


def test_ctrl_c_does_not_end_a_process(found):
    with closing(
        decoded(found.records, found.roots, SIZE, batch_size=1, limits=DEFAULT_LIMITS, workers=1)
    ) as batches:
        next(batches)
        (before,) = children()
        os.kill(before, signal.SIGINT)
        assert len(list(batches)) == 23
    assert not os.path.exists(f"/proc/{before}")


STARVED = """
import resource, sys
from pathlib import Path
from indexer.decoding.decoder import File, Manner, decode_batch
from indexer.decoding.slots import shared_slots
from indexer.files import sha256_of
from indexer.scanning.examine import examine
from indexer.scanning.known import LASTING
from indexer.scanning.walk import Entry
from models.types import Limits
folder, limits = Path(sys.argv[1]), Limits(max_bytes=1_000_000)
files = [File(n, str(f), f.name, sha256_of(f)) for n, f in enumerate(sorted(folder.iterdir()))]
examine(Entry(0, "0.png"), folder, limits=limits, thorough=True)  # so that all imports are done
with shared_slots(1, 3, 32) as slots:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 20_000_000, resource.RLIM_INFINITY))
    (refused,) = decode_batch(slots, 0, files, Manner(limits))
    found = examine(Entry(0, "2.png"), folder, limits=limits, thorough=True).verdict
print(refused.row, refused.reason, found.reason, found.reason in LASTING, sep=", ")
"""


def test_want_of_memory_is_no_lasting_reason(large):
    for row in (3, 4):
        (large / f"{row}.png").unlink()
    tried = subprocess.run(
        [sys.executable, "-c", STARVED, str(large)],
        cwd=ROOM,
        capture_output=True,
        text=True,
        check=True,
    )
    assert tried.stdout == "2, no memory, no memory, False\n"


def test_processes_that_never_live_are_given_up(found, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BuildFailed, match="ended with code 1 before its first picture"):
        pixels_of(found)
    assert children("false") == []


BUILD = """
import sys, time
from pathlib import Path
from indexer.decoding.ahead import decoded
from indexer.gallery import scan
from indexer.types import DEFAULT_LIMITS
found = scan([Path(sys.argv[1])])
for batch in decoded(found.records * 9, found.roots, 32, batch_size=2, limits=DEFAULT_LIMITS):
    print("ready", flush=True)
    time.sleep(600)
"""


def test_processes_end_with_a_build_that_is_killed(gallery):
    build = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(gallery)], stdout=subprocess.PIPE, cwd=ROOM
    )
    with build:
        assert build.stdout.readline() == b"ready\n"
        theirs = [pid for pid in _pids() if _parent(pid) == build.pid]
        assert theirs
        build.kill()
    until(lambda: not any("indexer.decoding.decoder" in _command(pid) for pid in theirs))


@pytest.mark.campaign
def test_fault_51_many_kills_change_nothing(found):
    large = Scan(found.roots, found.records * 400, ())
    ended, done = Event(), 0

    def kill() -> None:
        random, killed_at = np.random.default_rng(0), 0
        while not ended.wait(random.uniform(0, 0.05)):
            if done >= killed_at + 480:  # in the meantime all that it hit has been decoded
                killed_at = done
                for pid in children():
                    os.kill(pid, signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    try:
        every = expected(found)
        for batch in decoded(
            large.records, large.roots, SIZE, batch_size=7, limits=DEFAULT_LIMITS, workers=3
        ):
            rows = [row % 24 for row in range(done, done + len(batch.records))]
            assert np.array_equal(batch.pixels[: len(rows)], every[rows])
            done += len(rows)
        assert done == len(large.records)
    finally:
        ended.set()
        killer.join()
