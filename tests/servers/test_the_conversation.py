"""What every room says, by bytes and by log lines."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from servers.conversation import RECEIVE_LIMIT
from tests.servers.clients import Client
from tests.servers.harness import DEADLINE, WHO, Room, Server, Start

pytestmark = pytest.mark.rooms("talks_on")


def test_every_message_is_answered_until_the_client_closes(server: Server) -> None:
    with Client(server) as client:
        client.ask(b"one")
        client.ask(b"two")
        client.finish()
        client.see_end()


def test_a_client_that_says_nothing_and_closes_is_told_nothing(server: Server) -> None:
    with Client(server) as client:
        client.finish()
        client.see_end()


def test_each_receive_of_at_most_512_bytes_is_owed_a_reply(server: Server) -> None:
    for size, replies in [(1, 1), (512, 1), (513, 2), (1024, 2), (1025, 3)]:
        with Client(server) as client:
            server.freeze()  # so that all of it is there when the server looks
            client.send(bytes(size))
            client.finish()
            server.thaw()
            assert client.receive_all() == b"OK\n" * replies


def test_what_was_asked_before_a_half_close_is_answered(server: Server) -> None:
    with Client(server) as client:
        server.freeze()
        client.send(b"last words")
        client.finish()
        server.thaw()
        assert client.receive_all() == b"OK\n"


@pytest.mark.once
def test_replies_reach_a_client_that_sends_one_byte_at_a_time(server: Server) -> None:
    with Client(server) as client:
        for byte in range(256):
            client.ask(bytes([byte]))


@pytest.mark.once
def test_a_message_may_be_anything(server: Server) -> None:
    with Client(server) as client:
        client.ask(b"\0\n\r\x1b[2J\xff[FD:3]Accept:1.2.3.4:5\n")


@pytest.mark.rooms("serves_all")
def test_many_clients_are_served_side_by_side(server: Server) -> None:
    clients = [Client(server) for _ in range(20)]
    for client in clients:
        client.send(b"x")
    for client in reversed(clients):
        assert client.receive(3) == b"OK\n"
    for client in clients[::2]:
        client.sock.close()
    for client in clients[1::2]:
        client.ask()
        client.sock.close()


def test_a_session_is_told_in_the_journal(room: Room, server: Server) -> None:
    with Client(server) as client:
        client.ask(b"hello\n")
        client.finish()
        client.see_end()
    server.wait_for("Recv:EOF")
    server.stop()

    accepted, served, received = (
        line.partition(word)[0]
        for word in ("Accept:", "Client:", "Recv:b")
        for line in server.log(word)
    )
    told = [
        f"Server Run Port:{server.port}",
        "Ready For Accept",
        f"{accepted}Accept:{client.name}",
        f"{served}Client:{client.name}",
        f"{received}Recv:b'hello\\n'",
        f"{served}Recv:EOF",
        "Server Stop:SIGTERM",
        "Server Stopped",
    ]
    assert received.startswith(served)
    assert re.fullmatch(r"<\d+>" if room.has_pool else "", received.removeprefix(served))
    of_its_model = "Descriptor Count|Start$|[Ll]ock$"
    assert [line for line in server.log() if not re.search(of_its_model, line)] == told


@pytest.mark.rooms("multiplexes")
def test_a_multiplexing_room_tells_how_many_clients_it_watches(server: Server) -> None:
    with Client(server) as first, Client(server) as second:
        first.ask()
        second.ask()
        first.finish()
        first.see_end()
        server.wait_for("Descriptor Count:1", count=2)
    server.wait_for("Descriptor Count:0")

    assert [line[-1] for line in server.log("Descriptor Count")] == ["1", "2", "1", "0"]


@pytest.mark.once
def test_a_journal_in_json_tells_the_same(start: Start) -> None:
    server = start("--log-format", "json")
    with Client(server) as client:
        client.ask(b"\xe9\n")
        client.finish()
        client.see_end()
    server.wait_for('"end"')

    events = {event["event"]: event for event in map(json.loads, server.log())}
    assert f"{events['accept']['host']}:{events['accept']['port']}" == client.name
    assert events["received"]["data"] == "\xe9\n"
    whose = events["client"].keys() & {"fd", "pid", "thread"}
    assert whose
    for each in whose:
        assert events["received"][each] == events["client"][each] == events["end"][each]


@pytest.mark.once
def test_a_client_may_come_by_ipv6(start: Start) -> None:
    server = start(host="::1")
    with Client(server) as client:
        client.ask()
    server.wait_for(rf"{WHO}Accept:{re.escape(client.name)}$")


@pytest.mark.once
@pytest.mark.needs("curl")
def test_curl_holds_the_conversation(server: Server) -> None:
    command = ["curl", "--silent", "--no-buffer", f"telnet://{server.host}:{server.port}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as curl:
        assert curl.stdin is not None
        assert curl.stdout is not None
        for _ in range(2):
            curl.stdin.write(b"hello\n")
            curl.stdin.flush()
            assert curl.stdout.read(3) == b"OK\n"
        curl.stdin.close()
        server.stop()
        assert curl.wait(DEADLINE) == 0


@pytest.mark.soak
def test_a_long_message_is_answered_in_full(server: Server) -> None:
    with Client(server) as client:
        for _ in range(20_000):
            client.ask(bytes(RECEIVE_LIMIT))
