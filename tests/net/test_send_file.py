"""send_file: as much as there is, to a peer at its own pace, with the kernel's help or without."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reactor import (
    BusyError,
    ClosedError,
    IdleError,
    Reactor,
    TaskGroup,
    checkpoint,
    move_on_after,
    run_in,
    sleep,
)
from reactor.net import Connection, Stream
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import InThread, Pair, fill, read_to_end
from tests.net.scripted_stream import ScriptedStream
from tests.tasks.parts import Form, each_form

CONTENT = bytes(range(256)) * 4000  # a megabyte: more than any buffer here


@pytest.fixture
def file() -> Iterator[Path]:
    """A file of CONTENT."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(CONTENT)
        yield path


@pytest.mark.parametrize(
    ("offset", "count", "content"),
    [
        (0, None, CONTENT),
        (1000, None, CONTENT[1000:]),
        (5, 300_000, CONTENT[5:300_005]),
        (0, 0, b""),
        (len(CONTENT) - 3, 100, CONTENT[-3:]),
        (len(CONTENT) + 3, 100, b""),
    ],
)
@each_form
def test_what_was_asked_for_arrives_and_is_counted(
    real: Reactor, tcp: Pair, file: Path, form: Form, offset: int, count: int | None, content: bytes
) -> None:
    near, far = tcp

    async def main() -> int:
        with Connection(real, near) as connection, file.open("rb") as source:
            return await form(lambda: connection.send_file(source, offset, count))

    with InThread(read_to_end, far) as peer:
        sent = run_in(real, main)

    assert peer.result() == content
    assert sent == len(content)


def test_any_stream_can_send_a_file(world: World, file: Path) -> None:
    stream = ScriptedStream()

    async def main() -> int:
        with file.open("rb") as source:
            return await stream.send_file(source, 10, 200_000)

    assert world.run(main) == 200_000
    assert stream.sent == CONTENT[10:200_010]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="only where there is /proc")
def test_a_file_that_the_kernel_does_not_copy_is_read_and_sent(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> int:
        with Connection(world.reactor, near) as connection:
            with open("/proc/self/cmdline", "rb") as source:
                return await connection.send_file(source, 1)

    sent = world.run(main)

    assert read_to_end(far) == Path("/proc/self/cmdline").read_bytes()[1:]
    assert sent > 0


def test_what_cannot_be_read_at_an_offset_is_refused(world: World, pair: Pair) -> None:
    near, far = pair
    reader, writer = os.pipe()

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            with pytest.raises(OSError, match="seek"):
                await connection.send_file(reader)
            await connection.send_all(b"all the same")

    world.run(main)
    os.close(reader)
    os.close(writer)

    assert read_to_end(far) == b"all the same"


def test_a_file_that_is_cut_meanwhile_ends_early_and_one_that_is_removed_does_not(
    world: World, small: Pair, file: Path
) -> None:
    near, far = small
    got = bytearray()

    async def main() -> int:
        with Connection(world.reactor, near) as connection, file.open("r+b") as source:
            async with TaskGroup() as group:
                sending = group.spawn(connection.send_file, source)
                await checkpoint()
                file.unlink()
                await pull(far, got, 20_000)
                os.truncate(source.fileno(), 500_000)  # far behind what is on its way
                await pull(far, got, None, lambda: sending.done)
            return sending.result

    sent = world.run(main)
    far.setblocking(True)
    got += read_to_end(far)

    assert sent == 500_000
    assert bytes(got) == CONTENT[:500_000]


async def pull(
    far: socket.socket, got: bytearray, count: int | None, done: Callable[[], bool] = lambda: False
) -> None:
    """Take what comes until got has count bytes, or something is done."""
    while not done() and (count is None or len(got) < count):
        try:
            got += far.recv(4096)
        except BlockingIOError:
            pass
        await checkpoint()


@pytest.mark.parametrize("make", [ScriptedStream, None], ids=["any stream", "connection"])
def test_a_count_below_nothing_is_refused(
    world: World, pair: Pair, file: Path, make: Callable[[], Stream] | None
) -> None:
    near, _ = pair

    async def main() -> None:
        stream = Connection(world.reactor, near) if make is None else make()
        with stream, file.open("rb") as source:
            with pytest.raises(ValueError, match=r"^-1 bytes of a file cannot be sent; give 0 or"):
                await stream.send_file(source, 0, -1)
            await stream.send_all(b"")  # it is not taken for one that sends

    world.run(main)


def test_one_at_a_time_may_send_and_others_go_on_when_it_is_cancelled(
    world: World, small: Pair, file: Path
) -> None:
    near, far = small

    async def main() -> None:
        with Connection(world.reactor, near) as connection, file.open("rb") as source:
            async with TaskGroup() as group:
                sending = group.spawn(connection.send_file, source)
                for _ in range(3):
                    await checkpoint()
                with pytest.raises(BusyError, match="has a sender that waits for room"):
                    await connection.send_all(b"me too")
                with pytest.raises(BusyError, match="has a sender that waits for room"):
                    await connection.send_file(source)
                group.cancel()
            assert sending.done
            with move_on_after(1) as scope:
                await connection.send_all(bytes(1 << 20))
            assert scope.cancelled_caught  # it waited for room, and was not refused

    world.run(main)
    far.close()


def test_a_connection_that_is_closed_meanwhile_says_so(
    world: World, small: Pair, file: Path
) -> None:
    near, _ = small

    async def main() -> None:
        connection = Connection(world.reactor, near)
        with file.open("rb") as source:
            async with TaskGroup() as group:
                group.spawn(sends, connection, source.fileno())
                for _ in range(3):
                    await checkpoint()
                connection.close()
            with pytest.raises(ClosedError):
                await connection.send_file(source)

    async def sends(connection: Connection, source: int) -> None:
        with pytest.raises(ClosedError):
            await connection.send_file(source)

    world.run(main)


def test_sending_to_a_peer_who_takes_all_lets_others_have_their_turn(
    world: World, pair: Pair, file: Path, turns: Turns
) -> None:
    near, far = pair

    async def main() -> int:
        began = turns.count
        with Connection(world.reactor, near) as connection, file.open("rb") as source:
            for _ in range(40):
                await connection.send_file(source, 0, 1000)
        return turns.count - began

    assert world.run(main) == 1
    assert len(read_to_end(far)) == 40_000


def test_an_idle_limit_counts_from_when_the_sending_begins(
    world: World, small: Pair, file: Path
) -> None:
    near, far = small
    fill(near)

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            await sleep(9)
            with file.open("rb") as source, pytest.raises(IdleError):
                await connection.send_file(source)

    world.run(main)
    far.close()

    assert world.clock.now == 19
