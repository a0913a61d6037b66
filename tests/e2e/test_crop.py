"""A part of a picture, by mouse, touch, keys and numbers; and the faces that are offered."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Page, expect

from tests import serving
from tests.e2e.screens import ON_TOUCH, WITHOUT_SCRIPTS
from tests.portraits import draw_portrait

pytestmark = pytest.mark.browser

PART = re.compile(r"box=")
EVERYWHERE = pytest.mark.parametrize(
    "context",
    [{}, {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}],
    indirect=True,
    ids=["screen", "phone in the dark"],
)


DRAWN = """() => {
    const box = document.querySelector(".face-boxes rect");
    const address = new URL(document.querySelector(".faces a").href);
    const places = ["x", "y", "width", "height"].map((name) => parseFloat(box.getAttribute(name)));
    return [address.searchParams.get("box"), ...places.map(Math.round)];
}"""


def area(page: Page, at: int = 0) -> FloatRect:
    """Return where a picture of the query is."""
    picture = page.locator(".query-picture img").nth(at)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    return box


def spot(box: FloatRect, across: float, down: float) -> tuple[float, float]:
    """Return a point of a picture, given in shares of it."""
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float], at: int = 0) -> None:
    """Drag the mouse over a picture."""
    box = area(page, at)
    page.mouse.move(*spot(box, *begin))
    page.mouse.down()
    page.mouse.move(*spot(box, *end), steps=5)
    page.mouse.up()


def expect_part(page: Page, *edges: float, name: str = "box") -> None:
    """The page answers to a part, of about these edges, and shows it in its fields."""
    page.wait_for_url(re.compile(f"{name}="))
    page.wait_for_load_state()
    (value,) = parse_qs(urlsplit(page.url).query)[name]
    assert [float(edge) for edge in value.split(",")] == pytest.approx(edges, abs=0.03)
    fields = [page.locator(f"input[name={edge}{name[3:]}]").input_value() for edge in
              ("left", "top", "right", "bottom")]  # fmt: skip
    assert [float(field) / 100 for field in fields] == pytest.approx(edges, abs=0.03)
    expect(page.locator(".card-hit")).to_have_count(10)


@EVERYWHERE
def test_a_box_is_drawn_by_mouse(page: Page) -> None:
    page.goto("/similar/sample/0")
    before = page.locator(".figures").all_text_contents()
    drag(page, (0.2, 0.3), (0.7, 0.8))
    expect_part(page, 0.2, 0.3, 0.7, 0.8)
    assert page.locator(".figures").all_text_contents() != before
    page.reload()
    expect_part(page, 0.2, 0.3, 0.7, 0.8)
    page.go_back()
    expect(page).not_to_have_url(PART)
    expect(page.locator("#right")).to_have_value("100")


def test_an_upload_is_cropped_without_being_sent_again(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(serving.pictures()[0])
    page.wait_for_url("**/q/*")
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.method))
    drag(page, (0.9, 0.9), (0.4, 0.4))
    expect_part(page, 0.4, 0.4, 0.9, 0.9)
    assert set(posted) == {"GET"}


def test_a_box_is_moved_and_resized_by_mouse(page: Page) -> None:
    page.goto("/similar/sample/0?box=0.2,0.2,0.6,0.6")
    drag(page, (0.4, 0.4), (0.6, 0.5))
    page.wait_for_url("**box=0.4*")
    expect_part(page, 0.4, 0.3, 0.8, 0.7)
    drag(page, (0.4, 0.3), (0.1, 0.1))
    page.wait_for_url("**box=0.1*")
    expect_part(page, 0.1, 0.1, 0.8, 0.7)


def test_a_corner_of_the_whole_picture_is_pulled_in(page: Page) -> None:
    page.goto("/similar/sample/0")
    drag(page, (1, 1), (0.5, 0.6))
    expect_part(page, 0, 0, 0.5, 0.6)


def test_a_drag_is_given_up_by_escape(page: Page) -> None:
    page.goto("/similar/sample/0")
    box = area(page)
    page.mouse.move(*spot(box, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*spot(box, 0.6, 0.6), steps=5)
    expect(page.locator("#left")).not_to_have_value("0")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator("#left")).to_have_value("0")
    expect(page).not_to_have_url(PART)


def test_a_button_let_go_elsewhere_ends_a_drag(page: Page) -> None:
    page.goto("/similar/sample/0")
    box = area(page)
    x, y = box["x"] + box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x - 1, y)
    page.mouse.down()
    page.mouse.move(x + 2, y)
    page.mouse.up()
    page.mouse.move(*spot(box, 0.3, 0.3), steps=5)
    expect(page.locator("#left")).to_have_value("0")
    expect(page).not_to_have_url(PART)


def test_a_click_still_leads_to_the_large_picture(page: Page, complaints: list[str]) -> None:
    for address in ("/similar/sample/0", "/similar/sample/0?box=0.2,0.2,0.8,0.8"):
        page.goto(address)
        page.mouse.click(*spot(area(page), 0.5, 0.5))
        page.wait_for_url("**/images/sample/0/large**")
    # Chromium lays a lone picture out by styles that our policy forbids.
    complaints.clear()


def touch(page: Page, context: BrowserContext, points: list[tuple[float, float]]) -> None:
    """Draw a finger along some points of the screen."""
    session = context.new_cdp_session(page)
    for at, (x, y) in enumerate(points):
        kind = "touchMove" if at else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@ON_TOUCH
def test_a_corner_is_pulled_in_by_a_finger(page: Page, context: BrowserContext) -> None:
    page.goto("/similar/sample/0")
    box = area(page)
    steps = [1, 0.9, 0.8, 0.7, 0.6, 0.5]
    touch(page, context, [spot(box, step, step) for step in steps])
    expect_part(page, 0, 0, 0.5, 0.5)


@ON_TOUCH
def test_a_box_is_drawn_by_a_finger(page: Page, context: BrowserContext) -> None:
    page.goto("/similar/sample/0")
    page.get_by_text("Search with a part").click()
    box = area(page)
    steps = [0.3, 0.4, 0.5, 0.6, 0.7]
    touch(page, context, [spot(box, step, step) for step in steps])
    expect_part(page, 0.3, 0.3, 0.7, 0.7)


@ON_TOUCH
def test_a_finger_that_scrolls_draws_nothing(page: Page, context: BrowserContext) -> None:
    page.goto("/similar/sample/0")
    box = area(page)
    touch(page, context, [spot(box, 0.5, step) for step in (0.8, 0.6, 0.4, 0.2, 0, -0.5)])
    page.wait_for_function("scrollY > 20")
    expect(page).not_to_have_url(PART)
    expect(page.locator("#left")).to_have_value("0")


def test_the_keyboard_moves_resizes_and_searches(page: Page) -> None:
    page.goto("/similar/sample/0")
    part = page.get_by_role("application", name="Part of the picture")
    expect(part).to_have_accessible_description(re.compile(r"^The whole picture Arrow keys move"))
    part.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#left")).to_have_value("21")
    expect(page.locator("#right")).to_have_value("81")
    page.keyboard.press("Shift+ArrowDown")
    where = "From 21 to 81 percent across, 30 to 90 percent down"
    expect(page.locator("body > [role=status]")).to_contain_text(where)
    expect(part).to_have_accessible_description(re.compile(where))
    page.keyboard.press("Enter")
    expect_part(page, 0.21, 0.3, 0.81, 0.9)
    expect(part).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda address: "box=" not in address)
    expect(part).to_be_focused()
    expect(page.locator("#right")).to_have_value("100")


def test_the_keyboard_moves_every_edge_by_two_corners(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.get_by_role("application", name="Part of the picture").focus()
    page.keyboard.press("Tab")
    corner = page.get_by_role("application", name="Upper left corner")
    expect(corner).to_be_focused()
    for key in ("Shift+ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Tab")
    expect(page.get_by_role("application", name="Lower right corner")).to_be_focused()
    for key in ("Shift+ArrowUp", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(corner).to_have_accessible_description(
        re.compile("From 11 to 99 percent across, 1 to 89 percent down")
    )
    page.keyboard.press("Enter")
    expect_part(page, 0.11, 0.01, 0.99, 0.89)
    expect(page.get_by_role("application", name="Lower right corner")).to_be_focused()


def test_the_box_stays_within_the_picture(page: Page) -> None:
    page.goto("/similar/sample/0?box=0.5,0.5,0.98,0.98")
    page.get_by_role("application", name="Part of the picture").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#right")).to_have_value("100")
    expect(page.locator("#left")).to_have_value("52")
    page.get_by_role("application", name="Lower right corner").focus()
    for _ in range(8):
        page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#bottom")).to_have_value("53")


def test_numbers_draw_the_box(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.get_by_text("Search with a part").click()
    page.get_by_label("Left", exact=True).fill("25")
    page.get_by_label("Bottom").fill("50")
    part = page.get_by_role("application", name="Part of the picture")
    expect(part).to_have_attribute("x", "25%")
    expect(part).to_have_attribute("height", "50%")
    page.get_by_role("button", name="Search with this part").click()
    expect_part(page, 0.25, 0, 1, 0.5)
    expect(page.get_by_role("button", name="Search with this part")).to_be_focused()


def test_edges_in_the_wrong_order_are_not_asked_for(page: Page) -> None:
    page.goto("/similar/sample/0")
    part = page.get_by_text("Search with a part")
    part.click()
    page.get_by_label("Left", exact=True).fill("60")
    page.get_by_label("Right", exact=True).fill("40")
    part.click()
    page.get_by_label("Distance").select_option("euclidean")
    expect(page.get_by_label("Right", exact=True)).to_be_focused()
    expect(page.locator("body.asking")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/similar/sample/0$"))
    page.get_by_label("Right", exact=True).fill("80")
    page.get_by_role("button", name="Search with this part").click()
    expect_part(page, 0.6, 0, 0.8, 1)


@WITHOUT_SCRIPTS
def test_a_part_is_asked_for_and_shown_without_scripts(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.get_by_text("Search with a part").click()
    page.get_by_label("Left", exact=True).fill("25")
    page.get_by_role("button", name="Search with this part").click()
    expect_part(page, 0.25, 0, 1, 1)
    expect(page.locator(".shade")).to_be_visible()
    page.get_by_role("link", name="The whole picture").click()
    page.wait_for_url(lambda address: "box=" not in address)


def test_each_of_several_pictures_has_its_part(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(serving.pictures()[:2])
    page.wait_for_url("**/q/*")
    for name in ("Your picture 1", "Your picture 2"):
        part = page.get_by_role("application", name=f"Part of the picture to search with: {name}")
        expect(part).to_have_count(1)
        expect(page.get_by_role("application", name=f"corner of the part: {name}")).to_have_count(2)
    drag(page, (0.1, 0.2), (0.8, 0.9), at=1)
    expect_part(page, 0.1, 0.2, 0.8, 0.9, name="box2")
    drag(page, (0.2, 0.2), (0.7, 0.7))
    page.wait_for_url("**box=**")
    expect_part(page, 0.1, 0.2, 0.8, 0.9, name="box2")


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a picture with a face."""
    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    draw_portrait(((30, 20, 110),), width=400, height=300, seed=40).save(path)
    return path


