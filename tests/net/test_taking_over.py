"""Taking over a socket: from then on it is ours to close, and who had its number hears of it."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from math import nan

import pytest

from reactor import ClosedError, Reactor, TaskGroup, checkpoint
from reactor.errors import WrongThreadError
from reactor.net import CallbackListener, Connection, Listener
from reactor.poller import PollPoller
from reactor.testing import World
from tests.net.peers import InThread, Pair, read_to_end
from tests.net.recorder import Recorder

Taker = Callable[..., Connection | Recorder]

each_form = pytest.mark.parametrize("form", [Connection, Recorder])


@each_form
def test_a_socket_object_is_emptied(world: World, pair: Pair, form: Taker) -> None:
    near, _ = pair
    number = near.fileno()

    taken = form(world.reactor, near)

    assert near.fileno() == -1
    assert taken.fileno() == number
    taken.close()


@each_form
def test_a_number_will_do(world: World, pair: Pair, form: Taker) -> None:
    near, far = pair
    taken = form(world.reactor, near.detach())

    taken.close()

    assert read_to_end(far) == b""


@each_form
def test_a_socket_that_would_block_will_not_any_more(world: World, pair: Pair, form: Taker) -> None:
    near, _ = pair
    assert near.getblocking()

    taken = form(world.reactor, near)

    assert not os.get_blocking(taken.fileno())
    taken.close()


@each_form
def test_a_closed_socket_is_refused_by_name(world: World, form: Taker) -> None:
    sock = socket.socket()
    sock.close()
    with pytest.raises(ValueError, match=r"socket.* is closed, or taken over already"):
        form(world.reactor, sock)


@each_form
def test_a_socket_that_has_an_owner_already_is_refused_and_the_owner_told_of(
    world: World, pair: Pair, form: Taker
) -> None:
    near, far = pair
    taken = form(world.reactor, near)

    with pytest.raises(ValueError, match="taken over already: whoever it was given to first owns"):
        form(world.reactor, near)

    far.send(b"still there")
    assert os.read(taken.fileno(), 100) == b"still there"
    taken.close()


@each_form
def test_a_number_that_is_not_open_is_refused(world: World, pair: Pair, form: Taker) -> None:
    near, _ = pair
    number = near.fileno()
    near.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        form(world.reactor, number)


@each_form
def test_a_number_below_zero_is_refused_by_name(world: World, form: Taker) -> None:
    with pytest.raises(ValueError, match="-1 is no descriptor"):
        form(world.reactor, -1)


@each_form
def test_a_socket_that_would_send_its_bytes_another_way_is_refused_and_stays_its_owners(
    world: World, pair: Pair, form: Taker
) -> None:
    near, _ = pair
    with ssl.create_default_context().wrap_socket(
        near, server_hostname="localhost", do_handshake_on_connect=False
    ) as secret:
        with pytest.raises(ValueError, match=r"SSLSocket.* sends in a way of its own"):
            form(world.reactor, secret)

        assert secret.fileno() >= 0


@each_form
def test_a_reactor_that_has_ended_refuses_and_the_socket_is_closed(
    pair: Pair, form: Taker, seed: int | None
) -> None:
    near, far = pair
    with World(seed=seed) as world:
        pass
    with pytest.raises(ClosedError, match="Reactor over VirtualPoller, closed> is closed"):
        form(world.reactor, near)

    assert read_to_end(far) == b""


@each_form
def test_a_reactor_of_another_thread_refuses_and_the_socket_is_closed(
    real: Reactor, pair: Pair, form: Taker
) -> None:
    near, far = pair
    with InThread(lambda sock: form(real, sock), near) as taking:
        with pytest.raises(WrongThreadError):
            taking.result()

    assert read_to_end(far) == b""


@each_form
@pytest.mark.parametrize("seconds", [0, -1, nan])
def test_an_idle_limit_that_cannot_be_kept_is_refused_and_the_socket_is_closed(
    world: World, pair: Pair, form: Taker, seconds: float
) -> None:
    near, far = pair
    with pytest.raises(ValueError, match=rf"an idle limit of {seconds} seconds cannot be kept"):
        form(world.reactor, near, idle_seconds=seconds)

    assert read_to_end(far) == b""


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_would_receive_nothing_is_refused_and_the_socket_is_closed(
    world: World, pair: Pair, limit: int
) -> None:
    near, far = pair
    with pytest.raises(ValueError, match=rf"limit={limit} brings nothing to <Recorder"):
        Recorder(world.reactor, near, limit=limit)

    assert read_to_end(far) == b""


def replace(number: int) -> socket.socket:
    """Close number as one who knows no reactor, put a new socket there, return its other end."""
    ours, theirs = socket.socketpair()
    os.dup2(ours.fileno(), number, inheritable=False)
    ours.close()
    return theirs


def test_a_task_whose_number_was_closed_and_reused_is_told_and_the_newcomer_works(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def wait_for_data(connection: Connection) -> None:
        with pytest.raises(ClosedError):
            await connection.receive()
        assert connection.fileno() == -1
        connection.close()  # gives back nothing, for nothing is its own any more

    async def main() -> bytes:
        old = Connection(world.reactor, near)
        number = old.fileno()
        async with TaskGroup() as group:
            group.spawn(wait_for_data, old)
            await checkpoint()
            with replace(number) as theirs, Connection(world.reactor, number) as new:
                far.close()
                theirs.send(b"for the newcomer")
                data = await new.receive()
        return data

    assert world.run(main) == b"for the newcomer"


def test_a_channel_whose_number_was_closed_and_reused_is_told_and_the_newcomer_works(
    world: World, pair: Pair
) -> None:
    near, _ = pair
    old = Recorder(world.reactor, near)
    number = old.fileno()
    with replace(number) as theirs:
        new = Recorder(world.reactor, number)
        theirs.send(b"for the newcomer")
        world.run_until(1)

        assert [type(error) for error in old.ended_with] == [ClosedError]
        assert old.data == []
        assert new.data == [b"for the newcomer"]
        new.close()


@pytest.mark.parametrize("form", [Listener, CallbackListener])
def test_a_listener_whose_number_was_closed_and_reused_leaves_the_newcomer_alone(
    world: World, door: socket.socket, form: type[Listener | CallbackListener]
) -> None:
    listener = listen_as(form, world, door)
    number = listener.fileno()
    with replace(number) as theirs:
        new = Recorder(world.reactor, number)
        assert listener.fileno() == -1
        listener.close()
        listener.close()
        theirs.send(b"for the newcomer")
        world.run_until(1)

        assert new.data == [b"for the newcomer"]
        assert new.is_open
        new.close()


@pytest.mark.parametrize("form", [Listener, CallbackListener])
def test_a_listener_can_have_the_number_of_one_that_was_closed_behind_its_back(
    world: World, pair: Pair, door: socket.socket, form: type[Listener | CallbackListener]
) -> None:
    near, _ = pair
    old = Recorder(world.reactor, near)
    number = old.fileno()
    os.dup2(door.fileno(), number, inheritable=False)
    listener = listen_as(form, world, socket.socket(fileno=number))
    world.run_until(1)

    assert [type(error) for error in old.ended_with] == [ClosedError]
    assert listener.fileno() == number
    listener.close()


def test_a_listener_whose_socket_was_closed_by_its_former_owner_is_closed(
    world: World, door: socket.socket
) -> None:
    listener = Listener(world.reactor, door)
    door.close()

    async def main() -> None:
        with pytest.raises(ClosedError):
            await listener.accept()

    world.run(main)
    listener.close()

    assert listener.fileno() == -1


def listen_as(
    form: type[Listener | CallbackListener], world: World, sock: socket.socket
) -> Listener | CallbackListener:
    if form is Listener:
        return Listener(world.reactor, sock)
    return CallbackListener(world.reactor, sock, lambda fd, address: os.close(fd))


def test_what_was_closed_behind_the_reactors_back_is_told_once_and_ends_in_its_turn(
    pair: Pair,
    seed: int | None,
) -> None:
    near, _ = pair
    errors: list[Exception] = []

    def fail(channel: Recorder) -> None:
        raise ZeroDivisionError

    with World(PollPoller(), on_error=lambda what, error: errors.append(error), seed=seed) as world:
        channel = Recorder(world.reactor, near, on_ended=fail)
        number = channel.fileno()
        os.close(number)
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [ClosedError]
    (told,) = (error for error in errors if not isinstance(error, ZeroDivisionError))
    assert str(told).startswith(f"fd {number} was closed without forget")
    assert len(errors) == 2
