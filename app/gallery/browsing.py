"""Looking through a gallery: its pictures page by page, each by itself, and what was left out."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import content_asked_for, index_named, services
from app.gallery.arriving import way_back
from app.gallery.looks import Look, page_of, shown
from app.gallery.presenters import rejected_page
from app.gallery.twins import (
    GalleryPage,
    PicturePage,
    RejectedFiles,
    gallery_page,
    picture_page,
    rejected_files,
)
from app.gallery.walls import close
from app.gallery.walls import wall as wall_of
from app.openapi.documenting import HTML, JSON, TEXT, documented, exempt
from app.openapi.parameters import CONTENT, LOOKING, PAGING, REASON
from app.search.forms import UploadForm
from app.twins import twin

blueprint = Blueprint("browsing", __name__, url_prefix="/gallery")

LONGEST_TEXT = 200


@blueprint.get("/")
@exempt("leads to the pictures, or to the list of indexes")
def gallery() -> AnyResponse:
    """Lead to the pictures where there is one index, else to the list of indexes."""
    names = services().shelf.names()
    if len(names) == 1:
        return redirect(url_for("browsing.wall", index=names[0]))
    return redirect(url_for("gallery.indexes"))


@blueprint.get("/<index>")
@documented("pages", {JSON: GalleryPage, HTML: TEXT}, takes=(*LOOKING, *PAGING))
def wall(index: str) -> Response:
    """Show a page of pictures."""
    service = index_named(index)
    look = Look.of(request.args, service.catalog.classes)
    page = page_of(service.catalog.pictures(look.labels, look.sort), request.args, look.show)
    view = wall_of(service, look, page, request.args.get("find", "").strip()[:LONGEST_TEXT])
    return twin(
        lambda: render_template(
            "gallery/wall.html", wall=view, look=look, form=UploadForm(formdata=None)
        ),
        lambda: gallery_page(view, look),
    )


@blueprint.get("/<index>/<int(max=2147483647):image_id>")
@documented("pages", {JSON: PicturePage, HTML: TEXT}, takes=(*LOOKING, CONTENT))
def picture(index: str, image_id: int) -> Response:
    """Show one picture, what is known of it, and the way to its neighbours."""
    service = index_named(index)
    look = Look.of(request.args, service.catalog.classes)
    number = service.catalog.locate(image_id, content_asked_for())
    view = close(service, look, number)
    before = way_back(number)
    response = twin(
        lambda: render_template(
            "gallery/picture.html", close=view, before=before, form=UploadForm(formdata=None)
        ),
        lambda: picture_page(view),
    )
    response.vary.add("Referer")
    return response


@blueprint.get("/<index>/rejected")
@documented("pages", {JSON: RejectedFiles, HTML: TEXT}, takes=(REASON, *PAGING))
def rejected(index: str) -> Response:
    """List the files that an index left out, all or those of one reason."""
    service = index_named(index)
    reason = request.args.get("reason") or None
    size = shown(request.args)
    page = page_of(service.catalog.files(reason), request.args, size)
    view = rejected_page(service, reason, page, size)
    return twin(
        lambda: render_template("gallery/rejected.html", rejected=view),
        lambda: rejected_files(view),
    )
