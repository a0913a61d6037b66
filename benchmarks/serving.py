"""How a real server answers uploads: errors, seconds, and the private memory of each worker.

    python -m benchmarks.serving INSTANCE PICTURES [--workers 4] [--uploads 200] [--clients 4]

INSTANCE is an instance folder with a built index, PICTURES a folder of pictures to upload.
"""

import argparse
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark, print its figures, and return 1 if any upload failed."""
    asked = _arguments(arguments)
    pictures = sorted(p for p in asked.pictures.rglob("*.jpg") if p.parent != asked.pictures)
    with _server(asked.instance, asked.workers) as (url, process):
        with ThreadPoolExecutor(asked.clients) as pool:
            uploads = islice(cycle(pictures), asked.uploads)
            started = time.perf_counter()
            answers = list(pool.map(lambda path: _upload(url, path), uploads))
            seconds = time.perf_counter() - started
        memory = [_private_megabytes(pid) for pid in _children(process.pid)]
    _print(answers, seconds, memory)
    return 1 if any(answer is None for _, answer in answers) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("instance", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    return parser.parse_args(arguments)


@contextmanager
def _server(instance: Path, workers: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            str(workers),
            "--log-level",
            "warning",
            "app:create_app()",
        ],
        cwd=ROOT,
        env=os.environ
        | {"LIKENESS_INSTANCE": str(instance.resolve()), "LIKENESS_SEARCHES_PER_MINUTE": "0"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("The server ended before it was ready.")
        try:
            with urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server was not ready within a minute.")


def _upload(url: str, path: Path) -> tuple[float, dict[str, object] | None]:
    """Return the seconds that one upload took, and its answer; None where it failed."""
    boundary = "likeness-benchmark"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="q.jpg"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    request = Request(
        f"{url}/api/v1/search?k=10",
        body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    started = time.perf_counter()
    try:
        with urlopen(request, timeout=60) as response:
            answer = json.load(response)
    except OSError as error:
        print(f"{path}: {error}", file=sys.stderr)
        answer = None
    return time.perf_counter() - started, answer


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _private_megabytes(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = sum(int(size) for size in re.findall(r"^Private_\w+:\s+(\d+) kB", rollup, re.M))
    return kilobytes / 1024


def _print(
    answers: list[tuple[float, dict[str, object] | None]], seconds: float, memory: list[float]
) -> None:
    failed = sum(answer is None for _, answer in answers)
    times = sorted(1000 * elapsed for elapsed, _ in answers)
    print(f"uploads {len(answers)}, failed {failed}, {len(answers) / seconds:.1f} a second")
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    print(f"milliseconds: median {statistics.median(times):.0f}, p95 {p95:.0f}")
    print("private memory of the workers, MB: " + ", ".join(f"{size:.0f}" for size in memory))


if __name__ == "__main__":
    sys.exit(main())
