"""What an interrupt cuts off hears all the same, though its descriptor is told of again before.

What a descriptor has queued runs in the turn after the one that was broken off. That turn's poll
finds the descriptor ready still, and nobody there who waits: it must not take that for a stranger.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from reactor import Reactor, spawn_in, wait_readable, wait_writable
from reactor.net import Connection
from tests.loop.parts import fail_with, nothing
from tests.net.peers import Pair
from tests.net.recorder import Recorder
from tests.pollers import MakePoller, each_poller

Heard = list[bytes]
Begin = Callable[[Reactor, socket.socket], Heard]


def turn(reactor: Reactor) -> None:
    """Take a turn that does not sleep: a deaf reader fails the test, and does not hang it."""
    reactor.call_soon(nothing)
    reactor.turn()


def watch(reactor: Reactor, near: socket.socket) -> Heard:
    heard: Heard = []
    reactor.on_readable(near, lambda: heard.append(near.recv(100)))
    return heard


def task(reactor: Reactor, near: socket.socket) -> Heard:
    heard: Heard = []

    async def listen() -> None:
        while True:
            await wait_readable(near)
            heard.append(near.recv(100))

    spawn_in(reactor, listen)
    return heard


def connection(reactor: Reactor, near: socket.socket) -> Heard:
    heard: Heard = []

    async def listen() -> None:
        with Connection(reactor, near.dup()) as stream:
            while data := await stream.receive():
                heard.append(data)

    spawn_in(reactor, listen)
    return heard


def channel(reactor: Reactor, near: socket.socket) -> Heard:
    return Recorder(reactor, near.dup()).data


@each_poller
@pytest.mark.parametrize("begin", [watch, task, connection, channel])
def test_a_reader_that_an_interrupt_cut_off_hears_this_time_and_the_next(
    begin: Begin, make_poller: MakePoller, pair: Pair
) -> None:
    near, far = pair
    near.setblocking(False)
    with Reactor(make_poller()) as reactor:
        heard = begin(reactor, near)
        turn(reactor)
        far.send(b"cut off")
        reactor.call_soon(fail_with, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            reactor.turn()
        assert heard == []

        turn(reactor)
        assert heard == [b"cut off"]

        far.send(b"the next")
        turn(reactor)
        assert heard == [b"cut off", b"the next"]

        far.close()
        turn(reactor)


@each_poller
def test_a_writer_that_an_interrupt_cut_off_sends_this_time_and_the_next(
    make_poller: MakePoller, pair: Pair
) -> None:
    near, far = pair

    async def send() -> None:
        for word in (b"cut off, ", b"the next"):
            await wait_writable(near)
            near.send(word)

    with Reactor(make_poller()) as reactor:
        spawn_in(reactor, send)
        turn(reactor)
        reactor.call_soon(fail_with, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            reactor.turn()
        for _ in range(2):
            turn(reactor)

    assert far.recv(100) == b"cut off, the next"


@each_poller
def test_a_call_of_another_thread_is_made_though_an_interrupt_cut_off_who_takes_it(
    make_poller: MakePoller,
) -> None:
    heard: Heard = []
    with Reactor(make_poller()) as reactor:
        reactor.call_threadsafe(heard.append, b"cut off")
        reactor.call_soon(fail_with, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            reactor.turn()
        for _ in range(2):
            turn(reactor)
        reactor.call_threadsafe(heard.append, b"the next")
        for _ in range(2):
            turn(reactor)

    assert heard == [b"cut off", b"the next"]
