"""A report by hand: real tables, a real drawing, real pictures of the drawn sample."""

from datetime import UTC, datetime
from pathlib import Path

from indexer.evaluation.reporting.drafts import drafting
from indexer.evaluation.reporting.model import (
    Column,
    Figure,
    Looks,
    Mean,
    Report,
    Section,
    Shown,
    Strip,
    Table,
)
from indexer.evaluation.reporting.storing import write_report
from models.images import reencode
from tests import serving

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320" width="640" height="320">
<style>svg{color:#24211d}@media (prefers-color-scheme:dark){svg{color:#e8e4dc}}
.a{stroke:currentColor;fill:none}.b{fill:#2f7fc4}text{fill:currentColor;font:14px sans}</style>
<path class="a" d="M60 20V280H620"/><rect class="b" x="100" y="80" width="90" height="200"/>
<rect class="b" x="260" y="120" width="90" height="160" style="fill:#cf6a1f"/>
<rect class="b" x="420" y="200" width="90" height="80"/>
<text x="110" y="300">mirrored</text><text x="275" y="300">cropped</text>
<text x="435" y="300">rotated</text></svg>
"""
SIDE = 128


def make_report(
    instance: Path,
    name: str = "quality",
    *,
    strips: int = 3,
    indexes: tuple[str, ...] = ("sample",),
) -> Report:
    """Make a report of the sample index and put it into an instance."""
    with drafting(instance, name, "copies", indexes) as folder:
        (folder / "figures/finds.svg").write_text(DRAWING)
        (folder / "figures/finds.png").write_bytes(serving.png(640, 320))
        shown = [_shown(folder, path) for path in serving.pictures()[:24]]
        made = report(name, shown, strips=strips, indexes=indexes)
        write_report(folder, made)
    return made


def report(
    name: str, shown: list[Shown], *, strips: int = 3, indexes: tuple[str, ...] = ("sample",)
) -> Report:
    """Return a report with two sections, a long table, a drawing and some looks."""
    return Report(
        name=name,
        protocol="copies",
        title="Copies of the sample's pictures",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=f"flask evaluate copies --index sample --name {name}",
        seconds=43.2,
        answer="97.5 % of 200 distorted copies find their original first, and 99.0 % among the "
        "first ten. Rotated copies are the hardest.",
        facts={"gallery": "128 pictures", "queries": "200 copies", "machine": "2 cores"},
        indexes=indexes,
        sections=(
            Section(
                "answers",
                "What is found",
                ("Each copy should find the picture that it was made of, and nothing else.",),
                (_drawing(), _table(), _looks(shown, strips)),
            ),
            Section("classes", "By class", (), (_wide(),)),
        ),
    )


def _drawing() -> Figure:
    return Figure(
        "finds",
        "How many copies find their original first, by what was done to them",
        "Bars: mirrored 0.99, cropped 0.97, rotated 0.81.",
        640,
        320,
    )


def _table() -> Table:
    return Table(
        "by-distortion",
        "By what was done to the copies",
        (
            Column("copies"),
            Column("P@1", "share", "high", "Share of copies whose original comes first."),
            Column("mean rank", "number", "low", "Of the original, from 1."),
            Column("visited", "count"),
        ),
        (
            ("mirrored", Mean(0.985, 0.955, 1.0, 200), Mean(1.05, 1.0, 1.2, 200), 128),
            ("cropped", Mean(0.972, 0.94, 0.99, 200), Mean(1.31, 1.1, 1.6, 200), 128),
            ("rotated", Mean(0.81, 0.755, 0.86, 200), None, 1280),
        ),
        "Bootstrap over the queries, 1,000 times.",
    )


def _wide() -> Table:
    columns = (Column("class"), *(Column(f"P@{k}", "share", "high") for k in range(1, 16)))
    names = ("painting", "drawing", "engraving", "iconography", "sculpture")
    rows = tuple(
        (name, *(Mean(0.9 - place * k / 200, 0.5, 0.95, 40) for k in range(15)))
        for place, name in enumerate(names)
    )
    return Table("by-class", "Precision at k by class", columns, rows)


def _looks(shown: list[Shown], strips: int) -> Looks:
    first = [_found(one, rank, rank != 3) for rank, one in enumerate(shown[1:11], 1)]
    last = [_found(one, 128 - place, False) for place, one in enumerate(shown[11:21])]
    return Looks(
        "worst",
        "The copies that found their originals last",
        tuple(
            Strip(shown[place], "sample", f"P@1 0, rank {place + 2}", tuple(first), tuple(last))
            for place in range(strips)
        ),
        "Right ones have a whole frame and a tick, wrong ones a broken frame and a cross.",
    )


def _found(one: Shown, rank: int, right: bool) -> Shown:
    return Shown(one.name, one.label, one.file, one.width, one.height, rank / 128, right, rank)


def _shown(folder: Path, path: Path) -> Shown:
    from PIL import Image

    file = f"pictures/{path.stem}.jpg"
    content = reencode(path.read_bytes(), max_side=SIDE)
    (folder / file).write_bytes(content)
    with Image.open(folder / file) as small:
        return Shown(f"{path.parent.name}/{path.name}", path.parent.name, file, *small.size)
