"""What the tests of translations share: sentences found anew, and a language that is none."""

import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.serving import PROJECT

TRANSLATIONS = PROJECT / "app/translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
KEYWORDS = ("-k", "lazy", "-k", "marked", "-k", "forms:1,2")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
WRAPPED = re.compile(r"⟦[^⟧]*⟧")
UNITS = re.compile(r"(?<=\d)\s?(?:ms|s|min|h|kB|MB|px)\b|\bUTC\b|\b(?:ja|tai)\b")
"""Symbols of units, which are the same everywhere, and the "and" and "or" that Babel knows."""
LETTER = re.compile(r"[^\W\d_]")
SHOWN = ("alt", "aria-label", "placeholder", "title")
SHOWN += ("data-box", "data-kind", "data-lt", "data-rb", "data-wrong")
VOID = {"img", "input", "link", "meta", "br", "hr"}


def extract(target: Path) -> Catalog:
    """Find all sentences anew, by the command that docs/translating.md gives."""
    options = ["-q", "extract", "-F", "babel.cfg", *KEYWORDS, "-o", str(target), "."]
    CommandLineInterface().run(["pybabel", *options])
    return read(target)


def read(path: Path, locale: str | None = None) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def compiled(catalog: Catalog) -> bytes:
    """Return what programs read of a catalogue."""
    content = BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def wrapped(sentence: str) -> str:
    """Return a sentence of the language that is none: all of it in brackets but what is put in."""
    return f"⟦{PLACEHOLDER.sub(lambda found: f'⟧{found[0]}⟦', sentence)}⟧"


def make_wrapped(folder: Path, code: str = "fi") -> Path:
    """Make a catalogue, said to be Finnish, in which every sentence stands in brackets."""
    catalog = Catalog(locale=code)
    for message in read(TEMPLATE):
        if message.id:
            catalog[message.id] = _wrapped(message)
    path = folder / code / "LC_MESSAGES/messages.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled(catalog))
    return folder


def _wrapped(message: Message) -> Message:
    if isinstance(message.id, tuple):
        return Message(message.id, tuple(map(wrapped, message.id)), flags=message.flags)
    return Message(message.id, wrapped(message.id), flags=message.flags)


class Reader(HTMLParser):
    """Finds the words of a page that stand outside of brackets, and are no data.

    Attributes:
        found: these words, each with what it stands in.
        words: what scripts say, as the page carries it.
        names: of the gallery's pictures and the like, which may stand in attributes.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = sorted(names, key=len, reverse=True)
        self.found: list[tuple[str, str]] = []
        self.words = ""
        self._open: list[tuple[str, bool, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Look at the attributes that people read or hear."""
        told = dict(attributes)
        left = told.get("translate") == "no" or (told.get("lang") == "en" and tag != "html")
        left = left or any(each[1] for each in self._open)
        if not left:
            shown = {name: told[name] or "" for name in SHOWN if name in told}
            if told.get("name") == "description":
                shown["content"] = told["content"] or ""
            for name, text in shown.items():
                self._look(f"{tag}[{name}]", self._without_names(text))
        if tag not in VOID:
            self._open.append((tag, left or tag in ("style", "script"), told.get("id") or ""))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Look at an element without content."""
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those in it that HTML lets open."""
        while self._open and tag in [each[0] for each in self._open]:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, text: str) -> None:
        """Look at a piece of text."""
        tag, left, name = self._open[-1] if self._open else ("", False, "")
        if tag == "script" and name == "words":
            self.words += text
        elif not left:
            self._look(tag, self._without_names(text) if tag == "title" else text)

    def _look(self, place: str, text: str) -> None:
        rest = UNITS.sub("", WRAPPED.sub("", text)).strip()
        if LETTER.search(rest):
            self.found.append((place, rest))

    def _without_names(self, text: str) -> str:
        for name in self.names:
            text = text.replace(name, "")
        return text
