"""Takes the pictures of all pages in docs/screenshots, of the sample gallery and real figures.

`make screenshots` runs it. It draws the sample, indexes and measures it, and trains a little,
by the commands that people use; all that takes some minutes and is thrown away at the end, unless
a folder is named, from which the next run goes on.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Response, sync_playwright

from tests.e2e.conftest import launched
from tests.e2e.tour import DARK, LIGHT, WIDTHS, Stop, stops
from tests.serving import PROJECT, Server, serving

FOLDER = PROJECT / "docs/screenshots"
NAME = "sample"
TALLEST = {390: 1700, 1440: 1350}
"""What is kept of a page below the first screen, by width, in pixels from the top."""
QUALITY = 80
ARRIVED = """async () => {
    const seen = [...document.images].filter((one) => !one.complete && one.checkVisibility()
        && one.getBoundingClientRect().top < innerHeight);
    await Promise.all(seen.map((one) => new Promise((go) => { one.onload = one.onerror = go; })));
}"""
"""Waits for the pictures that are in sight."""
COMMANDS = {
    "sample": ("gallery", "sample", "{instance}/sample"),
    "indexes": ("index", "build", "{instance}/sample", "--name", NAME),
    "reports": ("evaluate", "copies", "--index", NAME),
    "runs": (
        *("train", "classifier", "{instance}/sample", "--name", "motifs"),
        *("--network", "pocket", "--size", "96", "--epochs", "12"),
    ),
}
"""What fills the folders of an instance."""
LIST = """# Screenshots

Every page on a phone (390 pixels wide) and on a screen (1440), light and dark, with the sample
gallery. `make screenshots` takes them anew; `tests/e2e/tour.py` says where it goes.

| page | shows | 390 light | 390 dark | 1440 light | 1440 dark |
|---|---|---|---|---|---|
"""


def main(kept: str = "") -> None:
    """Take all pictures.

    Args:
        kept: a folder for the instance, that the next run goes on from; "" for none.
    """
    with tempfile.TemporaryDirectory() as passing:
        instance = Path(kept or passing).resolve() / "likeness"
        fill(instance)
        with serving(instance) as server, sync_playwright() as playwright:
            browser = launched(playwright)
            found = stops(instance, NAME, _query(instance), "motifs", _report(instance))
            shoot(browser, server, found)
            browser.close()
    (FOLDER / "README.md").write_text(LIST + "".join(map(row, found)))


def fill(instance: Path) -> None:
    """Make what is not there yet of an instance, by the project's own commands."""
    for name, command in COMMANDS.items():
        if not (instance / name).exists():
            arguments = [each.format(instance=instance) for each in command]
            environment = os.environ | {"LIKENESS_INSTANCE": str(instance), "FLASK_APP": "app"}
            subprocess.run(
                [sys.executable, "-m", "flask", *arguments],
                cwd=PROJECT,
                env=environment,
                check=True,
            )


def shoot(browser: Browser, server: Server, found: Iterable[Stop]) -> None:
    """Take each page on each screen, and remove pictures of pages that are gone.

    Raises:
        ValueError: if something on a page is not there.
    """
    old = set(FOLDER.glob("*-*-*.webp"))
    for width, scheme in product(WIDTHS, (LIGHT, DARK)):
        is_phone = width == min(WIDTHS)
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme="dark" if scheme == DARK else "light",
            reduced_motion="reduce",
            has_touch=is_phone,
            is_mobile=is_phone,
        )
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer, to=answers: to.append(answer))
        for stop in found:
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            stop.visit(page)
            path = FOLDER / file_name(stop, width, scheme)
            path.write_bytes(picture(page, width))
            if missing := [answer.url for answer in answers if is_missing(answer)]:
                raise ValueError(f"{path} has gaps: {missing}. Begin anew, without KEEP.")
            old.discard(path)
        context.close()
    for path in old:
        path.unlink()


def is_missing(response: Response) -> bool:
    """Tell whether something is not there that a picture should show."""
    return response.status >= 400 and not response.url.endswith("/nothing")


def picture(page: Page, width: int) -> bytes:
    """Return a page as WebP, from its top to some height at most."""
    # The screen is made as high as that, so that what stays in sight is seen whole.
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": min(whole, TALLEST[width])})
    page.evaluate(ARRIVED)
    content = BytesIO()
    shot = Image.open(BytesIO(page.screenshot()))
    shot.convert("RGB").save(content, "WEBP", quality=QUALITY, method=6)
    return content.getvalue()


def file_name(stop: Stop, width: int, scheme: str) -> str:
    """Return what the picture of a page is called."""
    return f"{stop.name}-{width}-{scheme}.webp"


def row(stop: Stop) -> str:
    """Return a page's line of the list."""
    names = [file_name(stop, *screen) for screen in product(WIDTHS, (LIGHT, DARK))]
    cells = " | ".join(f"[picture]({name})" for name in names)
    return f"| {stop.name} | {stop.shows} | {cells} |\n"


def _query(instance: Path) -> Path:
    return sorted((instance / "sample").glob("*/*.jpg"))[0]


def _report(instance: Path) -> str:
    return min(path.name for path in (instance / "reports").iterdir() if path.is_dir())


if __name__ == "__main__":
    main(*sys.argv[1:2])
