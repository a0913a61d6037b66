"""What protects people and their pictures: headers, form tokens, the signing key, proxies."""

import logging
import os
import secrets
from pathlib import Path

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import bodies

logger = logging.getLogger(__name__)

csrf = CSRFProtect()

# Bootstrap draws its arrows as data: pictures; a preview of the user's own file is a blob:.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies, secure under HTTPS, with a key that is found when first needed."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the visitor's session; make sure that there is a key to sign it with."""
        if app.secret_key is None:
            app.secret_key = secret_key(Path(app.config["INSTANCE"]))
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie is for HTTPS alone: where the visitor came by it."""
        return request.is_secure


def secret_key(instance: Path) -> str:
    """Return the instance's signing key; make it at the first time.

    All workers must agree on it, so it is written beside and linked to its name: the first
    link wins, and everybody reads what the winner wrote.
    """
    path = instance / "secret_key"
    try:
        if not path.exists():
            _write_key(path)
        return path.read_text()
    except OSError as error:
        logger.warning(
            "The signing key %s cannot be kept (%s): forms work in this process alone. "
            "Make the folder writable, or set LIKENESS_SECRET_KEY.",
            path,
            error.strerror,
        )
        return secrets.token_hex(32)


def _write_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            logger.debug("Another worker has made the signing key")
    finally:
        draft.unlink()


def init_app(app: Flask) -> None:
    """Add all of it to an application."""
    app.session_interface = Sessions()
    app.after_request(_add_headers)
    csrf.init_app(app)
    bodies.init_app(app)
    if hops := app.config["PROXIES"]:
        # Believed only where someone said so: anybody can send X-Forwarded-For.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=hops
        )


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype in ("text/html", "application/json"):
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
