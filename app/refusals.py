"""How each kind of error is answered: its status, its code for programs, its words for people."""

from dataclasses import dataclass, replace

from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from app import bodies
from app.api.keys import KeyNeeded
from app.database import DatabaseDown
from app.rates import TooManySearches
from app.ratings import UnknownRating
from app.search.fetching import AddressesOff, FetchFailed
from app.search.networks import AddressRefused
from app.search.refused import UploadRefused
from app.storedqueries import UnknownQuery
from app.words import lazy
from indexer import errors as indexing
from indexer.evaluation.errors import DamagedReport, UnknownReport
from indexer.experiments.reading.runs import UnknownRun
from models import errors as modelling


@dataclass(frozen=True)
class Refusal:
    """How one kind of error is answered.

    Attributes:
        status: of HTTP.
        code: for programs.
        heading: for people.
        general: what is said in other languages before the error's own message, which is English;
            "" where that is in the language of the page.
        public: what is said instead of the error's own message, where that names files of the
            server; or "".
    """

    status: int
    code: str
    heading: str
    general: str = ""
    public: str = ""


BAD_REQUEST = Refusal(
    400,
    "bad_request",
    lazy("That cannot be answered"),
    lazy("The address or the form asks for something that cannot be done."),
)
BUSY = Refusal(
    503,
    "busy",
    lazy("A moment, please"),
    lazy("The server is busy. Please try again shortly."),
)
NO_IMAGE = Refusal(
    404,
    "unknown_image",
    lazy("There is no such picture"),
    lazy("The gallery has no picture at this address."),
)
UNUSABLE = Refusal(
    503,
    "index_unusable",
    lazy("The index cannot be opened"),
    public=lazy("The server's log says why, and `flask index check` names the file."),
)
BROKEN = Refusal(500, "internal_error", lazy("Something broke here"))

