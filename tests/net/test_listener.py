"""Listener: clients as they come, for tasks."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable

import pytest

from reactor import (
    Reactor,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
)
from reactor.net import Connection, Listener, listen
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import DEADLINE, InThread, close_all, knock, read_to_end, reset
from tests.net.test_listen import only_with_ipv6


async def who(connection: Connection) -> int:
    with connection:
        return int(await connection.receive())


def test_it_waits_for_a_client_and_returns_its_connection(
    world: World, door: socket.socket
) -> None:
    clients: list[socket.socket] = []
    world.reactor.call_at(5, lambda: clients.extend(knock(door)))

    async def main() -> int:
        with Listener(world.reactor, door) as listener:
            return await who(await listener.accept())

    assert world.run(main) == 0
    assert world.clock.now == 5
    close_all(clients)


def test_it_works_in_generators_too(world: World, door: socket.socket) -> None:
    clients = knock(door)

    @coroutine
    def main() -> Steps[bytes]:
        with Listener(world.reactor, door) as listener:
            with (yield from listener.accept()) as connection:
                return (yield from connection.receive())

    assert world.run(main) == b"0"
    close_all(clients)


def test_the_connection_knows_its_reactor_and_its_peer(real: Reactor) -> None:
    async def main(door: socket.socket) -> None:
        with Listener(real, door) as listener:
            with socket.create_connection(door.getsockname(), DEADLINE) as client:
                with await listener.accept() as connection:
                    assert connection.peer == client.getsockname()
                    assert connection.reactor is listener.reactor is real

    run_in(real, main, listen("127.0.0.1", 0))


def test_two_hundred_at_once_are_all_accepted_in_the_order_in_which_they_came(
    world: World, door: socket.socket
) -> None:
    clients = knock(door, 200)

    async def main() -> list[int]:
        with Listener(world.reactor, door) as listener:
            return [await who(await listener.accept()) for _ in range(200)]

    assert world.run(main) == list(range(200))
    close_all(clients)


def test_in_a_crowd_others_have_their_turn_between_bursts(
    world: World, door: socket.socket, turns: Turns
) -> None:
    clients = knock(door, 200)
    bursts: Counter[int] = Counter()  # in each turn

    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            while bursts.total() < 200:
                (await listener.accept()).close()
                bursts[turns.count] += 1

    world.run(main)
    close_all(clients)

    assert max(bursts.values()) == 64, "a burst has a bound"
    assert len(bursts) < 20, "and bursts grow, or each client would cost a turn"


def test_within_a_burst_it_does_not_give_way(world: World, door: socket.socket) -> None:
    clients = knock(door, 3)
    order: list[str] = []

    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            for _ in range(2):  # a burst of one, and the first of a burst of two
                (await listener.accept()).close()
            world.reactor.call_soon(order.append, "other")
            (await listener.accept()).close()
            order.append("accepter")
            await checkpoint()

    world.run(main)
    close_all(clients)

    assert order == ["accepter", "other"]


def inherited(sock: socket.socket) -> socket.socket:
    """Pass a listening socket on by its number, as a service manager does."""
    return socket.socket(fileno=sock.detach())


@pytest.mark.parametrize(
    "open_door",
    [
        pytest.param(lambda: listen("127.0.0.1", 0), id="IPv4"),
        pytest.param(lambda: listen("::1", 0), id="IPv6", marks=only_with_ipv6),
        pytest.param(lambda: inherited(listen("127.0.0.1", 0)), id="inherited"),
    ],
)
def test_a_listening_socket_may_come_from_anywhere(
    real: Reactor, open_door: Callable[[], socket.socket]
) -> None:
    async def main(door: socket.socket) -> None:
        with Listener(real, door) as listener:
            for _ in range(3):
                with await listener.accept() as connection:
                    await connection.send_all(await connection.receive())

    door = open_door()
    clients = knock(door, 3)
    run_in(real, main, door)

    assert [read_to_end(client) for client in clients] == [b"0", b"1", b"2"]
    close_all(clients)


def test_a_second_reply_does_not_wait_for_an_acknowledgement(real: Reactor) -> None:
    async def sends_at_once(listener: Listener) -> bool:
        with await listener.accept() as connection:
            with socket.socket(fileno=os.dup(connection.fileno())) as same:
                return bool(same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def main(door: socket.socket) -> None:
        clients = knock(door)
        with Listener(real, door) as listener:
            assert await sends_at_once(listener), "also to who came before the listener was made"
            clients += knock(door)
            assert await sends_at_once(listener)
        close_all(clients)

    run_in(real, main, listen("127.0.0.1", 0))


def test_nor_does_it_where_the_socket_was_not_made_by_listen(real: Reactor) -> None:
    async def main(door: socket.socket) -> bool:
        with Listener(real, door) as listener:
            clients = knock(door)
            with await listener.accept() as connection:
                close_all(clients)
                with socket.socket(fileno=os.dup(connection.fileno())) as same:
                    return bool(same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    assert run_in(real, main, socket.create_server(("127.0.0.1", 0)))


def test_a_client_who_reset_the_connection_before_it_was_accepted_costs_only_itself(
    real: Reactor,
) -> None:
    async def main(door: socket.socket) -> list[bytes | None]:
        heard: list[bytes | None] = []
        with Listener(real, door) as listener:
            while len(heard) < 1 or heard[-1] is None:
                with await listener.accept() as connection:
                    try:
                        heard.append(await connection.receive())
                    except ConnectionResetError:
                        heard.append(None)
        return heard

    door = listen("127.0.0.1", 0)
    for client in knock(door, 5):
        reset(client)
    clients = knock(door)
    heard = run_in(real, main, door)
    close_all(clients)

    assert heard[-1] == b"0"
    assert set(heard[:-1]) <= {None, *(str(number).encode() for number in range(5))}


def test_it_says_where_it_listens(world: World, door: socket.socket) -> None:
    with Listener(world.reactor, door) as listener:
        assert listener.address == door.getsockname()
        with pytest.raises(ValueError, match="has no port; only addresses of TCP have"):
            listener.port  # noqa: B018 - it raises
        assert repr(listener) == f"<Listener at {door.getsockname()!r}>"
        assert listener.fileno() == door.fileno()


def test_when_nobody_comes_nothing_wakes_up(
    world: World, door: socket.socket, turns: Turns
) -> None:
    async def main() -> None:
        with Listener(world.reactor, door) as listener, Scope(86_000):
            await listener.accept()

    world.run(main)

    assert turns.count < 6


def test_many_clients_are_served_at_a_time(real: Reactor) -> None:
    async def serve(connection: Connection) -> None:
        with connection:
            while data := await connection.receive(7):
                await connection.send_all(data)

    async def main(door: socket.socket) -> None:
        with Listener(real, door) as listener:
            async with TaskGroup() as group:
                for _ in range(20):
                    group.spawn(serve, await listener.accept())

    def talk(door: socket.socket) -> list[bytes]:
        clients = knock(door, 20)
        for client in clients:
            client.sendall(b" says hello")
            client.shutdown(socket.SHUT_WR)
        heard = [read_to_end(client) for client in clients]
        close_all(clients)
        return heard

    door = listen("127.0.0.1", 0)
    with InThread(talk, door.dup()) as peer:
        run_in(real, main, door)

    assert peer.result() == [f"{number} says hello".encode() for number in range(20)]
