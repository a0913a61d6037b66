"""Tells with each answer how long its stages took, in the header Server-Timing of the W3C."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from flask import Flask, Response, g

from indexer.types import Timings

HEADER = "Server-Timing"


def init_app(app: Flask) -> None:
    """Add the header to the answers in which a stage was timed."""
    app.before_request(_start)
    app.after_request(_add_header)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a stage of the answer under way; called again under the same name, it adds up."""
    start = perf_counter()
    try:
        yield
    finally:
        _add(name, start)


def searched(timings: Timings) -> None:
    """Take over what a search has timed itself: decode, encode and search."""
    for name in ("decode", "encode", "search"):
        if milliseconds := getattr(timings, name):
            g.stages[name] = g.stages.get(name, 0.0) + milliseconds


def _start() -> None:
    g.started = perf_counter()
    g.stages = {}


def _add(name: str, start: float) -> None:
    g.stages[name] = g.stages.get(name, 0.0) + (perf_counter() - start) * 1e3


def _add_header(response: Response) -> Response:
    # A request that was refused before anything was timed has no stages at all.
    if g.get("stages"):
        _add("total", g.started)
        stages = (f"{name};dur={milliseconds:.2f}" for name, milliseconds in g.stages.items())
        response.headers[HEADER] = ", ".join(stages)
    return response