def upload(page: Page, path: Path) -> None:
    """Search with a picture, and wait for its faces."""
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(path)
    page.wait_for_url("**/q/*")
    expect(page.get_by_role("link", name="The face")).to_be_visible()


def test_a_face_is_offered_and_searched_with(page: Page, portrait: Path) -> None:
    upload(page, portrait)
    face = page.locator(".face-boxes rect")
    expect(face).to_have_count(1)
    face.click()
    page.wait_for_url(PART)
    expect(page.locator(".card-hit")).to_have_count(10)
    page.get_by_role("link", name="The whole picture").click()
    page.wait_for_url(lambda address: "box=" not in address)
    page.get_by_role("link", name="The face").click()
    page.wait_for_url(PART)


def test_a_face_that_is_found_later_is_offered_as_one_that_was_known(
    page: Page, portrait: Path
) -> None:
    upload(page, portrait)
    page.reload()
    known = page.evaluate(DRAWN)
    page.evaluate(
        """async () => {
            const figure = document.querySelector(".query-picture");
            figure.querySelector(".faces").replaceChildren();
            figure.querySelector(".face-boxes").replaceChildren();
            figure.dataset.faces = location.pathname + "/faces";
            const { offerFaces } = await import("/static/faces.js");
            await offerFaces(figure);
        }"""
    )
    assert page.evaluate(DRAWN) == known


@WITHOUT_SCRIPTS
def test_a_known_face_is_drawn_without_scripts(page: Page, portrait: Path) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(portrait)
    page.get_by_role("button", name="Search").click()
    page.request.get(f"{page.url}/faces")
    page.reload()
    page.locator(".face-boxes rect").click()
    page.wait_for_url(PART)
