"""Upload a picture, see its like, ask for more like any of them."""

import logging
import random
from typing import Any

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

from app import copies, timings
from app.config import upload_limits
from app.extensions import content_asked_for, index_named, services
from app.limits import limited
from app.queries import StoredQuery
from app.search import presenters, wishes
from app.search.forms import Choice, UploadForm, unfolded, whole
from app.thumbnails import SIDES
from indexer.errors import NoIndex
from indexer.search import SearchService
from indexer.types import SearchResult
from models.images import inspect

logger = logging.getLogger(__name__)

blueprint = Blueprint("search", __name__)

LOOK = 18
SEEDS = 2**31


@blueprint.get("/")
def home() -> str:
    """Show what this is: the form, and a random look into the gallery."""
    return _home(UploadForm())


@blueprint.post("/search")
@limited
def upload() -> AnyResponse:
    """Take a picture, keep it as a query, and lead to its result page."""
    form = UploadForm()
    if not form.validate_on_submit():
        problem = " ".join(form.image.errors)
        return make_response(_home(form, problem), 400)
    data: bytes = form.image.data.stream.read()
    choice = Choice.of({})
    service = index_named(form.index.data)
    result = service.search_image(data, choice.k, choice.metric, choice.wish)
    timings.searched(result.timings)
    with timings.stage("keep"):
        token = _keep(result, data)
    return redirect(url_for("search.results", token=token), 303)


@blueprint.get("/q/<token>")
@limited
def results(token: str) -> AnyResponse:
    """Show what is like an uploaded picture."""
    if parameters := unfolded(request.args):
        return redirect(f"{url_for('search.results', token=token)}?{parameters}", 303)
    choice = Choice.of(request.args)
    query = services().queries.load(token)
    service = index_named(request.args.get("index") or query.index)
    result = _search_again(service, query, choice)
    services().recalls.offer(service, result, choice.wish)
    address = url_for("search.query_picture", token=token)
    picture = {"large": address, "width": query.width, "height": query.height}
    picture |= {"alt": "Your picture", "caption": "Your picture", "label": ""}
    times = (query.decode_ms, query.encode_ms)
    page = make_response(_results(service, result, choice, picture, "Pictures like yours", times))
    page.headers["X-Robots-Tag"] = "noindex"
    return page


@blueprint.get("/q/<token>/picture.jpg")
def query_picture(token: str) -> Response:
    """Send an uploaded picture, re-encoded and without its metadata."""
    response = make_response(services().queries.picture(token))
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/similar/<index>/<int(max=2147483647):image_id>")
@limited
def similar(index: str, image_id: int) -> AnyResponse:
    """Show what is like an indexed picture."""
    if parameters := unfolded(request.args):
        address = url_for("search.similar", index=index, image_id=image_id)
        return redirect(f"{address}?{parameters}", 303)
    choice = Choice.of(request.args)
    service = index_named(index)
    image_id = service.catalog.locate(image_id, content_asked_for())
    image = service.catalog.image(image_id)
    result = service.search_id(image_id, choice.k, choice.metric, choice.wish, exclude_self=True)
    services().recalls.offer(service, result, choice.wish, left_out=image_id)
    shown = presenters.thumbnail(service.name, image_id, image, {})
    width, height = presenters.fitted(image.width, image.height, SIDES["large"])
    picture = {"large": shown.large, "width": width, "height": height, "label": shown.label}
    picture |= {"alt": shown.name, "caption": shown.path, "content": presenters.content(image)}
    page = _results(service, result, choice, picture, "Pictures like this one", (0.0, 0.0))
    return make_response(page)


def _keep(result: SearchResult, data: bytes) -> str:
    """Keep a query under a token; the copy of its picture follows behind the answer."""
    header = inspect(data, limits=upload_limits(current_app.config))
    size = presenters.fitted(header.width, header.height, copies.SIDE)
    token = services().queries.save(result, size)
    services().copies.make(token, data)
    return token


def _search_again(service: SearchService, query: StoredQuery, choice: Choice) -> SearchResult:
    """Search with a kept feature, or with its picture where another encoder made the index."""
    options: dict[str, Any] = {"k": choice.k, "metric": choice.metric, "wish": choice.wish}
    if query.fingerprint == service.manifest.fingerprint.digest:
        return service.search_feature(query.feature, **options)
    logger.info("Encoding a kept picture again for the index %s", service.name)
    result = service.search_image(services().queries.picture(query.token), **options)
    if service.name == query.index:
        services().queries.renew(query.token, result)
    return result


def _results(
    service: SearchService,
    result: SearchResult,
    choice: Choice,
    picture: dict[str, Any],
    heading: str,
    times: tuple[float, float],
) -> str:
    timings.searched(result.timings)
    with timings.stage("render"):
        return render_template(
            "results.html",
            form=UploadForm(formdata=None),
            result=result,
            choice=choice,
            picture=picture,
            heading=heading,
            line=presenters.line(result, choice.wish, *times),
            cards=presenters.cards(result, choice.parameters()),
            action=request.path,
            indexes=services().shelf.names(),
            switch_index=request.endpoint == "search.results",
            ways=wishes.ways(service, choice),
            metrics=wishes.metrics(service, choice),
            ks=presenters.choices_of_k(current_app.config["MAX_K"], choice.k),
        )


def _home(form: UploadForm, problem: str = "") -> str:
    try:
        service = index_named(request.values.get("index"))
    except NoIndex:
        return render_template("empty.html")
    look = whole(request.args.get("look", ""))
    numbers = service.catalog.sample(LOOK, _seed() if look is None else look)
    images = service.catalog.images(numbers)
    pairs = zip(numbers, images, strict=True)
    return render_template(
        "home.html",
        form=form,
        problem=problem,
        index=service.name,
        indexes=services().shelf.names(),
        count=service.catalog.count,
        pictures=[presenters.thumbnail(service.name, n, image, {}) for n, image in pairs],
        another_look=url_for("search.home", look=_seed(), index=request.values.get("index")),
    )


def _seed() -> int:
    return random.randrange(SEEDS)
