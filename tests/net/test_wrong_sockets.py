"""Sockets at which nobody can be accepted: refused at once, or told, never waited on in silence."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from functools import partial

import pytest

from reactor import ClosedError, Reactor
from reactor.net import CallbackListener, Connection, Listener, listen
from reactor.net.acceptor import PAUSE
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair, close_all, knock
from tests.net.played_door import House, Played, name

WRONG = [errno.ENOTSOCK, errno.EINVAL]


def ignore(*_: object) -> None:
    """Nothing."""


def no_shortage(error: OSError | None) -> None:
    pytest.fail(f"{error!r} was taken for a shortage")


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("callbacks", [False, True])
def test_a_socket_that_does_not_listen_is_refused_and_stays_its_owners(
    world: World, kind: socket.SocketKind, callbacks: bool
) -> None:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(ValueError, match=r"does not listen; call its listen\(\) first"):
            House(world, sock, callbacks=callbacks)

        assert sock.fileno() >= 0
        assert sock.getblocking()


@pytest.mark.parametrize("callbacks", [False, True])
def test_a_socket_that_has_an_owner_already_is_refused(
    world: World, pair: Pair, callbacks: bool
) -> None:
    near, _ = pair
    with Connection(world.reactor, near):
        with pytest.raises(ValueError, match="is closed, or taken over already: whoever"):
            House(world, near, callbacks=callbacks)


@pytest.mark.parametrize("code", WRONG, ids=name)
def test_a_task_hears_each_time_that_its_socket_is_wrong_after_a_pause(
    world: World, door: socket.socket, code: int
) -> None:
    played = Played(door, [code, code])
    clients = knock(played)
    told: list[tuple[int | None, float]] = []

    async def main() -> str:
        with Listener(world.reactor, played, shortage=no_shortage) as listener:
            for _ in range(2):
                with pytest.raises(OSError, match="cannot accept anybody; close its") as info:
                    await listener.accept()
                told.append((info.value.errno, world.clock.now))
            with await listener.accept() as connection:
                return (await connection.receive()).decode()

    assert world.run(main) == "0"
    assert told == [(code, 0), (code, PAUSE)]
    close_all(clients)


def test_once_a_task_is_let_in_again_it_waits_no_longer(world: World, door: socket.socket) -> None:
    played = Played(door, [errno.EINVAL])
    clients = knock(played, 2)

    async def main() -> None:
        with Listener(world.reactor, played) as listener:
            with pytest.raises(OSError, match="cannot accept anybody"):
                await listener.accept()
            (await listener.accept()).close()
            (await listener.accept()).close()

    world.run(main)
    assert world.clock.now == PAUSE
    close_all(clients)


def test_a_task_hears_that_its_socket_was_closed_behind_its_back_and_it_stays_closed(
    world: World,
) -> None:
    listener = Listener(world.reactor, listen("127.0.0.1", 0), shortage=no_shortage)
    os.close(listener.fileno())

    async def main() -> None:
        with listener:
            with pytest.raises(OSError, match=r"Bad file descriptor: .* cannot accept anybody"):
                await listener.accept()
            with pytest.raises(ClosedError):
                await listener.accept()

    world.run(main)
    assert listener.fileno() == -1


def test_a_number_that_was_closed_behind_a_callback_listeners_back_is_not_closed_again(
    lenient: World, door: socket.socket, errors: list[Exception]
) -> None:
    played = Played(door, [errno.EBADF])
    clients = knock(played)
    number = played.fileno()
    listener = CallbackListener(lenient.reactor, played, ignore, shortage=no_shortage)

    lenient.run_until(1)
    listener.close()

    assert "Bad file descriptor: " in str(errors[0])
    assert len(errors) == 1
    os.close(number)
    close_all(clients)


@pytest.mark.parametrize("code", WRONG, ids=name)
def test_on_error_hears_once_that_a_listeners_socket_is_wrong_and_it_watches_no_more(
    lenient: World, door: socket.socket, turns: Turns, errors: list[Exception], code: int
) -> None:
    played = Played(door, [code] * 10)
    clients = knock(played)
    listener = CallbackListener(lenient.reactor, played, ignore, shortage=no_shortage)

    lenient.run_until(10)

    assert [os.strerror(code) in str(error) for error in errors] == [True]
    assert played.asked == 1
    assert turns.count <= 3
    listener.close()
    assert listener.fileno() == -1
    close_all(clients)


@pytest.mark.parametrize("callbacks", [False, True])
def test_a_listening_socket_that_somebody_shuts_down_is_told(
    real: Reactor, callbacks: bool
) -> None:
    sock = listen("127.0.0.1", 0)
    with socket.socket(fileno=os.dup(sock.fileno())) as again:
        listener: Listener | CallbackListener
        run: Callable[[], object]
        if callbacks:
            listener = CallbackListener(real, sock, ignore, shortage=no_shortage)
            run = real.run
        else:
            listener = Listener(real, sock, shortage=no_shortage)
            run = partial(run_in, real, listener.accept)
        real.call_soon(again.shutdown, socket.SHUT_RDWR)

        with pytest.raises(OSError, match="cannot accept anybody") as info:
            run()

    assert info.value.errno == errno.EINVAL
    listener.close()


@pytest.mark.parametrize("callbacks", [False, True])
def test_a_unix_socket_that_somebody_shuts_down_is_told_and_never_a_spin(
    world: World, door: socket.socket, callbacks: bool
) -> None:
    with socket.socket(fileno=os.dup(door.fileno())) as again:
        listener: Listener | CallbackListener
        run: Callable[[], object]
        if callbacks:
            listener = CallbackListener(world.reactor, door, ignore, shortage=no_shortage)
            run = partial(world.run_until, 1)
        else:
            listener = Listener(world.reactor, door, shortage=no_shortage)
            run = partial(world.run, listener.accept)
        world.reactor.call_soon(again.shutdown, socket.SHUT_RDWR)

        with pytest.raises(OSError, match="cannot accept anybody") as info:
            run()

    assert info.value.errno == errno.EINVAL
    assert world.clock.now == 0
    listener.close()


def test_being_woken_for_nobody_is_no_fault(world: World, door: socket.socket) -> None:
    client = knock(door)
    played = Played(door, [errno.EAGAIN] * 200)

    async def main() -> None:
        with Listener(world.reactor, played, shortage=no_shortage) as listener:
            (await listener.accept()).close()

    world.run(main)

    assert played.asked == 201
    close_all(client)
