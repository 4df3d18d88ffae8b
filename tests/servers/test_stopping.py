"""How rooms stop: in good order at the first signal, at once at the second."""

from __future__ import annotations

import os
import socket
import time
from signal import SIGINT, SIGTERM

import pytest

from servers.options import WORKERS
from tests.servers.clients import Client
from tests.servers.harness import DEADLINE, SIGNALS, WHO, Room, Server, Start, needs_proc

pytestmark = pytest.mark.rooms("talks_on")


@SIGNALS
def test_a_signal_stops_an_idle_server(start: Start, signum: int) -> None:
    server = start(afresh=True)
    server.stop(signum)
    assert len(server.log(f"^Server Stop:{'SIGINT' if signum == SIGINT else 'SIGTERM'}$")) == 1


@SIGNALS
def test_a_signal_stops_a_server_with_clients_and_they_are_told(
    server: Server, signum: int
) -> None:
    with Client(server) as asked, Client(server) as silent:
        asked.ask()
        server.wait_for(f"Client:{silent.name}$")
        server.signal(signum)
        asked.see_end()
        silent.see_end()
        server.wait_end(0)


@needs_proc
def test_control_c_is_told_to_all_its_processes_and_stops_it(room: Room, server: Server) -> None:
    if room.works_ahead:
        server.wait_for("Start$", count=WORKERS)
    with Client(server) as client, Client(server) as other:
        client.ask()
        other.ask()
        os.killpg(server.pid, SIGINT)
        client.see_end()
        other.see_end()
        server.wait_end(0)
    assert server.log("Worker Ended") == []


def test_a_stop_takes_less_than_a_second_though_a_client_stays(start: Start) -> None:
    assert any(_seconds_of_a_stop(start()) < 1.0 for _ in range(5))  # a busy machine has its own


@pytest.mark.once
def test_who_is_told_to_go_and_goes_does_not_hold_up_the_stop(server: Server) -> None:
    with Client(server) as client:
        client.ask()
        server.signal(SIGTERM)
        client.see_end()
    server.wait_end(0)


@pytest.mark.once
def test_a_reply_is_not_destroyed_by_what_the_client_still_sends_at_a_stop(server: Server) -> None:
    with Client(server) as client:
        client.send(b"hello")
        server.wait_for("Recv:b'hello'")
        client.is_told_nothing(5)  # ends as soon as the reply is there
        server.freeze()
        client.send(bytes(100_000))
        server.signal(SIGTERM)
        server.thaw()
        server.wait_end(0)

        replies = client.receive_all()

    assert replies.startswith(b"OK\n")
    assert replies == b"OK\n" * (len(replies) // 3)


@pytest.mark.once
@pytest.mark.skipif(
    not hasattr(socket, "TCP_WINDOW_CLAMP"), reason="only where there is a TCP_WINDOW_CLAMP"
)
def test_replies_still_on_their_way_are_not_destroyed_by_unread_input_at_a_stop(
    server: Server,
) -> None:
    # A reset spares what the peer's kernel has; it destroys what still waits in the server's.
    with Client(server, is_narrow=True) as client:
        client.send(bytes(1_000_000))
        client.send(b"last")
        server.wait_for("last'$")
        server.freeze()
        client.send(bytes(2_000))
        server.signal(SIGTERM)
        server.thaw()
        server.wait_for("Server Stop:SIGTERM")
        replies = client.receive_all()
        server.wait_end(0)
    assert replies == b"OK\n" * server.receives(client.name)


@pytest.mark.once
def test_what_is_sent_after_the_farewell_is_thrown_away(server: Server) -> None:
    with Client(server) as client:
        client.ask()
        server.signal(SIGTERM)
        client.see_end()
        client.send(bytes(10_000))
        client.sock.close()
    server.wait_end(0)
    assert len(server.log("Recv:b")) == 1


def test_a_reply_in_hand_goes_out_when_its_reader_wakes_up_in_time_and_nobody_else_comes_in(
    room: Room, start: Start
) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1, reply_seconds=60))
    with Client(server, is_narrow=True) as client:
        client.stall(server)
        server.signal(SIGTERM)
        server.wait_for("Server Stop:SIGTERM")
        server.wait_until(lambda: _sends_away(server))
        replies = client.receive_all()
    server.wait_end(0)

    assert replies == b"OK\n" * server.receives(client.name)
    assert server.log("Cut$") == []


def _sends_away(server: Server) -> bool:
    try:
        socket.create_connection((server.host, server.port), DEADLINE).close()
    except ConnectionRefusedError:
        return True
    except (
        ConnectionResetError
    ):  # it stood in the queue when the listening socket was closed: the next is refused
        return False
    return False


@pytest.mark.once
def test_a_reply_that_its_client_does_not_take_is_cut(room: Room, start: Start) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1))
    with Client(server, is_narrow=True) as client, Client(server) as other:
        client.stall(server)
        server.signal(SIGTERM)
        other.see_end()
        server.wait_end(0)
    server.wait_for(rf"{WHO}Cut$")
    assert len(server.log("Cut$")) == 1


@pytest.mark.once
@SIGNALS
def test_a_second_signal_ends_a_server_at_once(room: Room, start: Start, signum: int) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1, reply_seconds=60))
    with Client(server, is_narrow=True) as client, Client(server) as other:
        client.stall(server)
        server.signal(SIGTERM)
        other.see_end()  # it is stopping, and would wait for the reply for a minute
        server.signal(signum)
        server.wait_end(128 + signum)


def test_two_signals_in_one_moment_end_a_server_at_once(server: Server) -> None:
    with Client(server) as client:
        client.ask()
        server.freeze()
        server.signal(SIGTERM, SIGINT)
        server.thaw()
        server.wait_end(128 + SIGTERM, 128 + SIGINT)  # whichever Python handles last


@pytest.mark.once
def test_clients_who_wait_outside_at_a_stop_are_sent_away(server: Server) -> None:
    server.freeze()
    clients = [Client(server) for _ in range(100)]
    server.signal(SIGTERM)
    server.thaw()
    for client in clients:
        client.see_closed()
        client.sock.close()
    server.wait_end(0)


@pytest.mark.once
def test_a_server_can_be_started_again_where_another_has_just_stopped(start: Start) -> None:
    server = start()
    with Client(server) as client:
        client.ask()
        server.signal(SIGTERM)
        client.see_end()
    server.wait_end(0)

    again = start("--port", str(server.port))
    with Client(again) as client:
        client.ask()


def _seconds_of_a_stop(server: Server) -> float:
    with Client(server) as client:
        client.ask()
        before = time.monotonic()
        server.stop()
        return time.monotonic() - before
