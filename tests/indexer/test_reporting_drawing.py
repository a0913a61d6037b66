"""Figures follow the page, look the same each time, and stay small."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from indexer.evaluation.reporting import drawing


def draw(folder: Path, label: str = "precision") -> str:
    """Draw two lines and return the SVG."""
    with drawing.drawing():
        figure, (axes,) = drawing.new_figure(4, 3)
        for number in range(2):
            axes.plot([1, 2], [number, 3], label=label, **drawing.line_style(number, number))
        axes.legend()
        drawing.finish(folder, "lines", "Lines", "Two lines.", figure)
    return (folder / "figures" / "lines.svg").read_text()


def test_texts_and_axes_take_the_colour_of_the_page(tmp_path: Path) -> None:
    svg = draw(tmp_path)
    assert drawing.INK not in svg
    assert "fill: currentColor" in svg
    assert "stroke: currentColor" in svg
    assert drawing.COLOURS[0] in svg


def test_the_page_is_asked_whether_it_is_dark(tmp_path: Path) -> None:
    svg = draw(tmp_path)
    style = svg[svg.index("<style") : svg.index("</style>")]
    assert "svg{color-scheme:light dark;color:#24211d}" in style
    assert "@media (prefers-color-scheme:dark){svg{color:#e8e4dc}}" in style


def test_the_page_shows_through(tmp_path: Path) -> None:
    tree = ElementTree.fromstring(draw(tmp_path))
    fills = [
        each.attrib["style"]
        for each in tree.iter("{http://www.w3.org/2000/svg}path")
        if "fill" in each.attrib.get("style", "")
    ]
    assert not [fill for fill in fills if "#ffffff" in fill or "white" in fill]


def test_the_png_lies_on_white(tmp_path: Path) -> None:
    draw(tmp_path)
    with Image.open(tmp_path / "figures" / "lines.png") as image:
        assert image.size == (4 * drawing.FINE_DPI, 3 * drawing.FINE_DPI)
        assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_a_figure_is_the_same_each_time(tmp_path: Path) -> None:
    first = draw(tmp_path)
    png = (tmp_path / "figures" / "lines.png").read_bytes()
    assert draw(tmp_path) == first
    assert (tmp_path / "figures" / "lines.png").read_bytes() == png


def test_odd_names_are_drawn_as_they_are(tmp_path: Path) -> None:
    svg = draw(tmp_path, "a <b> & $x_1$ 中文 0.123456 ")
    texts = [each.text for each in ElementTree.fromstring(svg).iter() if each.tag.endswith("text")]
    assert "a <b> & $x_1$ 中文 0.123456 " in texts


def test_a_page_is_told_the_size_in_pixels(tmp_path: Path) -> None:
    with drawing.drawing():
        figure, _ = drawing.new_figure(4, 3)
        drawn = drawing.finish(tmp_path, "empty", "Empty", "Nothing.", figure)
    assert (drawn.width, drawn.height) == (384, 288)


@pytest.mark.parametrize("page", ["#ffffff", "#fbfaf7", "#151413"])
def test_every_colour_stands_out_on_light_and_on_dark_pages(page: str) -> None:
    for colour in drawing.COLOURS:
        lighter, darker = sorted((luminance(colour), luminance(page)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 3, colour  # WCAG 2.2, 1.4.11


def test_series_are_told_apart_by_more_than_colour() -> None:
    lines = [drawing.line_style(0, number) for number in range(5)]
    assert len({each["marker"] for each in lines}) == 5
    assert len({str(each["linestyle"]) for each in lines}) == 5
    assert len({drawing.bar_style(number)["hatch"] for number in range(5)}) == 5


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, by its definition in WCAG 2.2."""
    values = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
