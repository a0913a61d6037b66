"""Asking with several pictures: chosen, dropped, pasted, photographed, added; sent and stopped."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Request, expect

from app.search.uploads import MOST_PICTURES
from tests.e2e.bringing import RESULT, bring, expect_query_of, files, pictures
from tests.e2e.screens import ON_TOUCH, WITHOUT_SCRIPTS

pytestmark = pytest.mark.browser


def large(megabytes: float) -> bytes:
    """Return a picture of noise, which cannot be packed."""
    side = int((megabytes * 2**20 / 3) ** 0.5)
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    content = BytesIO()
    Image.fromarray(noise).save(content, "BMP")
    return content.getvalue()


def throttle(context: BrowserContext, page: Page, bytes_a_second: int) -> None:
    """Make the way up as slow as that."""
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_a_second,
        },
    )


def test_several_are_chosen(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(pictures(3))
    expect_query_of(page, 3)
    expect(page.get_by_role("heading", name="Pictures like yours together")).to_be_visible()


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_several_are_brought_in_their_order(page: Page, event: str) -> None:
    page.goto("/")
    brought = pictures(3)
    bring(page, event, files(brought))
    expect_query_of(page, 3)
    addresses = page.locator(".query-picture img").evaluate_all("all => all.map((one) => one.src)")
    for address, path in zip(addresses, brought, strict=True):
        with Image.open(BytesIO(page.request.get(address).body())) as kept, Image.open(path) as own:
            little = [image.convert("RGB").resize((8, 8)) for image in (kept, own)]
        apart = np.abs(np.subtract(*(np.asarray(image, float) for image in little)))
        assert apart.mean() < 3


def test_all_are_shown_while_they_are_sent(context: BrowserContext, page: Page) -> None:
    page.goto("/")
    throttle(context, page, 40_000)
    bring(page, "drop", files(pictures(3)))
    expect(page.locator(".previews img")).to_have_count(3)
    names = [path.name for path in pictures(3)]
    alts = page.locator(".previews img").evaluate_all("all => all.map((one) => one.alt)")
    assert alts == names
    expect(page.get_by_role("status")).to_contain_text("3 pictures")
    expect_query_of(page, 3)


def test_more_than_a_search_takes_are_left_out_and_named(page: Page) -> None:
    page.goto("/")
    brought = files(pictures(MOST_PICTURES + 1))
    bring(page, "drop", brought)
    expect_query_of(page, MOST_PICTURES)
    left_out = page.locator("#upload-status")
    expect(left_out).to_contain_text(f"{MOST_PICTURES} pictures at most")
    expect(left_out).to_contain_text(brought[-1][0])


def test_what_is_no_picture_is_named(page: Page) -> None:
    page.goto("/")
    notes = ("notes.txt", "text/plain", b"no picture")
    bring(page, "drop", [notes, *files(pictures(1))])
    expect_query_of(page, 1)
    expect(page.locator("#upload-status")).to_have_text("notes.txt is no picture.")
    bring(page, "drop", [notes])
    expect(page.locator("#upload-status")).to_have_text("notes.txt is no picture.")


def test_pictures_that_are_too_large_together_are_not_sent(page: Page) -> None:
    page.goto("/")
    noise = large(1.2)
    bring(page, "drop", [(f"{at}.bmp", "image/bmp", noise) for at in range(3)])
    expect(page.get_by_role("status")).to_contain_text("at most 2.9 MB; these pictures have 3.6")
    expect(page).to_have_url(re.compile(r"/$"))


def test_pictures_are_added_to_a_search(page: Page) -> None:
    page.goto("/")
    bring(page, "drop", files(pictures(1)))
    expect_query_of(page, 1)
    page.get_by_label("Number of pictures").select_option("20")
    page.wait_for_url("**k=20**")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add to this search").click()
    chooser.value.set_files(pictures(3)[1:])
    page.wait_for_url("**k=20**")
    expect(page.locator(".query-picture")).to_have_count(3)
    expect(page.locator(".card-hit")).to_have_count(20)


def test_what_is_dropped_on_results_asks_anew_but_for_one_place(page: Page) -> None:
    page.goto("/")
    bring(page, "drop", files(pictures(2)))
    expect_query_of(page, 2)
    bring(page, "drop", files(pictures(1)), "[data-add]")
    expect_query_of(page, 3)
    bring(page, "drop", files(pictures(1)), ".found")
    expect_query_of(page, 1)


def test_an_upload_is_added_to_an_indexed_picture(page: Page) -> None:
    page.goto("/similar/sample/0")
    bring(page, "drop", files(pictures(2)[1:]), "[data-add]")
    expect_query_of(page, 1)
    expect(page.locator(".feedback")).to_contain_text("Also like")


def test_a_full_search_takes_no_more(page: Page) -> None:
    page.goto("/")
    bring(page, "drop", files(pictures(MOST_PICTURES)))
    expect_query_of(page, MOST_PICTURES)
    bring(page, "drop", files(pictures(1)), "[data-add]")
    expect(page.locator("#upload-status")).to_contain_text("takes no more")


def test_an_upload_tells_how_far_it_is_and_can_be_stopped(
    context: BrowserContext, page: Page
) -> None:
    page.goto("/")
    throttle(context, page, 200_000)
    bring(page, "drop", [("noise.bmp", "image/bmp", large(2))])
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    page.wait_for_function("one => one.value > 0 && one.value < 1", arg=bar.element_handle())
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text("Cancelled. Nothing was searched.")
    expect(bar).to_be_hidden()
    expect(page.locator(".previews")).to_be_hidden()
    throttle(context, page, -1)
    bring(page, "drop", files(pictures(1)))
    expect_query_of(page, 1)


def test_an_upload_that_is_lost_says_so(
    context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    page.goto("/")
    context.set_offline(True)
    bring(page, "drop", files(pictures(1)))
    expect(page.get_by_role("status")).to_contain_text("did not arrive")
    complaints.clear()


def test_back_from_the_results_the_form_is_empty(page: Page) -> None:
    page.goto("/")
    bring(page, "drop", files(pictures(1)))
    expect_query_of(page, 1)
    page.go_back()
    expect(page.get_by_text("Choose a picture, or several")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_hidden()


def test_a_hit_is_dragged_onto_the_query(page: Page) -> None:
    page.goto("/similar/sample/0")
    name = page.locator(".card-hit .path").nth(2).text_content()
    page.locator(".card-hit .more").nth(2).drag_to(page.locator(".query-pictures"))
    page.wait_for_url("**more=**")
    expect(page.locator(".feedback")).to_contain_text(f"Also like {name}")


def test_a_hit_that_was_let_go_leaves_files_their_way(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.evaluate(
        """() => {
            const more = document.querySelector(".card-hit .more");
            for (const kind of ["dragstart", "dragend"])
                more.dispatchEvent(new DragEvent(kind, {bubbles: true}));
        }"""
    )
    bring(page, "drop", files(pictures(1)), ".query-pictures")
    expect_query_of(page, 1)


def test_words_are_dropped_where_they_belong(page: Page) -> None:
    page.goto("/similar/sample/0")
    prevented = page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.setData("text/plain", "0.5");
            const options = {bubbles: true, cancelable: true, dataTransfer};
            const field = document.querySelector("#min");
            const events = ["dragover", "drop"].map((kind) => new DragEvent(kind, options));
            return events.map((event) => !field.dispatchEvent(event));
        }"""
    )
    assert prevented == [False, False]
    expect(page.locator("body.dropping")).to_have_count(0)


