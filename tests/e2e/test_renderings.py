"""Which rendering of a picture a browser takes: as sharp as the screen, and not much larger."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests import serving

pytestmark = pytest.mark.browser

CHOICES = """(all) => all.map((one) => {
    const { width, height } = one.getBoundingClientRect();
    const natural = height * one.getAttribute("width") / one.getAttribute("height");
    const wide = getComputedStyle(one).objectFit === "cover"
        ? Math.max(width, natural) : Math.min(width, natural);
    const offered = one.srcset.split(", ").map((each) => each.split(" "));
    const chosen = offered.find(([address]) => new URL(address, location).href === one.currentSrc);
    const widths = [chosen, ...offered].map((each) => parseInt(each[1]));
    return [wide * devicePixelRatio, ...widths];
})"""
SCREEN = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3}
DENSE = {"viewport": {"width": 1920, "height": 1080}, "device_scale_factor": 2}
STEP = 2
"""How many times wider the next rendering is."""
ROUGH = 1.6
"""How far a page may be wrong of how wide a picture stands: rows grow to fill their lines."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of which all is kept that is kept of an upload."""
    path = tmp_path / "large.jpg"
    with Image.open(serving.pictures()[0]) as image:
        image.resize((1600, 1200)).save(path)
    return path


def look(page: Page, expected: int = 1) -> None:
    """Require that a page's pictures are as sharp as the screen and not much larger."""
    page.wait_for_load_state("networkidle")
    choices = page.eval_on_selector_all("main img[srcset]:not([loading=lazy])", CHOICES)
    assert len(choices) >= expected
    for needed, chosen, *offered in choices:
        assert chosen == max(offered) or chosen >= needed / ROUGH
        assert chosen == min(offered) or chosen <= needed * STEP * ROUGH


@pytest.mark.parametrize("context", [SCREEN, PHONE, DENSE], indirect=True)
@pytest.mark.parametrize(
    "address", ["/", "/similar/sample/0", "/gallery/sample", "/gallery/sample/0"]
)
def test_pictures_are_as_sharp_as_the_screen_and_not_much_larger(page: Page, address: str) -> None:
    page.goto(address)
    look(page)


@pytest.mark.parametrize("context", [SCREEN, PHONE, DENSE], indirect=True)
def test_compared_pictures_are_as_sharp_as_the_screen(page: Page) -> None:
    page.goto("/similar/sample/0")
    page.locator("a[href*='/why/']").first.click()
    page.wait_for_url("**/why/**")
    look(page, expected=2)


@pytest.mark.parametrize(
    ("context", "size"),
    [(SCREEN, "small"), (PHONE, "medium"), (DENSE, "medium")],
    indirect=["context"],
)
def test_of_an_upload_as_much_is_sent_as_is_shown(page: Page, large: Path, size: str) -> None:
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(large)
    page.wait_for_url("**/q/**")
    page.wait_for_load_state("networkidle")
    source = page.locator(".query-picture img").evaluate("one => one.currentSrc")
    assert f"size={size}" in source
