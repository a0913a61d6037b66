"""Says which keys are pressed: the keys by the names on them, the rest in words."""

from collections.abc import Sequence

from markupsafe import Markup

from app.figures import listed
from app.words import lazy, marked

NAMES = {
    "Backspace": lazy("Backspace"),
    "Enter": lazy("Enter"),
    "Esc": lazy("Esc"),
    "Shift": lazy("Shift"),
    "Tab": lazy("Tab"),
}
"""Keys on which a word stands, which is another one on keyboards of other languages."""


def spoken(names: Sequence[str]) -> Markup:
    """Return keys of which each is enough, for a page.

    Args:
        names: as `app.search.keys` lists them.
    """
    return Markup(listed([_pressed(name) for name in names], style="or"))


def _pressed(name: str) -> Markup:
    """Return what is pressed: some keys, two one by one, or one while another is held."""
    first, then, second = name.partition(" then ")
    if then:
        return marked("%(first)s then %(second)s", first=_keys(first), second=_keys(second))
    held, joined, others = name.partition(" with ")
    if joined:
        return marked("%(held)s with %(keys)s", held=_keys(held), keys=_keys(others))
    return _keys(name)


def _keys(names: str) -> Markup:
    return Markup(" ").join(_key(name) for name in names.split())


def _key(name: str) -> Markup:
    if name in NAMES:
        return Markup("<kbd>{}</kbd>").format(str(NAMES[name]))
    return Markup('<kbd translate="no">{}</kbd>').format(name)
