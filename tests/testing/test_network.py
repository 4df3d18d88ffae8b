"""Network: who listens where, who gets in, who is refused, and what is left of the cancelled."""

from __future__ import annotations

import errno

import pytest

from reactor import (
    BusyError,
    ClosedError,
    IdleError,
    TaskGroup,
    move_on_after,
    sleep,
)
from reactor.testing import MemoryStream, Network, World
from tests.tasks.parts import Form, each_form


@each_form
def test_a_client_and_a_listener_come_together(world: World, far_away: Network, form: Form) -> None:
    async def main() -> None:
        with far_away.listen(("host", 80)) as listener:
            client = await form(lambda: far_away.connect(("host", 80)))
            assert world.clock.now == 2.0  # there and back
            server = await form(listener.accept)
            assert (client.peer, server.peer) == (("host", 80), ("client", 1))
            await client.send_all(b"hello")
            assert await server.receive_exactly(5) == b"hello"

    world.run(main)


def test_who_accepts_waits_for_a_client(world: World, far_away: Network) -> None:
    async def main() -> float:
        with far_away.listen("there") as listener:
            async with TaskGroup() as group:
                group.spawn(far_away.connect, "there")
                await listener.accept()
                when = world.clock.now
        return when

    assert world.run(main) == 1.0


def test_clients_are_accepted_in_the_order_in_which_they_came(
    world: World, network: Network
) -> None:
    async def main() -> list[object]:
        with network.listen("there") as listener:
            clients = [await network.connect("there") for _ in range(3)]
            assert len(clients) == 3
            return [(await listener.accept()).peer for _ in clients]

    assert world.run(main) == [("client", 1), ("client", 2), ("client", 3)]


def test_where_nobody_listens_a_client_is_refused(world: World, far_away: Network) -> None:
    async def main() -> float:
        with pytest.raises(ConnectionRefusedError, match="nobody listens at 'there'; li") as caught:
            await far_away.connect("there")
        assert caught.value.errno == errno.ECONNREFUSED
        return world.clock.now

    assert world.run(main) == 2.0


def test_an_address_is_free_again_when_its_listener_is_closed(
    world: World, network: Network
) -> None:
    listener = network.listen("there")
    with pytest.raises(OSError, match="'there' has a listener already; close it first") as caught:
        network.listen("there")
    assert caught.value.errno == errno.EADDRINUSE
    listener.close()
    listener.close()
    with network.listen("there") as other:
        assert repr(other) == "<MemoryListener at 'there'>"
    assert repr(network) == f"<Network in {world!r}>"


# -- the backlog


def test_a_full_backlog_keeps_a_client_waiting(world: World, network: Network) -> None:
    async def main() -> list[float]:
        moments: list[float] = []

        async def connect() -> None:
            await network.connect("there")
            moments.append(world.clock.now)

        with network.listen("there", backlog=2) as listener:
            async with TaskGroup() as group:
                for _ in range(4):
                    group.spawn(connect)
                await sleep(5)
                for _ in range(2):
                    await listener.accept()
                    await sleep(1)
        return moments

    assert world.run(main) == [0.0, 0.0, 5.0, 6.0]


def test_a_client_that_waits_for_room_is_refused_when_the_listener_is_closed(
    world: World, network: Network
) -> None:
    async def main() -> None:
        with network.listen("there", backlog=1) as listener:
            inside = await network.connect("there")
            world.reactor.call_at(3.0, listener.close)
            with pytest.raises(ConnectionRefusedError):
                await network.connect("there")
            assert world.clock.now == 3.0
            with pytest.raises(ConnectionResetError):  # who is in the backlog is reset
                await inside.receive()

    world.run(main)


