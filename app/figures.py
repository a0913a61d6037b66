"""Writes numbers, shares, times and lists as people of the page's language do."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, Literal

import flask_babel
from babel import Locale
from babel.lists import format_list
from babel.numbers import NumberPattern, parse_pattern
from flask import Flask

from indexer.durations import duration

ENGLISH = Locale("en")
PARTS = "#,##0"
"""The whole part of a number in the patterns of Unicode's CLDR."""


def init_app(app: Flask) -> None:
    """Let templates write numbers and times in the same way."""
    app.jinja_env.filters.update(listed=listed, number=number, percent=percent, when=when)


def number(value: float, form: str = ",.0f") -> str:
    """Write a number.

    Args:
        value: the number.
        form: as Python's `format` takes it: how many digits, and whether with a sign.
    """
    text = format(value, form)
    locale = locale_of_page()
    if locale == ENGLISH:
        return text
    return str(flask_babel.format_decimal(*_exact(text, locale.decimal_formats[None])))


def rewritten(text: str) -> str:
    """Write anew a number that was written in English; "" of nothing."""
    decimals = len(text.partition(".")[2])
    return number(float(text.replace(",", "")), f",.{decimals}f") if text else ""


def percent(value: float, form: str = ",.0f") -> str:
    """Write a number of percent.

    Args:
        value: the share times 100.
        form: as of `number`.
    """
    text = format(value, form)
    locale = locale_of_page()
    if locale == ENGLISH:
        return f"{text} %"  # with a space, as ISO 80000-1 has it
    written, pattern = _exact(text, locale.percent_formats[None])
    return str(flask_babel.format_percent(written / 100, pattern))


def when(moment: str) -> str:
    """Write a time of ISO 8601, which is in UTC."""
    if locale_of_page() == ENGLISH:
        return f"{moment[:16].replace('T', ' ')} UTC"
    known = datetime.fromisoformat(moment[:16]).replace(tzinfo=UTC)
    return f"{_day(known)}, {_clock(known)} UTC"


def day(known: date) -> str:
    """Write a day."""
    if locale_of_page() == ENGLISH:
        return f"{known.day} {known:%B %Y}"
    return str(flask_babel.format_date(known, "long"))


def lasted(seconds: float) -> str:
    """Write how long something took; symbols of units are the same everywhere."""
    value, _, rest = duration(seconds).partition(" ")
    return f"{number(float(value), '.1f') if '.' in value else value} {rest}"


def listed(names: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
    """Write names one after another, the last with an "and", or with an "or"."""
    locale = locale_of_page()
    # Without a comma before the "and", as the British do.
    return format_list(names, style, Locale("en", "GB") if locale == ENGLISH else locale)


def locale_of_page() -> Locale:
    """Return the language of the answer under way; English where there is none."""
    return flask_babel.get_locale() or ENGLISH


def _day(known: date) -> str:
    return str(flask_babel.format_date(known, "medium"))


def _clock(known: datetime | time) -> str:
    return str(flask_babel.format_time(known, "short"))


def _exact(text: str, pattern: NumberPattern) -> tuple[Decimal, NumberPattern]:
    """Return a written number, and the pattern that keeps its digits.

    Args:
        text: as Python wrote it.
        pattern: of a language.
    """
    value = Decimal(text.replace(",", ""))
    decimals = max(0, -int(value.as_tuple().exponent))
    return value, _pattern(pattern.pattern, decimals, text.startswith("+"))


@cache
def _pattern(pattern: str, decimals: int, is_signed: bool) -> Any:
    whole, _, rest = pattern.partition(PARTS)
    digits = PARTS + ("." + "0" * decimals if decimals else "")
    after = rest.removeprefix(".###")
    signed = f"+{whole}{digits}{after};-{whole}{digits}{after}"
    return parse_pattern(signed if is_signed else f"{whole}{digits}{after}")
