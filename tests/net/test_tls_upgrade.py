"""From plain to secret on one stream: what came in plain never passes for what came through TLS."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reactor import Operation, TaskGroup, TlsError, sleep, wait
from reactor.net import Connection, tls_client, tls_server
from reactor.testing import World
from tests.net.peers import Pair
from tests.net.scripted_stream import ScriptedStream
from tests.net.tls_parts import (
    HOST,
    Over,
    client_context,
    connections,
    server_context,
)
from tests.project.environments import PROJECT


async def serve(plain: Connection) -> list[bytes]:
    """Wait for STARTTLS in plain, then for what comes through TLS."""
    with plain:
        assert await plain.receive_until(b"\r\n") == b"STARTTLS"
        await plain.send_all(b"220 go ahead\r\n")
        with await tls_server(plain, server_context()) as stream:
            return [line async for line in stream.lines()]


def test_a_stream_goes_from_plain_to_secret(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            served = group.spawn(serve, far)
            await near.send_all(b"STARTTLS\r\n")
            assert await near.receive_until(b"\r\n") == b"220 go ahead"
            with await tls_client(near, client_context(), host=HOST) as stream:
                await stream.send_all(b"MAIL FROM:<a@example.org>\r\n")
                await stream.finish()
        return served.result

    assert world.run(main) == [b"MAIL FROM:<a@example.org>"]


def test_a_command_that_was_put_behind_the_upgrade_is_no_command(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def main() -> None:
        async with TaskGroup() as group:
            served = group.spawn(refused, far)
            await near.send_all(b"STARTTLS\r\nRCPT TO:<thief@example.org>\r\n")
            assert await near.receive_until(b"\r\n") == b"220 go ahead"
            with pytest.raises((TlsError, OSError)):
                await tls_client(near, client_context(), host=HOST)
        assert "handshake failed on <Connection" in served.result

    async def refused(plain: Connection) -> str:
        with pytest.raises(TlsError, match="wrong version number; what came is no TLS") as caught:
            await serve(plain)
        return str(caught.value)

    world.run(main)


def test_a_client_in_a_hurry_may_begin_the_handshake_before_it_is_asked_to(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)

    async def hurry() -> None:
        await near.send_all(b"STARTTLS\r\n")
        with await tls_client(Impatient(near), client_context(), host=HOST) as stream:
            await stream.send_all(b"soon\r\n")
            await stream.finish()

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            group.spawn(hurry)
            await sleep(1)  # until all of it is there
            served = group.spawn(serve, far)
        return served.result

    assert world.run(main) == [b"soon"]


class Impatient(Over):
    """Passes over the answer to STARTTLS when it comes."""

    answered = False

    async def _receive(self, limit: int | None) -> bytes:
        if not self.answered:
            self.answered = True
            assert await self.below.receive_until(b"\r\n") == b"220 go ahead"
        return await self.below.receive(limit)

    def receive_more(self, limit: int | None) -> Operation[bytes]:
        return wait(self._receive(limit))


def test_a_server_may_look_at_what_comes_before_it_decides(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def decide() -> list[bytes]:
        assert (await far.peek())[0] == 0x16  # a record of a handshake (RFC 8446, 5.1)
        assert far.held
        with await tls_server(far, server_context()) as stream:
            return [line async for line in stream.lines()]

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            decided = group.spawn(decide)
            with await tls_client(near, client_context(), host=HOST) as stream:
                await stream.send_all(b"hello")
                await stream.finish()
        return decided.result

    assert world.run(main) == [b"hello"]


def test_a_client_refuses_what_came_before_it_has_begun(world: World) -> None:
    stream = ScriptedStream(b"220 go ahead\r\n250 all is well\r\n")

    async def main() -> None:
        assert await stream.receive_until(b"\r\n") == b"220 go ahead"
        with pytest.raises(
            TlsError, match=r"^17 bytes came on <Scripted.* in plain before the han"
        ):
            await tls_client(stream, client_context(), host=HOST)

    world.run(main)

    assert stream.log == ["abort"]
    assert stream.sent == b""


@pytest.mark.once
@pytest.mark.parametrize("unwanted", ["ssl", "asyncio"])
def test_importing_reactor_net_does_not_load(unwanted: str) -> None:
    # -S: what is installed for the tests, such as coverage, loads things of its own.
    program = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import reactor.net\n"
        f"sys.exit({unwanted!r} in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False).returncode == 0
