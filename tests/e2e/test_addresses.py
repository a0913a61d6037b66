"""Asking with the address of a picture: what is refused is said beside it, and stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests import serving
from tests.e2e.screens import WITHOUT_SCRIPTS

pytestmark = pytest.mark.browser

OURS = "http://127.0.0.1/picture.png"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    """A server that fetches from addresses, though from none of ours."""
    folder: Path = tmp_path_factory.mktemp("addresses") / "instance"
    instance = serving.copy_of(serving.instance(), folder)
    with serving.serving(instance, settings={"SEARCH_BY_ADDRESS": "1"}) as running:
        yield running


def expect_refused(page: Page) -> None:
    """The address stands where it was typed, and why it is refused stands below it."""
    field = page.get_by_label("or its address")
    expect(field).to_have_value(OURS)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(f"{OURS} does not lead to the public internet. "
                                                 "Download the picture, and send it.")  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/similar/sample/0"])
def test_a_refused_address_stays(page: Page, complaints: list[str], address: str) -> None:
    page.goto(address)
    page.get_by_label("or its address").fill(OURS)
    page.keyboard.press("Enter")
    expect_refused(page)
    complaints.clear()


@WITHOUT_SCRIPTS
def test_a_refused_address_stays_without_scripts(page: Page, complaints: list[str]) -> None:
    page.goto("/similar/sample/0?judge=1")
    page.get_by_label("or its address").fill(OURS)
    page.get_by_role("button", name="Add to this search").click()
    expect_refused(page)
    expect(page.get_by_role("button", name="Add to this search")).to_be_visible()
    complaints.clear()


def test_an_address_is_added_and_can_be_cancelled(page: Page) -> None:
    asked: list[str] = []

    def never(route: Route) -> None:
        asked.append(route.request.url)

    page.goto("/similar/sample/0?judge=1")
    page.route("**/search?**", never)
    page.get_by_label("or its address").fill("https://example.org/picture.jpg")
    page.get_by_role("button", name="Add to this search").click()
    expect(page.locator("#upload-status")).to_have_text("Fetching the picture…")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#upload-status")).to_contain_text("Cancelled")
    expect(page.get_by_label("or its address")).to_have_value("https://example.org/picture.jpg")
    (address,) = asked
    assert "more=0-" in address
    assert "judge=1" in address


def test_pictures_are_chosen_where_no_address_was_typed(page: Page) -> None:
    page.goto("/")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Search").click()
    chooser.value.set_files(serving.pictures()[0])
    page.wait_for_url("**/q/*")
