"""Text for the terminal: small tables, and paths that any terminal can show."""

from collections.abc import Mapping, Sequence

from indexer.types import Rejection

BAR_WIDTH = 30
LISTED = 20
NO_CLASS = "(no class)"


def bar_table(counts: Mapping[str, int]) -> str:
    """Return one line for each name: its count, its share and a bar, largest first."""
    counts = {printable(name): count for name, count in counts.items()}
    total = sum(counts.values()) or 1
    longest = max(counts.values(), default=1)
    width = max(map(len, counts), default=0)
    lines = []
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        bar = "█" * max(1, round(BAR_WIDTH * count / longest))
        lines.append(f"  {name:<{width}}  {count:>8,}  {count / total:>6.1%}  {bar}")
    return "\n".join(lines)


def pair_table(pairs: Mapping[str, object]) -> str:
    """Return one line for each name and value, aligned."""
    width = max(map(len, pairs), default=0)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in pairs.items())


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row, its cells as wide as the widest of their column."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


def listing(rejections: Sequence[Rejection], total: int, more: str) -> str:
    """Return one line for each rejected file, and where to find those beyond them.

    Args:
        rejections: of which the first few are listed.
        total: how many there are.
        more: what lists all of them.
    """
    lines = [f"  {_reason(item)}" for item in rejections[:LISTED]]
    if total > LISTED:
        lines.append(f"  … and {total - LISTED:,} more: {more}")
    return "\n".join(lines)


def _reason(item: Rejection) -> str:
    path, detail = printable(item.path), printable(item.detail)
    return detail if path in detail else f"{path}: {detail}"


def printable(path: str) -> str:
    """Return a path that any terminal can show: escapes for all that is not plain text."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in path
    )
