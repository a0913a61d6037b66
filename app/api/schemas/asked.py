"""The JSON that a search takes in place of uploaded files."""

from dataclasses import dataclass
from typing import Annotated, Literal

from app.openapi.schemas import also
from indexer.serving.asking import MOST_PARTS

Sign = Literal[1, -1]
Share = Annotated[float, also(minimum=0, maximum=1)]
FARTHEST = 1e15
"""Of which squares can be added up in float32."""
Coordinate = Annotated[float, also(minimum=-FARTHEST, maximum=FARTHEST)]
Shares = tuple[Share, Share, Share, Share]


@dataclass(frozen=True)
class PartById:
    """An indexed image; it is not among what is found.

    Attributes:
        id: of the image.
        content: first digits of its content, so that it is the same one after a rebuild.
        box: left, upper, right and lower edge of the part that is meant, as shares of the picture;
            without it, all of the picture.
        sign: 1 for "like this", -1 for "less like this".
    """

    id: Annotated[int, also(minimum=0)]
    content: Annotated[str, also(pattern="^[0-9a-f]{12}$")] | None = None
    box: Shares | None = None
    sign: Sign = 1


@dataclass(frozen=True)
class PartByVector:
    """A feature as the index stores them: as many numbers as `encoder.dim` of the index.

    Attributes:
        vector: the numbers.
        sign: 1 for "like this", -1 for "less like this".
    """

    vector: Annotated[tuple[Coordinate, ...], also(minItems=1)]
    sign: Sign = 1


@dataclass(frozen=True)
class PartByPicture:
    """A picture within the request.

    Attributes:
        picture: the file's bytes in base64.
        box: left, upper, right and lower edge of the part that is meant, as shares of the picture;
            without it, all of the picture.
        sign: 1 for "like this", -1 for "less like this".
    """

    picture: Annotated[str, also(contentEncoding="base64", minLength=4)]
    box: Shares | None = None
    sign: Sign = 1


@dataclass(frozen=True)
class PartByAddress:
    """A picture that the server fetches, where its operator has allowed that.

    Attributes:
        address: of http or https, without a user or password.
        box: left, upper, right and lower edge of the part that is meant, as shares of the picture;
            without it, all of the picture.
        sign: 1 for "like this", -1 for "less like this".
    """

    address: Annotated[str, also(pattern="^https?://")]
    box: Shares | None = None
    sign: Sign = 1


PART_KINDS = {
    "id": PartById,
    "vector": PartByVector,
    "picture": PartByPicture,
    "address": PartByAddress,
}
AnyPart = PartById | PartByVector | PartByPicture | PartByAddress


@dataclass(frozen=True)
class SearchRequest:
    """A question in pictures.

    Attributes:
        parts: which are joined; at least one has the sign 1.
    """

    parts: Annotated[tuple[AnyPart, ...], also(minItems=1, maxItems=MOST_PARTS)]
