"""Finds the pictures of a run again among those that are there when it is gone on with."""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.experiments.finetuning.givens import GivenPicture, Givens, listed
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from indexer.types import Count, ImageRecord, Rejection, Scan

NOT_OF_IT = "not of this run"


def same_pictures(run: RunFolder, givens: Givens, found: Scan) -> Labelled:
    """Find the pictures of a run again among those that are there now.

    Others are not of this run. One that lies elsewhere now is known by its content and its class.

    Args:
        run: that is gone on with.
        givens: what it was given.
        found: what is there.

    Raises:
        RunError: some are gone, or have changed; the message names them.
    """
    lasting = _Lasting(found)
    records = lasting.records_of(givens.pictures)
    lacking = [
        lasting.said_of(each)
        for each, record in zip(givens.pictures, records, strict=True)
        if record is None
    ]
    if lacking:
        raise lost(run, lacking)
    sides = [each.side for each in givens.pictures]
    numbers = {name: at for at, name in enumerate(givens.classes)}
    return Labelled(
        records=tuple(record for record in records if record),
        roots=found.roots,
        classes=givens.classes,
        labels=np.array([numbers[each.label] for each in givens.pictures], np.int64),
        is_held_out=np.array([side == "held out" for side in sides], np.bool_),
        is_test=np.array([side == "test" for side in sides], np.bool_),
        rejections=found.rejections,
        left_out=_left_out(givens.left_out, len(found.records) - len(records)),
    )


def _left_out(known: Mapping[str, int], count: int) -> tuple[Count, ...]:
    """Return what the run left out when it began, and how many more lie there now."""
    more = max(0, count - sum(known.values()))
    counts = dict(known) | ({NOT_OF_IT: more} if more else {})
    return tuple(Count(cause, count) for cause, count in counts.items())


def lost(run: RunFolder, files: Sequence[str]) -> RunError:
    """Return the refusal of a run whose pictures are not as they were.

    Args:
        run: that is gone on with.
        files: what is said of each.
    """
    return RunError(
        f"The run {run.name!r} cannot go on without pictures that it was begun with: "
        f"{listed(files)}. Put back what it learns from and give the command again, or begin "
        "another: --name NAME"
    )


def rejected(rejections: Sequence[Rejection]) -> list[str]:
    """Say of files why they cannot be used."""
    return [f"{each.path} ({each.reason})" for each in rejections]


class _Lasting:
    """The pictures that are there now, each of which is taken once."""

    def __init__(self, found: Scan) -> None:
        self._there = {(each.root, each.path): each for each in found.records}
        self._why = {(each.root, each.path): each.reason for each in found.rejections}

    def records_of(self, wanted: Sequence[GivenPicture]) -> list[ImageRecord | None]:
        """Return the record of each picture: that of its place, or else of its content."""
        left = dict(self._there)
        records: list[ImageRecord | None] = []
        for each in wanted:
            record = left.get((each.root, each.path))
            same = record is not None and _is(each, record)
            records.append(left.pop((each.root, each.path)) if same else None)
        spare: dict[tuple[str, str | None], list[ImageRecord]] = {}
        for record in left.values():
            spare.setdefault((record.sha256, record.label), []).append(record)
        for at, each in enumerate(wanted):
            if records[at] is None and (others := spare.get((each.sha256, each.label))):
                records[at] = others.pop()
        return records

    def said_of(self, picture: GivenPicture) -> str:
        """Say why a picture is not there."""
        place = (picture.root, picture.path)
        if place in self._why:
            return f"{picture.path} ({self._why[place]})"
        record = self._there.get(place)
        if record is None:
            return f"{picture.path} (gone)"
        changed = record.sha256 != picture.sha256
        return f"{picture.path} ({'changed' if changed else 'of another class'})"


def _is(picture: GivenPicture, record: ImageRecord) -> bool:
    return (record.sha256, record.label) == (picture.sha256, picture.label)
