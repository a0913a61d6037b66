"""The list of trainings, and a page for each, which looks again by itself while it learns."""

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template

from app.errors import wants_json
from app.openapi.documenting import HTML, JSON, TEXT, documented
from app.runs.presenters import brief_view, run_view
from app.runs.twins import brief_json, run_json, run_schema, runs_schema
from app.twins import negotiated
from indexer.evaluation.errors import UnknownReport
from indexer.evaluation.reporting.storing import FILE, report_folder
from indexer.experiments.reading.runs import Run, read_run, runs_in

blueprint = Blueprint("runs", __name__)

REFRESH_SECONDS = 10


@blueprint.get("/runs/")
@documented("pages", {JSON: runs_schema, HTML: TEXT})
def runs() -> Response:
    """List the trainings, the last begun first."""
    briefs = runs_in(current_app.config["INSTANCE"])
    if wants_json():
        return negotiated(jsonify(runs=[brief_json(brief) for brief in briefs]))
    page = render_template("runs/list.html", runs=[brief_view(brief) for brief in briefs])
    is_running = any(brief.state == "running" for brief in briefs)
    return _looking_again(negotiated(make_response(page)), is_running)


@blueprint.get("/runs/<name>")
@documented("pages", {JSON: run_schema, HTML: TEXT}, path={"name": "Name of the training."})
def run(name: str) -> Response:
    """Show a training."""
    found = read_run(current_app.config["INSTANCE"], name)
    if wants_json():
        return negotiated(jsonify(run_json(found)))
    view = run_view(found, _report(found))
    page = render_template("runs/run.html", run=view)
    return _looking_again(negotiated(make_response(page)), view.is_running)


def _report(found: Run) -> str:
    """Return the name of the report on what came of a run, or "" where it is not there."""
    name = found.record.report or f"training-{found.brief.name}"
    try:
        folder = report_folder(current_app.config["INSTANCE"], name)
    except UnknownReport:
        return ""
    return name if (folder / FILE).is_file() else ""


def _looking_again(response: Response, wanted: bool) -> Response:
    if wanted:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response
