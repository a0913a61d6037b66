"""A fine-tuned network takes an index over, under a running server and a visitor's eyes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import serving
from tests.indexer.fixtures import draw_gallery

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("untraced")]

FROM_SCRATCH = ("--network", "simple_cnn", "--size", "32", "--precision", "fp32")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 24 drawn pictures in three classes."""
    return draw_gallery(tmp_path_factory.mktemp("pictures") / "gallery")


@pytest.fixture(scope="module")
def runner(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskCliRunner:
    """Return the command line on an instance whose index is of the bundled network."""
    app = serving.make_app(tmp_path_factory.mktemp("tuned") / "instance")
    return run(app.test_cli_runner(), "index build", str(pictures), "--name", "drawn")


@pytest.fixture(scope="module")
def server(runner: FlaskCliRunner) -> Iterator[serving.Server]:
    """A server on that instance."""
    with serving.serving(runner.app.config["INSTANCE"]) as running:
        yield running


@pytest.fixture
def context(browser: Browser, server: serving.Server) -> Iterator[BrowserContext]:
    """A browser's fresh profile."""
    made = browser.new_context(base_url=server.url)
    yield made
    made.close()


def run(runner: FlaskCliRunner, command: str, *more: str) -> FlaskCliRunner:
    """Run a command that must succeed."""
    done = runner.invoke(args=[*command.split(), *more])
    assert done.exit_code == 0, done.output
    return runner


def search(page: Page, picture: Path) -> None:
    """Search with a picture of the gallery, which is then the first that is found."""
    page.goto("/")
    page.get_by_label("Choose a picture").set_input_files(picture)
    expect(page.locator(".card-hit .path").first).to_have_text(picture.name)


def test_a_trained_network_is_swapped_in_searched_and_compared(
    runner: FlaskCliRunner, pictures: Path, page: Page
) -> None:
    picture = sorted(pictures.glob("*/*.png"))[-1]
    search(page, picture)
    page.goto("/index/drawn")
    expect(page.locator("main")).to_contain_text("pocket")

    run(runner, "train classifier", str(pictures), "--name", "mine", "--epochs", "2", *FROM_SCRATCH)
    run(runner, "index build", str(pictures), "--name", "drawn", "--network", "run:mine",
        "--accept", "0")  # fmt: skip
    search(page, picture)
    page.goto("/index/drawn")
    expect(page.locator("main")).to_contain_text("simple_cnn")

    run(runner, "evaluate folders", str(pictures), "--split", "0.25", "--name", "both",
        "--network", "pocket", "--network", "run:mine")  # fmt: skip
    page.goto("/reports/both")
    for system in ("pocket", "run:mine"):
        expect(page.locator("main table").first).to_contain_text(system)
