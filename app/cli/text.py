"""Text for the terminal: small tables, and paths that any terminal can show."""

from collections.abc import Mapping

BAR_WIDTH = 30


def bar_table(counts: Mapping[str, int]) -> str:
    """Return one line for each name: its count, its share and a bar, largest first."""
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


def printable(path: str) -> str:
    """Return a path that any terminal can show: escapes for all that is not plain text."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in path
    )
