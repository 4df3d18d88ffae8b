"""connect_to and connect_socket: one attempt, on real sockets, and what the system answers."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator

import pytest

from reactor import (
    ClosedError,
    Operation,
    Reactor,
    Scope,
    TaskGroup,
    checkpoint,
    move_on_after,
    wait_writable,
)
from reactor.net import Listener, Place, connect, connect_socket, connect_to, listen
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.peers import DEADLINE, close_all
from tests.net.test_listen import only_with_ipv6
from tests.tasks.parts import Form, each_form


class Answering(socket.socket):
    """Connects as asked, and answers with the first of these numbers that is left instead."""

    def __init__(self, family: int, *numbers: int) -> None:
        super().__init__(family)
        self.numbers = list(numbers)
        self.asked = 0

    def connect_ex(self, address: object) -> int:
        self.asked += 1
        number = super().connect_ex(address)  # type: ignore[arg-type] # as the test gives it
        return self.numbers.pop(0) if self.numbers else number


@pytest.fixture
def silent() -> Iterator[Place]:
    """A place that never answers: its backlog is full, so the system drops who knocks."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        clients = []
        for _ in range(4):
            clients.append(socket.socket())
            clients[-1].setblocking(False)
            clients[-1].connect_ex(door.getsockname())
        yield Place(socket.AF_INET, door.getsockname())
        close_all(clients)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@each_form
@pytest.mark.parametrize(
    "host", ["127.0.0.1", pytest.param("::1", marks=only_with_ipv6), "localhost"]
)
def test_it_connects_and_bytes_go_both_ways(real: Reactor, form: Form, host: str) -> None:
    async def main() -> bytes:
        with Listener(real, listen(host, 0)) as listener:
            client = await form(lambda: connect(host, listener.port))
            with client, await listener.accept() as server:
                await client.send_all(b"hello")
                await server.send_all(await server.receive())
                assert client.peer == listener.address
                return await client.receive()

    assert run_in(real, main) == b"hello"


def test_what_is_sent_does_not_wait_for_an_acknowledgement(real: Reactor) -> None:
    async def main() -> int:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            with await connect("127.0.0.1", listener.port) as client:
                with socket.socket(fileno=os.dup(client.fileno())) as same:
                    return same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert run_in(real, main)


def test_it_connects_from_where_it_is_told_to(real: Reactor) -> None:
    port = free_port()

    async def main() -> object:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            with await connect("127.0.0.1", listener.port, local=("127.0.0.1", port)):
                with await listener.accept() as server:
                    return server.peer

    assert run_in(real, main) == ("127.0.0.1", port)


def test_a_place_that_it_cannot_connect_from_is_an_error_that_says_so(real: Reactor) -> None:
    async def main() -> None:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            with pytest.raises(OSError, match=os.strerror(errno.EADDRNOTAVAIL)) as caught:
                await connect("127.0.0.1", listener.port, local=("192.0.2.77", 0))
            assert caught.value.errno == errno.EADDRNOTAVAIL

    run_in(real, main)


def test_a_port_on_which_nobody_listens_refuses(real: Reactor) -> None:
    port = free_port()

    async def main() -> None:
        with pytest.raises(ConnectionRefusedError, match=rf"'127\.0\.0\.1' port {port}: 127\.0"):
            await connect("127.0.0.1", port)

    run_in(real, main)


def test_a_socket_that_connects_to_itself_is_refused_and_its_port_is_free_again(
    real: Reactor,
) -> None:
    port = free_port()

    async def main() -> None:
        with pytest.raises(ConnectionRefusedError, match="nobody but itself"):
            await connect("127.0.0.1", port, local=("127.0.0.1", port))

    run_in(real, main)
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))  # and does not wait for the end of TIME_WAIT


# -- while it waits


def test_cancelled_while_it_waits_for_an_answer_it_closes_the_socket(
    world: World, silent: Place
) -> None:
    async def main() -> bool:
        with move_on_after(5) as scope:
            await connect_to(silent)
        return scope.cancelled_caught

    assert world.run(main)
    assert world.clock.now == 5


def test_inside_a_cancelled_scope_nobody_is_asked(world: World) -> None:
    with Answering(socket.AF_INET) as sock:

        async def main() -> bool:
            with Scope() as scope:
                scope.cancel()
                await connect_socket(sock, ("127.0.0.1", 9))
            return scope.cancelled_caught

        assert world.run(main)
        assert sock.asked == 0


