"""What is thrown at the running server: real sockets, signals and processes."""

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.build import BuildPlan, build_index
from tests import serving

BOUNDARY = "limit"
HEAD = (
    f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n"
    "Content-Type: image/png\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    """A server of two workers, with small limits."""
    instance = serving.copy_of(serving.instance(), tmp_path_factory.mktemp("server") / "instance")
    settings = {"MAX_UPLOAD_BYTES": "1000000", "UPLOAD_SECONDS": "2"}
    with serving.serving(instance, "--threads", "4", settings=settings) as running:
        yield running


def request(length: int | None, accept: str = "text/html", path: str = "/api/v1/search") -> bytes:
    """Return the head of an upload; no length: in chunks."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n{size}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nConnection: close\r\n\r\n"
    ).encode()


def read_all(connection: socket.socket) -> bytes:
    """Read an answer to its end."""
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer


def send_picture(server: serving.Server, picture: bytes | None = None) -> tuple[int, bytes]:
    """Search with a picture, or a small one; return the status and the body."""
    body = HEAD + (picture or serving.png()) + TAIL
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request(len(body)) + body)
        answer = read_all(connection)
    return int(answer.split()[1]), answer.split(b"\r\n\r\n", 1)[1]


def test_a_picture_almost_as_large_as_the_limit_is_taken(server: serving.Server) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (560, 560, 3), np.uint8)
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    assert 900_000 < len(content.getvalue()) < 1_000_000
    assert send_picture(server, content.getvalue())[0] == 200


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/api/v1/search", "/search"])
def test_fault_22_the_413_page_arrives(server: serving.Server, chunked: bool, path: str) -> None:
    body = HEAD + b"x" * 8_000_000 + TAIL
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request(None if chunked else len(body), path=path))
        for start in range(0, len(body), 100_000):
            part = body[start : start + 100_000]
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"at most 977 kB" in answer


def test_fault_23_stalled_bodies_hold_nobody_up(server: serving.Server) -> None:
    stalled = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(9)]
    for connection in stalled:
        connection.sendall(request(1000) + HEAD)
    start = time.monotonic()
    assert serving.status_of(server.url + "/healthz", timeout=30) == 200
    assert time.monotonic() - start < 20
    for connection in stalled:
        assert read_all(connection).startswith(b"HTTP/1.1 408")
        connection.close()


def test_fault_34_clients_that_leave_leak_nothing(server: serving.Server) -> None:
    body = HEAD + serving.pictures()[0].read_bytes() + TAIL

    def open_files() -> int:
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in server.workers())

    def leave(_: int) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(request(len(body)) + body)

    for _ in range(8):
        send_picture(server)
    # A worker keeps at most five connections to the database, of three files each.
    most = open_files() + 2 * 5 * 3
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(leave, range(100)))
    deadline = time.monotonic() + 15
    while open_files() > most and time.monotonic() < deadline:
        time.sleep(0.1)
    assert open_files() <= most
    assert send_picture(server)[0] == 200


def test_the_workers_hold_no_tensorflow(server: serving.Server) -> None:
    for _ in range(8):
        assert send_picture(server)[0] == 200
    for pid in server.workers():
        maps = Path(f"/proc/{pid}/maps").read_text().lower()
        assert "openvino" in maps
        # OpenVINO has files of its own that are named after TensorFlow.
        assert "site-packages/tensorflow/" not in maps
        assert "libtensorflow" not in maps


def test_fault_64_an_index_replaced_under_load_fails_no_request(tmp_path: Path) -> None:
    instance = serving.copy_of(serving.instance(), tmp_path / "instance")
    shutil.copytree(serving.instance() / "encoders", instance / "encoders")
    picture = serving.pictures()[0]
    kept = serving.upload(serving.make_app(instance).test_client(), picture.read_bytes())
    plan = BuildPlan((serving.gallery(),), name=serving.NAME, kind="exact")
    with serving.serving(instance) as server, ThreadPoolExecutor(3) as pool:
        building = pool.submit(build_index, plan, instance)
        statuses = set()
        while not building.done():
            answers = pool.map(lambda _: send_picture(server)[0], range(4))
            statuses |= {*answers, serving.status_of(server.url + kept.headers["Location"])}
        assert statuses == {200}
        assert building.result().kind == "exact"
        deadline = time.monotonic() + 60
        while not (answer := json.loads(send_picture(server, picture.read_bytes())[1]))["exact"]:
            assert time.monotonic() < deadline, server.log()
    assert answer["hits"][0]["distance"] == pytest.approx(0, abs=1e-3)


def test_fault_75_a_killed_worker_is_replaced(server: serving.Server) -> None:
    os.kill(server.workers()[0], signal.SIGKILL)
    assert [send_picture(server)[0] for _ in range(10)] == [200] * 10
    deadline = time.monotonic() + 20
    while len(server.workers()) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(server.workers()) == 2


def test_faults_71_and_76_a_preloaded_server_finishes_its_searches(tmp_path: Path) -> None:
    instance = serving.copy_of(serving.instance(), tmp_path / "instance")
    with serving.serving(instance, "--preload") as server:
        status, body = send_picture(server)
        assert status == 200
        assert len(json.loads(body)["hits"]) == 10
        with ThreadPoolExecutor(4) as pool:
            pending = [pool.submit(send_picture, server) for _ in range(4)]
            time.sleep(0.02)
            server.process.send_signal(signal.SIGTERM)
            statuses = [result.exception() or result.result()[0] for result in pending]
        # A connection that came too late may be refused; none that was taken is dropped.
        assert all(status == 200 or isinstance(status, OSError) for status in statuses)
        assert server.process.wait(15) == 0


def test_fault_79_a_server_without_an_index_is_not_ready(tmp_path: Path) -> None:
    with serving.serving(tmp_path / "instance", "--workers", "1", wait=False) as server:
        deadline = time.monotonic() + 20
        while (status := serving.status_of(server.url + "/healthz")) == 0:
            assert time.monotonic() < deadline, server.log()
            time.sleep(0.1)
        assert status == 503
        assert serving.status_of(server.url + "/") == 200
