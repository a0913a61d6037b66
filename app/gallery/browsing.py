"""Looking through a gallery: its pictures page by page, each by itself, and what was left out."""

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from app.errors import wants_json
from app.extensions import content_asked_for, index_named, services
from app.gallery.looks import Look, page_of, shown
from app.gallery.presenters import rejected_page
from app.gallery.twins import close_json, rejected_json, twin, wall_json
from app.gallery.walls import close
from app.gallery.walls import wall as wall_of

blueprint = Blueprint("browsing", __name__, url_prefix="/gallery")

LONGEST_TEXT = 200


@blueprint.get("/")
def gallery() -> AnyResponse:
    """Lead to the pictures where there is one index, else to the list of indexes."""
    names = services().shelf.names()
    if len(names) == 1:
        return redirect(url_for("browsing.wall", index=names[0]))
    return redirect(url_for("gallery.indexes"))


@blueprint.get("/<index>")
def wall(index: str) -> Response:
    """Show a page of pictures."""
    service = index_named(index)
    look = Look.of(request.args, service.catalog.classes)
    page = page_of(service.catalog.pictures(look.labels, look.sort), request.args, look.show)
    view = wall_of(service, look, page, request.args.get("find", "").strip()[:LONGEST_TEXT])
    if wants_json():
        return twin(jsonify(wall_json(view, look)))
    return twin(make_response(render_template("gallery/wall.html", wall=view, look=look)))


@blueprint.get("/<index>/<int(max=2147483647):image_id>")
def picture(index: str, image_id: int) -> Response:
    """Show one picture, what is known of it, and the way to its neighbours."""
    service = index_named(index)
    look = Look.of(request.args, service.catalog.classes)
    number = service.catalog.locate(image_id, content_asked_for())
    view = close(service, look, number)
    if wants_json():
        return twin(jsonify(close_json(view)))
    return twin(make_response(render_template("gallery/picture.html", close=view)))


@blueprint.get("/<index>/rejected")
def rejected(index: str) -> Response:
    """List the files that an index left out, all or those of one reason."""
    service = index_named(index)
    reason = request.args.get("reason") or None
    size = shown(request.args)
    page = page_of(service.catalog.files(reason), request.args, size)
    view = rejected_page(service, reason, page, size)
    if wants_json():
        return twin(jsonify(rejected_json(view)))
    return twin(make_response(render_template("gallery/rejected.html", rejected=view)))
