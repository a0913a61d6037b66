"""Addresses of pages' own files that change with their content, so that browsers keep them."""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, has_app_context, url_for
from werkzeug.security import safe_join

FOLDERS = {"static": "", "bootstrap.static": "bootstrap"}
"""Endpoints that send files, and the blueprints of which they are."""
DIGITS = 10
FOR_EVER = "public, max-age=31536000, immutable"
IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "\./([\w.-]+)"', re.MULTILINE)

State = tuple[Path, int, int]
"""A file, when it was changed in nanoseconds, and its bytes: what its digest is kept by."""


def init_app(app: Flask) -> None:
    """Let all addresses of static files name their content, and answer those that do.

    It stands in the path, `/static/v-<digits>/likeness.js`, so that the scripts that one imports
    by relative addresses come by the same version.
    """
    for endpoint in FOLDERS:
        (plain,) = app.url_map.iter_rules(endpoint)
        path = plain.rule.replace("<path:", f"v-<string(length={DIGITS}):version>/<path:")
        send = app.view_functions[endpoint]
        app.add_url_rule(path, endpoint=endpoint)
        app.view_functions[endpoint] = _sender(endpoint, send)
    app.url_defaults(_add_version)
    app.add_template_global(modules)


def version(path: Path) -> str:
    """Return the first digits of the SHA-256 of a file; of a script: of all that lie beside it.

    Scripts import each other, so one of them is new where any is.

    Raises:
        OSError: if the file is not there.
    """
    state = _state(path)
    return _digest((state,) if path.suffix != ".js" else tuple(_scripts(path.parent).values()))


def modules(name: str) -> list[str]:
    """Return the addresses of all modules that a module imports, itself or by others.

    A page names them, so that browsers fetch them at once instead of one after the other.

    Args:
        name: of a script of the static folder.
    """
    scripts = _scripts(Path(current_app.static_folder or ""))
    found, ahead = {name: None}, [name]
    while ahead:
        new = [each for each in _imports(scripts[ahead.pop()]) if each not in found]
        found |= dict.fromkeys(new)
        ahead += new
    base = url_for("static", filename=name).removesuffix(name)
    return [base + each for each in found if each != name]


def _sender(endpoint: str, send: Callable[..., Any]) -> Callable[..., Response]:
    def answer(filename: str, version: str = "") -> Response:
        response: Response = send(filename=filename)
        if version and version == _version_of(endpoint, filename):
            response.headers["Cache-Control"] = FOR_EVER
        return response

    return answer


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in FOLDERS and (found := _version_of(endpoint, values.get("filename", ""))):
        values.setdefault("version", found)


def _version_of(endpoint: str, filename: str) -> str:
    """Return the version of what an endpoint sends, or "" where there is no such file."""
    blueprint = FOLDERS[endpoint]
    sender = current_app.blueprints[blueprint] if blueprint else current_app
    path = safe_join(sender.static_folder or "", filename)
    try:
        return version(Path(path)) if path else ""
    except OSError:
        return ""


def _scripts(folder: Path) -> dict[str, State]:
    """Return the scripts of a folder by their names; a request looks at them once."""
    seen = g.setdefault("scripts", {}) if has_app_context() else {}
    if folder not in seen:
        seen[folder] = {path.name: _state(path) for path in sorted(folder.glob("*.js"))}
    found: dict[str, State] = seen[folder]
    return found


def _state(path: Path) -> State:
    found = path.stat()
    return path, found.st_mtime_ns, found.st_size


@lru_cache(256)
def _digest(files: tuple[State, ...]) -> str:
    digest = sha256()
    for path, _, _ in files:
        digest.update(sha256(path.read_bytes()).digest() if len(files) > 1 else path.read_bytes())
    return digest.hexdigest()[:DIGITS]


@lru_cache(256)
def _imports(script: State) -> tuple[str, ...]:
    return tuple(IMPORTED.findall(script[0].read_text(encoding="utf-8")))
