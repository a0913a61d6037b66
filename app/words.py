"""What marks the sentences that people see, and says them in the language of the page.

A sentence is whole, with names for what is put into it: `_("Left out of %(index)s", index=name)`.
The names of these functions are what finds the sentences for the catalogues: see `babel.cfg`.
"""

from typing import cast

import flask_babel
from markupsafe import Markup

from app.figures import number

END = Markup("</a>")
UNSEEN, SEEN = Markup('<span class="visually-hidden">'), Markup("</span>")
"""The ends of what is for those alone who hear a page."""


def _(sentence: str, **values: object) -> str:
    """Return a sentence in the language of the page."""
    return str(flask_babel.gettext(sentence, **values))


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return the sentence for a number of things, which stands in it as `%(count)s`."""
    return str(flask_babel.ngettext(one, many, count, count=number(count), **values))


def lazy(sentence: str) -> str:
    """Return a sentence that is said in the language of whoever reads it: for constants."""
    return cast(str, flask_babel.lazy_gettext(sentence))


def marked(sentence: str, **values: object) -> Markup:
    """Return a sentence with names and links in it; what is no markup of ours is escaped."""
    return Markup(_(sentence)) % values


def link(address: str) -> Markup:
    """Return what begins a link in a sentence; END ends it."""
    return Markup('<a href="{}">').format(address)


def code(text: str) -> Markup:
    """Return something for a sentence that is typed or sent as it stands."""
    return Markup('<code translate="no">{}</code>').format(text)


def english(text: str) -> Markup:
    """Return what was written in English by what knows no other language; "" of nothing."""
    return Markup('<span lang="en">{}</span>').format(text) if text else Markup()


def named(text: str) -> Markup:
    """Return a name for a sentence: what it says is nobody's to translate."""
    return Markup('<bdi translate="no">{}</bdi>').format(text)
