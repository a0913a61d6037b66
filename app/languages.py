"""Chooses the language of each page: by its address, by a cookie, or as the browser prefers."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, Response, current_app, has_request_context, request, url_for
from flask_babel import Babel, get_locale, get_translations

from app import figures, scriptwords
from app.catalogues import SOURCE, TRANSLATIONS, languages_in
from app.errors import wants_json
from app.openapi.documenting import Exempt
from app.words import END, SEEN, UNSEEN, code, link, named

PARAMETER = "lang"
COOKIE = "likeness-language"
SECONDS = 365 * 86_400
CATALOGUES = "BABEL_TRANSLATION_DIRECTORIES"
KNOWN = "likeness-languages"


@dataclass(frozen=True)
class Choice:
    """A language to choose: its code, its name in itself, and the address of this page in it."""

    code: str
    name: str
    address: str
    is_chosen: bool


def init_app(app: Flask) -> None:
    """Let pages be in the language of those who look at them."""
    app.config.setdefault(CATALOGUES, str(TRANSLATIONS))
    app.extensions[KNOWN] = languages_in(Path(app.config[CATALOGUES]))
    Babel().init_app(app, default_locale=SOURCE, locale_selector=language)
    _let_templates_speak(app)
    figures.init_app(app)
    app.jinja_env.globals.update(
        code=code,
        end=END,
        seen=SEEN,
        unseen=UNSEEN,
        zip=zip,
        link=link,
        named=named,
        language=_spoken,
        languages=choices,
        words=scriptwords.words,
    )
    app.jinja_env.filters.update(named=named)
    app.after_request(_remember)


def _let_templates_speak(app: Flask) -> None:
    """Look a page's catalogue up by its language alone: a page of hits has thousands of words."""
    catalogues: dict[Locale | None, Translations | NullTranslations] = {}

    def spoken() -> Translations | NullTranslations:
        locale = get_locale()
        if (known := catalogues.get(locale)) is None:
            known = catalogues[locale] = get_translations()
        return known

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda sentence: spoken().ugettext(sentence),
        ngettext=lambda one, many, count: spoken().ungettext(one, many, count),
        newstyle=True,
    )


def language() -> str:
    """Return the code of the language of the answer under way.

    What is for programs is English, whoever asks: their JSON does not change with the reader.
    """
    if not has_request_context() or _is_for_programs():
        return SOURCE
    if fixed := current_app.config["LANGUAGE"]:
        return str(fixed)
    known = current_app.extensions[KNOWN]
    for wish in (request.args.get(PARAMETER), request.cookies.get(COOKIE)):
        if wish in known:
            return str(wish)
    # The source first: it is what whoever takes any language gets.
    return str(request.accept_languages.best_match((SOURCE, *known), SOURCE))


def choices() -> list[Choice]:
    """Return the languages that this page can be read in; none where there is but one."""
    known = current_app.extensions[KNOWN]
    if current_app.config["LANGUAGE"] or len(known) < 2:
        return []
    spoken = _spoken()
    return [
        Choice(code, str(Locale.parse(code).get_display_name(code)), _here(code), code == spoken)
        for code in known
    ]


def _spoken() -> str:
    """Return the code of the language that is spoken at the moment, as HTML has it."""
    return str(figures.locale_of_page()).replace("_", "-")


def _here(code: str) -> str:
    """Return the address of this page in a language; that of the first page after a form."""
    if request.method not in ("GET", "HEAD"):
        return url_for("search.home", lang=code)
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != PARAMETER]
    return f"?{urlencode([*kept, (PARAMETER, code)])}"


def _is_for_programs() -> bool:
    """Tell whether an answer is JSON that is documented; other JSON is for our own scripts."""
    if not wants_json():
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return not isinstance(getattr(view, "documented", None), Exempt)


def _remember(response: Response) -> Response:
    """Keep a language that the address chose, and tell caches that pages are in several."""
    if response.mimetype != "text/html" or current_app.config["LANGUAGE"]:
        return response
    response.vary.update(("Accept-Language", "Cookie"))
    chosen = request.args.get(PARAMETER, "")
    if chosen in current_app.extensions[KNOWN]:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=SECONDS,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
