"""Reports in a real browser: on the site, and as a file of their own without a network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from app.reports.rendering import standalone
from indexer.evaluation.reporting.storing import read_report, report_folder
from tests import reports, serving
from tests.e2e.screens import EVERYWHERE, PHONE

pytestmark = pytest.mark.browser

FEW = 8  # pictures that lie so near to each other that a browser loads them together


@pytest.fixture(scope="module", autouse=True)
def report(server: serving.Server) -> None:
    """A report of the sample index, where the server looks for it."""
    reports.make_report(server.instance)


@pytest.fixture(scope="module")
def kept(server: serving.Server, report: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page to keep, in a folder of its own."""
    folder = report_folder(server.instance, "quality")
    path = tmp_path_factory.mktemp("kept") / "quality.html"
    with serving.make_app(server.instance).app_context():
        path.write_text(standalone(read_report(folder), folder), encoding="utf-8")
    return path


@pytest.fixture
def requests(context: BrowserContext) -> list[str]:
    """What the browser asks anybody for."""
    asked: list[str] = []

    def listen(request: Request) -> None:
        asked.append(request.url)

    context.on("request", listen)
    return asked


def expect_report(page: Page) -> None:
    """The report is there, with all pictures, and no part of it is wider than the screen."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    images = page.locator("main img")
    for image in images.all()[::FEW]:
        image.scroll_into_view_if_needed()
    for image in images.all():
        expect(image).to_have_js_property("complete", True)
    assert min(images.evaluate_all("all => all.map(one => one.naturalWidth)")) > 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@EVERYWHERE
@pytest.mark.parametrize("address", ["/reports/quality", "/index/sample/quality"])
def test_a_report_on_the_site(page: Page, address: str) -> None:
    page.goto(address)
    expect_report(page)
    expect(page.locator(".shot.right .shot-frame").first).to_have_css("border-style", "solid")
    expect(page.locator(".shot.wrong .shot-frame").first).to_have_css("border-style", "dashed")


@EVERYWHERE
def test_a_report_as_a_file_needs_no_network(page: Page, kept: Path, requests: list[str]) -> None:
    page.goto(kept.as_uri())
    expect_report(page)
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == []
    assert [url for url in requests if url.startswith("file:")] == [kept.as_uri()]


@pytest.mark.parametrize("context", [PHONE], indirect=True, ids=["phone"])
def test_a_report_as_a_file_follows_the_dark(page: Page, kept: Path) -> None:
    page.goto(kept.as_uri())
    expect(page.locator("body")).to_have_css("background-color", "rgb(21, 20, 19)")
    expect(page.locator("body")).to_have_css("margin", "0px")


@pytest.mark.parametrize("context", [PHONE], indirect=True, ids=["phone"])
def test_a_wide_table_is_moved_by_the_keyboard(page: Page) -> None:
    page.goto("/reports/quality")
    table = page.get_by_role("region", name="Precision at k by class")
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("one => one.scrollLeft > 0", arg=table.element_handle())


def test_the_page_to_keep_can_be_downloaded(page: Page, tmp_path: Path) -> None:
    page.goto("/reports/")
    page.get_by_role("link", name="Copies of the sample's pictures").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Keep as one page").click()
    assert download.value.suggested_filename == "quality.html"


def test_the_way_from_an_index_to_how_good_it_is(page: Page) -> None:
    page.goto("/index/sample")
    page.get_by_role("link", name="How good is this index?").click()
    expect(page.get_by_role("heading", name="How good is this index?")).to_be_visible()
    expect(page.get_by_text("97.5 % of 200 distorted copies")).to_be_visible()


def test_a_report_on_paper(browser: Browser, kept: Path) -> None:
    page = browser.new_page()
    page.goto(kept.as_uri())
    page.emulate_media(media="print")
    expect(page.locator(".contents")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
