"""Keeps a judgement that somebody sends, by a form or by a program, and says what follows."""

from dataclasses import dataclass

from app.extensions import index_named, services
from app.judging.judgements import Found, Opinion
from app.judging.raters import new_rater, rater
from app.judging.sheets import Sheet
from app.judging.tickets import opened


@dataclass(frozen=True)
class Kept:
    """A judgement that was kept, or taken back.

    Attributes:
        id: its number; None where it was taken back.
        rater: who judged; None where somebody took back who never judged.
        sheet, found: the page and the hit.
        opinion: what is said now.
    """

    id: int | None
    rater: str | None
    sheet: Sheet
    found: Found
    opinion: Opinion

    def told(self) -> dict[str, object]:
        """Return it for programs, with how many judged the hit, and the search that follows.

        Raises:
            LikenessError: the index or the database cannot be read.
        """
        kept, index = services().ratings, self.sheet.index
        given = kept.given(self.sheet.asked, index, self.rater) if self.rater else []
        return {
            "id": self.id,
            "score": self.opinion.score,
            "relevant": self.opinion.relevant,
            "people": kept.counts(self.sheet.asked, index).get(self.found.content, 0),
            "again": self.sheet.again(index_named(index), given) or None,
        }


def judge(text: str, opinion: Opinion) -> Kept:
    """Keep what somebody says of a hit; for the request under way.

    Args:
        text: the ticket that names the hit.
        opinion: what is said; an empty one takes back what was said before.

    Raises:
        BadQuery: the ticket was not made here.
        DatabaseDown: the judgement cannot be kept.
    """
    sheet, found = opened(text)
    who = rater()
    if who is None and opinion.is_empty:
        return Kept(None, None, sheet, found, opinion)
    who = who or new_rater()
    number = services().ratings.keep(sheet.asked, found, opinion, who)
    return Kept(number, who, sheet, found, opinion)
