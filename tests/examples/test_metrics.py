"""Metrics: what curl is told of a service, and what nobody else can do there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.examples.parts import Example, read_line, run
from tests.net.peers import DEADLINE, read_to_end
from tests.watch.exposed import read


class Metrics(Example):
    """The example, and where its figures are."""

    def __init__(self) -> None:
        super().__init__("metrics", "--metrics-port", "0")
        self.url = self.heard[0].split()[-1]


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with Metrics() as example:
        yield example


def figure(text: str, name: str, **labels: str) -> float:
    return read(text)[name].samples["", tuple(labels.items())]


@pytest.mark.needs("curl")
def test_curl_is_told_how_the_service_is(metrics: Metrics) -> None:
    with metrics.connect() as client:
        client.sendall(b"one\ntwo\n")
        assert [read_line(client), read_line(client)] == [b"one\n", b"two\n"]
        status, text = run("curl", "--silent", "--show-error", "--fail", metrics.url)

    assert status == 0
    assert figure(text, "echo_lines_total") == 2
    assert figure(text, "reactor_connections", server="echo") == 1
    assert figure(text, "reactor_connections_accepted_total", server="desk") == 1


@pytest.mark.needs("curl")
def test_there_is_nothing_else(metrics: Metrics) -> None:
    command = ("curl", "--silent", "--write-out", "%{http_code}", f"{metrics.url}/of/others")

    assert run(*command) == (0, "there is /metrics only\n404")


def test_who_asks_without_an_end_is_cut_off_and_the_next_is_answered(metrics: Metrics) -> None:
    host, port = metrics.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), DEADLINE) as endless:
        endless.sendall(b"GET " + b"x" * 20_000)
        with suppress(ConnectionResetError):  # which it is if some of it was not read
            assert read_to_end(endless) == b""
    with socket.create_connection((host, int(port)), DEADLINE) as other:
        other.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert read_to_end(other).startswith(b"HTTP/1.1 200 OK\r\n")


def test_it_ends_in_good_order(metrics: Metrics) -> None:
    assert metrics.stop() == 0
