"""Says for what reasons files were left out; indexes keep them in English, for programs."""

from app.words import lazy

REASONS = {
    "empty": lazy("empty"),
    "not an image": lazy("not an image"),
    "damaged": lazy("damaged"),
    "too large": lazy("too large"),
    "no memory": lazy("no memory"),
    "link": lazy("link"),
    "not a regular file": lazy("not a regular file"),
    "unreadable": lazy("unreadable"),
    "changed": lazy("changed"),
    "no feature": lazy("no feature"),
    "worker died": lazy("worker died"),
    "removed": lazy("removed"),
}


def reason_words(reason: str) -> str:
    """Return a reason for people; one that is not known here as it is."""
    return str(REASONS.get(reason, reason))
