"""DatagramSocket: datagrams come and go whole, over UDP and Unix sockets."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable

import pytest

from reactor import LimitError
from reactor.net import Address, DatagramSocket, Place, bind_udp, connect_udp
from reactor.testing import World
from tests.net.test_listen import only_with_ipv6
from tests.tasks.parts import Form, each_form

each_host = pytest.mark.parametrize(
    "host", ["127.0.0.1", pytest.param("::1", marks=only_with_ipv6)]
)


def free_port() -> int:
    """Return a port at which nobody receives."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


# -- there and back


@each_form
@each_host
def test_a_datagram_comes_with_its_address_to_which_one_can_answer(
    world: World, form: Form, host: str
) -> None:
    async def main() -> tuple[bytes, Address]:
        with await form(lambda: bind_udp(host, 0)) as server:
            with await form(lambda: connect_udp(host, server.port)) as client:
                await form(lambda: client.send(b"question"))
                data, sender = await form(server.receive)
                assert sender == client.address
                await form(lambda: server.send_to(data + b" and answer", sender))
                answer = await client.receive()
                assert answer[1] == server.address == client.peer
                assert server.peer is None
                return answer

    data, _ = world.run(main)
    assert data == b"question and answer"


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview])
def test_each_datagram_comes_whole_and_by_itself(
    world: World, make: Callable[[bytes], bytes | bytearray | memoryview]
) -> None:
    sent = [b"one", b"", b"three", bytes(60_000)]

    async def main() -> list[bytes]:
        with await bind_udp("127.0.0.1", 0) as server:
            with await connect_udp("127.0.0.1", server.port) as client:
                for data in sent:
                    await client.send(make(data))
                return [(await server.receive())[0] for _ in sent]

    assert world.run(main) == sent


def test_the_longest_datagram_comes_whole_and_a_longer_one_is_refused(world: World) -> None:
    async def main() -> int:
        with await bind_udp("127.0.0.1", 0) as server:
            with await connect_udp("127.0.0.1", server.port) as client:
                with pytest.raises(OSError, match=os.strerror(errno.EMSGSIZE)):
                    await client.send(bytes(65_508))
                await client.send(bytes(65_507))
                return len((await server.receive())[0])

    assert world.run(main) == 65_507


def test_one_that_is_longer_than_the_limit_is_told_and_gone(world: World) -> None:
    async def main() -> bytes:
        with await bind_udp("127.0.0.1", 0) as server:
            with await connect_udp("127.0.0.1", server.port) as client:
                for data in (b"12345", b"1234", b"123456"):
                    await client.send(data)
                text = rf"from \('127.0.0.1', {client.port}\) to <Data.* longer than 4 bytes, and"
                with pytest.raises(LimitError, match=text):
                    await server.receive(4)
                data, _ = await server.receive(4)
                with pytest.raises(LimitError):
                    await server.receive(limit=5)
                return data

    assert world.run(main) == b"1234"


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_brings_nothing_is_refused(world: World, limit: int) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as sock:
            with pytest.raises(ValueError, match=rf"^receive\({limit}\) on <Datagr.* 1 or more$"):
                await sock.receive(limit)

    world.run(main)


def test_datagrams_of_unix_sockets_go_too(world: World) -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def main() -> tuple[bytes, Address]:
        with DatagramSocket(world.reactor, near) as one, DatagramSocket(world.reactor, far) as two:
            await one.send(b"hello")
            return await two.receive()

    assert world.run(main)[0] == b"hello"


def test_a_sender_without_a_name_cannot_be_answered(world: World) -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def main() -> None:
        with DatagramSocket(world.reactor, near) as one, DatagramSocket(world.reactor, far) as two:
            await one.send(b"who am I?")
            _, sender = await two.receive()
            with pytest.raises(
                ValueError, match=r"^<DatagramSocket .* cannot send to None: a send"
            ):
                await two.send_to(b"nobody", sender)

    world.run(main)


# -- what is heard of those that were sent


def test_that_nobody_is_there_comes_out_of_receive_and_the_socket_goes_on(world: World) -> None:
    port = free_port()

    async def main() -> bytes:
        with await connect_udp("127.0.0.1", port) as client:
            await client.send(b"anybody?")
            with pytest.raises(ConnectionRefusedError):
                await client.receive()
            with await bind_udp("127.0.0.1", port) as server:
                await client.send(b"now?")
                await server.send_to(b"yes", client.address)
                return (await client.receive())[0]

    assert world.run(main) == b"yes"


def test_it_comes_out_of_send_too_and_that_one_is_not_sent(world: World) -> None:
    port = free_port()

    async def main() -> bytes:
        with await connect_udp("127.0.0.1", port) as client:
            await client.send(b"first")
            with await bind_udp("127.0.0.1", port) as server:
                with pytest.raises(ConnectionRefusedError):
                    await client.send(b"second")
                await client.send(b"third")
                return (await server.receive())[0]

    assert world.run(main) == b"third"


def test_a_socket_without_a_peer_hears_nothing_of_it(world: World) -> None:
    async def main() -> bytes:
        with await bind_udp("127.0.0.1", 0) as server, await bind_udp("127.0.0.1", 0) as other:
            await server.send_to(b"anybody?", ("127.0.0.1", free_port()))
            await other.send_to(b"hello", server.address)
            return (await server.receive())[0]

    assert world.run(main) == b"hello"


def test_a_socket_without_a_peer_cannot_send_without_an_address(world: World) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as sock:
            with pytest.raises(OSError, match=os.strerror(errno.EDESTADDRREQ)):
                await sock.send(b"to whom?")

    world.run(main)


@pytest.mark.parametrize("host", ["localhost", "", "<broadcast>"])
def test_a_name_is_refused_for_it_would_hold_the_loop(world: World, host: str) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as sock:
            await sock.send_to(b"data", sock.address)
            name = (host, 9)
            for _ in range(2):  # nor is it known from the first time
                with pytest.raises(ValueError, match=rf"^'{host}' is no address of AF_INET; reso"):
                    await sock.send_to(b"data", name)
            for make in (bind_udp, connect_udp):
                with pytest.raises(ValueError, match=rf"^'{host}' is no address of AF_INET; res"):
                    await make("host", 9, resolver=resolver)

    async def resolver(given: str, port: int) -> list[Place]:
        return [Place(socket.AF_INET, (host, port))]

    world.run(main)


# -- a flood


def test_what_there_is_no_room_for_is_dropped_and_what_came_first_is_there(world: World) -> None:
    async def main() -> list[bytes]:
        with await bind_udp("127.0.0.1", 0) as server:
            with await connect_udp("127.0.0.1", server.port) as client:
                for number in range(3000):
                    await client.send(number.to_bytes(2) + bytes(1000))
                return [(await server.receive())[0][:2] for _ in range(10)]

    assert world.run(main) == [number.to_bytes(2) for number in range(10)]
