"""What scripts say, in the language of the page, which carries it to them as JSON."""

from collections.abc import Mapping
from functools import cache

import flask_babel
from babel import Locale

from app.figures import locale_of_page
from app.words import _

COUNTED = range(200)
"""Numbers among which each form of a language's plural is needed at least once."""

Words = Mapping[str, str | Mapping[str, str]]


def words() -> Words:
    """Return the sentences by their names, where numbers matter with a form for each kind of them.

    The kinds are those of Unicode's CLDR, by which browsers choose: "one", "other", and so on.
    """
    return _of_uploads() | _of_parts() | _of_judging() | _of_pages()


def _of_uploads() -> dict[str, str | Mapping[str, str]]:
    return {
        "nothing": _(
            "There is no picture in that. Save it as a file first, or copy the picture itself."
        ),
        "sending": forms("Sending %(count)s picture…", "Sending %(count)s pictures…"),
        "fetching": _("Fetching the picture…"),
        "looking": forms("Looking for its like…", "Looking for their like…"),
        "cancelled": _("Cancelled. Nothing was searched."),
        "stopped": _("Stopped. The answer is not shown."),
        "lost": _("The upload did not arrive. Check the connection, and try again."),
        "refused": _("The server refused that (%(status)s). Try again, or try another picture."),
        "tooLarge": forms(
            "A picture may have at most %(most)s MB; this one has %(size)s.",
            "An upload may have at most %(most)s MB; these pictures have %(size)s together. "
            "Send fewer, or smaller ones.",
        ),
        "full": forms(
            "This search has %(count)s picture already, and takes no more.",
            "This search has %(count)s pictures already, and takes no more.",
        ),
        "tooMany": forms(
            "A search takes %(count)s picture at most, so these were left out: %(names)s.",
            "A search takes %(count)s pictures at most, so these were left out: %(names)s.",
        ),
        "noPictures": forms("%(names)s is no picture.", "These are no pictures: %(names)s."),
    }


def _of_parts() -> dict[str, str | Mapping[str, str]]:
    return {
        "part": _("From %(left)s to %(right)s percent across, %(top)s to %(bottom)s percent down"),
        "wholePicture": _("The whole picture"),
        "theFace": _("The face"),
        "face": _("Face %(number)s"),
        "faces": forms("A face was found.", "%(count)s faces were found."),
    }


def _of_judging() -> dict[str, str | Mapping[str, str]]:
    return {
        "answered": _("The server's answer (%(status)s) was not understood."),
        "unanswered": _("The server does not answer."),
        "notKept": _("This was not kept. %(why)s"),
        "people": forms("judged by %(count)s", "judged by %(count)s"),
        "score": _("%(name)s: %(score)s of 10"),
        "yes": _("%(name)s: relevant"),
        "no": _("%(name)s: not relevant"),
        "scoreyes": _("%(name)s: %(score)s of 10, relevant"),
        "scoreno": _("%(name)s: %(score)s of 10, not relevant"),
        "back": _("%(name)s: taken back"),
    }


def _of_pages() -> dict[str, str | Mapping[str, str]]:
    return {
        "copied": _("Copied"),
        "waits": _("Press Enter to apply it."),
        "tried": _("%(status)s, %(time)s ms, %(kind)s"),
        "triedPicture": _("The picture that was sent"),
        "untried": _("No answer came: %(why)s"),
    }


def forms(one: str, many: str) -> dict[str, str]:
    """Return a sentence for each kind of number, with its names still in it for scripts to fill."""
    said = flask_babel.get_domain().get_translations().ungettext
    return {kind: said(one, many, count) for kind, count in _kinds(locale_of_page()).items()}


@cache
def _kinds(locale: Locale) -> dict[str, int]:
    """Return the kinds of numbers that a language tells apart, with one of each."""
    return {locale.plural_form(count): count for count in reversed(COUNTED)}
