"""The switches beside a page of hits, or folded above them on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bringing import bring, expect_query_of, files, pictures
from tests.e2e.screens import ON_TOUCH, PHONE

pytestmark = pytest.mark.browser


@ON_TOUCH
def test_on_a_phone_results_are_near_and_switches_folded(page: Page) -> None:
    page.goto("/similar/sample/0?class=painting")
    expect(page.get_by_label("Distance")).to_be_hidden()
    box = page.locator(".card-hit").first.bounding_box()
    assert box
    assert box["y"] < 844
    page.get_by_text("Search settings").click()
    expect(page.locator(".how > summary")).to_contain_text("Class: painting")
    page.get_by_label("Distance").select_option("euclidean")
    page.wait_for_url("**metric=euclidean**")
    expect(page.get_by_label("Distance")).to_be_focused()


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_on_a_phone_the_first_hit_is_in_sight(page: Page) -> None:
    page.goto("/similar/sample/0")
    expect(page.locator(".card-hit img").first).to_be_in_viewport(ratio=1)
    form = page.locator("form[data-upload]")
    expect(form).to_be_hidden()
    bring(page, "paste", files(pictures(1)))
    expect_query_of(page, 1)
    expect(form).to_be_hidden()
    page.get_by_text("Other pictures", exact=True).click()
    expect(form).to_be_visible()


@pytest.mark.parametrize("context", [PHONE | {"java_script_enabled": False}], indirect=True)
def test_switches_are_unfolded_without_scripts(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.get_by_text("Search settings").click()
    page.get_by_label("Distance").select_option("euclidean")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**metric=euclidean**")


def test_beside_the_results_switches_are_never_folded(page: Page) -> None:
    page.goto("/similar/sample/0")
    expect(page.get_by_text("Search settings")).to_be_hidden()
    expect(page.get_by_label("Distance")).to_be_visible()


@ON_TOUCH
def test_fingers_find_everything(page: Page) -> None:
    page.goto("/similar/sample/0?box=0.1,0.1,0.9,0.9&more=1-" + content(page, 1))
    page.get_by_text("Search settings").click()
    page.get_by_text("Search with a part").click()
    page.get_by_text("All classes").click()
    small = page.eval_on_selector_all(
        "main a:not(.large, .face-boxes a), main button, main select, main summary,"
        "main input:not([type=hidden], [type=file], [type=checkbox]), .narrow label, .colophon a",
        "all => all.filter((one) => one.checkVisibility()"
        " && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)",
    )
    assert small == []


def content(page: Page, image: int) -> str:
    """Return what addresses name the content of an indexed picture by."""
    page.goto(f"/similar/sample/{image}?k=1")
    source = page.locator(".query-picture img").get_attribute("src")
    return (source or "").rpartition("v=")[2]


def test_what_was_found_is_told_after_a_switch(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.get_by_label("Order").select_option("farthest")
    page.wait_for_url("**order=farthest**")
    expect(page.locator("body > [role=status]")).to_contain_text("Pictures least like this one")


def test_a_chosen_class_keeps_the_focus(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.get_by_text("All classes").click()
    page.get_by_label("painting").check()
    page.wait_for_url("**class=painting**")
    expect(page.get_by_label("painting")).to_be_focused()
    expect(page.get_by_text("Class: painting").last).to_be_visible()
