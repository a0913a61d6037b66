"""Every key of the list does what it says, and none is taken from people who type."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import serving
from tests.e2e.screens import WITHOUT_SCRIPTS

pytestmark = pytest.mark.browser

HITS = "/similar/sample/0?k=10&exact=1"


def press(page: Page, *keys: str) -> None:
    """Press keys one by one."""
    for key in keys:
        page.keyboard.press(key)


def hit(page: Page, at: int) -> Locator:
    """Return the link of a hit."""
    return page.locator(".card-hit .more").nth(at)


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}], indirect=True)
def test_the_list_of_keys_opens_and_closes(page: Page) -> None:
    page.goto(HITS)
    hit(page, 1).focus()
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("More like the hit")
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    expect(hit(page, 1)).to_be_focused()
    page.get_by_role("link", name="Keys").click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


@WITHOUT_SCRIPTS
def test_without_scripts_the_keys_are_a_page(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Keys").click()
    page.wait_for_url("**/keys")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()


@pytest.mark.parametrize("key", ["/", "u"])
def test_the_upload_gets_the_focus(page: Page, key: str) -> None:
    for address, name in (("/", "Choose a picture"), (HITS, "Search with other pictures")):
        page.goto(address)
        press(page, key)
        expect(page.get_by_label(name)).to_be_focused()


def test_hits_are_gone_through(page: Page) -> None:
    page.goto(HITS)
    press(page, "j")
    expect(hit(page, 0)).to_be_focused()
    press(page, "j", "j", "k")
    expect(hit(page, 1)).to_be_focused()
    press(page, "ArrowRight")
    expect(hit(page, 2)).to_be_focused()
    press(page, "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    expect(hit(page, 0)).to_be_focused()
    columns = page.evaluate(
        "getComputedStyle(document.querySelector('.grid')).gridTemplateColumns.split(' ').length"
    )
    press(page, "ArrowRight", "ArrowDown")
    expect(hit(page, 1 + columns)).to_be_focused()
    press(page, "ArrowUp")
    expect(hit(page, 1)).to_be_focused()
    press(page, "ArrowUp")
    expect(hit(page, 1)).to_be_focused()
    press(page, "Enter")
    page.wait_for_url(lambda address: "/similar/sample/0" not in address)


def test_arrows_scroll_where_no_hit_has_the_focus(page: Page) -> None:
    page.goto(HITS)
    page.locator("main").focus()
    press(page, "ArrowDown")
    page.wait_for_function("scrollY > 0")


@pytest.mark.parametrize(
    ("key", "address"), [("o", r"/gallery/sample/\d+\?v="), ("y", r"/similar/sample/0/why/\d+-")]
)
def test_a_hit_is_opened_and_compared(page: Page, key: str, address: str) -> None:
    page.goto(HITS)
    press(page, key, "j", "j")
    expect(page).to_have_url(re.compile(r"/similar/sample/0\?"))
    press(page, key)
    page.wait_for_url(re.compile(address))


@pytest.mark.parametrize(("key", "parameter"), [("+", "more"), ("-", "less")])
def test_a_hit_is_added_and_subtracted(page: Page, key: str, parameter: str) -> None:
    page.goto(HITS)
    press(page, key)
    press(page, "j", "j")
    press(page, key)
    page.wait_for_url(f"**{parameter}=**")


def test_pages_are_turned(page: Page) -> None:
    page.goto(HITS)
    press(page, "n")
    page.wait_for_url("**page=2**")
    press(page, "p")
    page.wait_for_url(lambda address: "page=" not in address)


@pytest.mark.parametrize(
    ("key", "address"), [("h", "/"), ("g", "/gallery/sample"), ("r", "/reports/")]
)
def test_two_keys_lead_to_the_main_pages(page: Page, key: str, address: str) -> None:
    page.goto(HITS)
    press(page, "g", key)
    page.wait_for_url(re.compile(f"{address}$"))


def test_a_part_is_begun(page: Page) -> None:
    page.goto(HITS)
    press(page, "c", "ArrowDown", "Enter")
    page.wait_for_url("**box=**")


def test_arrows_belong_to_the_controls_of_a_hit(page: Page) -> None:
    page.goto(f"{HITS}&judge=1")
    page.locator("#hit-2").get_by_label("Relevant", exact=True).focus()
    press(page, "ArrowRight")
    expect(page.locator("#hit-2").get_by_label("Not relevant")).to_be_checked()
    expect(page.locator(".judging [role=status]")).to_contain_text("not relevant")
    press(page, "Backspace")
    expect(page.locator(".judging [role=status]")).to_contain_text("taken back")


def test_no_key_is_taken_from_people_who_type(page: Page) -> None:
    page.goto(HITS)
    page.get_by_label("Similarity at least").focus()
    press(page, "n", "?", "-", "j")
    page.get_by_label("Number of pictures").focus()
    press(page, "n", "?")
    press(page, "Control+j")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url.endswith(HITS)


def test_a_list_is_gone_through_before_it_is_applied(page: Page) -> None:
    page.goto(HITS)
    distance = page.get_by_label("Distance")
    for leave in ("Enter", "Tab"):
        distance.focus()
        press(page, "ArrowDown")
        apply = page.get_by_role("button", name="Apply")
        expect(apply).to_be_visible()
        expect(page.locator("body > [role=status]")).to_have_text("Press Enter to apply it.")
        assert "metric" not in page.url
        press(page, "ArrowUp", "ArrowDown", leave)
        page.wait_for_url("**metric=euclidean**")
        focused = distance if leave == "Enter" else page.get_by_label("Number of pictures")
        expect(focused).to_be_focused()
        expect(apply).to_be_hidden()
        page.goto(HITS)


def test_a_list_that_was_gone_through_is_applied_by_its_button(page: Page) -> None:
    page.goto(HITS)
    page.get_by_label("Order").focus()
    press(page, "ArrowDown")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**order=farthest**")


def test_one_list_of_keys_is_open_at_most(page: Page) -> None:
    page.goto(HITS)
    press(page, "?", "?")
    expect(page.get_by_role("dialog")).to_have_count(1)


def test_keys_are_turned_off(page: Page) -> None:
    page.goto(HITS)
    press(page, "?")
    page.get_by_label("Use these keys").uncheck()
    press(page, "Escape")
    press(page, "j", "n", "?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(hit(page, 0)).not_to_be_focused()
    page.reload()
    page.get_by_role("link", name="Keys").click()
    page.get_by_label("Use these keys").check()
    press(page, "Escape", "j")
    expect(hit(page, 0)).to_be_focused()


def test_the_keyboard_alone_uploads_and_crops(page: Page) -> None:
    page.on("filechooser", lambda chooser: chooser.set_files(serving.pictures()[0]))
    page.goto("/")
    press(page, "u", "Enter")
    page.wait_for_url("**/q/*")
    expect(page.locator(".card-hit")).to_have_count(10)
    press(page, "c", "Shift+ArrowRight", "Enter")
    page.wait_for_url("**box=**")
