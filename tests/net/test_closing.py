"""Closing a connection or a channel: at once, once, and by whoever has it."""

from __future__ import annotations

import os
import socket
import sys
import threading

import pytest

from reactor import ClosedError, ForkedError, Reactor, Runnable, TaskGroup, checkpoint, run
from reactor.errors import WrongThreadError
from reactor.net import CallbackListener, Connection, Listener
from reactor.tasks import current_task
from reactor.testing import World
from tests.net.peers import InThread, Pair, read_to_end
from tests.net.recorder import Recorder
from tests.poller.children import in_child


def is_closed(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return True
    return False


def test_a_closed_connection_has_given_back_its_descriptor(world: World, pair: Pair) -> None:
    near, far = pair
    connection = Connection(world.reactor, near)
    number = connection.fileno()

    connection.close()

    assert connection.fileno() == -1
    assert is_closed(number)
    assert read_to_end(far) == b""


def test_closing_again_closes_nothing_else(world: World, pair: Pair) -> None:
    near, _ = pair
    connection = Connection(world.reactor, near)
    number = connection.fileno()
    connection.close()
    with socket.socket() as newcomer:
        assert newcomer.fileno() == number, "the lowest number is free again"
        connection.close()
        connection.abort()
        assert not is_closed(number)


def test_a_with_statement_closes_it_also_after_an_error(world: World, pair: Pair) -> None:
    near, _ = pair
    connection = Connection(world.reactor, near)

    def fail() -> None:
        with connection as same:
            assert same is connection
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert connection.fileno() == -1


def test_it_says_which_descriptor_it_is_and_who_is_there(world: World, pair: Pair) -> None:
    near, _ = pair
    number = near.fileno()
    with Connection(world.reactor, near, ("10.0.0.1", 80)) as connection:
        assert repr(connection) == f"<Connection fd={number} peer=('10.0.0.1', 80)>"
    assert repr(connection) == "<Connection fd=-1 peer=('10.0.0.1', 80)>"
    assert connection.peer == ("10.0.0.1", 80)


def test_aborting_sends_a_reset(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    Connection(real, near).abort()

    with pytest.raises(ConnectionResetError):
        far.recv(1)


def test_aborting_tells_who_waits(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        world.reactor.call_soon(connection.abort)
        with pytest.raises(ClosedError):
            await connection.receive()

    world.run(main)


def test_a_channel_that_is_aborted_sends_a_reset_too(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near)

    channel.abort()

    with pytest.raises(ConnectionResetError):
        far.recv(1)
    assert channel.ended_with == [None]


@pytest.mark.parametrize("idle_seconds", [None, 10.0])
def test_a_connection_that_was_never_closed_is_closed_with_a_warning(
    world: World, pair: Pair, idle_seconds: float | None
) -> None:
    near, far = pair
    connections = [Connection(world.reactor, near, idle_seconds=idle_seconds)]
    number = connections[0].fileno()

    with pytest.warns(ResourceWarning, match=rf"<Connection fd={number} .*> was never closed"):
        connections.clear()
    world.run_until(1)

    assert read_to_end(far) == b""


def test_a_connection_that_another_thread_found_lost_is_closed_in_the_reactors(
    world: World, pair: Pair
) -> None:
    near, far = pair
    connections = [Connection(world.reactor, near)]

    def find() -> None:
        with pytest.warns(ResourceWarning, match="was never closed"):
            connections.clear()

    finder = threading.Thread(target=find)
    finder.start()
    finder.join()
    world.run_until(1)

    assert read_to_end(far) == b""


def test_a_connection_that_was_lost_is_closed_also_if_its_reactor_runs_no_more(
    pair: Pair, seed: int | None
) -> None:
    near, far = pair
    with World(seed=seed) as world:
        connections = [Connection(world.reactor, near)]
        with pytest.warns(ResourceWarning, match="never closed"):
            connections.clear()
        with pytest.warns(ResourceWarning, match="unclosed"):
            world.close()

    assert read_to_end(far) == b""


def test_a_connection_may_be_lost_after_its_reactor(pair: Pair, seed: int | None) -> None:
    near, far = pair
    with World(seed=seed) as world:
        connections = [Connection(world.reactor, near)]
    with pytest.warns(ResourceWarning, match="never closed"):
        connections.clear()

    assert read_to_end(far) == b""


def test_a_lost_connection_is_closed_also_where_the_warning_is_an_error(
    world: World, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = pair
    told: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: told.append(str(what.exc_value)))
    connections = [Connection(world.reactor, near)]
    connections.clear()
    world.run_until(1)

    assert read_to_end(far) == b""
    assert [text for text in told if "was never closed" in text] == told[:1] == told


def test_a_connection_may_be_closed_after_its_reactor(pair: Pair, seed: int | None) -> None:
    near, far = pair
    with World(seed=seed) as world:
        connection = Connection(world.reactor, near, idle_seconds=5)
    connection.close()

    assert connection.fileno() == -1
    assert read_to_end(far) == b""


def test_a_connection_whose_loop_ended_while_a_task_was_waiting_can_be_closed(pair: Pair) -> None:
    near, far = pair
    connections: list[Connection] = []

    async def main() -> None:
        reactor = current_task().reactor
        connection = Connection(reactor, near)
        connections.append(connection)
        reactor.call_soon(reactor.stop)
        await connection.receive()

    with pytest.raises(Exception, match="was stopped before"):
        run(main)
    connections[0].close()

    assert read_to_end(far) == b""


def test_a_channel_may_be_closed_after_its_reactor(pair: Pair, seed: int | None) -> None:
    near, far = pair
    with World(seed=seed) as world:
        channel = Recorder(world.reactor, near, idle_seconds=5)
    channel.close()

    assert channel.ended_with == [None]
    assert read_to_end(far) == b""


@pytest.mark.parametrize("form", [Listener, CallbackListener])
def test_a_listener_may_be_closed_after_its_reactor(
    form: type[Listener | CallbackListener], door: socket.socket, seed: int | None
) -> None:
    with World(seed=seed) as world:
        listener = (
            Listener(world.reactor, door)
            if form is Listener
            else CallbackListener(world.reactor, door, lambda fd, address: None)
        )
    listener.close()

    assert listener.fileno() == -1


def test_another_thread_may_not_close_it(real: Reactor, pair: Pair) -> None:
    near, far = pair
    with Connection(real, near) as connection:
        with InThread(lambda sock: connection.close(), far) as peer:
            with pytest.raises(WrongThreadError):
                peer.result()
        assert connection.fileno() >= 0


def test_closing_in_a_forked_child_does_not_disturb_the_parent(pair: Pair) -> None:
    near, far = pair

    async def main() -> bytes:
        reactor = current_task().reactor
        with Connection(reactor, near) as connection:
            async with TaskGroup() as group:
                receiver = group.spawn(connection.receive)
                await checkpoint()
                assert in_child(connection.close) == 0
                far.send(b"for the parent")
            return receiver.result

    assert run(main) == b"for the parent"


def test_closing_a_channel_in_a_forked_child_does_not_disturb_the_parent(
    real: Reactor, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(real, near, on_data=lambda channel, data: real.stop())

    assert in_child(channel.close) == 0
    far.send(b"for the parent")
    real.run()

    assert channel.data == [b"for the parent"]
    assert channel.ended_with == []
    channel.close()


def test_closing_a_listener_in_a_forked_child_does_not_disturb_the_parent(
    real: Reactor, door: socket.socket
) -> None:
    accepted: list[int] = []

    def take(fd: int, address: object) -> None:
        accepted.append(fd)
        os.close(fd)
        real.stop()

    listener = CallbackListener(real, door, take)
    assert isinstance(listener.address, str)
    assert in_child(listener.close) == 0
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(listener.address)
        real.run()
    listener.close()

    assert len(accepted) == 1


def test_in_a_forked_child_nothing_can_be_received_with_the_parents_reactor(
    real: Reactor, pair: Pair
) -> None:
    near, _ = pair

    def work() -> None:
        with pytest.raises(ForkedError):
            Connection(real, near)

    assert in_child(work) == 0


def test_a_peer_is_told_at_once_although_a_child_still_holds_the_socket(pair: Pair) -> None:
    # finish half-closes, which no duplicate can hold up; a plain close would go unnoticed.
    near, far = pair
    held = os.dup(near.fileno())

    async def main() -> None:
        connection = Connection(current_task().reactor, near)
        await connection.send_all(b"bye")
        await connection.finish(0)

    try:
        run(main)
        assert read_to_end(far) == b"bye"
    finally:
        os.close(held)


class Struck(Runnable):
    """Is struck by Ctrl-C when it hears that what it waits on is closed."""

    def lose(self, side: object, error: Exception) -> None:
        raise KeyboardInterrupt


def test_an_interrupt_in_the_midst_of_a_close_leaves_nothing_open(world: World, pair: Pair) -> None:
    near, far = pair
    connection = Connection(world.reactor, near)
    world.reactor.reading(connection).park(Struck())

    with pytest.raises(KeyboardInterrupt):
        connection.close()

    assert far.recv(1) == b""
    assert connection.fileno() == -1
