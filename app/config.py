"""The one table of settings: what can be changed, its default, and what it does."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click import ClickException
from flask import Flask

from app.catalogues import TRANSLATIONS, languages_in
from models.errors import LikenessError
from models.types import Limits

PREFIX = "LIKENESS_"


class BadSetting(LikenessError, ClickException):
    """A setting whose value cannot be used; click's as well, since it ends any command."""


@dataclass(frozen=True)
class Setting:
    """One thing that can be changed.

    Attributes:
        name: the variable's name after `LIKENESS_`, and the key in the configuration.
        default: what holds where nothing is set.
        type: makes the value from text; raises ValueError with what it wants to see.
        help: the sentence for people.
    """

    name: str
    default: Any
    type: Callable[[str], Any]
    help: str


def text(value: str) -> str:
    """Return text as it is."""
    return value


def names(value: str) -> list[str]:
    """Split names at commas."""
    found = [part.strip() for part in value.split(",") if part.strip()]
    if not found:
        raise ValueError("one or several, with commas between")
    return found


def folder(value: str) -> Path:
    """Return an absolute path."""
    if not value:
        raise ValueError("the path of a folder")
    return Path(value).expanduser().absolute()


def share(value: str) -> float:
    """Return a number from 0 to 1."""
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError("a number from 0 to 1")
    return number


def whole(least: int) -> Callable[[str], int]:
    """Return the reader of whole numbers that are at least `least`."""

    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or int(value) < least:
            raise ValueError(f"a whole number of at least {least}")
        return int(value)

    return read


def switch(value: str) -> int:
    """Return 1 for on, 0 for off."""
    if value not in ("0", "1"):
        raise ValueError("1 or 0")
    return int(value)


def language(value: str) -> str:
    """Return the code of a language that pages can be in."""
    known = languages_in(TRANSLATIONS)
    if value not in known:
        raise ValueError(f"one of: {', '.join(known)}")
    return value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "INSTANCE", None, folder, "folder that everything is written to; unset: instance/ here"
    ),
    Setting("INDEX", "", text, "index that is searched where none is named; unset: the first"),
    Setting("LANGUAGE", "", language, "language of all pages; unset: as each browser prefers"),
    Setting("DEFAULT_K", 10, whole(1), "hits that a search gives where no number is asked for"),
    Setting("MAX_K", 100, whole(1), "most hits that one search may ask for"),
    Setting("MAX_UPLOAD_BYTES", 20 * 2**20, whole(1), "largest upload, all its pictures together"),
    Setting("MAX_FILE_BYTES", 256 * 2**20, whole(1), "largest file of a gallery that is opened"),
    Setting(
        "MAX_PIXELS",
        50_000_000,
        whole(1),
        "most pixels that a picture may have; above 89,000,000 it has no effect",
    ),
    Setting("MAX_SIDE", 30_000, whole(1), "longest side that a picture may have, in pixels"),
    Setting("UPLOAD_SECONDS", 60, whole(1), "time after which a stalled upload is given up"),
    Setting("SEARCHES_PER_MINUTE", 600, whole(0), "searches allowed to one address; 0: no limit"),
    Setting(
        "SEARCH_BY_ADDRESS", 0, switch, "1: pictures are also fetched from addresses; 0: never"
    ),
    Setting(
        "QUERY_DAYS", 30, whole(1), "days that an uploaded query is kept with its pictures and page"
    ),
    Setting("MAX_QUERIES", 10_000, whole(1), "uploaded queries that are kept at most"),
    Setting("ENCODER_THREADS", 0, whole(0), "processor threads for one encoder; 0: all cores"),
    Setting("SLOTS", 2, whole(1), "pictures that one process decodes and encodes at once"),
    Setting("WAIT_SECONDS", 10, whole(0), "time that a picture waits for a slot; then: busy"),
    Setting("LIVE_RECALL", 0.02, share, "share of searches that are checked exactly; 0: none"),
    Setting(
        "KERNELS",
        None,
        folder,
        "folder of compiled kernels; unset: beside the program, else in the instance",
    ),
    Setting(
        "DATABASE_URL",
        "",
        text,
        "database of queries and judgements; unset: a SQLite file in the instance",
    ),
    Setting(
        "API_KEY",
        None,
        names,
        "keys of which programs send one to /api/v1, by commas; unset: it is open to all",
    ),
    Setting("SECRET_KEY", "", text, "signs the form tokens; unset: made once, kept beside it"),
    Setting("TRUSTED_HOSTS", None, names, "host names that are answered, by commas; unset: all"),
    Setting("PROXIES", 0, whole(0), "reverse proxies in front, whose X-Forwarded-* is believed"),
)


def configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Fill the application's configuration from the table, the environment and `overrides`.

    Raises:
        BadSetting: naming the variable, its value and what it should be.
    """
    for setting in SETTINGS:
        app.config[setting.name] = _value(setting, overrides)
    if app.config["INSTANCE"] is None:
        app.config["INSTANCE"] = Path(app.instance_path)
    app.instance_path = str(app.config["INSTANCE"])
    app.config.update(
        SECRET_KEY=app.config["SECRET_KEY"] or None,
        MAX_CONTENT_LENGTH=app.config["MAX_UPLOAD_BYTES"] + 2**16,
        # A file arrives in pieces of 2**16 bytes, which this limits too: it must lie well above.
        MAX_FORM_MEMORY_SIZE=2**19,
        MAX_FORM_PARTS=20,
        SESSION_COOKIE_NAME="likeness",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    known = {setting.name for setting in SETTINGS}
    app.config.update({key: value for key, value in overrides.items() if key not in known})


def upload_limits(config: Mapping[str, Any]) -> Limits:
    """Return what an uploaded picture may cost."""
    return Limits(config["MAX_UPLOAD_BYTES"], config["MAX_PIXELS"], config["MAX_SIDE"])


def gallery_limits(config: Mapping[str, Any]) -> Limits:
    """Return what a picture of a gallery may cost."""
    return Limits(config["MAX_FILE_BYTES"], config["MAX_PIXELS"], config["MAX_SIDE"])


def _value(setting: Setting, overrides: Mapping[str, Any]) -> Any:
    value = overrides.get(setting.name, os.environ.get(PREFIX + setting.name))
    if value is None or value == "":
        return setting.default
    if not isinstance(value, str):
        return value
    try:
        return setting.type(value)
    except ValueError as error:
        raise BadSetting(
            f"{PREFIX}{setting.name} should be {error}. Received: {value!r}. "
            f"Correct it, or unset it for the default ({setting.default})."
        ) from error
