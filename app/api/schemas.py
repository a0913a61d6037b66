"""The JSON that a search answers, the same over the API and on the command line."""

import re
from typing import Any

from indexer.text import readable
from indexer.types import Hit, SearchResult

LONGEST_NAME = 255


def result_json(result: SearchResult, query_name: str) -> dict[str, Any]:
    """Return a search's answer as one JSON object.

    Args:
        result: the answer.
        query_name: what the query is called, e.g. the uploaded file's name.

    Returns:
        `query`, `index`, `metric`, `hits`, what was done for them (`visited` images in `probes`
        buckets, of which `measured`, in a gallery of `gallery`), `exact`, `recall` (what such
        searches find of the true nearest, as measured; null where it was not) and `milliseconds`.
    """
    timings = result.timings
    return {
        "query": query_name,
        "index": result.index,
        "metric": result.metric,
        "hits": [_hit(hit) for hit in result.hits],
        "visited": result.visited,
        "probes": result.probes,
        "measured": result.measured,
        "gallery": result.gallery,
        "exact": result.exact,
        "recall": result.recall,
        "milliseconds": {
            "decode": round(timings.decode, 3),
            "encode": round(timings.encode, 3),
            "search": round(timings.search, 3),
        },
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "id": hit.id,
        "path": readable(hit.image.path),
        "label": None if hit.image.label is None else readable(hit.image.label),
        "distance": hit.distance,
        "similarity": hit.similarity,
    }


def upload_name(filename: str | None) -> str:
    """Return an uploaded file's name without folders and control characters, not too long."""
    name = re.split(r"[/\\]", filename or "")[-1]
    clean = "".join(char for char in readable(name) if char.isprintable())
    return clean[:LONGEST_NAME]
