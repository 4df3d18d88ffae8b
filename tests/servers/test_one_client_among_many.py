"""Whatever one client does costs only that client."""

from __future__ import annotations

import threading

import pytest

from tests.servers.clients import Client
from tests.servers.faults import a_send_takes_one_byte
from tests.servers.harness import DEADLINE, WHO, Room, Server, Start

pytestmark = pytest.mark.rooms("talks_on")


def test_a_silent_client_keeps_nobody_from_being_served(server: Server) -> None:
    with Client(server), Client(server) as other:
        other.ask()


@pytest.mark.once
def test_a_client_that_resets_before_it_is_accepted_costs_only_itself(server: Server) -> None:
    with Client(server) as other:
        other.ask()
        server.freeze()
        Client(server).reset()
        server.thaw()
        server.wait_for(rf"{WHO}Lost:connection reset by peer \(ECONNRESET\)$")
        other.ask()


@pytest.mark.once
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


@pytest.mark.once
def test_a_client_that_resets_with_replies_on_their_way_costs_only_itself(
    room: Room, start: Start
) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1))
    with Client(server) as other, Client(server, is_narrow=True) as client:
        client.stall(server)
        client.reset()
        server.wait_for("Lost:connection reset by peer")
        other.ask()


def test_a_peer_that_does_not_read_is_not_read_from_and_gets_every_reply_in_the_end(
    room: Room, start: Start
) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1))
    with Client(server, is_narrow=True) as client:
        client.stall(server)
        with Client(server) as other:
            other.ask(b"meanwhile")

        client.finish()
        replies = client.receive_all()

    server.wait_for("Recv:EOF", count=3)
    assert replies == b"OK\n" * server.receives(client.name)


@pytest.mark.once
@pytest.mark.needs("strace")
def test_a_reply_of_which_a_send_takes_a_part_is_finished(room: Room, start: Start) -> None:
    server = start(*(["--workers", "1"] if room.has_pool else []))  # each would take a part
    with Client(server) as client:
        client.ask()
        with a_send_takes_one_byte(server, client):
            client.send(b"hello")
            assert client.receive(2) == b"K\n"
        client.ask()


@pytest.mark.once
@pytest.mark.rooms("takes_turns")
def test_a_client_with_much_to_be_received_leaves_the_others_their_turns(
    room: Room, start: Start
) -> None:
    server = start(command=room.own_listener(receive_buffer=1 << 18))
    with Client(server) as busy, Client(server) as other:
        busy.ask()
        other.ask()
        server.freeze()
        busy.send(bytes(100_000))
        other.send(b"meanwhile")
        server.thaw()
        assert other.receive(3) == b"OK\n"
        busy.finish()
        busy.receive_all()
    lines = server.log("Recv:b")
    before = next(number for number, line in enumerate(lines) if "meanwhile" in line)
    assert before < len(lines) // 4


@pytest.mark.once
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
