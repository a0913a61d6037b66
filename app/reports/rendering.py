"""Writes a report as one page that needs nothing else: no server, no network, no other file."""

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from flask import current_app, render_template
from flask_babel import force_locale
from markupsafe import Markup

from app.catalogues import SOURCE
from app.reports.presenters import view
from indexer.evaluation.reporting.model import Report
from indexer.files import lies_inside, read_regular

PAGE = "index.html"
"""Of a report's folder: the page that was written when it was made."""

STYLES = ("alone.css", "likeness.css", "reports.css")
MAX_BYTES = 64 * 2**20
PICTURES = "pictures/"
KINDS = {
    "csv": "text/csv;charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}


def standalone(report: Report, folder: Path) -> str:
    """Return the page of a report with its style, figures and pictures inside.

    Args:
        report: what was found.
        folder: where its figures and pictures lie; what is missing is left out of the page.
    """
    style = "\n" + "".join(_style(name) for name in STYLES)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    files = _Files(folder)
    with force_locale(SOURCE):  # as what it was found by, and as its tables are written
        return render_template(
            "reports/standalone.html",
            report=view(report, files.source),
            pictures=files.pictures,
            style=Markup(style),  # our own files
            policy=policy,
            icon=_address(_static("likeness.svg")),
        )


def _static(name: str) -> Path:
    return Path(current_app.static_folder or "") / name


def _style(name: str) -> str:
    return _static(name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Files:
    """Gives the files of a report as addresses that hold their content.

    Attributes:
        folder: where they lie.
        pictures: content of each small picture by its id on the page, which shows many of them
            more than once; the address of one is "#" and its id.
    """

    folder: Path
    pictures: dict[str, str] = field(default_factory=dict)

    def source(self, path: str) -> str:
        """Return the address of a file by its path in the folder, "" where there is none."""
        file = self.folder / path
        if file.suffix == ".png" and file.with_suffix(".svg").is_file():
            return ""  # one of the two is enough
        if not path.startswith(PICTURES):
            return self._content(file)
        name = f"picture-{file.stem}"
        if name not in self.pictures:
            self.pictures[name] = self._content(file)
        return f"#{name}" if self.pictures[name] else ""

    def _content(self, file: Path) -> str:
        return _address(file) if lies_inside(file, self.folder) else ""


def _address(file: Path) -> str:
    try:
        content, _ = read_regular(file, MAX_BYTES)
    except OSError:
        return ""
    return f"data:{KINDS[file.suffix[1:]]};base64,{b64encode(content).decode()}"
