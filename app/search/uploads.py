"""Takes uploaded pictures, describes them, and keeps them as a query."""

from collections.abc import Sequence
from time import monotonic

from flask import current_app, g

from app import copies, figures, timings
from app.config import upload_limits
from app.extensions import services
from app.search.asking import features_of
from app.search.fetching import AddressesOff, fetch
from app.search.presenters import fitted
from app.search.refused import UploadRefused
from app.storedqueries import StoredPicture, StoredQuery
from app.words import ngettext
from indexer.search import SearchService
from indexer.serving.asking import Part
from indexer.types import Float32, Timings
from models.errors import ImageError
from models.images import inspect

MOST_PICTURES = 8
"""Uploaded pictures that are joined in one search."""


def keep(service: SearchService, pictures: Sequence[bytes], onto: StoredQuery | None = None) -> str:
    """Describe uploaded pictures and keep them; their copies follow behind the answer.

    Args:
        service: of the index that is searched first.
        pictures: the files' contents.
        onto: a kept query whose pictures come first; it stays as it is.

    Returns:
        the token of the query.

    Raises:
        UploadRefused: there are too many.
        ImageError: one of them cannot be used.
        EncoderBusy: too many searches at once.
        UnknownQuery: a picture of the kept query is gone.
        DatabaseDown: the query cannot be kept.
    """
    before = onto.pictures if onto else ()
    require_few(len(before) + len(pictures))
    described = _described(service, pictures)
    costs = [cost for _, cost in described]
    cost = Timings(sum(each.decode for each in costs), sum(each.encode for each in costs))
    timings.searched(cost)
    with timings.stage("keep"):
        stored = [] if onto is None else _stored_again(service, onto)
        stored += [
            _stored(picture, feature)
            for picture, (feature, _) in zip(pictures, described, strict=True)
        ]
        fingerprint = service.manifest.fingerprint.digest
        token = services().queries.save(service.name, fingerprint, stored, cost)
        if onto is not None:
            _copy(onto, token)
        for position, picture in enumerate(pictures, start=len(before)):
            services().copies.make(token, picture, position)
    return token


def fetched(address: str) -> bytes:
    """Fetch a picture from its address, where the operator has turned that on.

    Raises:
        AddressesOff: it is off.
        AddressRefused, FetchFailed, ImageTooLarge, EncoderBusy: as fetching.fetch.
    """
    rules = services().fetching
    if rules is None:
        raise AddressesOff(
            "This server fetches no pictures from addresses. Download the picture, and send it; "
            "or its operator sets LIKENESS_SEARCH_BY_ADDRESS=1."
        )
    with timings.stage("fetch"):
        # All addresses of a request have the time of one.
        deadline = g.setdefault("fetch_deadline", monotonic() + rules.seconds)
        return fetch(address, rules, deadline)


def require_few(count: int) -> None:
    """Refuse more uploaded pictures than one search joins.

    Raises:
        UploadRefused: there are too many.
    """
    if count > MOST_PICTURES:
        raise UploadRefused(
            ngettext(
                "A search takes %(count)s picture at most. Received: %(received)s",
                "A search takes %(count)s pictures at most. Received: %(received)s",
                MOST_PICTURES,
                received=figures.number(count),
            )
        )


def _described(service: SearchService, pictures: Sequence[bytes]) -> list[tuple[Float32, Timings]]:
    """Return the features of pictures and what they cost; of several, name the one that fails."""
    described = []
    for number, picture in enumerate(pictures, start=1):
        try:
            described.append(service.describe(Part(picture)))
        except ImageError as error:
            if len(pictures) == 1:
                raise
            raise type(error)(f"Picture {number} of {len(pictures)}: {error}") from error
    return described


def _stored_again(service: SearchService, query: StoredQuery) -> list[StoredPicture]:
    """Return the pictures of a kept query, with features of the index that is searched now."""
    features = features_of(service, query)
    pairs = zip(query.pictures, features, strict=True)
    return [StoredPicture(feature, its.width, its.height) for its, feature in pairs]


def _copy(query: StoredQuery, token: str) -> None:
    """Keep the pictures of a query, and the faces that were found in them, for another one."""
    kept = services().queries
    for position, picture in enumerate(query.pictures):
        if picture.faces is None:
            services().copies.make(token, kept.picture(query.token, position), position)
        else:
            kept.copy(query.token, token, position)


def _stored(picture: bytes, feature: Float32) -> StoredPicture:
    header = inspect(picture, limits=upload_limits(current_app.config))
    return StoredPicture(feature, *fitted(header.width, header.height, copies.SIDE))
