"""Knows which languages there are catalogues of."""

from pathlib import Path

SOURCE = "en"
"""The language that the sentences are written in; it needs no catalogue."""

TRANSLATIONS = Path(__file__).parent / "translations"


def languages_in(folder: Path) -> tuple[str, ...]:
    """Return the codes of the languages of a folder of catalogues, and of the source."""
    found = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.mo")}
    return tuple(sorted(found | {SOURCE}))
