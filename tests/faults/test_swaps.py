"""Generations that replace each other under a load of uploads (fault 64)."""

import json
import re
import shutil
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event

import pytest

from indexer.build import BuildPlan, build_index
from indexer.history import return_to
from indexer.live import sync
from tests import serving

BOUNDARY = "swaps"
NAME = "swapped"
PICTURES = 12
CLIENTS = 4


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

    def __init__(self, gallery: Gallery, instance: Path) -> None:
        self.gallery = gallery
        self.instance = instance
        self.begun = [gallery.change()]
        build_index(BuildPlan((gallery.folder,), name=NAME), instance)
        self.settled = 1

    def next(self) -> None:
        """Sync with a changed gallery."""
        self.begun.append(self.gallery.change())
        assert sync(NAME, self.instance).summary
        self.settled = len(self.begun)

    def back(self) -> None:
        """Return to the generation before."""
        self.begun.append(self.begun[-2])
        return_to(self.instance, NAME)
        self.settled = len(self.begun)


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
        found = re.search(r"of ([\d,]+) images", page)
        assert found, page
        return set(re.findall(r'class="label">(\w+)<', page)), int(found[1])

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


def visit(visitor: Visitor, swaps: Swaps, done: Event) -> tuple[int, list[str]]:
    """Search until all is done; return how many answers came, and what was wrong with any."""
    ways: list[Callable[[], tuple[set[str], int]]]
    ways = [visitor.over_the_api, visitor.on_the_page, visitor.at_home]
    answers, wrong = 0, []
    while not done.is_set():
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


@pytest.mark.parametrize(
    "swaps",
    [3, pytest.param(20, marks=[pytest.mark.campaign, pytest.mark.timeout(1800)])],
)
def test_fault_64_no_answer_fails_or_mixes_generations(tmp_path: Path, swaps: int) -> None:
    instance = tmp_path / "instance"
    shutil.copytree(serving.instance() / "encoders", instance / "encoders")
    series = Swaps(Gallery(tmp_path / "gallery"), instance)
    settings = {"SEARCHES_PER_MINUTE": "0", "WAIT_SECONDS": "60", "INDEX": NAME}
    picture = serving.pictures()[0].read_bytes()
    done = Event()
    with (
        serving.serving(instance, settings=settings) as server,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        visits = [
            pool.submit(visit, Visitor(server, picture), series, done) for _ in range(CLIENTS)
        ]
        try:
            for number in range(1, swaps + 1):
                (series.back if number % 4 == 3 else series.next)()
        finally:
            done.set()
        found = [each.result() for each in visits]
    assert [wrong for _, problems in found for wrong in problems] == []
    assert all(answers >= 3 for answers, _ in found)
