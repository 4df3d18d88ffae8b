"""A server of HTTP, asked by curl, wrk, and whoever knows how to write a request by hand."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.parts import (
    Example,
    deaf,
    read_line,
    run,
    send_until_full,
    wait_until_refused,
)
from tests.net.peers import read_to_end

pytestmark = pytest.mark.once

PAGE = b"<p>hello\n" * 1000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site") / "root"
    root.mkdir()
    (root.parent / "secret").write_text("secret")
    (root / "index.html").write_bytes(PAGE)
    (root / "a file").write_text("in a file")
    (root / "empty").touch()
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    (root / "way out").symlink_to("../secret")
    return root


@pytest.fixture(scope="module")
def web(root: Path) -> Iterator[Example]:
    with Example("web", root) as example:
        yield example


def url(web: Example, path: str = "/") -> str:
    return f"http://127.0.0.1:{web.port}{path}"


def curl(*words: str | Path) -> str:
    """Return what curl says: of the conversation with -v, of the bodies unless -o."""
    status, said = run("curl", "-sS", "--max-time", "20", *words)
    assert status == 0, said
    return said


def say(web: Example, request: bytes) -> bytes:
    """Return all that is answered to request."""
    with web.connect() as client:
        client.sendall(request)
        return read_to_end(client)


def last(request: bytes) -> bytes:
    """Return a request that asks for the end of the connection."""
    return request + b" HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


@pytest.mark.needs("curl")
def test_curl_gets_files_over_one_connection(web: Example, tmp_path: Path) -> None:
    page, text, empty = [tmp_path / name for name in ("page", "text", "empty")]

    said = curl(
        *("-v", url(web), "-o", page),
        *(url(web, "/a%20file?query"), "-o", text),
        *(url(web, "/empty"), "-o", empty),
    )

    assert said.count("< HTTP/1.1 200 OK") == 3
    assert said.count("Re-using existing connection") == 2
    assert "< Content-Type: text/html" in said
    assert [path.read_bytes() for path in (page, text, empty)] == [PAGE, b"in a file", b""]


@pytest.mark.needs("curl")
def test_curl_asks_for_a_head_alone(web: Example) -> None:
    said = curl("-v", "-I", url(web), url(web, "/nothing"), url(web))

    assert said.count("< HTTP/1.1 404 Not Found") == 1
    assert said.count("< Content-Length: 9000") == 2
    assert said.count("Re-using existing connection") == 2


@pytest.mark.needs("curl")
@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "//secret",
        "/way%20out",
        "/folder",
        "/pipe",
        "/%00",
        "/%ff",
        "/a%20file/",
        f"/{'long' * 1000}",
    ],
)
def test_what_is_not_there_is_not_found(web: Example, path: str) -> None:
    told = curl(
        "-w", "%{num_connects} %{http_code}\n", "--path-as-is", url(web, path), url(web, path)
    )

    assert told.splitlines() == ["1 404", "0 404"]


@pytest.mark.needs("curl")
@pytest.mark.parametrize("how", ["Content-Length", "chunked"])
def test_curl_gets_back_what_it_posts(web: Example, tmp_path: Path, how: str) -> None:
    here, back = tmp_path / "here", tmp_path / "back"
    here.write_bytes(bytes(range(256)) * 20_000)

    said = curl(
        *("-v", "--data-binary", f"@{here}", "-o", back),
        *(["-H", "Transfer-Encoding: chunked"] if how == "chunked" else []),
        url(web),
    )

    assert back.read_bytes() == here.read_bytes()
    assert "> Expect: 100-continue" in said
    assert "< HTTP/1.1 100 " in said
    assert "< Transfer-Encoding: chunked" in said


def test_a_client_that_does_not_read_is_not_read_from(web: Example) -> None:
    with deaf(web.address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 50000000\r\n\r\n")

        send_until_full(client, bytes(50_000_000))


def test_requests_may_be_pipelined(web: Example) -> None:
    post = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhello"

    told = say(web, post + last(b"GET /a%20file"))

    assert told.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert b"\r\n5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n" in told
    assert told.endswith(b"\r\n\r\nin a file")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400 Bad Request"),  # no host
        (b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: -1\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nLong: " + b"x" * 100_000, b"431 Request Header Fields Too Large"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\nx", b"413 "),
        (b"PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n", b"501 Not Implemented"),
    ],
)
def test_what_cannot_be_answered_is_refused(web: Example, request_: bytes, status: bytes) -> None:
    told = say(web, request_)

    assert told.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close\r\n" in told


def test_a_body_that_breaks_the_rules_breaks_off_the_answer(web: Example) -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    with web.connect() as client:
        client.sendall(chunked + b"5\r\nhello\r\n")
        while b"hello" not in client.recv(1000):
            pass
        client.sendall(b"no number\r\n")
        with pytest.raises(ConnectionResetError):
            read_to_end(client)


def test_a_request_has_to_come_in_time(root: Path) -> None:
    with Example("web", root, "--seconds", "0.05") as web:
        assert say(web, b"GET / HTTP/1.1\r\nHo").startswith(b"HTTP/1.1 408 Request Timeout")


def test_a_connection_may_not_rest_for_ever(root: Path) -> None:
    with Example("web", root, "--seconds", "0.05") as web, web.connect() as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n")

        assert read_to_end(client).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.needs("wrk")
def test_wrk_finds_no_fault(web: Example) -> None:
    status, said = run("wrk", "-t", "1", "-c", "20", "-d", "1", url(web))

    assert status == 0
    assert re.search(r"[1-9]\d* requests in", said)
    assert "Non-2xx" not in said
    assert "Socket errors" not in said


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_good_order(root: Path, signum: int) -> None:
    size = 30_000_000
    (root / "large").touch()
    os.truncate(root / "large", size)
    with Example("web", root) as web, web.connect() as resting, web.connect() as served:
        resting.sendall(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n")
        read_line(resting)
        served.sendall(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n")
        read_line(served)
        web.send(signum)

        assert read_to_end(resting).endswith(b"\r\n\r\n")
        assert len(read_to_end(served).partition(b"\r\n\r\n")[2]) == size
        assert web.end() == 0


def test_who_is_answered_at_the_end_hears_that_it_is_the_last_answer(root: Path) -> None:
    expecting = (
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    with Example("web", root) as web, web.connect() as client:
        client.sendall(expecting)
        assert read_line(client).startswith(b"HTTP/1.1 100 ")
        web.send(signal.SIGTERM)
        wait_until_refused(web.address)
        client.sendall(b"hello")

        told = read_to_end(client)
        assert b"Connection: close\r\n" in told
        assert told.endswith(b"\r\n5\r\nhello\r\n0\r\n\r\n")
        assert web.end() == 0
