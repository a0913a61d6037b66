"""What people pass on of a page of hits: its address, and what others see at it, until when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import request, url_for

from app.extensions import content_asked_for
from app.figures import day
from app.search.presenters import content
from app.search.questions import Question
from app.search.switches import KEPT, present
from app.storedqueries import StoredQuery
from indexer.search import SearchService


@dataclass(frozen=True)
class Sharing:
    """The address of a page of hits for others.

    Attributes:
        address: of these hits, for whoever has it; nothing can be judged there at once.
        pictures: uploaded ones that are seen at it.
        until: the day at whose end it leads to nothing any more, or None where it stays.
    """

    address: str
    pictures: int
    until: date | None

    @property
    def day(self) -> str:
        """Return that day for people."""
        return day(self.until) if self.until else ""


def sharing(service: SearchService, question: Question, query: StoredQuery | None) -> Sharing:
    """Return what the page of the request under way shows of passing it on.

    Args:
        service: that gave the answer.
        question: how it was asked for.
        query: that was uploaded; None where the search began with an indexed picture.
    """
    values = present(request.args, *KEPT) | dict(request.view_args or {})
    if query:
        until = datetime.fromtimestamp(query.expires, UTC).date()
    else:
        number = service.catalog.locate(values["image_id"], content_asked_for())
        # By its content the picture is found after a rebuild, too.
        values |= {"image_id": number, "v": content(service.catalog.image(number))}
    return Sharing(
        address=url_for(str(request.endpoint), **values, **question.parameters()),
        pictures=len(query.pictures) if query else 0,
        until=until if query else None,
    )
