"""Brings pictures to a page: what is dropped, pasted and chosen."""

import base64
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import serving

RESULT = re.compile(r"/q/[\w-]{22}")
BRING = """([event, files, selector]) => {
    const transfer = new DataTransfer();
    for (const [name, type, content] of files) {
        const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], name, {type}));
    }
    const options = {bubbles: true, cancelable: true};
    document.querySelector(selector).dispatchEvent(event === "paste"
        ? new ClipboardEvent("paste", {...options, clipboardData: transfer})
        : new DragEvent(event, {...options, dataTransfer: transfer}));
}"""

File = tuple[str, str, bytes]


def pictures(count: int) -> list[Path]:
    """Return pictures of the gallery that are unlike each other."""
    return serving.pictures()[:: serving.COUNT // count][:count]


def files(paths: list[Path]) -> list[File]:
    """Return files as a browser has them."""
    return [(path.name, "image/jpeg", path.read_bytes()) for path in paths]


def bring(page: Page, event: str, brought: list[File], selector: str = "body") -> None:
    """Drop or paste files."""
    coded = [(name, kind, base64.b64encode(data).decode()) for name, kind, data in brought]
    page.evaluate(BRING, [event, coded, selector])


def expect_query_of(page: Page, count: int) -> None:
    """The page shows the results of a search with so many pictures."""
    page.wait_for_url(RESULT)
    expect(page.locator(".query-picture")).to_have_count(count)
    expect(page.locator(".card-hit")).to_have_count(10)
    page.wait_for_load_state()
