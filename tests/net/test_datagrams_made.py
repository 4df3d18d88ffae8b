"""DatagramSocket: where it is bound, to whom it is connected, and what may become one."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

import pytest

from reactor.net import DatagramSocket, Place, bind_udp, connect_udp
from reactor.testing import World
from tests.net.peers import Pair
from tests.net.played_attempts import four, six
from tests.net.test_listen import only_with_ipv6

# -- where they are bound


def test_port_0_takes_a_free_one_each_time(world: World) -> None:
    async def main() -> bool:
        with await bind_udp("127.0.0.1", 0) as one, await bind_udp("127.0.0.1", 0) as two:
            assert one.address == ("127.0.0.1", one.port)
            return one.port != two.port

    assert world.run(main)


@pytest.mark.parametrize("host", [None, ""])
def test_without_a_host_it_receives_from_every_interface_in_either_family(
    world: World, host: str | None
) -> None:
    families = ["127.0.0.1", "::1"] if socket.has_dualstack_ipv6() else ["127.0.0.1"]

    async def main() -> list[bytes]:
        came = []
        with await bind_udp(host, 0) as server:
            for where in families:
                with await connect_udp(where, server.port) as client:
                    await client.send(where.encode())
                    data, sender = await server.receive()
                    await server.send_to(data, sender)
                    came.append((await client.receive())[0])
        return came

    assert world.run(main) == [where.encode() for where in families]


@only_with_ipv6
def test_an_address_of_ipv6_means_ipv6_only(world: World) -> None:
    async def main() -> None:
        with await bind_udp("::", 0) as six, await bind_udp("0.0.0.0", six.port) as four:
            assert four.port == six.port

    world.run(main)


def test_the_first_address_that_works_is_taken(world: World) -> None:
    async def look_up(host: str, port: int) -> Sequence[Place]:
        return [four("192.0.2.77"), Place(socket.AF_INET, ("127.0.0.1", 0))]

    async def main() -> object:
        with await bind_udp("host", 0, resolver=look_up) as sock:
            assert sock.port > 0
        with await connect_udp("host", 0, resolver=look_up) as sock:
            return sock.peer

    assert world.run(main) == ("192.0.2.77", 80), "there is a way, and nobody was asked"


def test_if_none_works_the_error_is_of_the_first_and_names_the_host(world: World) -> None:
    async def look_up(host: str, port: int) -> Sequence[Place]:
        return [four("192.0.2.77"), six("fe80::")]

    async def main() -> None:
        with pytest.raises(OSError, match=r"'host\.example port 80'$") as caught:
            await bind_udp("host.example", 80, resolver=look_up)
        assert caught.value.errno == errno.EADDRNOTAVAIL

    world.run(main)


def test_a_host_without_addresses_is_an_error(world: World) -> None:
    async def look_up(host: str, port: int) -> Sequence[Place]:
        return []

    async def main() -> None:
        for make in (bind_udp, connect_udp):
            with pytest.raises(OSError, match=r"^no address is known of host port 80; give"):
                await make("host", 80, resolver=look_up)

    world.run(main)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_refused(world: World, port: int) -> None:
    async def main() -> None:
        for host in ("127.0.0.1", ""):
            with pytest.raises(ValueError, match=rf"^there is no port {port}; give 0 to 65535$"):
                await bind_udp(host, port)
        with pytest.raises(ValueError, match=rf"^there is no port {port}; give 0 to 65535$"):
            await connect_udp("127.0.0.1", port)

    world.run(main)


# -- taking over


def test_a_socket_of_ones_own_is_emptied(world: World) -> None:
    sock = socket.socket(type=socket.SOCK_DGRAM)
    number = sock.fileno()

    with DatagramSocket(world.reactor, sock) as taken:
        assert taken.fileno() == number
        assert sock.fileno() == -1
        assert not os.get_blocking(number)


def test_a_stream_is_refused_and_stays_its_owners(world: World, pair: Pair) -> None:
    near, _ = pair
    with pytest.raises(ValueError, match=r"is no datagram socket; make a Connection of it$"):
        DatagramSocket(world.reactor, near)

    assert near.fileno() >= 0


def test_one_that_has_an_owner_is_refused(world: World) -> None:
    sock = socket.socket(type=socket.SOCK_DGRAM)
    with DatagramSocket(world.reactor, sock):
        with pytest.raises(ValueError, match="taken over already"):
            DatagramSocket(world.reactor, sock)


def test_it_says_where_it_is_and_to_whom_it_is_connected(world: World) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as server:
            fd, where = server.fileno(), server.address
            assert repr(server) == f"<DatagramSocket fd={fd} at {where!r}>"
            with await connect_udp("127.0.0.1", server.port) as client:
                shown = f"<DatagramSocket fd={client.fileno()} at {client.address!r} peer={where!r}"
                assert repr(client) == f"{shown}>"

    world.run(main)


def test_a_unix_socket_has_no_port(world: World) -> None:
    with DatagramSocket(world.reactor, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock:
        with pytest.raises(ValueError, match="has no port"):
            sock.port  # noqa: B018 - it raises
