"""The page for programs, read and tried in a real Chromium."""

import pytest
from playwright.sync_api import Page, expect

from tests import serving

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def test_an_operation_is_tried(page: Page) -> None:
    page.goto("/api")
    operation = page.locator("article", has=page.locator("#api-similar"))
    operation.get_by_text("Try it").click()
    operation.get_by_label("k", exact=True).fill("3")
    operation.get_by_label("metric").select_option("euclidean")
    operation.get_by_role("button", name="Send").click()
    answer = operation.locator("output")
    expect(answer).to_contain_text("200 OK")
    expect(answer).to_contain_text('"metric": "euclidean"')
    expect(answer.locator("pre")).to_contain_text('"rank": 3')


def test_a_picture_is_sent_and_so_is_json(page: Page) -> None:
    page.goto("/api")
    operation = page.locator("article", has=page.locator("#api-search"))
    operation.get_by_text("Try it").click()
    send = operation.get_by_role("button", name="Send")
    send.click()
    answer = operation.locator("output")
    expect(answer).to_contain_text('"query": "image 0, image 1"')
    operation.get_by_label("pictures").set_input_files(serving.pictures()[4])
    send.click()
    expect(answer).to_contain_text(f'"query": "{serving.pictures()[4].name}"')


def test_a_refusal_is_shown(page: Page, complaints: list[str]) -> None:
    page.goto("/api")
    operation = page.locator("article", has=page.locator("#api-image"))
    operation.get_by_text("Try it").click()
    operation.get_by_label("image_id").fill("99999")
    operation.get_by_role("button", name="Send").click()
    expect(operation.locator("output")).to_contain_text("unknown_image")
    complaints.clear()  # the browser remarks on the status 404


@pytest.mark.parametrize(
    "context", [{"java_script_enabled": False}, {**PHONE}], indirect=True, ids=["plain", "phone"]
)
def test_it_is_documentation_everywhere(page: Page) -> None:
    page.goto("/api")
    expect(page.get_by_role("heading", name="POST /api/v1/search")).to_be_visible()
    expect(page.locator("pre").first).to_contain_text("curl -F image=@picture.jpg")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= (page.viewport_size or {"width": 0})["width"]
