"""The list of reports, a page for each, its files, and how good an index is."""

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_file,
    url_for,
)

from app.api.schemas.reports import Quality, Reports, brief_of
from app.api.schemas.reports import quality_of as told_quality
from app.errors import wants_json
from app.extensions import index_named
from app.openapi.documenting import BYTES, HTML, JSON, TEXT, documented
from app.openapi.schemas import Way
from app.reports.opening import Opened, open_report
from app.reports.presenters import Source, view
from app.reports.quality import quality_of
from app.reports.rendering import PAGE, standalone
from app.twins import negotiated
from indexer.evaluation.reporting.drafts import making
from indexer.evaluation.reporting.model import Report
from indexer.evaluation.reporting.storing import FILE, reports_in
from indexer.files import lies_inside

blueprint = Blueprint("reports", __name__)

FOR_EVER = "private, max-age=31536000, immutable"
REFRESH_SECONDS = 10
KINDS = {"csv": "text/csv", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}
KINDS |= {"webp": "image/webp", "json": "application/json", "html": "text/html"}
NAMES = {"name": "Name of the report."}
OF_FILES = {"part": "Which kind of file.", "file": "A file that the report names."}
MEASURED = Way(frozenset({float}))
"""Numbers that are NaN are sent as null."""
# What matplotlib draws brings its own style, and heat maps as data: pictures; nothing else runs.
DRAWING_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)


@blueprint.get("/reports/")
@documented("pages", {JSON: Reports, HTML: TEXT})
def reports() -> Response:
    """List the reports, newest first."""
    instance = current_app.config["INSTANCE"]
    briefs = reports_in(instance)
    if wants_json():
        return negotiated(jsonify(Reports(tuple(map(brief_of, briefs)))))
    for brief in briefs:
        if brief.problem:
            current_app.logger.warning("%s", brief.problem)
    page = render_template("reports/list.html", briefs=briefs, making=making(instance))
    return negotiated(make_response(page))


@blueprint.get("/reports/<name>")
@documented("pages", {JSON: Report, HTML: TEXT}, way=MEASURED, path=NAMES)
def report(name: str) -> Response:
    """Show a report."""
    opened = _open(name)
    if wants_json():
        return negotiated(_sent(opened, FILE))
    page = render_template("reports/report.html", report=view(opened.report, source_of(opened)))
    return negotiated(make_response(page))


@blueprint.get("/reports/<name>/report.json")
@documented("pages", {JSON: Report}, way=MEASURED, path=NAMES)
def document(name: str) -> Response:
    """Send the report's document."""
    return _sent(_open(name), FILE)


@blueprint.get("/reports/<name>/<file>.html")
@documented("pages", {HTML: TEXT}, path=NAMES | {"file": "Name of the report once more."})
def download(name: str, file: str) -> Response:
    """Send the report as one file that needs no other, to keep or to pass on."""
    if file != name:
        abort(404)
    opened = _open(name)
    page = opened.folder / PAGE
    if page.is_file() and lies_inside(page, opened.folder):
        response = _sent(opened, PAGE)
    else:
        response = make_response(standalone(opened.report, opened.folder))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.html"'
    return response


@blueprint.get("/reports/<name>/<any(figures, tables, pictures):part>/<file>")
@documented("pages", dict.fromkeys(KINDS.values(), BYTES), path=NAMES | OF_FILES)
def file(name: str, part: str, file: str) -> Response:
    """Send a table, a figure or a picture that the report names."""
    opened = _open(name)
    path = f"{part}/{file}"
    if path not in opened.files:
        abort(404)
    return _sent(opened, path)


@blueprint.get("/index/<name>/quality")
@documented("pages", {JSON: Quality, HTML: TEXT}, path={"name": "Name of the index."})
def quality(name: str) -> Response:
    """Show how good an index is, by the newest report that measured it with copies."""
    service = index_named(name)
    instance = current_app.config["INSTANCE"]
    found = quality_of(instance, service.name, service.manifest.created)
    if wants_json():
        return negotiated(jsonify(told_quality(found)))
    opened = found.opened
    shown = view(opened.report, source_of(opened)) if opened else None
    page = render_template("reports/quality.html", quality=found, report=shown)
    response = negotiated(make_response(page))
    if found.making:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


def source_of(opened: Opened) -> Source:
    """Return what gives the addresses of a report's files on this site."""

    def source(path: str) -> str:
        if path not in opened.files or not (opened.folder / path).is_file():
            return ""
        part, _, file = path.partition("/")
        name = opened.report.name
        return url_for("reports.file", name=name, part=part, file=file, v=opened.version)

    return source


def _open(name: str) -> Opened:
    return open_report(current_app.config["INSTANCE"], name)


def _sent(opened: Opened, path: str) -> Response:
    """Send a file of a report; browsers keep what they asked for by its version."""
    kind = path.rsplit(".", 1)[-1]
    try:
        response = send_file(
            opened.folder / path, mimetype=KINDS[kind], etag=f"{opened.version}-{path}"
        )
    except OSError:
        abort(404)
    is_fixed = request.args.get("v") == opened.version
    response.headers["Cache-Control"] = FOR_EVER if is_fixed else "private, no-cache"
    if kind == "svg":
        response.headers["Content-Security-Policy"] = DRAWING_POLICY
    return response
