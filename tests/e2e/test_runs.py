"""Trainings in a real browser: the curve, in the dark on a phone and in the light on a screen."""

import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from indexer.experiments.runs.underway import noting
from indexer.experiments.runs.working import working_on
from indexer.types import Progress, silent
from tests import reports, serving
from tests.e2e.screens import EVERYWHERE
from tests.runs import DISTILLING, TUNING, make_run

pytestmark = pytest.mark.browser

MANY = {"recipe": {"epochs": 100}}
LONG = "number,size,loss,held_out,seconds\n" + "".join(
    f"{at},{96 + at // 20 * 32},{2 / math.sqrt(at):.4f},{1 / math.sqrt(at) + 0.2:.4f},31\n"
    for at in range(1, 81)
)


@pytest.fixture(scope="module", autouse=True)
def runs(server: serving.Server) -> Iterator[None]:
    """A run in each state, where the server looks for them."""
    make_run(server.instance)
    reports.make_report(server.instance, "training-tuned")
    make_run(server.instance, "long", curve=LONG, state="running", **DISTILLING, **MANY)
    noting(silent, make_run(server.instance, "live", state="running", **TUNING))(
        Progress("learn", 1, 9)
    )
    (make_run(server.instance, "torn") / "run.json").write_text("{")
    with working_on(server.instance, "live", resume=True):
        yield


@EVERYWHERE
@pytest.mark.parametrize("name", ["", "tuned", "long", "live", "torn"])
def test_pages_of_trainings_fit_the_screen(page: Page, name: str) -> None:
    page.goto(f"/runs/{name}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for drawing in page.locator("svg.learning").all():
        box = drawing.bounding_box()
        assert box
        for text in drawing.locator("text").all():
            inner = text.bounding_box()
            assert inner
            assert box["x"] - 1 <= inner["x"]
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


@EVERYWHERE
def test_curves_are_told_apart_without_colour(page: Page) -> None:
    page.goto("/runs/tuned")
    expect(page.locator("svg.learning")).to_have_count(2)
    expect(page.locator(".learnt .curve").first).not_to_have_css("stroke-dasharray", "none")
    expect(page.locator(".held-out .curve").first).to_have_css("stroke-dasharray", "none")


def sooner(route: Route) -> None:
    """Answer as the server does, but let the page look again in a tenth of the time."""
    answer = route.fetch()
    seconds = int(answer.headers["refresh"]) // 10
    route.fulfill(response=answer, headers=answer.headers | {"refresh": str(seconds)})


def test_the_page_looks_again_by_itself_while_it_learns(page: Page, server: serving.Server) -> None:
    page.route("**/runs/live", sooner)
    page.goto("/runs/live")
    expect(page.get_by_text("Learning: epoch 5 of at most 24")).to_be_visible()
    curve = server.instance / "runs/live/curve.csv"
    curve.write_text(curve.read_text() + "5,224,0.6,1.05,30,0.86,0.74\n")
    expect(page.get_by_text("Learning: epoch 6 of at most 24")).to_be_visible(timeout=30_000)


def test_the_way_from_the_gallery_to_a_training_and_its_report(page: Page) -> None:
    page.goto("/index/")
    page.get_by_role("link", name="trainings").click()
    page.get_by_role("link", name="tuned").click()
    page.get_by_role("link", name="The report: before and after").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