def test_a_file_that_is_no_picture_leaves_an_upload_alone(
    context: BrowserContext, page: Page
) -> None:
    page.goto("/")
    throttle(context, page, 40_000)
    bring(page, "drop", files(pictures(3)))
    expect(page.get_by_role("progressbar")).to_be_visible()
    bring(page, "drop", [("notes.txt", "text/plain", b"no picture")])
    expect(page.get_by_role("status")).to_contain_text("notes.txt is no picture.")
    expect_query_of(page, 3)


def test_an_answer_that_loads_can_be_stopped(page: Page) -> None:
    page.goto("/")
    page.route(RESULT, lambda route: None)
    # Said beforehand, since whatever is asked of the page later would wait for the answer.
    page.evaluate(
        "() => navigation.addEventListener('navigate', () => setTimeout("
        "() => document.querySelector('[data-cancel]').click(), 200))"
    )
    bring(page, "drop", files(pictures(1)))
    expect(page.get_by_role("status")).to_have_text("Stopped. The answer is not shown.")
    expect(page.get_by_role("progressbar")).to_be_hidden()


def test_enter_in_a_field_asks_once(page: Page) -> None:
    page.goto("/similar/sample/0")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.get_by_label("Similarity at least").fill("0.1")
    page.keyboard.press("Enter")
    page.wait_for_url("**min=0.1**")
    expect(page.get_by_label("Similarity at least")).to_be_focused()
    # The server leads from what a form says to the address that is kept.
    own = [one for one in asked if one.is_navigation_request() and not one.redirected_from]
    assert len(own) == 1


@ON_TOUCH
def test_a_photograph_is_taken_on_a_phone(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("Take a photograph")).to_be_visible()
    camera = page.get_by_label("Take a photograph")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files(pictures(1)[0])
    expect_query_of(page, 1)


def test_no_photograph_is_offered_to_a_mouse(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("Take a photograph")).to_be_hidden()


@WITHOUT_SCRIPTS
def test_several_are_sent_and_added_without_scripts(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(pictures(2))
    page.get_by_role("button", name="Search").click()
    expect_query_of(page, 2)
    page.get_by_label("Search with other pictures").set_input_files(pictures(1))
    page.get_by_role("button", name="Add to this search").click()
    expect(page.locator(".query-picture")).to_have_count(3)


@pytest.mark.parametrize(
    "address", ["/gallery/sample", "/gallery/sample/3", "/index/sample", "/similar/sample/0"]
)
@pytest.mark.parametrize("event", ["drop", "paste"])
def test_pictures_are_brought_to_any_page(page: Page, address: str, event: str) -> None:
    page.goto(address)
    bring(page, event, files(pictures(1)))
    expect_query_of(page, 1)


def test_pictures_are_brought_to_a_comparison(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.locator(".card-hit .compare").first.click()
    page.get_by_text("Search with a picture").click()
    page.get_by_label("Choose a picture, or several").set_input_files(pictures(1))
    expect_query_of(page, 1)