REFUSALS: dict[type[Exception], Refusal] = {
    UploadRefused: replace(BAD_REQUEST, general=""),
    modelling.EmptyImage: Refusal(
        422,
        "empty_image",
        lazy("That picture is empty"),
        lazy("The file has no content. Choose another picture."),
    ),
    modelling.DamagedImage: Refusal(
        422,
        "damaged_image",
        lazy("That picture is damaged"),
        lazy("The file cannot be read as a picture. Save it anew, or choose another picture."),
    ),
    modelling.UnsupportedImage: Refusal(
        415,
        "unsupported_image",
        lazy("That is not a picture we open"),
        lazy("Choose a JPEG, PNG, WebP, GIF, BMP or TIFF file."),
    ),
    modelling.ImageTooLarge: Refusal(
        413,
        "too_large",
        lazy("That picture is too large"),
        lazy("Save the picture smaller, and send it again."),
    ),
    modelling.NoExplanation: Refusal(
        422,
        "no_explanation",
        lazy("That cannot be shown"),
        lazy("For this search nobody can tell which places make the pictures alike."),
    ),
    modelling.BadCrop: BAD_REQUEST,
    modelling.NoFace: Refusal(
        422,
        "no_face",
        lazy("No face was found"),
        lazy("This gallery compares faces, and there is none to be seen in the picture."),
    ),
    modelling.OutOfMemory: BUSY,
    modelling.EncoderBusy: BUSY,
    modelling.EncoderDamaged: UNUSABLE,
    modelling.EncoderFailed: Refusal(
        503,
        "encoder_failed",
        lazy("That search failed"),
        public=lazy(
            "The network gave no answer for this picture. Try again, or try another picture."
        ),
    ),
    indexing.BadQuery: BAD_REQUEST,
    indexing.UnknownImage: NO_IMAGE,
    indexing.ImageGone: Refusal(
        404,
        "image_gone",
        lazy("That picture is gone"),
        public=lazy("Its file has changed or is gone since the index was built."),
    ),
    indexing.UnknownClass: Refusal(
        404,
        "unknown_class",
        lazy("There is no such class"),
        lazy("The gallery has no class of that name."),
    ),
    indexing.UnknownIndex: Refusal(
        404,
        "unknown_index",
        lazy("There is no such index"),
        lazy("No index of that name has been built here."),
    ),
    indexing.NoIndex: Refusal(
        503,
        "no_index",
        lazy("Nothing to search yet"),
        public=lazy("No index has been built here. Build one: flask index build FOLDER"),
    ),
    indexing.IndexUnusable: UNUSABLE,
    UnknownReport: Refusal(
        404,
        "unknown_report",
        lazy("There is no such report"),
        lazy("No report of that name has been made here."),
    ),
    DamagedReport: Refusal(
        503,
        "report_damaged",
        lazy("The report cannot be read"),
        public=lazy("The server's log says why. Making it again replaces it."),
    ),
    UnknownRun: Refusal(
        404,
        "unknown_run",
        lazy("There is no such training"),
        lazy("Nothing of that name has learnt here."),
    ),
    UnknownQuery: Refusal(
        404,
        "unknown_query",
        lazy("That search is no longer kept"),
        lazy("Searches with their pictures are forgotten after some time. Search again."),
    ),
    UnknownRating: Refusal(
        404,
        "unknown_rating",
        lazy("There is no such judgement"),
        lazy("It was taken back, or never made."),
    ),
    DatabaseDown: Refusal(
        503,
        "database_down",
        lazy("A moment, please"),
        lazy("The database does not answer. Please try again shortly."),
    ),
    AddressesOff: Refusal(
        403,
        "addresses_off",
        lazy("Addresses are not fetched here"),
        lazy("Download the picture, and send it."),
    ),
    AddressRefused: Refusal(
        400,
        "address_refused",
        lazy("That address is not fetched"),
        lazy("Download the picture, and send it."),
    ),
    FetchFailed: Refusal(
        422,
        "fetch_failed",
        lazy("No picture came from there"),
        lazy("Check the address, or download the picture and send it."),
    ),
    KeyNeeded: Refusal(
        401,
        "key_needed",
        lazy("That needs a key"),
        lazy("Programs send a key with each request."),
    ),
    TooManySearches: Refusal(429, "too_many_searches", lazy("That was quick")),
    SecurityError: Refusal(400, "unknown_host", lazy("That address is not served here")),
    CSRFError: Refusal(400, "form_expired", lazy("That form has expired")),
    bodies.UploadStalled: Refusal(408, "upload_stalled", lazy("That upload took too long")),
}
STATUSES: dict[int, Refusal] = {
    400: BAD_REQUEST,
    403: Refusal(403, "forbidden", lazy("That is not open to you")),
    404: Refusal(404, "not_found", lazy("There is nothing at this address")),
    405: Refusal(405, "method_not_allowed", lazy("That cannot be done here")),
    413: Refusal(413, "too_large", lazy("That upload is too large")),
    415: Refusal(415, "unsupported_media_type", lazy("That is not a picture we open")),
    422: Refusal(422, "unprocessable", lazy("That picture cannot be used")),
    429: Refusal(429, "too_many_requests", lazy("That was quick")),
    503: Refusal(503, "unavailable", lazy("A moment, please")),
}
SENTENCES = {
    400: lazy("The request was incomplete or malformed."),
    403: lazy("This page is not open to you."),
    404: lazy("Check the address, or start again from the home page."),
    405: lazy("This address answers to another kind of request."),
    415: lazy("Choose a JPEG, PNG, WebP, GIF, BMP or TIFF file."),
    422: lazy("Choose another picture."),
    429: lazy("Please wait a moment, then try again."),
    503: lazy("The server is busy. Please try again shortly."),
}


def refusal_of(error: Exception) -> Refusal:
    """Return how an error is answered: by its own class, or the nearest that it derives from."""
    for kind in type(error).__mro__:
        if kind in REFUSALS:
            return REFUSALS[kind]
    return BROKEN


def refusal_of_http(error: HTTPException) -> Refusal:
    """Return how an error of HTTP is answered: by its own class, or by its status."""
    refusal = refusal_of(error)
    if refusal is not BROKEN:
        return refusal
    status = error.code or 500
    # A status without words of its own keeps its number: what the client did is no fault here.
    other = replace(BAD_REQUEST, status=status) if status < 500 else BROKEN
    return STATUSES.get(status, other)
