"""What machines are told at the end of a command: one last JSON object, with what came of it.

Its keys are listed in docs/indexing.md.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from json import dumps
from typing import Any

import click

from app.cli.errors import sentence
from app.cli.text import printable
from indexer.building.plans import BuildSummary
from indexer.live import Update
from models.errors import LikenessError

CUT_OFF = "Stopped; the work so far is kept. The same command goes on."


@contextmanager
def told_of_failure(*, json: bool) -> Iterator[None]:
    """Let the last line say why a command failed, where JSON is wanted; its exit code stays."""
    try:
        yield
    except (LikenessError, OSError) as error:
        tell({"error": sentence(error)}, json=json)
        raise
    except KeyboardInterrupt:
        tell({"error": CUT_OFF}, json=json)
        raise


def tell(content: Mapping[str, Any], *, json: bool) -> None:
    """Write the last line, where JSON is wanted; a reader who has gone away is not missed."""
    if json:
        with suppress(OSError):
            click.echo(dumps(content))


def built(summary: BuildSummary) -> dict[str, Any]:
    """Return what a build did."""
    return {
        "done": True,
        "index": summary.name,
        "generation": summary.generation,
        "images": summary.images,
        "distractors": summary.distractors,
        "rejected": {each.name: each.count for each in summary.rejected},
        "reused": summary.reused,
        "computed": summary.computed,
        "precision": summary.fingerprint.precision,
        "recall": asdict(summary.tuning.chosen) if summary.tuning else None,
        "accepted": asdict(summary.acceptance) if summary.acceptance else None,
        "seconds": {stage.name: round(stage.seconds, 3) for stage in summary.stages},
        "bytes": summary.bytes,
    }


def updated(name: str, update: Update) -> dict[str, Any]:
    """Return what bringing an index up to date did; without a generation, nothing had changed."""
    made: dict[str, Any] = {
        "generation": None,
        "reused": 0,
        "computed": 0,
        "recall": None,
        "accepted": None,
        "seconds": {},
        "bytes": 0,
    }
    return (
        made
        | (built(update.summary) if update.summary else {})
        | {
            "done": True,
            "index": name,
            "images": update.images,
            "rejected": dict(Counter(each.reason for each in update.rejections).most_common()),
            "changes": asdict(update.changes),
            "refused": [
                {"file": printable(str(each.file)), "reason": each.reason, "detail": each.detail}
                for each in update.refused
            ],
        }
    )
