"""Chat: who hears whom, and what one who does not read costs the others."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import pytest

from tests.examples.parts import Example, Program, deaf, read_line
from tests.net.peers import read_to_end, reset


@pytest.fixture
def chat() -> Iterator[Example]:
    with Example("chat") as example:
        yield example


def come(sock: socket.socket, name: str) -> socket.socket:
    """Say a name, and hear that one is in."""
    assert read_line(sock) == b"* your name?\n"
    say(sock, name)
    assert hear(sock) == f"* {name} is here"
    return sock


def say(sock: socket.socket, text: str) -> None:
    sock.sendall(f"{text}\n".encode())


def hear(sock: socket.socket) -> str:
    return read_line(sock).decode().rstrip("\n")


def test_who_comes_speaks_and_goes_is_heard_by_all(chat: Example) -> None:
    with chat.connect() as ann:
        come(ann, "ann")
        with chat.connect() as bob:
            come(bob, "bob")
            assert hear(ann) == "* bob is here"
            say(bob, "good morning")
            assert hear(ann) == hear(bob) == "bob: good morning"
        assert hear(ann) == "* bob has left"


def test_a_room_hears_only_itself(chat: Example) -> None:
    with chat.connect() as ann, chat.connect() as bob:
        come(ann, "ann")
        come(bob, "bob")
        hear(ann)
        say(bob, "/join attic")
        assert hear(ann) == "* bob goes to attic"
        assert [hear(bob), hear(bob)] == ["* bob goes to attic", "* bob is here"]

        say(bob, "nobody hears me")
        say(bob, "/join no-room")
        say(bob, "/who")
        say(ann, "/who")

        assert [hear(bob), hear(bob)] == ["bob: nobody hears me", "bob: /join no-room"]
        assert hear(bob) == "* attic: bob"
        assert hear(ann) == "* lobby: ann"


def test_a_name_that_is_taken_or_none_is_asked_for_again(chat: Example) -> None:
    with chat.connect() as ann, chat.connect() as other:
        come(ann, "ann")
        read_line(other)
        for name in ("ann", "", "two words", "x" * 21, "../../etc"):
            say(other, name)
            assert hear(other) == "* no name, or taken; another?"
        say(other, "bob")
        assert hear(other) == hear(ann) == "* bob is here"


def test_a_name_is_free_again_when_its_owner_has_gone(chat: Example) -> None:
    with chat.connect() as watch:
        come(watch, "watch")
        for _ in range(2):
            with chat.connect() as ann:
                come(ann, "ann")
                reset(ann)
            assert hear(watch) == "* ann is here"
            assert hear(watch).startswith("* ann is lost: ")


def test_nobody_can_send_escapes_to_the_terminals_of_others(chat: Example) -> None:
    with chat.connect() as ann:
        come(ann, "ann")
        ann.sendall(b"\x1b[2Jred\xff\x07\r\n")
        assert hear(ann) == "ann: [2Jred\N{REPLACEMENT CHARACTER}"


def test_a_line_that_is_too_long_costs_its_author_his_place(chat: Example) -> None:
    with chat.connect() as ann, chat.connect() as bob:
        come(ann, "ann")
        come(bob, "bob")
        hear(ann)
        say(bob, "x" * 1001)
        assert hear(ann).startswith("* bob is lost: no b'\\n' among the first 1000 bytes")
        assert read_to_end(bob) == b""


def test_one_who_does_not_read_is_dropped_and_the_others_never_wait(chat: Example) -> None:
    with chat.connect() as ann, chat.connect() as eve, deaf(chat.address) as slow:
        for sock, name in ((ann, "ann"), (eve, "eve"), (slow, "slow")):
            come(sock, name)
        said = "x" * 990
        goodbye = "* slow does not keep up, and was dropped\n"
        files = [sock.makefile() for sock in (ann, eve)]
        told: list[str] = []
        while told.count(goodbye) < len(files):
            say(ann, "\n".join([said] * 50))
            for file in files:
                for _ in range(50):
                    while (line := file.readline()) != f"ann: {said}\n":
                        assert line, "the chat has ended"
                        told.append(line)

        assert set(told) == {"* eve is here\n", "* slow is here\n", goodbye}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_goodbye_to_all(chat: Example, signum: int) -> None:
    with chat.connect() as ann, chat.connect() as bob, chat.connect() as nameless:
        come(ann, "ann")
        come(bob, "bob")
        hear(ann)
        chat.send(signum)

        assert read_to_end(ann) == read_to_end(bob) == b"* this chat is over\n"
        assert read_to_end(nameless) == b"* your name?\n"
        assert chat.end() == 0
    assert chat.heard[1:] == []


@pytest.mark.once
@pytest.mark.needs("nc", "curl")
def test_netcat_and_curl_talk_to_each_other(chat: Example) -> None:
    with (
        Program("nc", "-N", "127.0.0.1", str(chat.port)) as netcat,
        Program("curl", "-sSN", f"telnet://127.0.0.1:{chat.port}") as curl,
    ):
        netcat.tell(b"nora\n")
        netcat.hear(r"^\* nora is here$")
        curl.tell(b"carl\r\nhello nora\r\n")
        curl.tell_end()  # it listens when it has nothing to say
        netcat.hear("^carl: hello nora$")
        netcat.tell(b"hello carl\n")
        curl.hear("^nora: hello carl$")
        netcat.tell_end()
        assert netcat.end() == 0
        curl.hear(r"^\* nora has left$")
        assert chat.stop() == 0
        curl.hear(r"^\* this chat is over$")
        assert curl.end() == 0
