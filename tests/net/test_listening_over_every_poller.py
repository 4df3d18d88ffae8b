"""What listeners owe holds over every poller, and what a forked child and a reused number owe."""

from __future__ import annotations

import os
import socket

from reactor import ClosedError, Reactor, TaskGroup, checkpoint
from reactor.net import CallbackListener, Channel, Connection, Listener
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.peers import (
    Pair,
    close_all,
    knock,
)
from tests.net.recorder import Recorder
from tests.poller.children import in_child
from tests.pollers import each_poller

HIGH = 1100


@each_poller
def test_a_listener_takes_a_crowd(everywhere: World, door: socket.socket) -> None:
    clients = knock(door, 100)

    async def main() -> list[int]:
        numbers = []
        with Listener(everywhere.reactor, door) as listener:
            for _ in clients:
                with await listener.accept() as connection:
                    numbers.append(int(await connection.receive()))
        return numbers

    assert everywhere.run(main) == list(range(100))
    close_all(clients)


@each_poller
def test_a_callback_listener_takes_a_crowd(everywhere: World, door: socket.socket) -> None:
    clients = knock(door, 100)
    channels: list[Recorder] = []
    listener = CallbackListener(
        everywhere.reactor,
        door,
        lambda fd, address: channels.append(Recorder(everywhere.reactor, fd)),
    )

    everywhere.run_until(1)

    assert [channel.data for channel in channels] == [
        [str(number).encode()] for number in range(100)
    ]
    listener.close()
    for channel in channels:
        channel.close()
    close_all(clients)


@each_poller
def test_a_number_that_is_given_up_and_had_again_in_one_turn_serves_the_newcomer(
    everywhere: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> bytes:
        old = Connection(everywhere.reactor, near)
        number = old.fileno()
        far.send(b"for the old one")
        await old.receive()
        old.close()
        ours, theirs = socket.socketpair()
        with theirs, Connection(everywhere.reactor, ours) as new:
            assert new.fileno() == number
            theirs.send(b"for the new one")
            return await new.receive()

    assert everywhere.run(main) == b"for the new one"


@each_poller
def test_a_number_that_was_closed_behind_the_reactors_back_and_reused_serves_the_newcomer(
    everywhere: World, pair: Pair
) -> None:
    near, _ = pair
    old = Recorder(everywhere.reactor, near)
    everywhere.run_until(1)
    number = old.fileno()
    ours, theirs = socket.socketpair()
    os.dup2(ours.fileno(), number, inheritable=False)
    ours.close()
    with theirs:
        new = Recorder(everywhere.reactor, number)
        theirs.send(b"for the new one")
        everywhere.run_until(2)

    assert new.data == [b"for the new one"]
    assert [type(error) for error in old.ended_with] == [ClosedError]
    new.close()


@each_poller
def test_a_connection_closed_in_a_forked_child_stays_open_for_the_parent(
    real_everywhere: Reactor, pair: Pair
) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(real_everywhere, near) as connection:
            async with TaskGroup() as group:
                receiver = group.spawn(connection.receive)
                await checkpoint()
                assert in_child(connection.close) == 0
                far.send(b"for the parent")
            return receiver.result

    assert run_in(real_everywhere, main) == b"for the parent"


@each_poller
def test_a_descriptor_beyond_what_it_can_watch_ends_a_channel_and_nothing_else(
    everywhere: World, pair: Pair, high_numbers: None
) -> None:
    near, far = pair
    os.dup2(near.fileno(), HIGH, inheritable=False)
    ended: list[Exception | None] = []

    class High(Channel):
        def received(self, data: bytes) -> None:
            ended.append(None)
            self.close()

        def ended(self, error: Exception | None) -> None:
            if error is not None:
                ended.append(error)

    channel = High(everywhere.reactor, HIGH)
    far.send(b"hello")
    everywhere.run_until(1)

    assert len(ended) == 1
    assert ended[0] is None or "does not fit into select's set" in str(ended[0])
    assert channel.fileno() == -1


@each_poller
def test_a_descriptor_beyond_what_it_can_watch_is_an_os_error_to_a_task(
    everywhere: World, pair: Pair, high_numbers: None
) -> None:
    near, far = pair
    os.dup2(near.fileno(), HIGH, inheritable=False)
    far.send(b"hello")

    async def main() -> bytes:
        with Connection(everywhere.reactor, HIGH) as connection:
            try:
                return await connection.receive()
            except OSError as error:
                return str(error).encode()

    answer = everywhere.run(main)
    assert answer == b"hello" or b"does not fit into select's set" in answer
