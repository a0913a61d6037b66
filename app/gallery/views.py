"""Pictures by id, never by path, and a page on what an index is and what it left out."""

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from app.api.schemas.galleries import Indexes, indexes_of
from app.api.schemas.problems import Error
from app.database import DatabaseDown
from app.extensions import content_asked_for, index_named, services
from app.gallery import presenters, twins
from app.gallery.frontiers import frontier
from app.gallery.looks import SHOWN
from app.gallery.twins import IndexPage
from app.openapi.documenting import BYTES, HTML, JPEG, JSON, TEXT, Reply, documented
from app.openapi.parameters import CONTENT
from app.search.forms import UploadForm
from app.search.presenters import content
from app.thumbnails import SIDES
from app.twins import twin
from app.words import _
from indexer.errors import ImageGone
from indexer.experiments.reading.runs import has_runs
from indexer.search import SearchService

blueprint = Blueprint("gallery", __name__)

FIRST_FILES = 20
NAMES = {"name": "Name of the index."}
GONE = {
    404: Reply(
        "There is no such image; or its file is gone since the build, and a drawing says so.",
        {"image/svg+xml": TEXT, JSON: Error, HTML: TEXT},
    )
}
FOR_EVER = "private, max-age=31536000, immutable"


@blueprint.get(
    "/images/<index>/<int(max=2147483647):image_id>/<any(small, medium, large):size>.jpg"
)
@documented("gallery", {JPEG: BYTES}, takes=(CONTENT,), also=GONE)
def picture(index: str, image_id: int, size: str) -> Response:
    """Send one rendering of an indexed picture.

    The address of a page before a rebuild still gives the same picture, by its content. Where its
    file is gone since the build the answer is a picture that says so, under the status 404:
    browsers show it in place, and programs are not deceived.
    """
    service = index_named(index)
    try:
        image_id = service.catalog.locate(image_id, content_asked_for())
        record = service.catalog.image(image_id)
        jpeg = services().thumbnails.get(record, service.image_path(image_id), size)
    except ImageGone as error:
        current_app.logger.info("%s", error)
        return _placeholder()
    response = make_response(jpeg)
    response.mimetype = "image/jpeg"
    response.set_etag(f"{record.sha256}-{SIDES[size]}")
    known = request.args.get("v") == content(record)
    response.headers["Cache-Control"] = FOR_EVER if known else "private, no-cache"
    response.make_conditional(request)
    return response


@blueprint.get("/index/")
@documented("pages", {JSON: Indexes, HTML: TEXT})
def indexes() -> Response:
    """List the indexes."""
    return twin(_list, lambda: indexes_of(services().shelf))


@blueprint.get("/index/<name>")
@documented(
    "pages",
    {JSON: IndexPage, HTML: TEXT},
    path=NAMES,
    also={303: Reply("Of older addresses: the page that lists the files that were left out.")},
)
def index_page(name: str) -> AnyResponse:
    """Show one index: parameters, classes, and the first of the files that it left out."""
    service = index_named(name)
    if request.args.keys() & {"reason", "page"}:  # where all such files were listed once
        reason = request.args.get("reason") or None
        return redirect(url_for("browsing.rejected", index=name, reason=reason), 303)
    view = presenters.IndexView(
        index=presenters.summary(service),
        facts=presenters.facts(service),
        frontier=frontier(service.tuning),
        live=_live(service),
        encoder=presenters.encoder(service),
        classes=presenters.classes(service),
        rejected=presenters.rejected_page(
            service, None, service.catalog.files().page(FIRST_FILES), SHOWN
        ),
    )
    return twin(
        lambda: render_template("index.html", **vars(view), form=UploadForm(formdata=None)),
        lambda: twins.index_page(service, view),
    )


def _list() -> str:
    pages = [
        presenters.summary(index_named(status.name))
        if status.usable
        else presenters.unusable(status.name)
        for status in services().shelf.status()
    ]
    template = "indexes.html" if pages else "empty.html"
    learnt = has_runs(current_app.config["INSTANCE"])
    return render_template(template, indexes=pages, has_runs=learnt)


def _live(service: SearchService) -> str:
    """Say what the searches of late have found, or "" where none is checked."""
    if service.always_exact:
        return _("Every search finds the true nearest pictures.")
    if not services().recalls.share or not service.tuning:
        return ""
    try:
        live = services().recalls.rolling(service.name, service.generation)
        return presenters.live_recall(live)
    except DatabaseDown:
        return _("What searches find is not known at the moment: the database does not answer.")


def _placeholder() -> Response:
    response = current_app.send_static_file("gone.svg")
    response.status_code = 404
    response.headers["Cache-Control"] = "no-store"
    return response
