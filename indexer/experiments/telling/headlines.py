"""The answer that matters, in a sentence: whether a fine-tuning made the search better."""

from collections.abc import Mapping, Sequence
from math import isnan

from indexer.experiments.runs.changes import HELD_OUT, TEST, Change, Codes
from indexer.experiments.telling.measured import value_words

MAIN = "mAP"
WIDE = 0.1
"""Width of an interval of MAIN from which on it is called wide."""

MORE: Mapping[str, str] = {
    HELD_OUT: "Hold more out: --held-out, or --validation.",
    TEST: "Give more in --test.",
}
"""What can be done where too few pictures asked."""


def verdict_of(verdict: str, exact: Sequence[Change]) -> str:
    """Return the verdict, of runs that do not say it that of their main measure; or ""."""
    main = _main(exact)
    return verdict or (main.verdict if main else "")


def headline(
    verdict: str, exact: Sequence[Change], count: int, *, chose: bool, asked: str = HELD_OUT
) -> str:
    """Return what a fine-tuning changed, or "" where nothing is known.

    Args:
        verdict: of it, or "".
        exact: measures by exact search.
        count: how many pictures asked.
        chose: whether these chose the epoch that is kept.
        asked: what these pictures are: "held out" or "test".
    """
    main, word = _main(exact), verdict_of(verdict, exact)
    if main is None:
        return f"{_capital(word)}." if word else ""
    before, after = value_words(main, main.before[0]), value_words(main, main.after[0])
    lead = f"{_capital(word)}: " if word else ""
    lost = [each.measure for each in exact if each.verdict == "worse"] if word == "better" else []
    worse = f" Worse: {', '.join(lost)}." if lost else ""
    pictures = f" on {count:,} {asked} pictures" if count else ""
    too_good = "; they also chose the epoch, so that it is a little too good" if chose else ""
    return f"{lead}{MAIN} {before} -> {after}{pictures}{too_good if pictures else ''}.{worse}"


def before_words(before: str, asked: str = HELD_OUT) -> str:
    """Say what is measured, and what it is compared with.

    Args:
        before: that, as Retrieved says it.
        asked: which pictures ask.
    """
    compared = f" Before: {before}." if before else ""
    return f"The {asked} pictures search among those that were learnt from.{compared}"


def caution(exact: Sequence[Change], count: int, asked: str = HELD_OUT) -> str:
    """Say that the intervals are wide, where they are; else ""."""
    main = _main(exact)
    if main is None:
        return ""
    widest = max(high - low for _, low, high in (main.before, main.after))
    if not widest > WIDE:
        return ""
    return (
        f"With {count:,} {asked} pictures the intervals are wide: only a great difference "
        f"can be told from chance. {MORE[asked]}"
    )


def codes_words(codes: Codes) -> str:
    """Say what codes keep, and what they take."""
    own = (
        ""
        if isnan(codes.kept)
        else f"{codes.kept:.1%} of the mAP of the values they are signs of, and "
    )
    return (
        f"Codes keep {own}{codes.share:.1%} of the mAP of before, in {codes.bytes_after:,} bytes a "
        f"picture instead of {codes.bytes_before:,}"
    )


def _main(exact: Sequence[Change]) -> Change | None:
    return next((change for change in exact if change.measure == MAIN), None)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
