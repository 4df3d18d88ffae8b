"""Unix sockets: who connects to a path, and pairs."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactor import IdleError, NotRunningError, Scope, TaskGroup, checkpoint
from reactor.net import Listener, UnixPath, connect_unix, listen_unix, stream_pair
from reactor.testing import World
from tests.net.peers import close_all
from tests.tasks.parts import Form, each_form

only_with_abstract_names = pytest.mark.skipif(
    sys.platform != "linux", reason="only where Unix sockets have abstract names"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "door"


@pytest.fixture
def full(world: World, path: Path) -> Iterator[socket.socket]:
    """A door behind which as many wait as there is room for."""
    with listen_unix(path, backlog=1) as door:
        waiting = []
        while True:
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)
            if waiting[-1].connect_ex(str(path)):
                break
        yield door
        close_all(waiting)


def each_way_to_write(path: Path) -> list[UnixPath]:
    return [path, str(path), os.fsencode(path)]


@each_form
def test_who_listens_at_a_path_can_be_reached_there(world: World, form: Form, path: Path) -> None:
    async def main() -> bytes:
        with Listener(world.reactor, listen_unix(path)) as listener:
            with await form(lambda: connect_unix(path)) as client:
                with await listener.accept() as server:
                    await client.send_all(b"hello")
                    await server.send_all(await server.receive())
                    return await client.receive()

    assert world.run(main) == b"hello"


def test_a_path_may_be_written_as_one_likes(world: World, path: Path) -> None:
    async def main() -> None:
        for written in each_way_to_write(path):
            with Listener(world.reactor, listen_unix(written)) as listener:
                assert listener.address == str(path)
                with await connect_unix(written) as client:
                    assert client.peer == os.fspath(written)

    world.run(main)


@only_with_abstract_names
@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_name_may_be_abstract_and_is_gone_with_its_socket(world: World, as_bytes: bool) -> None:
    name = f"\0reactor-{os.getpid()}"
    written = os.fsencode(name) if as_bytes else name

    async def main() -> None:
        for _ in range(2):
            with Listener(world.reactor, listen_unix(written)) as listener:
                assert listener.address == os.fsencode(name)
                with await connect_unix(written), await listener.accept():
                    pass
        with pytest.raises(ConnectionRefusedError):
            await connect_unix(written)

    world.run(main)


@only_with_abstract_names
def test_an_abstract_name_that_is_taken_is_an_error() -> None:
    name = f"\0reactor-{os.getpid()}"
    with listen_unix(name), pytest.raises(OSError, match="in use") as caught:
        listen_unix(name)

    assert caught.value.errno == errno.EADDRINUSE


def test_the_connection_has_the_idle_limit(world: World, path: Path) -> None:
    async def main() -> None:
        with listen_unix(path), await connect_unix(path, idle_seconds=5) as client:
            with pytest.raises(IdleError):
                await client.receive()

    world.run(main)

    assert world.clock.now == 5


def test_a_path_where_nothing_is_is_an_error_that_names_it(world: World, path: Path) -> None:
    async def main() -> None:
        with pytest.raises(FileNotFoundError) as caught:
            await connect_unix(path)
        assert caught.value.filename == str(path)

    world.run(main)


def test_a_path_where_nobody_listens_any_more_refuses(world: World, path: Path) -> None:
    listen_unix(path).close()

    async def main() -> None:
        with pytest.raises(ConnectionRefusedError) as caught:
            await connect_unix(os.fsencode(path))
        assert caught.value.filename == os.fsencode(path)

    world.run(main)


def test_a_path_that_is_too_long_is_an_error_that_names_it(world: World) -> None:
    long = "/tmp/" + "x" * 200

    async def main() -> None:
        with pytest.raises(OSError, match="AF_UNIX path too long: '/tmp/xx") as caught:
            await connect_unix(long)
        assert caught.value.errno == errno.ENAMETOOLONG

    world.run(main)
    with pytest.raises(OSError, match="'/tmp/xx") as caught:
        listen_unix(long)
    assert caught.value.filename == long


@pytest.mark.parametrize("path", ["", b"/tmp/a\0b", "a\0"])
def test_what_cannot_be_a_path_is_refused(world: World, path: str | bytes) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="is no path for a socket; give one without a NUL"):
            await connect_unix(path)

    world.run(main)
    with pytest.raises(ValueError, match="is no path for a socket; give one without a NUL"):
        listen_unix(path)


# -- where there is no room


def test_who_finds_no_room_waits_until_there_is(
    world: World, full: socket.socket, path: Path
) -> None:
    def make_room() -> None:
        full.accept()[0].close()

    async def main() -> None:
        world.reactor.call_at(1, make_room)
        with await connect_unix(path):
            assert 1 <= world.clock.now <= 1.02

    world.run(main)


def test_inside_a_cancelled_scope_nobody_is_asked(world: World, door: socket.socket) -> None:
    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            await connect_unix(door.getsockname())
        return scope.cancelled_caught

    assert world.run(main)
    door.setblocking(False)
    with pytest.raises(BlockingIOError):
        door.accept()


# -- pairs


def test_a_pair_talks_to_each_other(world: World) -> None:
    async def main() -> list[bytes]:
        near, far = stream_pair()
        with near, far:
            await near.send_all(b"there")
            await far.send_all(b"and back")
            return [await far.receive(), await near.receive()]

    assert world.run(main) == [b"there", b"and back"]


def test_two_tasks_talk_over_a_pair(world: World) -> None:
    async def main() -> bytes:
        near, far = stream_pair()
        async with TaskGroup() as group:
            with near, far:
                task = group.spawn(far.receive_exactly, 3)
                for byte in (b"a", b"b", b"c"):
                    await near.send_all(byte)
                    await checkpoint()
                return await task.join()
        return b""

    assert world.run(main) == b"abc"


def test_outside_of_a_task_there_is_no_pair() -> None:
    with pytest.raises(NotRunningError):
        stream_pair()
