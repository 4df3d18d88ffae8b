"""What is different where one client is served at a time, and answered once."""

from __future__ import annotations

from signal import SIGINT, SIGTERM

import pytest

from tests.servers.clients import Client
from tests.servers.harness import WHO, Server, Start

pytestmark = pytest.mark.rooms("answers_once")


def test_a_client_is_answered_once_and_closed(server: Server) -> None:
    with Client(server) as client:
        client.ask()
        client.see_end()


def test_a_client_that_says_nothing_and_closes_is_told_nothing(server: Server) -> None:
    with Client(server) as client:
        client.finish()
        client.see_end()


@pytest.mark.parametrize("size", [512, 513, 100_000])
def test_what_is_beyond_the_first_receive_destroys_no_reply(server: Server, size: int) -> None:
    with Client(server) as client:
        client.send(bytes(size))
        client.finish()
        assert client.receive_all() == b"OK\n"


def test_clients_are_served_one_after_the_other(server: Server) -> None:
    clients = [Client(server) for _ in range(20)]
    for client in reversed(clients):
        client.send(b"x")
        client.finish()
    for client in clients:
        assert client.receive_all() == b"OK\n"
        client.sock.close()


def test_a_silent_client_keeps_the_others_waiting_until_it_leaves(server: Server) -> None:
    with Client(server) as silent, Client(server) as other:
        other.send(b"hello")
        server.wait_for(f"Client:{silent.name}$")
        assert other.is_told_nothing(0.2)
        silent.finish()
        assert other.receive(3) == b"OK\n"


def test_an_idle_timeout_bounds_that_wait(start: Start) -> None:
    server = start("--idle-timeout", "0.2")
    with Client(server) as silent, Client(server) as other:
        other.send(b"hello")
        silent.see_end()
        assert other.receive(3) == b"OK\n"
    server.wait_for(rf"{WHO}Idle Timeout$")


def test_clients_who_reset_cost_only_themselves(server: Server) -> None:
    for message in (b"", b"x", bytes(10_000)):
        with Client(server) as client:
            client.send(message)
            client.reset()
    with Client(server) as client:
        client.ask()


@pytest.mark.parametrize("signum", [SIGINT, SIGTERM])
def test_a_signal_stops_it_with_a_client_and_one_in_the_queue(server: Server, signum: int) -> None:
    with Client(server) as silent, Client(server) as other:
        server.wait_for(f"Client:{silent.name}$")
        server.signal(signum)
        silent.see_end()
        silent.sock.close()
        other.see_closed()
        server.wait_end(0)
