"""What a visitor does, in a real browser."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import serving
from tests.e2e.screens import WITHOUT_SCRIPTS

pytestmark = pytest.mark.browser

RESULT = re.compile(r"/q/[\w-]{22}")

TRANSFER = """([event, name, type, content]) => {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    if (name) transfer.items.add(new File([bytes], name, {type}));
    const options = {bubbles: true, cancelable: true};
    document.body.dispatchEvent(event === "paste"
        ? new ClipboardEvent("paste", {...options, clipboardData: transfer})
        : new DragEvent(event, {...options, dataTransfer: transfer}));
}"""


def picture() -> Path:
    """Return the picture that these tests search with."""
    return serving.pictures()[0]


def transfer(page: Page, event: str, path: Path | None) -> None:
    """Drop or paste a file, or nothing, on a page."""
    content = base64.b64encode(path.read_bytes()).decode() if path else ""
    page.evaluate(TRANSFER, [event, path.name if path else "", "image/jpeg", content])


def expect_found(page: Page) -> None:
    """The page shows the results, and the picture itself is the first."""
    page.wait_for_url(RESULT)
    expect(page.get_by_role("heading", name="Pictures like yours")).to_be_visible()
    expect(page.locator(".card-hit")).to_have_count(10)
    expect(page.locator(".card-hit .path").first).to_have_text(picture().name)
    expect(page.locator(".line")).to_contain_text(f"of {serving.count()} pictures")


def expect_pictures_shown(page: Page) -> None:
    """Every picture in sight was loaded."""
    page.wait_for_load_state("networkidle")
    widths: list[int] = page.eval_on_selector_all(
        "img:not([hidden]):not([loading=lazy])", "all => all.map((one) => one.naturalWidth)"
    )
    assert widths
    assert all(widths)


def test_upload_by_form(page: Page) -> None:
    page.goto("/")
    expect_pictures_shown(page)
    page.get_by_label("Choose a picture").set_input_files(picture())
    expect_found(page)
    expect_pictures_shown(page)


def test_upload_by_drop(page: Page) -> None:
    page.goto("/")
    transfer(page, "dragover", picture())
    expect(page.locator("body.dropping")).to_be_visible()
    transfer(page, "drop", picture())
    expect_found(page)


def test_upload_by_paste(page: Page) -> None:
    page.goto("/")
    transfer(page, "paste", picture())
    expect_found(page)


def test_a_drop_without_a_picture_says_so(page: Page) -> None:
    page.goto("/")
    transfer(page, "drop", None)
    expect(page.get_by_role("status")).to_contain_text("no picture in that")


def test_a_picture_that_is_too_large_is_not_even_sent(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"x" * 4_000_000)
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(large)
    expect(page.get_by_role("status")).to_contain_text("at most 2.9 MB")


def test_a_result_page_leads_to_the_next_search(page: Page) -> None:
    page.goto("/similar/sample/5")
    page.get_by_label("Search with other pictures").set_input_files(picture())
    expect_found(page)


def test_switch_to_exact(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(picture())
    expect_found(page)
    first = page.url
    page.get_by_label("Search", exact=True).select_option("exact=1")
    page.wait_for_url("**exact=1**")
    expect(page.locator(".line")).to_contain_text(f"all {serving.count()} pictures")
    expect(page.locator(".line")).to_contain_text("exact")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    assert page.url.startswith(first)
    page.get_by_label("Number of pictures").select_option("20")
    page.wait_for_url("**k=20**")
    expect(page.locator(".card-hit")).to_have_count(20)
    page.reload()
    expect(page.locator(".card-hit")).to_have_count(20)


def test_more_like_this(page: Page) -> None:
    page.goto("/similar/sample/0")
    name = page.locator(".card-hit .path").nth(2).text_content()
    page.locator(".card-hit .more").nth(2).click()
    expect(page.get_by_role("heading", name="Pictures like this one")).to_be_visible()
    expect(page.locator(".query-picture .path")).to_contain_text(name or "?")
    expect_pictures_shown(page)


def test_what_is_refused_is_told_in_place(
    page: Page, complaints: list[str], tmp_path: Path
) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("this is no picture")
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(text)
    expect(page.get_by_role("status")).to_contain_text("JPEG, PNG")
    expect(page.get_by_text("Choose a picture, or several")).to_be_visible()
    # The browser notes the status itself; nothing else may be wrong.
    assert all("415" in complaint or "blob:" in complaint for complaint in complaints)
    complaints.clear()
    page.get_by_label("Choose a picture").set_input_files(picture())
    expect_found(page)


@WITHOUT_SCRIPTS
def test_an_error_page(page: Page, complaints: list[str], tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("this is no picture")
    page.goto("/")
    page.locator("input[type=file]").first.set_input_files(text)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("415")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("not a picture")
    complaints.clear()
    page.get_by_role("link", name="Search with a picture").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Search pictures")


@WITHOUT_SCRIPTS
def test_everything_works_without_scripts(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(picture())
    page.get_by_role("button", name="Search").click()
    expect_found(page)
    page.get_by_label("Distance").select_option("euclidean")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**metric=euclidean**")
    expect(page.locator(".card-hit .path").first).to_have_text(picture().name)
    page.get_by_role("link", name="More like this").first.click()
    expect(page.get_by_role("heading", name="Pictures like this one")).to_be_visible()


@pytest.mark.parametrize("script", ["words.js", "likeness.js"])
def test_where_scripts_fail_their_buttons_come_back(
    page: Page, complaints: list[str], script: str
) -> None:
    page.route(f"**/{script}", lambda route: route.abort())
    page.goto("/similar/sample/0")
    page.get_by_label("Distance").select_option("euclidean")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**metric=euclidean**")
    complaints.clear()


def test_scripts_of_others_that_fail_take_nothing_away(page: Page, complaints: list[str]) -> None:
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            const other = document.createElement("script");
            other.src = "/nothing.js";
            document.head.append(other);
            throw new Error("of an extension");
        })"""
    )
    page.goto("/similar/sample/0", wait_until="networkidle")
    expect(page.locator("html.js")).to_have_count(1)
    assert complaints
    complaints.clear()


