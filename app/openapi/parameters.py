"""The parameters that several operations take: all that steers a search, and a few others."""

from typing import get_args

from app.gallery.looks import END, MOST_CLASSES, MOST_SHOWN
from app.openapi.documenting import Config, Parameter
from app.openapi.schemas import Schema
from app.search.questions import Sort, last_page, numbered
from app.search.reading import EDGE
from app.search.uploads import MOST_PICTURES
from app.thumbnails import SIDES
from indexer.catalog import Sort as Sorting
from indexer.types import Metric, Order

MARKS: Schema = {
    "type": "array",
    "items": {"type": "string", "pattern": "^[0-9]{1,9}-[0-9a-f]{12}$"},
}


ENTRY: Schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
BOX = f"^{','.join([f'({EDGE.pattern})'] * 4)}$"


def _up_to_most(config: Config) -> Schema:
    most = config["MAX_K"]
    default = min(most, config["DEFAULT_K"])
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _pages(config: Config) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": last_page(1), "default": 1}


def _boxes(count: int) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            numbered("box", at),
            f"The part of picture {at + 1} that is meant: its left, upper, right and lower edge as "
            "shares of the picture, by commas, like 0.1,0.2,0.6,0.9.",
            {"type": "string", "pattern": BOX},
        )
        for at in range(count)
    )


INDEX = Parameter(
    "index", "The index that is asked; the default one where none is named.", {"type": "string"}
)
CONTENT = Parameter(
    "v",
    "The first 12 digits of the image's content, in lower case: the address then means the same "
    "image after a rebuild.",
    {"type": "string", "pattern": "^[0-9a-f]{12}$"},
)
POSITION = Parameter("position", "Which picture of the query, from 0.", ENTRY | {"default": 0})
SIZE = Parameter(
    "size",
    "Which rendering: small or medium, of at most 320 or 640 pixels a side; else all that is kept.",
    {"enum": list(SIDES), "default": "large"},
)
REASON = Parameter("reason", "Only files that were left out for this reason.", {"type": "string"})
LOOKING = (
    Parameter(
        "class",
        "Classes that are shown, each as a parameter of its own; empty: those of no class.",
        {"type": "array", "items": {"type": "string"}, "maxItems": MOST_CLASSES},
    ),
    Parameter("sort", "The order of the pictures.", {"enum": list(get_args(Sorting))}),
)
"""What of a gallery is looked at."""

PAGING = (
    Parameter(
        "show", "Entries on a page.", {"type": "integer", "minimum": 1, "maximum": MOST_SHOWN}
    ),
    Parameter("after", "The page after the entry of this id.", ENTRY),
    Parameter(
        "before",
        "The page before the entry of this id; `end` for the last page.",
        {"anyOf": [ENTRY, {"enum": [END]}]},
    ),
)
"""Which page of a list; one of after and before at most."""

STEERING: tuple[Parameter, ...] = (
    Parameter("k", "Hits on a page.", _up_to_most, 5),
    Parameter("page", "Which page of hits; k times page is 1000 at most.", _pages),
    Parameter(
        "metric",
        "By which hits are ranked; what the index was built for where none is named.",
        {"enum": list(get_args(Metric))},
    ),
    Parameter(
        "exact", "1 compares every image. One of exact, recall and budget.", {"enum": ["1", "0"]}
    ),
    Parameter(
        "recall",
        "Do the least that was measured to find this part of the true nearest.",
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    ),
    Parameter(
        "budget",
        "Open no further bucket once so many images were looked at.",
        {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    ),
    Parameter(
        "class",
        "Classes that hits are of, each as a parameter of its own; empty: those of no class.",
        {"type": "array", "items": {"type": "string"}},
    ),
    Parameter(
        "min",
        "Similarity that hits have at least.",
        {"type": "number", "minimum": -1, "maximum": 1},
    ),
    Parameter("order", "What comes first.", {"enum": list(get_args(Order)), "default": "nearest"}),
    Parameter(
        "sort",
        "By what a page arranges its hits.",
        {"enum": list(get_args(Sort)), "default": "similarity"},
    ),
    Parameter(
        "more", "Images that hits should be like as well, as id-content; not found again.", MARKS
    ),
    Parameter(
        "less", "Images that hits should be less like, as id-content; not found again.", MARKS
    ),
    Parameter(
        "fold",
        "1 folds hits that are nearly the same into the best of them; pages do it, programs ask.",
        {"enum": ["1", "0"]},
    ),
)
"""How a search is steered."""

JUDGING = Parameter(
    "judge",
    "1 gives each hit a ticket, by which /api/v1/ratings knows it, and finds `more` again.",
    {"enum": ["1", "0"], "default": "0"},
)
OF_IMAGE = (*STEERING, *_boxes(1), CONTENT)
OF_QUERY = (*STEERING, *_boxes(MOST_PICTURES), INDEX)

PLACES = {
    "index": "Name of an index.",
    "image_id": "Id of an image.",
    "hit": "Id and content of a hit, as `more` has them.",
    "number": "Number of a judgement.",
    "token": "The unguessable part of a result page's address.",
    "size": "Which rendering: of at most 320, 640 or 1280 pixels a side.",
}
"""What the parameters of paths mean."""
