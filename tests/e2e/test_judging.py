"""Judging in a real browser: by hand, by keys, without scripts, and on a phone."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.screens import EVERYWHERE

pytestmark = pytest.mark.browser

PAGE = "/similar/sample/0?k=10&exact=1&fold=0"
JUDGING = f"{PAGE}&judge=1"
WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "context", [{"java_script_enabled": False}], indirect=True, ids=["no scripts"]
)


def card(page: Page, rank: int) -> Locator:
    """Return the card of a hit."""
    return page.locator(f"#hit-{rank}")


def said(page: Page) -> Locator:
    """Return where the page says what it has kept."""
    return page.locator(".judging [role=status]")


def test_a_hit_is_judged_without_leaving_the_page(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_role("link", name="Judge these hits").click()
    page.wait_for_url("**judge=1**")
    address = page.url
    name = card(page, 3).locator(".path").text_content()
    card(page, 3).get_by_label("Score of").select_option("8")
    expect(said(page)).to_have_text(f"{name}: 8 of 10")
    expect(card(page, 3)).to_contain_text("judged by")
    card(page, 5).get_by_text("Not relevant").click()
    expect(said(page)).to_contain_text("not relevant")
    assert page.url == address
    page.reload()
    expect(card(page, 3).get_by_label("Score of")).to_have_value("8")
    expect(card(page, 5).get_by_label("Not relevant")).to_be_checked()
    expect(card(page, 4).get_by_label("Score of")).to_have_value("")


def test_a_judgement_is_taken_back_by_hand(page: Page) -> None:
    page.goto(JUDGING)
    back = card(page, 7).get_by_role("button", name="Take back")
    expect(back).to_be_hidden()
    card(page, 7).get_by_text("Relevant", exact=True).click()
    back.click()
    expect(said(page)).to_contain_text("taken back")
    expect(card(page, 7).get_by_label("Relevant", exact=True)).not_to_be_checked()
    expect(card(page, 7)).not_to_contain_text("judged by")
    expect(card(page, 7).get_by_label("Score of")).to_be_focused()


def test_keys_judge_the_hit_that_has_the_focus(page: Page) -> None:
    page.goto(JUDGING)
    card(page, 2).get_by_role("link", name="More like this").focus()
    for key, sentence in (
        ("7", ": 7 of 10"),
        ("0", ": 10 of 10"),
        ("r", ": 10 of 10, relevant"),
        ("x", ": 10 of 10, not relevant"),
        ("Backspace", ": taken back"),
        ("3", ": 3 of 10"),
    ):
        page.keyboard.press(key)
        expect(said(page)).to_have_text(re.compile(f"{re.escape(sentence)}$"))
    page.reload()
    expect(card(page, 2).get_by_label("Score of")).to_have_value("3")


def test_the_second_of_two_keys_judges_nothing(page: Page) -> None:
    page.goto(JUDGING)
    card(page, 8).get_by_role("link", name="More like this").focus()
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.method))
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/reports/")
    assert set(posted) == {"GET"}


def test_what_is_refused_without_a_reason_is_said(page: Page, complaints: list[str]) -> None:
    page.goto(JUDGING)
    page.route("**/ratings", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    card(page, 2).get_by_label("Score of").select_option("8")
    expect(said(page)).to_contain_text("not kept. The server's answer (502)")
    expect(card(page, 2).get_by_label("Score of")).to_have_value("")
    complaints.clear()


def test_what_is_kept_outlasts_an_earlier_failure(page: Page, complaints: list[str]) -> None:
    page.goto(JUDGING)
    page.route("**/ratings", lambda route: route.fulfill(status=502), times=1)
    card(page, 9).get_by_role("link", name="More like this").focus()
    page.keyboard.press("4")
    page.keyboard.press("6")
    expect(said(page)).to_contain_text("6 of 10")
    expect(card(page, 9).get_by_label("Score of")).to_have_value("6")
    page.keyboard.press("Backspace")
    expect(said(page)).to_contain_text("taken back")
    complaints.clear()


def test_of_keys_pressed_in_a_hurry_the_last_counts(page: Page) -> None:
    page.goto(JUDGING)
    card(page, 2).get_by_label("Score of").focus()
    for key in "123456789":
        page.keyboard.press(key)
    expect(said(page)).to_contain_text("9 of 10")
    page.reload()
    expect(card(page, 2).get_by_label("Score of")).to_have_value("9")


def test_keys_elsewhere_judge_nothing(page: Page) -> None:
    page.goto(JUDGING)
    page.get_by_label("Similarity at least").focus()
    page.keyboard.press("5")
    page.get_by_role("link", name="Stop judging").focus()
    page.keyboard.press("7")
    page.keyboard.press("Control+r")
    expect(page.locator(".judge [name=take_back]:not([hidden])")).to_have_count(0)


def test_the_search_follows_at_once(page: Page) -> None:
    page.goto(JUDGING)
    again = page.get_by_role("link", name="Rank again by my judgements")
    expect(again).to_be_hidden()
    wanted, unwanted = (card(page, rank).locator(".path").text_content() for rank in (6, 9))
    card(page, 6).get_by_text("Relevant", exact=True).click()
    card(page, 9).get_by_text("Not relevant").click()
    expect(said(page)).to_contain_text(f"{unwanted}: not relevant")
    again.click()
    page.wait_for_url("**less=**")
    expect(page.locator(".feedback li")).to_have_count(2)
    expect(card(page, 1).or_(card(page, 2)).filter(has_text=str(wanted))).to_have_count(1)
    expect(page.locator(".card-hit .path", has_text=str(unwanted))).to_have_count(0)
    page.get_by_role("link", name="Original order").click()
    expect(card(page, 9).locator(".path")).to_have_text(str(unwanted))


def test_what_cannot_be_kept_is_said_and_undone(
    page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    page.goto(JUDGING)
    context.set_offline(True)
    card(page, 2).get_by_label("Score of").select_option("8")
    expect(said(page)).to_contain_text("not kept. The server does not answer")
    expect(card(page, 2).get_by_label("Score of")).to_have_value("")
    context.set_offline(False)
    card(page, 2).get_by_label("Score of").select_option("8")
    expect(said(page)).to_contain_text("8 of 10")
    # The browser notes the failure itself.
    assert all("ERR_INTERNET_DISCONNECTED" in complaint for complaint in complaints)
    complaints.clear()


@WITHOUT_SCRIPTS
def test_judging_needs_no_scripts(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_role("link", name="Judge these hits").click()
    card(page, 3).get_by_label("Score of").select_option("8")
    card(page, 3).get_by_label("Relevant", exact=True).check(force=True)
    card(page, 3).get_by_role("button", name="Keep").click()
    page.wait_for_url("**judge=1#hit-3")
    expect(card(page, 3).get_by_label("Score of")).to_have_value("8")
    expect(card(page, 3)).to_contain_text("judged by")
    page.get_by_role("link", name="Rank again by my judgements").click()
    page.wait_for_url("**more=**")
    page.go_back()
    card(page, 3).get_by_role("button", name="Take back").click()
    expect(card(page, 3).get_by_label("Score of")).to_have_value("")


@EVERYWHERE
def test_judging_fits_every_screen(page: Page) -> None:
    page.goto(JUDGING)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    overflowing = page.eval_on_selector_all(
        ".judge *",
        "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1"
        " && getComputedStyle(one).display !== 'inline').map((one) => one.outerHTML)",
    )
    assert overflowing == []


def test_every_control_of_judging_has_a_name(page: Page) -> None:
    page.goto(JUDGING)
    controls = page.locator(".judge").first
    for role in ("combobox", "radio"):
        for control in controls.get_by_role(role).all():  # type: ignore[arg-type]
            assert control.evaluate("one => one.labels[0].textContent.trim()")
    expect(controls.get_by_role("group")).to_have_accessible_name(re.compile("relevant"))
