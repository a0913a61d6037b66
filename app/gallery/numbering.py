"""Says where pages and pictures stand among all: whole sentences, for each case one."""

from collections.abc import Sequence

from markupsafe import Markup

from app.figures import listed, number
from app.gallery.parts import Pages
from app.words import _, marked, named, ngettext


def standing(pages: Pages, classes: Sequence[str]) -> str:
    """Say which pictures a page shows.

    Args:
        pages: where it stands.
        classes: that are looked at, "" for that of the pictures without one; none for all.
    """
    return _of_classes(pages, classes) if classes else _of_all(pages)


def standing_of_files(pages: Pages) -> str:
    """Say which of the files that were left out a page shows."""
    start, end, total = number(pages.start), number(pages.end), number(pages.total)
    if not pages.total:
        return _("No files.")
    if not pages.end:
        return ngettext(
            "There is nothing after the last of %(count)s file.",
            "There is nothing after the last of %(count)s files.",
            pages.total,
        )
    if _is_whole(pages):
        return ngettext("%(count)s file.", "%(count)s files.", pages.total)
    if pages.start == pages.end:
        return _("File %(start)s of %(total)s.", start=start, total=total)
    return _("Files %(start)s to %(end)s of %(total)s.", start=start, end=end, total=total)


def place_words(place: int, total: int, classes: Sequence[str]) -> str:
    """Say which of the pictures one is."""
    values = {"place": number(place), "total": number(total)}
    if not classes:
        return _("Picture %(place)s of %(total)s.", **values)
    return marked(
        "Picture %(place)s of %(total)s in %(classes)s.", **values, classes=_names(classes)
    )


def back_to(classes: Sequence[str]) -> str:
    """Say what the page of all pictures that are looked at is."""
    return marked("All in %(classes)s", classes=_names(classes)) if classes else _("All pictures")


def _of_all(pages: Pages) -> str:
    start, end, total = number(pages.start), number(pages.end), number(pages.total)
    if not pages.total:
        return _("No pictures.")
    if not pages.end:
        return ngettext(
            "There is nothing after the last of %(count)s picture.",
            "There is nothing after the last of %(count)s pictures.",
            pages.total,
        )
    if _is_whole(pages):
        return ngettext("%(count)s picture.", "%(count)s pictures.", pages.total)
    if pages.start == pages.end:
        return _("Picture %(start)s of %(total)s.", start=start, total=total)
    return _("Pictures %(start)s to %(end)s of %(total)s.", start=start, end=end, total=total)


def _of_classes(pages: Pages, classes: Sequence[str]) -> Markup:
    start, end, total = number(pages.start), number(pages.end), number(pages.total)
    names = _names(classes)
    if not pages.total:
        return marked("No pictures in %(classes)s.", classes=names)
    if not pages.end:
        return marked("There is nothing after the last picture in %(classes)s.", classes=names)
    if _is_whole(pages):
        told = ngettext(
            "%(count)s picture in %(classes)s.",
            "%(count)s pictures in %(classes)s.",
            pages.total,
            classes=names,
        )
        return Markup(told)
    if pages.start == pages.end:
        return marked(
            "Picture %(start)s of %(total)s in %(classes)s.",
            start=start,
            total=total,
            classes=names,
        )
    return marked(
        "Pictures %(start)s to %(end)s of %(total)s in %(classes)s.",
        start=start,
        end=end,
        total=total,
        classes=names,
    )


def _is_whole(pages: Pages) -> bool:
    return pages.start == 1 and pages.end == pages.total


def _names(classes: Sequence[str]) -> Markup:
    """Return names of classes for a sentence."""
    shown = [f"{named(each) if each else Markup.escape(_('no class'))}" for each in classes]
    return Markup(listed(shown))