def test_cancelled_with_a_socket_of_ones_own_that_can_be_closed_at_once(
    world: World, silent: Place
) -> None:
    async def main() -> None:
        with socket.socket() as sock:
            number = sock.fileno()
            with move_on_after(1):
                await connect_socket(sock, silent.address)
        newcomer, other = socket.socketpair()
        with newcomer, other:
            assert newcomer.fileno() == number
            await wait_writable(newcomer)  # as nobody watches its number any more
            world.reactor.forget(newcomer)

    world.run(main)


def test_a_socket_that_is_closed_meanwhile_tells_who_waits(world: World, silent: Place) -> None:
    sock = socket.socket()

    def close() -> None:
        world.reactor.forget(sock)
        sock.close()

    async def main() -> None:
        world.reactor.call_at(1, close)
        with pytest.raises(ClosedError):
            await connect_socket(sock, silent.address)

    world.run(main)


def test_a_loop_that_ends_meanwhile_leaves_no_socket(silent: Place, seed: int | None) -> None:
    with World(seed=seed) as world:
        world.reactor.call_at(1, world.reactor.stop)
        with pytest.raises(Exception, match="was stopped before"):
            world.run(connect_to, silent)


def test_several_wait_at_a_time(world: World, silent: Place) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            for _ in range(3):
                group.spawn(connect_to, silent)
            await checkpoint()
            await checkpoint()
            group.cancel()

    world.run(main)


# -- what the system answers


def test_a_connect_that_a_signal_interrupts_goes_on_by_itself(real: Reactor) -> None:
    async def main() -> None:
        with listen("127.0.0.1", 0) as door, Answering(socket.AF_INET, errno.EINTR) as sock:
            await connect_socket(sock, door.getsockname())
            assert sock.asked == 1
            assert sock.getpeername() == door.getsockname()

    run_in(real, main)


def test_a_unix_peer_that_is_gone_again_is_found_out_by_receiving(
    world: World, door: socket.socket
) -> None:
    """Some systems know no name of it any more; what it has sent is still there."""

    class Nameless(socket.socket):
        def getpeername(self) -> None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    async def main() -> None:
        with Nameless(socket.AF_UNIX) as sock:
            await connect_socket(sock, door.getsockname())

    world.run(main)


def test_a_system_without_free_ports_is_not_asked_again_and_again(real: Reactor) -> None:
    async def main() -> None:
        with listen("127.0.0.1", 0) as door, Answering(socket.AF_INET, errno.EAGAIN) as sock:
            with pytest.raises(BlockingIOError, match=os.strerror(errno.EAGAIN)):
                await connect_socket(sock, door.getsockname())
            assert sock.asked == 1

    run_in(real, main)


def test_a_socket_that_would_block_will_not_any_more(world: World, door: socket.socket) -> None:
    async def main(sock: socket.socket) -> None:
        await connect_socket(sock, door.getsockname())

    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(DEADLINE)
        world.run(main, sock)
        assert sock.gettimeout() == 0


@pytest.mark.parametrize("host", ["localhost", "", "::1"])
def test_a_name_is_refused_for_it_would_hold_the_loop(world: World, host: str) -> None:
    async def main() -> None:
        with socket.socket() as sock:
            with pytest.raises(ValueError, match=rf"^'{host}' is no address of AF_INET; resolve"):
                await connect_socket(sock, (host, 80))

    world.run(main)


@only_with_ipv6
def test_so_is_an_address_with_the_name_of_a_zone(world: World) -> None:
    async def main() -> None:
        with socket.socket(socket.AF_INET6) as sock:
            with pytest.raises(ValueError, match=r"^'fe80::1%lo' is no address of AF_INET6; reso"):
                await connect_socket(sock, ("fe80::1%lo", 80, 0, 0))

    world.run(main)


def test_what_it_returns_is_the_socket_itself(real: Reactor) -> None:
    async def main() -> None:
        with listen("127.0.0.1", 0) as door:
            operation: Operation[socket.socket] = connect_to(
                Place(socket.AF_INET, door.getsockname())
            )
            with await operation as sock:
                assert sock.gettimeout() == 0
                assert sock.getpeername() == door.getsockname()

    run_in(real, main)
