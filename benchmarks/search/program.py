"""Runs the comparison that the command line asks for."""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.search import plot, tables
from benchmarks.search.data import asked_for
from benchmarks.search.entrants import entrants
from benchmarks.search.measuring import Wish, measure


def run(asked: argparse.Namespace, threads: int) -> None:
    """Measure, print the tables, and write what else was asked for."""
    contenders, absent = entrants(threads, asked.only)
    wish = Wish(asked.k, asked.rounds, asked.seconds, asked.batch)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-", dir=asked.folder) as name:
        data = asked_for(asked, Path(name), hard=asked.hard)
        found = measure(contenders, data, wish, Path(name))
        title = tables.title(data, wish, threads)
        print(title)
        print(tables.figures(found, data))
        print(tables.compared(found))
        if absent:
            print(f"Left out, as their libraries are not installed: {', '.join(absent)}.")
        if asked.json:
            plain = tables.plain(found, data, wish, threads)
            asked.json.write_text(json.dumps(plain, indent=2) + "\n")
        if asked.plot:
            plot.draw(found, title.split("\n")[0], asked.plot)
