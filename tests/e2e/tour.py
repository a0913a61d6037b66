"""A tour of all pages: what is looked at, by eye and by axe, on each kind of screen."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient
from playwright.sync_api import Page

from app.search.marks import Mark
from app.search.presenters import content
from indexer.opening import open_current
from tests import serving
from tests.portraits import draw_portrait

NAMES = (
    *("home", "results", "several", "faces", "part", "steered", "judging", "why", "wall"),
    *("picture", "index", "indexes", "rejected", "reports", "report", "quality", "runs"),
    *("run", "api", "keys", "keys-over", "nothing", "refused", "unlike", "german"),
)
"""The names of all stops, in their order."""
LIGHT, DARK = "light", "dark"
WIDTHS = {390: 844, 1440: 900}
"""Widths of the screens that pages are looked at on, and their heights, in pixels."""


BOX = "box=0.1,0.15,0.8,0.75"


def _nothing(page: Page) -> None:
    pass


@dataclass(frozen=True)
class Stop:
    """A page in the state in which it is looked at.

    Attributes:
        name: what it is called.
        shows: what is seen there, for people.
        address: where it is.
        meanwhile: what a visitor does there first.
    """

    name: str
    shows: str
    address: str
    meanwhile: Callable[[Page], None] = _nothing

    def visit(self, page: Page) -> None:
        """Open it, and wait until all of it is there."""
        page.goto(self.address, wait_until="networkidle")
        self.meanwhile(page)
        page.wait_for_load_state("networkidle")


def stops(instance: Path, index: str, query: Path, run: str, report: str) -> list[Stop]:
    """Return the stops of a tour; searches are made, so that their pages are there.

    Args:
        instance: that a server shows.
        index: the name of the one that is searched.
        query: a picture to search with.
        run, report: names of a training and of a report that are there.
    """
    client = serving.make_app(instance, SEARCHES_PER_MINUTE=0).test_client()
    portrait = _portrait()
    narrowed, steered = _steered(instance, index)
    similar = f"/similar/{index}/0"
    asked, several, faces = (
        _upload(client, sent)
        for sent in ([query.read_bytes()], [query.read_bytes(), portrait], [portrait])
    )
    return [
        Stop("home", "the home page", "/?look=1"),
        Stop("results", "what is like an uploaded picture", asked),
        Stop("several", "what is like two pictures together", several),
        Stop("faces", "a portrait, whose faces are offered", faces),
        Stop("part", "a part of a picture, in two classes", f"{similar}?{BOX}&{narrowed}", _unfold),
        Stop("steered", "more like one hit, less like another", f"{similar}?{steered}", _unfold),
        Stop("judging", "hits are judged", f"{similar}?judge=1"),
        Stop("why", "what makes a hit like its query", asked, _ask_why),
        Stop("wall", "the pictures of a gallery", f"/gallery/{index}"),
        Stop("picture", "one picture of a gallery", f"/gallery/{index}/0"),
        Stop("index", "an index: parameters, classes, what recall costs", f"/index/{index}"),
        Stop("indexes", "all indexes", "/index/"),
        Stop("rejected", "files that an index left out", f"/gallery/{index}/rejected"),
        Stop("reports", "all reports", "/reports/"),
        Stop("report", "a report", f"/reports/{report}"),
        Stop("quality", "how good an index is", f"/index/{index}/quality"),
        Stop("runs", "all trainings", "/runs/"),
        Stop("run", "a training", f"/runs/{run}"),
        Stop("api", "the programming interface", "/api"),
        Stop("keys", "the keys that pages know", "/keys"),
        Stop("keys-over", "the same over a page", f"{similar}?k=10", _ask_for_keys),
        Stop("nothing", "an address where nothing is", "/nothing"),
        Stop("refused", "a file that is no picture", "/?look=1", _send_words),
        Stop("unlike", "a search that nothing is like enough for", f"{similar}?min=1"),
        Stop("german", "hits in German", f"{similar}?lang=de"),
    ]


def _portrait() -> bytes:
    content = BytesIO()
    draw_portrait(((60, 40, 220), (420, 120, 160)), 640, 420).save(content, "PNG")
    return content.getvalue()


def _upload(client: FlaskClient, pictures: list[bytes]) -> str:
    files = [(BytesIO(data), f"{at}.png") for at, data in enumerate(pictures)]
    form = {"csrf_token": serving.token_of(client.get("/").text), "image": files}
    sent = client.post("/search", data=form)
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"]


def _steered(instance: Path, index: str) -> tuple[str, str]:
    """Return the parameters that narrow to two classes, and those that add and subtract."""
    opened = open_current(instance, index)
    try:
        names = [each.name for each in opened.catalog.classes.all if each.name][:2]
        more, less = (str(Mark(at, content(opened.catalog.image(at)))) for at in (1, 9))
    finally:
        opened.catalog.close()
    narrowed = urlencode({"class": names}, doseq=True)
    return narrowed, urlencode({"more": more, "less": less, "exact": 1})


def _ask_why(page: Page) -> None:
    reason = page.locator("a[href*='/why/']").first
    page.goto(str(reason.evaluate("one => one.href")), wait_until="networkidle")


def _send_words(page: Page) -> None:
    words = {"name": "words.txt", "mimeType": "text/plain", "buffer": b"These are words."}
    page.get_by_label("Choose a picture").set_input_files(files=[words])
    page.locator("#upload-status.problem").wait_for()


def _unfold(page: Page) -> None:
    """Open all that can be opened."""
    page.locator("details:not([open])").evaluate_all("all => all.forEach(one => one.open = true)")


def _ask_for_keys(page: Page) -> None:
    page.locator("main").focus()
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
