"""What a training was given and what it has left, as names and values of its page."""

from app.facts import Fact, data
from app.figures import number, when
from app.words import _, ngettext
from indexer.experiments.reading.records import Record
from indexer.experiments.telling.classwords import count_words
from indexer.experiments.telling.recipewords import fresh_words


def given_facts(record: Record) -> list[Fact]:
    """Return what a training was given."""
    return _known(
        data(_("method"), record.method),
        data(_("network"), record.network),
        data(_("begun with"), record.weights),
        data(_("trained from layer"), record.unfreeze),
        data(_("layers drawn anew"), fresh_words(record.fresh) if record.fresh else ""),
        data(_("pooling"), record.pooling),
        Fact(_("input"), _input(record)),
        Fact(_("classes"), number(len(record.classes)) if record.classes else ""),
        *(
            Fact(given.folder, _usable(given.pictures), is_named_by_data=True)
            for given in record.given
        ),
        Fact(_("learnt from"), _pictures(record.shown) if record.shown else ""),
        Fact(_("held out"), _pictures(record.held_out) if record.shown else ""),
        Fact(_("to test with"), _pictures(record.test) if record.test else ""),
        data(_("left out"), count_words(record.unused) if record.unused else ""),
        data(_("cannot be used"), count_words(record.rejected) if record.rejected else ""),
        data(_("seed"), record.seed),
        data(_("precision"), record.precision),
        *(Fact(name, value, is_data=True, is_named_by_data=True) for name, value in record.machine),
        Fact(_("begun"), when(record.begun) if record.begun else ""),
        Fact(_("ended"), when(record.ended) if record.ended else ""),
    )


def left_facts(record: Record) -> list[Fact]:
    """Return what a finished training has left."""
    if not record.sha256:
        return []
    return _known(
        data(_("feature"), record.head) if record.head else Fact(_("feature"), _("the pooled map")),
        Fact(_("weights"), f"{number(record.bytes / 1e6, '.1f')} MB" if record.bytes else ""),
        Fact(_("numbers"), number(record.parameters) if record.parameters else ""),
        Fact("SHA-256", record.sha256, is_data=True, is_named_by_data=True),
    )


def _input(record: Record) -> str:
    if not record.size:
        return ""
    if record.crop == "faces":
        return ngettext(
            "%(count)s pixel of the largest face",
            "%(count)s pixels of the largest face",
            record.size,
        )
    return ngettext("%(count)s pixel", "%(count)s pixels", record.size)


def _known(*facts: Fact) -> list[Fact]:
    return [fact for fact in facts if fact.value]


def _pictures(count: int) -> str:
    return ngettext("%(count)s picture", "%(count)s pictures", count)


def _usable(count: int) -> str:
    return ngettext("%(count)s usable picture", "%(count)s usable pictures", count)
