"""How rooms let clients in: up to a limit, many at once, and in hard times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from servers.listening import make_room_for_descriptors
from servers.options import WORKERS
from tests.servers.clients import Client
from tests.servers.faults import fails, receives_fail
from tests.servers.harness import WHO, Room, Server, Start, needs_proc


@pytest.mark.rooms("has_limit")
def test_a_client_past_the_limit_is_closed_at_once_and_the_others_are_served(start: Start) -> None:
    server = start("--limit", "2")
    with Client(server) as first, Client(server) as second:
        first.ask()
        second.ask()
        with Client(server) as third:
            third.see_end()
            server.wait_for(rf"Accept:{third.name}$")
        server.wait_for(r"^\[FD:\d+\]Over Limit:2$")
        first.ask()
        second.ask()


@pytest.mark.rooms("has_limit")
def test_a_place_under_the_limit_is_free_again_when_its_client_has_gone(start: Start) -> None:
    server = start("--limit", "1")

    def is_let_in() -> bool:
        with Client(server) as client:
            return client.is_answered()

    for _ in range(3):
        server.wait_until(is_let_in)  # a process or a thread ends a little after its client's end


@pytest.mark.once
def test_a_thousand_clients_at_once_are_all_answered(server: Server) -> None:
    make_room_for_descriptors(None)  # here as well: our ends of the connections count too
    _crowd(server, 1000)


@pytest.mark.soak
def test_two_thousand_clients_at_once_are_all_answered(server: Server) -> None:
    make_room_for_descriptors(None)
    _crowd(server, 2000)


@pytest.mark.once
def test_clients_who_come_all_in_one_moment_are_all_answered(server: Server) -> None:
    server.freeze()
    clients = [Client(server) for _ in range(200)]
    server.thaw()
    for client in clients:
        client.send(b"x")
        client.finish()
    for client in clients:
        assert client.receive_all() == b"OK\n"
        client.sock.close()


@needs_proc
@pytest.mark.rooms("multiplexes")
def test_out_of_descriptors_those_who_are_in_are_served_and_the_rest_later(server: Server) -> None:
    server.allow_descriptors(2)
    with Client(server) as first, Client(server) as second:
        first.ask()
        second.ask()
        with Client(server) as third:
            third.send(b"hello")
            server.wait_for(r"^Accept Paused:too many open files \(EMFILE\)$")
            assert third.is_told_nothing(0.5)
            first.ask()
            second.ask()
            second.finish()
            second.see_end()

            assert third.receive(3) == b"OK\n"
            third.ask()
        first.ask()
    server.stop()
    assert len(server.log("Accept Paused")) == 1
    assert len(server.log("Accept Resumed")) == 1


@pytest.mark.once
@pytest.mark.needs("strace")
@pytest.mark.parametrize("error", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_shortage_at_accept_is_waited_out(
    room: Room, start: Start, error: str, tmp_path: Path
) -> None:
    server = start(under=_accept_fails(error, tmp_path))
    with Client(server) as client:
        client.ask()
    server.stop()
    told = len(server.log(rf"^Accept Paused:.* \({error}\)$"))
    assert 1 <= told <= (WORKERS if room.works_ahead else 1)  # each meets it by itself
    assert server.log("^Accept Resumed$")


@pytest.mark.once
@pytest.mark.needs("strace")
def test_a_shortage_at_accept_is_no_spin(start: Start, tmp_path: Path) -> None:
    failing = fails("accept,accept4:error=EMFILE:when=1..3", tmp_path)
    server = start("--log-format", "json", under=failing)
    with Client(server) as client:
        client.ask()
    server.stop()
    paused, resumed = (
        next(event["time"] for event in map(json.loads, server.log()) if event["event"] == which)
        for which in ("accept_paused", "accept_resumed")
    )
    assert resumed - paused > 0.25  # three pauses of 0.1


@pytest.mark.once
@pytest.mark.needs("strace")
@pytest.mark.parametrize("error", ["ECONNABORTED", "EPROTO", "EPERM", "ENETUNREACH"])
def test_a_client_who_has_gone_before_accept_is_passed_over(
    start: Start, error: str, tmp_path: Path
) -> None:
    server = start(under=_accept_fails(error, tmp_path))
    with Client(server) as client:
        client.ask()
    server.stop()
    assert server.log("Accept Paused|Worker Ended") == []


@pytest.mark.once
@pytest.mark.needs("strace")
def test_an_error_of_a_receive_costs_only_its_client(room: Room, server: Server) -> None:
    if room.works_ahead:
        server.wait_for("Start$", count=WORKERS)
    with Client(server) as client:
        if room.talks_on:
            client.ask()
        server.wait_for(rf"Client:{client.name}$")
        with receives_fail(server, client):
            client.send(b"hello")
            client.see_closed()
            server.wait_for(rf"{WHO}Lost:input/output error \(EIO\)$")
    with Client(server) as other:
        other.ask()


def _accept_fails(error: str, tmp_path: Path) -> list[str]:
    return fails(f"accept,accept4:error={error}:when=1..2", tmp_path)


def _crowd(server: Server, count: int) -> None:
    clients = [Client(server) for _ in range(count)]
    for client in clients:
        client.send(b"x")
        client.finish()  # where not all have a seat, they are served in turn
    for client in clients:
        assert client.receive_all() == b"OK\n"
        client.sock.close()
