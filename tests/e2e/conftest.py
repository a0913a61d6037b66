"""A real Chromium before a real server."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    sync_playwright,
)

from tests import serving

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    """A server of two workers on the sample index."""
    instance = serving.copy_of(serving.instance(), tmp_path_factory.mktemp("e2e") / "instance")
    with serving.serving(instance, settings={"MAX_UPLOAD_BYTES": "3000000"}) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a plain word that there is none."""
    if not any(map(shutil.which, NAMES)):
        if os.environ.get("LIKENESS_REQUIRE_BROWSER") == "1":
            pytest.fail("needs Chromium, which was not found and is required here")
        pytest.skip("needs Chromium, which was not found: apt install chromium")
    with sync_playwright() as playwright:
        running = launched(playwright)
        yield running
        running.close()


def launched(playwright: Playwright) -> Browser:
    """Start the Chromium of this machine."""
    arguments = ["--disable-background-networking", "--disable-component-update"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    path = next(filter(None, map(shutil.which, NAMES)))
    return playwright.chromium.launch(executable_path=path, args=arguments)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of; a test that expects some clears it."""
    return []


@pytest.fixture
def context(
    browser: Browser, server: serving.Server, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """A browser's fresh profile; a test's parameters are its options."""
    options = getattr(request, "param", {})
    made = browser.new_context(base_url=server.url, **options)
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """A page; errors of scripts and refusals of the security policy fail the test."""

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    made = context.new_page()
    made.on("console", listen)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    assert complaints == []