def test_a_form_that_a_script_sends_is_taken(page: Page) -> None:
    page.goto("/")
    with page.expect_file_chooser():
        page.locator("[data-upload]").evaluate(
            "(form) => form.dispatchEvent(new Event('submit', { cancelable: true }))"
        )


def test_pages_work_where_nothing_may_be_stored(page: Page) -> None:
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get() { throw new Error('forbidden'); }})"
    )
    page.goto("/similar/sample/0")
    page.get_by_label("Distance").select_option("euclidean")
    page.wait_for_url("**metric=euclidean**")
    expect(page.locator(".card-hit")).to_have_count(10)
    page.locator("main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}], indirect=True)
def test_edges_of_fields_can_be_seen(page: Page) -> None:
    page.goto("/similar/sample/0")
    for selector in (".form-select", ".form-control", ".btn-quiet"):
        edge, paper = page.locator(f"{selector}:visible").first.evaluate(
            "(one) => [getComputedStyle(one).borderTopColor,"
            " getComputedStyle(document.body).backgroundColor]"
        )
        assert contrast(edge, paper) >= 3, selector


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}], indirect=True)
def test_ticks_can_be_seen(page: Page) -> None:
    page.goto("/similar/sample/0")
    tick, box = page.locator("#fold:checked").evaluate(
        "(one) => [getComputedStyle(one).backgroundImage, getComputedStyle(one).backgroundColor]"
    )
    stroke = re.search(r"stroke='%23([0-9a-f]+)'", tick)
    assert stroke
    digits = stroke[1] if len(stroke[1]) == 6 else "".join(2 * digit for digit in stroke[1])
    color = ", ".join(f"{int(digits[at : at + 2], 16)}" for at in (0, 2, 4))
    assert contrast(f"rgb({color})", box) >= 3


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors, as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of a color, as WCAG 2.2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_keyboard_is_enough(page: Page) -> None:
    # Set before the page opens: asked for together with the key, Chromium may take the key first.
    page.on("filechooser", lambda chooser: chooser.set_files(picture()))
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="sample", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Choose a picture")).to_be_focused()
    page.keyboard.press("Enter")
    expect_found(page)
    more = page.get_by_role("link", name="More like this").first
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pictures like this one")).to_be_visible()


@pytest.mark.parametrize(
    "context",
    [
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 768, "height": 1024}, "color_scheme": "dark"},
        {"viewport": {"width": 3840, "height": 2160}},
    ],
    indirect=True,
)
def test_pages_fit_every_screen(page: Page) -> None:
    for address in ("/", "/similar/sample/0?k=50", "/index/", "/index/sample"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


@pytest.mark.parametrize("slowness", [1, 8], ids=["quick", "slow"])
def test_nothing_moves_while_a_page_arrives(page: Page, slowness: int) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowness})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(entry) => { window.shift += entry.value; }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for address in ("/", "/similar/sample/0"):
        page.goto(address, wait_until="networkidle")
        assert page.evaluate("window.shift") < 0.02, address


@pytest.mark.parametrize("context", [{"color_scheme": "dark"}], indirect=True)
def test_the_dark_is_dark(page: Page) -> None:
    page.goto("/")
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", color)) < 40


def test_inline_scripts_are_blocked(page: Page, complaints: list[str]) -> None:
    page.goto("/")
    page.evaluate(
        "() => { const script = document.createElement('script');"
        "script.textContent = 'window.broken = true'; document.body.append(script); }"
    )
    assert page.evaluate("window.broken") is None
    assert "Content Security Policy" in complaints.pop()


def test_every_control_has_a_name(context: BrowserContext, page: Page) -> None:
    for address in ("/", "/similar/sample/0", "/index/sample"):
        page.goto(address)
        unnamed: list[Any] = page.eval_on_selector_all(
            "a, button, select, input:not([type=hidden]), img:not([hidden])",
            "all => all.filter((one) => !(one.textContent.trim() || one.labels?.length || one.alt"
            " || one.querySelector?.('img[alt]'))).map((one) => one.outerHTML)",
        )
        assert unnamed == []
