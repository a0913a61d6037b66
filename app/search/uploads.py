"""Takes uploaded pictures, describes them, and keeps them as a query."""

from collections.abc import Sequence

from flask import current_app

from app import copies, timings
from app.config import upload_limits
from app.extensions import services
from app.queries import StoredPicture
from app.search.presenters import fitted
from indexer.errors import BadQuery
from indexer.search import SearchService
from indexer.types import Float32, Timings
from models.images import inspect

MOST_PICTURES = 8
"""Uploaded pictures that are joined in one search."""


def keep(service: SearchService, pictures: Sequence[bytes]) -> str:
    """Describe uploaded pictures and keep them; their copies follow behind the answer.

    Args:
        service: of the index that is searched first.
        pictures: the files' contents.

    Returns:
        the token of the query.

    Raises:
        BadQuery: there are too many.
        ImageError: one of them cannot be used.
        EncoderBusy: too many searches at once.
        DatabaseDown: the query cannot be kept.
    """
    if len(pictures) > MOST_PICTURES:
        raise BadQuery(
            f"A search takes {MOST_PICTURES} pictures at most. Received: {len(pictures)}"
        )
    described = [service.describe(picture) for picture in pictures]
    costs = [cost for _, cost in described]
    cost = Timings(sum(each.decode for each in costs), sum(each.encode for each in costs))
    timings.searched(cost)
    with timings.stage("keep"):
        stored = [
            _stored(picture, feature)
            for picture, (feature, _) in zip(pictures, described, strict=True)
        ]
        fingerprint = service.manifest.fingerprint.digest
        token = services().queries.save(service.name, fingerprint, stored, cost)
        for position, picture in enumerate(pictures):
            services().copies.make(token, picture, position)
    return token


def _stored(picture: bytes, feature: Float32) -> StoredPicture:
    header = inspect(picture, limits=upload_limits(current_app.config))
    return StoredPicture(feature, *fitted(header.width, header.height, copies.SIDE))
