"""Knows what each image of an index is: a small SQLite file inside the generation."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Literal
from urllib.parse import quote
from weakref import finalize

import numpy as np

from indexer.browsing import orders
from indexer.browsing.classes import Classes
from indexer.browsing.listing import Listing
from indexer.cataloguing.rows import (
    IMAGE_COLUMNS,
    REJECTION_COLUMNS,
    image_of,
    rejection_of,
    to_bytes,
    to_text,
)
from indexer.errors import DamagedIndex, ImageGone, UnknownImage
from indexer.scanning.known import Known, Removed
from indexer.types import Count, Ids, ImageRecord, Rejection

IDS_PER_QUERY = 500

Sort = Literal["path", "newest", "oldest"]


class Catalog:
    """A catalog opened read-only; safe to use from many threads.

    All threads share one connection under a lock, opened at once: the file stays readable
    even after its generation has been replaced and removed.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            DamagedIndex: it is absent or not a catalog.
        """
        self.path = path
        self._lock = Lock()
        address = f"file:{quote(os.fsencode(path))}?mode=ro&immutable=1"
        try:
            self._database = sqlite3.connect(address, uri=True, check_same_thread=False)
            finalize(self, self._database.close)
            self.count = self._number("SELECT count(*) FROM images")
            self.rejected = self._number("SELECT count(*) FROM rejections")
            # Catalogs of before have none: they count, which takes longer.
            self._milestones = self._number(
                "SELECT count(*) FROM sqlite_master WHERE name = 'milestones'"
            )
        except sqlite3.Error as error:
            raise DamagedIndex(f"{path} cannot be read as a catalog: {error}.") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def image(self, number: int) -> ImageRecord:
        """Return one image.

        Raises:
            UnknownImage: no image has this id.
        """
        return self.images([number])[0]

    def images(self, ids: Iterable[int]) -> list[ImageRecord]:
        """Return images in the order of their ids.

        Raises:
            UnknownImage: no image has one of these ids.
        """
        wanted = [int(number) for number in ids]
        found: dict[int, ImageRecord] = {}
        for start in range(0, len(wanted), IDS_PER_QUERY):
            part = [n for n in wanted[start : start + IDS_PER_QUERY] if 0 <= n < self.count]
            query = f"SELECT id, {IMAGE_COLUMNS} FROM images WHERE id IN ({_marks(part)})"
            found |= {row[0]: image_of(row[1:]) for row in self._rows(query, part)}
        for number in wanted:
            if number not in found:
                raise UnknownImage(
                    f"There is no image {number}: ids go from 0 to {self.count - 1}."
                )
        return [found[number] for number in wanted]

    def locate(self, number: int, content: str | None = None) -> int:
        """Return the id of an image that was once addressed by its id and its content.

        Args:
            number: its id in this generation or an earlier one.
            content: the first digits of its SHA-256, in hexadecimal; None: the id is of this one.

        Raises:
            UnknownImage: no content is named, and no image has this id.
            ImageGone: no image has this content.
        """
        record = self.image(number) if content is None or 0 <= number < self.count else None
        if content is None or (record and record.sha256.startswith(content)):
            return number
        query = "SELECT id FROM images WHERE sha256 >= ? AND sha256 < ? ORDER BY id LIMIT 1"
        found = list(self._rows(query, [content, f"{content}g"]))
        if not found:
            raise ImageGone("The picture of this address is not in the index any more.")
        return int(found[0][0])

    def all_images(self) -> list[ImageRecord]:
        """Return every image, by id."""
        return [
            image_of(row) for row in self._rows(f"SELECT {IMAGE_COLUMNS} FROM images ORDER BY id")
        ]

    def contents(self) -> list[str]:
        """Return the SHA-256 of every image's content, in hexadecimal, by id."""
        return [content for (content,) in self._rows("SELECT sha256 FROM images ORDER BY id")]

    def labels(self) -> list[Count]:
        """Return the labels and how many images have each, those without a label last."""
        return [Count(name, count) for name, count in self._labels.items()]

    @cached_property
    def classes(self) -> Classes:
        """Return the labels by names that can be shown."""
        return Classes(self._labels.items())

    def pictures(self, labels: Sequence[str | None] | None = None, sort: Sort = "path") -> Listing:
        """Return the images in an order, to be paged through.

        Args:
            labels: only images of these, of which each is named once; None for all images.
            sort: "path" (and root), which is the order of their ids, or by when their files were
                changed.
        """
        parts = (
            None
            if labels is None
            else [None if label is None else to_bytes(label) for label in labels]
        )
        return Listing(
            self._rows,
            orders.BY_PATH if sort == "path" else orders.BY_CHANGE,
            parts,
            entries=self.count,
            total=self.count
            if labels is None
            else sum(self._labels.get(label, 0) for label in labels),
            backwards=sort == "newest",
            milestones=bool(self._milestones),
        )

    def labelled(self, label: str | None) -> Ids:
        """Return the ids of the images that have a label, or none, ascending, int64 (m,)."""
        query = "SELECT id FROM images WHERE label IS ? ORDER BY id"
        rows = self._rows(query, [None if label is None else to_bytes(label)])
        return np.array([number for (number,) in rows], np.int64)

    def sample(self, n: int, seed: int) -> list[int]:
        """Draw n ids at random, or all where there are fewer."""
        random = np.random.default_rng(seed)
        drawn = random.choice(self.count, min(n, self.count), replace=False)
        return [int(number) for number in drawn]

    def rejections(
        self, offset: int = 0, limit: int = 100, reason: str | None = None
    ) -> list[Rejection]:
        """Return a page of the rejected files, all or those of one reason."""
        rows = self._rows(
            f"SELECT {REJECTION_COLUMNS} FROM rejections WHERE ?1 IS NULL OR reason = ?1 "
            "ORDER BY id LIMIT ?2 OFFSET ?3",
            (reason, limit, offset),
        )
        return [rejection_of(row) for row in rows]

    def files(self, reason: str | None = None) -> Listing:
        """Return the rejected files, all or those of one reason, to be paged through."""
        return Listing(
            self._rows,
            orders.FILES,
            None if reason is None else [reason],
            entries=self.rejected,
            total=self.rejected if reason is None else self._reasons.get(reason, 0),
            milestones=bool(self._milestones),
        )

    def rejected_files(self, ids: Sequence[int]) -> list[Rejection]:
        """Return rejected files by their ids, in ascending order of these."""
        query = (
            f"SELECT {REJECTION_COLUMNS} FROM rejections WHERE id IN ({_marks(ids)}) ORDER BY id"
        )
        return [rejection_of(row) for row in self._rows(query, ids)]

    def reasons(self) -> list[Count]:
        """Return the reasons and how many files each has, the commonest first."""
        return [Count(reason, count) for reason, count in self._reasons.items()]

    def roots(self) -> list[Path]:
        """Return the gallery's folders."""
        rows = self._rows("SELECT path FROM roots ORDER BY id")
        return [Path(os.fsdecode(path)) for (path,) in rows]

    def known(self, *, marks: bool = True) -> Known:
        """Return what the next walk through the same folders need not find out again.

        Args:
            marks: leave out what was taken out of the index.
        """
        ((judged_by,),) = self._rows("SELECT rules FROM judged")
        rejections = self.rejections(limit=self.rejected)
        if not marks:
            rejections = [item for item in rejections if not isinstance(item, Removed)]
        return Known(self.roots(), self.all_images(), rejections, judged_by)

    def check(self) -> None:
        """Verify SQLite's own structure.

        Raises:
            DamagedIndex: naming the file.
        """
        (verdict,) = self._rows("PRAGMA integrity_check(1)")[0]
        if verdict != "ok":
            raise DamagedIndex(f"{self.path} is damaged: {verdict}.")

    # A catalog never changes: what takes a look at all of it is kept.

    @cached_property
    def _labels(self) -> dict[str | None, int]:
        rows = self._rows(
            "SELECT label, count(*) FROM images GROUP BY label ORDER BY label IS NULL, label"
        )
        return {None if label is None else to_text(label): count for label, count in rows}

    @cached_property
    def _reasons(self) -> dict[str, int]:
        rows = self._rows(
            "SELECT reason, count(*) FROM rejections GROUP BY reason ORDER BY count(*) DESC, reason"
        )
        return dict(rows)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _number(self, query: str) -> int:
        return int(self._rows(query)[0][0])


def _marks(values: Sequence[Any]) -> str:
    """Return the places of so many values in a query."""
    return ",".join("?" * len(values))
