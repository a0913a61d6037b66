"""The whole way in German: search, words of scripts, the choice of a language, small screens."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import serving

pytestmark = pytest.mark.browser

GERMAN = pytest.mark.parametrize("context", [{"locale": "de-AT"}], indirect=True, ids=["german"])
SMALL = {"locale": "de-DE", "viewport": {"width": 390, "height": 844}}
PAGES = (
    "/",
    "/gallery/sample?class=painting",
    "/gallery/sample/5?class=drawing",
    "/gallery/sample/rejected",
    "/index/",
    "/index/sample",
    "/index/sample/quality",
    "/similar/sample/3?class=painting&class=drawing",
    "/similar/sample/3?judge=1",
    "/reports/",
    "/runs/",
    "/api",
    "/keys",
)


@GERMAN
def test_a_search_is_german_throughout(page: Page) -> None:
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.locator("#image").set_input_files(serving.pictures()[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Bilder wie Ihres")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".found > .line")).to_contain_text("angesehen")
    expect(page.locator(".figures").first).to_contain_text(re.compile(r"Ähnlichkeit \d,\d{4}"))
    page.get_by_label("Reihenfolge").select_option("fernste zuerst")
    expect(page).to_have_url(re.compile("order=farthest"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bilder am wenigsten wie Ihres")


@GERMAN
def test_scripts_speak_german(page: Page, complaints: list[str]) -> None:
    page.goto("/")
    status = page.locator("#upload-status")
    text = {"name": "notiz.txt", "mimeType": "text/plain", "buffer": b"kein Bild"}
    page.locator("#image").set_input_files([text])
    expect(status).to_contain_text("notiz.txt ist kein Bild.")
    torn = {"name": "riss.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff kaputt"}
    page.locator("#image").set_input_files([torn])
    expect(status).to_contain_text("Die Datei lässt sich nicht als Bild lesen.")
    large = {"name": "gross.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 3_500_000}
    page.locator("#image").set_input_files([large])
    expect(status).to_have_text("Ein Bild darf höchstens 2,9 MB haben; dieses hat 3,3.")
    complaints.clear()  # the browser remarks on each refusal


@GERMAN
def test_judging_speaks_german(page: Page) -> None:
    page.goto("/similar/sample/3?judge=1")
    page.locator(".card-hit .more").first.focus()
    page.keyboard.press("8")
    expect(page.locator(".judging-said")).to_contain_text(re.compile(r"jpg: 8 von 10$"))
    expect(page.locator("[data-people]").first).to_have_text("von 1 Person bewertet")
    page.keyboard.press("Backspace")
    expect(page.locator(".judging-said")).to_contain_text("zurückgenommen")


@GERMAN
def test_another_language_is_chosen_without_leaving_the_page(page: Page) -> None:
    page.goto("/gallery/sample?class=painting")
    page.get_by_role("link", name="English").click()
    expect(page.locator("#where")).to_contain_text("pictures in painting")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search pictures with a picture.")


@pytest.mark.parametrize("context", [SMALL], indirect=True, ids=["phone"])
def test_long_words_have_room_on_a_phone(page: Page) -> None:
    for address in PAGES:
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
