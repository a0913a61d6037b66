"""Looking through a gallery as visitors do: by mouse, by keys, on a phone, without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import EVERYWHERE, PHONE

pytestmark = pytest.mark.browser

PLACES = (
    "/gallery/sample?show=20",
    "/gallery/sample?class=painting&class=engraving",
    "/gallery/sample/5?class=drawing",
    "/gallery/sample/rejected",
    "/index/sample",
)
WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "context", [{"java_script_enabled": False}], indirect=True, ids=["no scripts"]
)


def test_from_the_wall_to_a_picture_and_its_like(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="The gallery").click()
    expect(page.get_by_role("heading", level=1, name="sample")).to_be_visible()
    page.get_by_role("link", name="painting", exact=True).click()
    expect(page.locator("#where")).to_contain_text("pictures in painting")
    page.locator(".hang a").nth(2).click()
    expect(page.get_by_text(re.compile(r"Picture 3 of \d+ in painting"))).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text(re.compile(r"Picture 4 of \d+ in painting"))).to_be_visible()
    page.get_by_role("link", name="All in painting").click()
    expect(page).to_have_url(re.compile(r"#p\d+$"))
    expect(page.locator("li:target")).to_be_in_viewport()
    page.locator("li:target a").click()
    like = page.get_by_role("region", name="Pictures like this one").get_by_role("link").first
    name = like.get_attribute("title")
    like.click()
    expect(page.get_by_text(name or "", exact=True)).to_be_visible()
    page.get_by_role("link", name="More like this").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pictures like this one")


@WITHOUT_SCRIPTS
def test_classes_are_chosen_together_without_scripts(page: Page) -> None:
    page.goto("/gallery/sample?show=5&sort=newest")
    page.get_by_role("checkbox", name="painting").check()
    page.get_by_role("checkbox", name="engraving").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#where")).to_contain_text("Pictures 1 to 5")
    expect(page.locator("#where")).to_contain_text("in engraving and painting")
    expect(page).to_have_url(re.compile("sort=newest&show=5"))
    expect(page.get_by_role("checkbox", name="painting")).to_be_checked()
    page.get_by_role("navigation", name="Pages", exact=True).get_by_text("Next").click()
    expect(page.locator("#where")).to_contain_text("Pictures 6 to 10")
    page.get_by_role("link", name="All pictures").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_the_keyboard_is_enough(page: Page) -> None:
    page.goto("/gallery/sample?show=10")
    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        names.append(focused.evaluate("(one) => one.name || one.textContent.trim() || one.title"))
        style = focused.evaluate("(one) => getComputedStyle(one).outlineStyle")
        assert style == "solid", names[-1]
        if focused.evaluate("(one) => Boolean(one.closest('.hang'))"):
            break
    assert "class" in names
    assert {"painting", "Show", "newest first", "Next", "Last"} <= set(names)
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Picture 1 of \d+"))).to_be_visible()


@pytest.mark.parametrize("context", [PHONE], indirect=True, ids=["phone"])
def test_classes_are_folded_on_a_phone(page: Page) -> None:
    page.goto("/gallery/sample")
    expect(page.get_by_role("link", name="painting", exact=True)).to_be_hidden()
    page.get_by_role("group").get_by_text("Classes").click()
    page.get_by_role("link", name="painting", exact=True).click()
    expect(page.locator("#where")).to_contain_text("in painting")


@EVERYWHERE
def test_pages_fit_every_screen(page: Page) -> None:
    for address in PLACES:
        page.goto(address)
        widths = page.locator("html").evaluate("(one) => [one.scrollWidth, one.clientWidth]")
        assert widths[0] <= widths[1], address


@pytest.mark.parametrize(
    "context", [{"viewport": {"width": 3840, "height": 2160}}], indirect=True, ids=["4K"]
)
def test_pages_fit_the_largest_screen(page: Page) -> None:
    for address in PLACES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_nothing_moves_while_pictures_arrive(page: Page) -> None:
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(entry) => { window.shift += entry.value; }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for address in PLACES:
        page.goto(address, wait_until="networkidle")
        assert page.evaluate("window.shift") < 0.02, address
