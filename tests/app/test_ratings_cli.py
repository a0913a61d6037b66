"""The command line: judgements are exported for evaluations, and queries are removed."""

import csv
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from app.judging.judgements import Asked, Found, Opinion
from app.judging.rows import COLUMNS
from app.schema import queries, ratings
from app.storedqueries import StoredPicture
from indexer.evaluation.judgements.ratings import Rating, read_ratings
from indexer.types import Timings
from tests import serving

DAY = 86_400
ASKED = Asked(None, 7, "c" * 64, "a/seven.jpg")
HIT = Found("art", "000001", "k=10", 3, "d" * 64, "b/three.jpg", 2, 0.25, -0.75, "cosine")

Run = Callable[..., Result]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Flask:
    """Return an application without an index, on either database."""
    return serving.make_app(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
def run(site: Flask) -> Run:
    """Return what runs a command that must succeed."""

    def command(*arguments: str) -> Result:
        done = site.test_cli_runner().invoke(args=arguments)
        assert done.exit_code == 0, done.output
        return done

    return command


def keep(site: Flask, opinion: Opinion, hit: Found = HIT, rater: str = "ann") -> None:
    """Keep a judgement."""
    site.extensions["likeness"].ratings.keep(ASKED, hit, opinion, rater)


def save(site: Flask, *ages: float) -> Sequence[str]:
    """Keep queries of two pictures that are so many days old; return their tokens."""
    services = site.extensions["likeness"]
    tokens = []
    for age in ages:
        pictures = [StoredPicture(np.zeros(4, np.float32), 4, 3)] * 2
        tokens.append(services.queries.save("art", "print", pictures, Timings()))
        with services.database.begin() as connection:
            when = {"created_at": time.time() - age * DAY}
            connection.execute(update(queries).where(queries.c.token == tokens[-1]).values(when))
    return tokens


def rows(text: str) -> list[dict[str, str]]:
    """Read a CSV."""
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_evaluation_reads_what_is_exported(
    site: Flask, run: Run, tmp_path: Path, form: str
) -> None:
    keep(site, Opinion(9, True))
    keep(site, Opinion(4), replace(HIT, index="other", rank=1, path="=cmd|' /C calc'!A0"))
    keep(site, Opinion(8), rater="bo")
    keep(site, Opinion(relevant=False), replace(HIT, content="e" * 64))
    file = tmp_path / f"said.{form}"
    file.write_text(run("ratings", "export", "--format", form).output)
    assert read_ratings(file) == (
        Rating(ASKED.key, HIT.content, "art", 2, 9, "ann"),
        Rating(ASKED.key, HIT.content, "other", 1, 4, "ann"),
        Rating(ASKED.key, HIT.content, "art", 2, 8, "bo"),
    )
    told = run("evaluate", "ratings", str(file)).output
    assert "The mean of 3 ratings by 2 people is 7" in told


def test_the_export_has_the_columns_that_are_documented(site: Flask, run: Run) -> None:
    keep(site, Opinion(9, True))
    (row,) = rows(run("ratings", "export").output)
    assert tuple(row) == COLUMNS
    document = (serving.PROJECT / "docs/judging.md").read_text()
    assert [name for name in COLUMNS if f"| `{name}` |" not in document] == []
    assert (row["score"], row["relevant"], row["rater"]) == ("9", "yes", "ann")
    assert (row["query_path"], row["hit_path"]) == ("a/seven.jpg", "b/three.jpg")
    assert (row["distance"], row["similarity"]) == ("0.25", "-0.75")
    assert row["changed_at"].endswith("+00:00")


@pytest.mark.parametrize("path", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1"])
def test_no_path_becomes_a_formula(site: Flask, run: Run, path: str) -> None:
    keep(site, Opinion(9), replace(HIT, path=path))
    (row,) = rows(run("ratings", "export").stdout_bytes.decode())
    assert row["hit_path"] == f"'{path}"
    (plain,) = json.loads(run("ratings", "export", "--format", "json").output)
    assert plain["hit_path"] == path


def test_some_judgements_are_exported(site: Flask, run: Run) -> None:
    keep(site, Opinion(1))
    with site.extensions["likeness"].database.begin() as connection:
        connection.execute(update(ratings).values(changed_at=1_735_689_600.0))  # 2025-01-01
    keep(site, Opinion(2), rater="bo")
    keep(site, Opinion(3), replace(HIT, index="other"))

    def scores(*options: str) -> list[str]:
        return [row["score"] for row in rows(run("ratings", "export", *options).output)]

    assert scores("--index", "art") == ["1", "2"]
    assert scores("--since", "2025-01-01") == ["1", "2", "3"]
    assert scores("--since", "2025-01-01T00:00:01") == ["2", "3"]
    assert scores("--since", "2025-01-02", "--index", "art") == ["2"]


def test_nothing_said_is_an_empty_list(run: Run) -> None:
    assert run("ratings", "export").output == ",".join(COLUMNS) + "\n"
    assert json.loads(run("ratings", "export", "--format", "json").output) == []


def test_old_queries_are_removed_with_their_pictures(site: Flask, run: Run) -> None:
    old, _ = save(site, 31, 29)
    site.extensions["likeness"].ratings.keep(Asked(old), HIT, Opinion(9), "ann")
    told = "Removed 1 query with 2 pictures. Kept 1 judgement of their hits.\n"
    assert run("queries", "purge").output == told
    (row,) = rows(run("ratings", "export").output)
    assert row["query"] == Asked(old).key
    assert old not in "".join(row.values())


def test_other_queries_are_removed_where_that_is_asked_for(site: Flask, run: Run) -> None:
    save(site, 0, 1, 2)
    assert "Removed 1 query" in run("queries", "purge", "--older-than", "1.5").output
    told = "Removed 2 queries with 4 pictures. Kept 0 judgements of their hits.\n"
    assert run("queries", "purge", "--all").output == told
    assert run("queries", "purge", "--all").output.startswith("Removed 0 queries")


@pytest.mark.parametrize("options", [["--older-than", "-1"], ["--older-than", "1", "--all"]])
def test_what_cannot_be_meant_is_refused(site: Flask, options: list[str]) -> None:
    done = site.test_cli_runner().invoke(args=["queries", "purge", *options])
    assert done.exit_code == 2


def test_a_database_that_is_down_ends_the_commands_with_a_sentence(tmp_path: Path) -> None:
    runner = serving.make_app(tmp_path, DATABASE_URL="sqlite:////nowhere/at/all").test_cli_runner()
    for command in (["ratings", "export"], ["queries", "purge"]):
        done = runner.invoke(args=command)
        assert done.exit_code == 1
        assert "LIKENESS_DATABASE_URL" in done.output
