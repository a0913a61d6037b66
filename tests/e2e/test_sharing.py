"""Opening a hit large, comparing it with the query, and passing the hits on."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import serving
from tests.e2e.screens import EVERYWHERE, PHONE, WITHOUT_SCRIPTS

pytestmark = pytest.mark.browser

HITS = "/similar/sample/0?k=10&exact=1"
BOXES = """() => [...document.querySelectorAll(".pictured")].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return { x, y, width, height };
})"""


def upload(page: Page, count: int = 1) -> None:
    """Search with some pictures."""
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(serving.pictures()[:count])
    page.wait_for_url("**/q/*")


def compare(page: Page, at: int = 2) -> None:
    """Open the comparison with a hit."""
    page.goto(HITS)
    page.locator(".next .compare").nth(at).click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    page.wait_for_load_state()


@EVERYWHERE
def test_a_hit_opens_large_and_leads_back(page: Page) -> None:
    page.goto(HITS)
    name = page.locator(".card-hit .path").nth(2).text_content() or "?"
    page.locator(".card-hit .mat").nth(2).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/gallery/sample/\d+\?v="))
    page.get_by_role("link", name="Back to the hits").click()
    expect(page).to_have_url(re.compile(re.escape(HITS) + r"#of-\d+$"))


@EVERYWHERE
def test_two_pictures_are_seen_together(page: Page) -> None:
    compare(page)
    one, other = page.evaluate(BOXES)
    width = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if one["y"] == other["y"]:
        assert one["height"] == pytest.approx(other["height"], abs=1)
        assert one["x"] + one["width"] < other["x"]
    else:
        assert width < 768
        assert one["width"] == pytest.approx(other["width"], abs=1)
    expect(page.locator(".compare dl")).to_contain_text("similarity")


@pytest.mark.parametrize("context", [{}, PHONE], indirect=True, ids=["screen", "phone"])
def test_what_makes_them_alike_is_hidden_and_shown(page: Page) -> None:
    compare(page)
    expect(page.locator(".heat")).to_have_count(2)
    page.get_by_label("Show what makes them alike").uncheck()
    for at in (0, 1):
        expect(page.locator(".heat").nth(at)).to_be_hidden()


def test_hits_are_compared_one_after_another_by_keys(page: Page) -> None:
    compare(page, at=1)
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda address: address != first)
    second = page.url
    page.keyboard.press("k")
    page.wait_for_url(first)
    page.keyboard.press("j")
    page.wait_for_url(second)
    rank = page.locator(".figures dd").first.text_content()
    page.get_by_role("link", name="Back to the hits").click()
    expect(page).to_have_url(re.compile(f"#hit-{rank}$"))
    page.wait_for_load_state()
    page.keyboard.press("j")
    cards = page.locator(".card-hit .more")
    expect(cards.nth(3)).to_be_focused()


@WITHOUT_SCRIPTS
def test_pictures_are_compared_without_scripts(page: Page) -> None:
    compare(page)
    page.get_by_role("link", name="Next hit").click()
    page.get_by_label("Show what makes them alike").uncheck()
    expect(page.locator(".heat").first).to_be_hidden()
    page.get_by_role("link", name="Back to the hits").click()
    expect(page.locator(".card-hit")).to_have_count(10)


def test_each_picture_of_a_query_is_compared(page: Page) -> None:
    upload(page, count=2)
    page.locator(".next .compare").first.click()
    figures = page.locator(".figures").text_content()
    page.get_by_role("link", name="Your picture 2").click()
    expect(page.get_by_role("img", name="Searched with: Your picture 2")).to_be_visible()
    assert page.locator(".figures").text_content() != figures


def test_the_link_is_copied(context: BrowserContext, page: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    upload(page)
    page.goto(f"{page.url}?judge=1&k=20")
    expect(page.locator(".shared-until")).to_contain_text("sees your picture, until")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".share [role=status]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(page.url.split("?")[0])
    assert "judge" not in copied
    page.goto(copied)
    expect(page.locator(".card-hit")).to_have_count(20)


@pytest.mark.parametrize("works", [True, False])
def test_the_link_is_copied_or_shown_where_there_is_no_clipboard(
    context: BrowserContext, page: Page, works: bool
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(HITS)
    page.evaluate(
        """(works) => {
            window.clipboard = navigator.clipboard;
            Object.defineProperty(navigator, "clipboard", { value: undefined });
            if (!works) document.execCommand = () => false;
        }""",
        works,
    )
    page.get_by_role("button", name="Copy link").click()
    said = page.locator(".share [role=status]")
    if works:
        expect(said).to_have_text("Copied")
        assert "/similar/sample/0" in page.evaluate("clipboard.readText()")
    else:
        expect(said).to_contain_text("/similar/sample/0")
    # What people copy themselves stays theirs.
    assert page.evaluate(
        """document.dispatchEvent(new ClipboardEvent("copy", {
            cancelable: true, clipboardData: new DataTransfer(),
        }))"""
    )


@WITHOUT_SCRIPTS
def test_without_scripts_there_is_the_link_itself(page: Page) -> None:
    page.goto(HITS)
    expect(page.get_by_role("button", name="Copy link")).to_be_hidden()
    page.get_by_role("link", name="Link to these hits").click()
    expect(page.locator(".card-hit")).to_have_count(10)


def test_an_added_hit_is_shown_as_such_while_hits_are_judged(page: Page) -> None:
    page.goto(f"{HITS}&judge=1")
    page.locator(".steer").nth(2).click()
    page.wait_for_url("**more=**")
    pressed = page.locator(".steer[aria-current]")
    expect(pressed).to_have_accessible_name(re.compile("No longer also like"))
    pressed.click()
    page.wait_for_url(lambda address: "more=" not in address)
    expect(pressed).to_have_count(0)
