"""Every page before axe-core: by rules for people who see, hear or move otherwise."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import reports, serving
from tests.e2e.tour import DARK, LIGHT, NAMES, WIDTHS, Stop, stops
from tests.runs import make_run

pytestmark = pytest.mark.browser

ORDINARY = {(390, DARK), (1440, LIGHT)}
SCREENS = [
    pytest.param(
        {"viewport": {"width": width, "height": WIDTHS[width]}, "color_scheme": scheme},
        id=f"{width} {scheme}",
        marks=[] if (width, scheme) in ORDINARY else pytest.mark.campaign,
    )
    for width, scheme in product(WIDTHS, (LIGHT, DARK))
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    """A server that has something to show on each page."""
    folder = tmp_path_factory.mktemp("tour") / "instance"
    instance = serving.copy_of(serving.instance(), folder)
    reports.make_report(instance)
    make_run(instance)
    with serving.serving(instance) as running:
        yield running


@pytest.fixture(scope="module")
def tour(server: serving.Server) -> dict[str, Stop]:
    """All pages by their names."""
    found = stops(Path(server.instance), "sample", serving.pictures()[0], "tuned", "quality")
    return {stop.name: stop for stop in found}


def told(violations: list[dict[str, Any]]) -> str:
    """Return what axe found, for the one who mends it."""
    return "\n".join(
        f"{rule['impact']} {rule['id']}: {node['html'][:300]}\n  {node['failureSummary']}"
        for rule in violations
        for node in rule["nodes"]
    )


def test_the_tour_has_all_its_stops(tour: dict[str, Stop]) -> None:
    assert tuple(tour) == NAMES


@pytest.mark.parametrize("context", SCREENS, indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(
    page: Page, complaints: list[str], tour: dict[str, Stop], name: str
) -> None:
    tour[name].visit(page)
    # Injected by the browser's own means, for which the security policy need not be loosened.
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert not found.response["violations"], told(found.response["violations"])
    if name == "nothing":
        assert "404" in complaints.pop()
