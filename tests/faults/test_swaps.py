"""Generations that replace each other under a load of uploads (fault 64)."""

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event

import pytest

from indexer.build import BuildPlan, build_index
from indexer.generations import IndexFolder
from indexer.history import return_to
from indexer.live import sync
from models.types import EncoderSpec
from tests import serving

BOUNDARY = "swaps"
NAME = "swapped"
PICTURES = 12
CLIENTS = 4
PAUSE = 0.1  # seconds between a visitor's rounds: what replaces the index needs a processor too


class Gallery:
    """A gallery whose every state can be told from any answer: by its one class, and its size."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sizes: dict[str, int] = {}
        (folder / "g0").mkdir(parents=True)
        for picture in serving.pictures()[:PICTURES]:
            shutil.copy(picture, folder / "g0")

    def change(self) -> str:
        """Move every picture to another class, and add one; return the class."""
        (old,) = self.folder.iterdir()
        state = f"g{len(self.sizes) + 1}"
        old.rename(self.folder / state)
        color = f"hsl({37 * len(self.sizes) % 360}, 70%, 50%)"
        (self.folder / state / f"{state}.png").write_bytes(serving.png(color=color))
        self.sizes[state] = len(list((self.folder / state).iterdir()))
        return state


class Swaps:
    """The states of the gallery in the order in which they began to serve, some for a second time.

    Attributes:
        begun: the states that may serve by now, or did.
        settled: how many of them serve for certain, or did.
    """

    def __init__(self, gallery: Gallery, instance: Path, encoder: EncoderSpec) -> None:
        self.gallery = gallery
        self.folder = IndexFolder(instance, NAME)
        self.plan = BuildPlan((gallery.folder,), name=NAME, encoder=encoder)
        self.begun = [gallery.change()]
        build_index(self.plan, instance)
        self.settled = 1

    def next(self) -> None:
        """Sync with a changed gallery."""
        self.begun.append(self.gallery.change())
        assert sync(NAME, self.folder.instance).summary

    def back(self) -> None:
        """Return to the generation before."""
        self.begun.append(self.begun[-2])
        return_to(self.folder.instance, NAME)

    def build(self, precision: str) -> None:
        """Build a changed gallery anew, with another encoder."""
        self.begun.append(self.gallery.change())
        build_index(replace(self.plan, precision=precision), self.folder.instance)

    def settle(self, server: serving.Server) -> None:
        """Wait until the current state of the gallery serves for certain."""
        await_taken_up(self.folder, server)
        self.settled = len(self.begun)


def await_taken_up(folder: IndexFolder, server: serving.Server) -> None:
    """Wait until all workers have taken up the current generation, and let go of others."""
    deadline = time.monotonic() + 60
    while any(mapped(worker, folder.name) != {folder.current()} for worker in server.workers()):
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.02)


def mapped(process: int, index: str) -> set[str | None]:
    """Return the generations of an index of which a process has a file in its memory.

    All but the encoder, which may be opened from one generation and serve the next as well.
    """
    maps = Path(f"/proc/{process}/maps").read_text()
    return set(re.findall(rf"/{index}/generations/([^/]+)/(?!encoder/)", maps))


class Visitor:
    """Somebody who searches, and to whom every page must show one state of the gallery."""

    def __init__(self, server: serving.Server, picture: bytes) -> None:
        self.url = server.url
        self.picture = picture
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def over_the_api(self) -> tuple[set[str], int]:
        """Return the classes and the size of the gallery that the API tells of."""
        answer = json.loads(self.send("/api/v1/search?k=20&exact=1", {}))
        paths = {hit["path"].split("/")[0] for hit in answer["hits"]}
        return paths | {hit["label"] for hit in answer["hits"]}, answer["gallery"]

    def on_the_page(self) -> tuple[set[str], int]:
        """Return the classes and the size of the gallery that a result page tells of."""
        token = serving.token_of(self.read("/"))
        page = self.send("/search", {"csrf_token": token, "index": NAME})
        found = re.search(r"(?:of|all) ([\d,]+) pictures", page)
        assert found, page
        return set(re.findall(r'class="label"[^>]*>(\w+)<', page)), int(found[1])

    def at_home(self) -> tuple[set[str], int]:
        """Return the classes and the size of the gallery that the home page tells of."""
        page = self.read("/")
        found = re.search(r"among the ([\d,]+) pictures", page)
        assert found, page
        return set(re.findall(r'alt="More like [^"]*, (\w+)"', page)), int(found[1])

    def read(self, path: str) -> str:
        """Return a page; any status but 200 raises."""
        with self.opener.open(self.url + path, timeout=60) as response:
            return str(response.read().decode())

    def send(self, path: str, fields: dict[str, str]) -> str:
        """Upload the picture; return where that leads."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"'
        body = "".join([*parts, head, "\r\nContent-Type: image/jpeg\r\n\r\n"]).encode()
        body += self.picture + f"\r\n--{BOUNDARY}--\r\n".encode()
        request = urllib.request.Request(self.url + path, body)
        request.add_header("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        with self.opener.open(request, timeout=60) as response:
            return str(response.read().decode())


def visit(visitor: Visitor, swaps: Swaps, done: Event, pause: float) -> tuple[int, list[str]]:
    """Search until all is done; return how many answers came, and what was wrong with any."""
    ways: list[Callable[[], tuple[set[str], int]]]
    ways = [visitor.over_the_api, visitor.on_the_page, visitor.at_home]
    answers, wrong = 0, []
    while not done.wait(pause):
        for way in ways:
            first = swaps.settled - 1
            try:
                states, size = way()
            except Exception as error:
                wrong.append(f"{way.__name__}: {error!r}")
                continue
            answers += 1
            possible = {(state, swaps.gallery.sizes[state]) for state in swaps.begun[first:]}
            if len(states) != 1 or (*states, size) not in possible:
                wrong.append(f"{way.__name__}: {states} of {size}, where {possible} could be")
    return answers, wrong


@pytest.fixture(scope="module")
def series(spec: EncoderSpec, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Swaps:
    """Return a gallery with an index, of which all these tests make further generations."""
    folder = tmp_path_factory.mktemp("swaps")
    shutil.copytree(exported, folder / "instance/encoders")
    return Swaps(Gallery(folder / "gallery"), folder / "instance", spec)


@pytest.fixture(scope="module")
def server(series: Swaps) -> Iterator[serving.Server]:
    """A server of two workers on it."""
    settings = {"SEARCHES_PER_MINUTE": "0", "WAIT_SECONDS": "60", "INDEX": NAME}
    with serving.serving(series.folder.instance, settings=settings) as running:
        yield running


@contextmanager
def loaded(series: Swaps, server: serving.Server, pause: float = PAUSE) -> Iterator[None]:
    """Search for as long as the index is changed; no search may fail or mix generations."""
    picture = serving.pictures()[0].read_bytes()
    done = Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        visits = [
            pool.submit(visit, Visitor(server, picture), series, done, pause)
            for _ in range(CLIENTS)
        ]
        try:
            yield
        finally:
            done.set()
        found = [each.result() for each in visits]
    assert [wrong for _, problems in found for wrong in problems] == []
    assert all(answers >= 3 for answers, _ in found)


def test_fault_64_workers_that_nobody_asks_take_up_a_generation(
    series: Swaps, server: serving.Server
) -> None:
    series.next()
    series.settle(server)


@pytest.mark.parametrize(
    ("swaps", "pause"),
    [(3, PAUSE), pytest.param(20, 0, marks=[pytest.mark.campaign, pytest.mark.timeout(1800)])],
)
def test_fault_64_no_answer_fails_or_mixes_generations(
    series: Swaps, server: serving.Server, swaps: int, pause: float
) -> None:
    with loaded(series, server, pause):
        for number in range(1, swaps + 1):
            (series.back if number % 4 == 3 else series.next)()
            series.settle(server)


def test_fault_64_an_encoder_is_replaced_under_load(series: Swaps, server: serving.Server) -> None:
    with loaded(series, server):
        for precision in ("bf16", "fp32"):
            series.build(precision)
            series.settle(server)


def test_fault_64_generations_are_pruned_under_load(series: Swaps, server: serving.Server) -> None:
    with loaded(series, server):
        for _ in range(3):
            series.next()
            assert series.folder.prune(0)
        series.settle(server)