def test_one_that_is_cancelled_while_it_waits_for_room_leaves_its_place_to_the_next(
    world: World, network: Network
) -> None:
    async def main() -> float:
        with network.listen("there", backlog=1) as listener:
            await network.connect("there")
            async with TaskGroup() as group:
                with move_on_after(1) as scope:
                    await network.connect("there")
                assert scope.cancelled_caught
                task = group.spawn(network.connect, "there")
                await sleep(1)
                await listener.accept()
                await task.join()
        return world.clock.now

    assert world.run(main) == 2.0


def test_a_backlog_without_room_is_refused(network: Network) -> None:
    with pytest.raises(ValueError, match=r"^a backlog of 0 lets nobody in; give 1 or more$"):
        network.listen("there", backlog=0)


# -- cancelled, closed, busy


def test_a_client_that_is_cancelled_on_its_way_is_not_there(
    world: World, far_away: Network
) -> None:
    async def main() -> None:
        with far_away.listen("there") as listener:
            with move_on_after(0.5):
                await far_away.connect("there")
            with move_on_after(9) as scope:
                await listener.accept()
            assert scope.cancelled_caught

    world.run(main)


def test_a_client_that_is_cancelled_on_its_way_back_is_reset(
    world: World, far_away: Network
) -> None:
    async def main() -> None:
        with far_away.listen("there") as listener:
            with move_on_after(1.5):
                await far_away.connect("there")
            server = await listener.accept()
            with pytest.raises(ConnectionResetError):
                await server.receive()
            assert world.clock.now == 2.5

    world.run(main)


def test_who_accepts_while_it_is_closed_hears_so(world: World, network: Network) -> None:
    async def main() -> None:
        listener = network.listen("there")
        world.reactor.call_at(3.0, listener.close)
        for _ in range(2):
            with pytest.raises(ClosedError, match=r"at 'there'> is closed; nobody can be accepted"):
                await listener.accept()
        assert world.clock.now == 3.0

    world.run(main)


def test_a_second_acceptor_is_refused(world: World, network: Network) -> None:
    async def main() -> None:
        with network.listen("there") as listener:
            async with TaskGroup() as group:
                group.spawn(listener.accept)
                await sleep(1)
                with pytest.raises(BusyError, match=r"^<client on <.* at 'there'>> has a task"):
                    await listener.accept()
                group.cancel()

    world.run(main)


def test_an_accepted_client_has_the_idle_limit_that_was_asked_for(
    world: World, network: Network
) -> None:
    async def main() -> float:
        with network.listen("there") as listener:
            await network.connect("there")
            server = await listener.accept(idle_seconds=5)
            with pytest.raises(IdleError):
                await server.receive()
        return world.clock.now

    assert world.run(main) == 5.0


def test_a_limit_that_cannot_be_is_refused_and_the_client_closed(
    world: World, network: Network
) -> None:
    async def main() -> None:
        with network.listen("there") as listener:
            client = await network.connect("there")
            with pytest.raises(ValueError, match="an idle limit of 0 seconds cannot be kept"):
                await listener.accept(idle_seconds=0)
            assert await client.receive() == b""

    world.run(main)


# -- the same again


def test_a_service_under_one_seed_is_the_same_each_time() -> None:
    def play(seed: int) -> list[tuple[float, bytes]]:
        told: list[tuple[float, bytes]] = []

        async def serve(stream: MemoryStream) -> None:
            with stream:
                while data := await stream.receive():
                    told.append((world.clock.now, data))
                    await stream.send_all(data.upper())

        async def ask(network: Network) -> None:
            with await network.connect("there") as stream:
                await stream.send_all(b"a question")
                await stream.receive_exactly(10)

        async def main() -> None:
            network = Network(world, latency=0.5)
            with network.listen("there") as listener:
                async with TaskGroup() as group:
                    for _ in range(3):
                        group.spawn(ask, network)
                    for _ in range(3):
                        group.spawn(serve, await listener.accept())

        with World(seed=seed) as world:
            world.run(main)
        return told

    plays = [play(seed) for seed in range(10)]
    assert plays == [play(seed) for seed in range(10)]
    assert len({tuple(told) for told in plays}) == 10
