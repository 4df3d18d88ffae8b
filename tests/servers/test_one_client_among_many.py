"""Whatever one client does costs only that client."""

from __future__ import annotations

import threading

import pytest

from tests.servers.clients import Client
from tests.servers.harness import DEADLINE, WHO, Room, Server, Start

pytestmark = pytest.mark.rooms("talks_on")


def test_a_silent_client_keeps_nobody_from_being_served(server: Server) -> None:
    with Client(server), Client(server) as other:
        other.ask()


def test_a_client_that_resets_before_it_is_accepted_costs_only_itself(server: Server) -> None:
    with Client(server) as other:
        other.ask()
        server.freeze()
        Client(server).reset()
        server.thaw()
        server.wait_for(rf"{WHO}Lost:connection reset by peer \(ECONNRESET\)$")
        other.ask()


def test_a_client_that_resets_with_a_message_unread_costs_only_itself(server: Server) -> None:
    with Client(server) as other, Client(server) as client:
        client.ask()
        server.freeze()
        client.send(b"never mind")
        client.reset()
        server.thaw()
        server.wait_for("Lost:connection reset by peer")
        other.ask()


def test_a_client_that_resets_after_its_reply_costs_only_itself(server: Server) -> None:
    with Client(server) as other, Client(server) as client:
        client.ask()
        client.reset()
        server.wait_for("Lost:connection reset by peer")
        other.ask()


def test_a_client_that_resets_with_replies_on_their_way_costs_only_itself(
    room: Room, start: Start
) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1))
    with Client(server) as other, Client(server, receive_buffer=1) as client:
        client.stall(server)
        client.reset()
        server.wait_for("Lost:connection reset by peer")
        other.ask()


def test_a_peer_that_does_not_read_is_not_read_from_and_gets_every_reply_in_the_end(
    room: Room, start: Start
) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1))
    with Client(server, receive_buffer=1) as client:
        client.stall(server)
        with Client(server) as other:
            other.ask(b"meanwhile")

        client.finish()
        replies = client.receive_all()

    server.wait_for("Recv:EOF", count=3)
    assert replies == b"OK\n" * server.receives(client.name)


def test_a_client_that_never_pauses_leaves_the_others_their_turns(server: Server) -> None:
    with Client(server) as busy, Client(server) as other:
        enough = threading.Event()

        def talk() -> None:
            while not enough.is_set():
                busy.send(bytes(16384))
            busy.finish()

        talking = threading.Thread(target=talk)
        listening = threading.Thread(target=busy.receive_all)
        talking.start()
        listening.start()
        for _ in range(20):
            other.ask()
        enough.set()
        talking.join(DEADLINE)
        listening.join(DEADLINE)
        assert not talking.is_alive()
        assert not listening.is_alive()
