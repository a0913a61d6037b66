"""How a real server answers uploads: how many, how soon, where the time goes, what it needs.

    python -m benchmarks.serving [INSTANCE PICTURES] [--clients 1 4 16] [--uploads 200]
                                 [--workers 2] [--threads 8] [--starts 3] [--json FILE]
    python -m benchmarks.serving --generated 100000 [--classes 200] [--folder DIR] [--rounds 100]
                                 [--runs 3] [--workers 2] [--threads 8] [--json FILE]

INSTANCE is an instance folder with a built index, PICTURES a folder of JPEG pictures to upload.
Without them the sample gallery is drawn and indexed, and its own pictures are uploaded. The server
runs as gunicorn.conf.py says, but for --workers and --threads where they are given, and
keeps the queries in a database that is thrown away.

    search        POST /api/v1/search, as programs do
    upload        POST /search, as the form does
    page          the result page that an upload leads to
    picture       the kept copy of the upload, as its page shows it

Times are the client's; stages are the server's, from its header Server-Timing. Of each figure that
is wanted it says whether it was met.

With --generated all kinds of pages are looked at over an index of so many images, of which nearly
all are generated (benchmarks/serving/generated.py): what they add to decoding, encoding and
searching. Each run starts the server anew and looks at each kind --rounds times, one page at a
time; figures are medians of the runs. --folder names an instance that is kept, for the next time.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from benchmarks.builds import Build, build
from benchmarks.serving.added import Pages, measure
from benchmarks.serving.clients import by_browsers, by_programs, load
from benchmarks.serving.figures import Figures, Load, sum_up
from benchmarks.serving.generated import NAME, Made, make
from benchmarks.serving.server import Settings, running
from benchmarks.serving.visits import known_of
from indexer.opening import open_current
from indexer.sample import draw_sample
from indexer.shelf import Shelf
from models.encoder import Encoder, open_encoder
from models.errors import ImageError
from models.images import decode, inspect
from models.types import EncoderSpec

LOOKS = 50
"""Times that the bare encoder is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark, print its figures, and return 1 if any request failed."""
    asked = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-") as name:
        figures = _pages(asked, Path(name)) if asked.generated else _uploads(asked, Path(name))
    print(figures.table())
    if asked.json:
        asked.json.write_text(json.dumps(figures.plain(), indent=2) + "\n")
    return 1 if figures.failed else 0


def _uploads(asked: argparse.Namespace, work: Path) -> Figures:
    instance, folder = _served(asked, work)
    pictures = list(islice(filter(_opens, sorted(folder.rglob("*.jpg"))), asked.uploads))
    if not pictures:
        raise SystemExit(f"{folder} holds no JPEG files to upload.")
    settings = Settings(instance, work / "queries.sqlite", _options(asked))
    return _measure(asked, settings, pictures)


def _pages(asked: argparse.Namespace, work: Path) -> Pages:
    instance = asked.folder or work / "instance"
    gallery = make(Made(asked.generated, asked.classes), instance)
    settings = Settings(instance, work / "queries.sqlite", _options(asked))
    return measure(settings, known_of(instance, NAME, gallery), gallery, asked.rounds, asked.runs)


def _served(asked: argparse.Namespace, work: Path) -> tuple[Path, Path]:
    """Return an instance with an index, and a folder of pictures; make them if none are given."""
    if asked.instance and asked.pictures:
        return asked.instance, asked.pictures
    draw_sample(work / "gallery")
    build(Build(work / "gallery", EncoderSpec(), "fp32"), work / "instance")
    return work / "instance", work / "gallery"


def _opens(picture: Path) -> bool:
    try:
        inspect(picture)
    except ImageError:
        return False
    return True


def _measure(asked: argparse.Namespace, settings: Settings, pictures: Sequence[Path]) -> Figures:
    generation = open_current(settings.instance, Shelf(settings.instance).default_name())
    generation.catalog.close()
    encoder = open_encoder(generation.encoder)
    before = _latency(encoder, pictures)
    starts = []
    for _ in range(asked.starts + 1):  # the first fills the caches, and is not counted
        with running(settings, pictures[0]) as server:
            starts.append(server.seconds)
    with running(settings, pictures[0]) as server:
        loads = _loads(server.port, asked.clients, list(islice(cycle(pictures), asked.uploads)))
        workers = server.memory()
    return Figures(loads, (before, _latency(encoder, pictures)), starts[1:], workers)


def _loads(port: int, clients: Sequence[int], pictures: Sequence[Path]) -> list[Load]:
    found = []
    for number in clients:
        for ask in (by_programs, by_browsers):
            answers, seconds = load(port, ask, pictures, number)
            found += [sum_up(kind, number, timed, seconds) for kind, timed in answers.items()]
    return found


def _latency(encoder: Encoder, pictures: Sequence[Path]) -> float:
    """Return the median milliseconds of the encoder alone, for one picture at a time."""
    taken = []
    for picture in islice(cycle(pictures), LOOKS):
        pixels = decode(picture, encoder.size)[None]
        start = time.perf_counter()
        encoder.encode(pixels)
        taken.append((time.perf_counter() - start) * 1e3)
    return float(np.median(taken))


def _options(asked: argparse.Namespace) -> list[str]:
    """Return the options of gunicorn that were given."""
    given = {"--workers": asked.workers, "--threads": asked.threads}
    return [word for name, value in given.items() if value for word in (name, str(value))]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    parser.add_argument("instance", type=Path, nargs="?", help="with a built index")
    parser.add_argument("pictures", type=Path, nargs="?", help="folder of pictures to upload")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16], help="at once")
    parser.add_argument("--uploads", type=int, default=200, help="for each number of clients")
    parser.add_argument("--workers", type=int, help="processes that answer")
    parser.add_argument("--threads", type=int, help="of each worker")
    parser.add_argument("--starts", type=int, default=3, help="of the server, to time them")
    parser.add_argument("--generated", type=int, metavar="N", help="look at pages of N images")
    parser.add_argument("--classes", type=int, default=200, help="of generated images")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="instance that is kept")
    parser.add_argument("--rounds", type=int, default=100, help="pages of each kind in a run")
    parser.add_argument("--runs", type=int, default=3, help="of which figures are medians")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
