"""Every room of the catalog, on every foundation that it stands on, takes the same tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from tests.servers.harness import ROOMS, Room, Server, Start
from tests.servers.nursery import Nursery


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test all rooms, or those of which the facts hold that its mark `rooms` names.

    One that names its rooms itself is left alone.
    """
    named = any("room" in mark.args for mark in metafunc.definition.iter_markers("parametrize"))
    if "room" in metafunc.fixturenames and not named:
        facts = [fact for mark in metafunc.definition.iter_markers("rooms") for fact in mark.args]
        fitting = [room for room in ROOMS if all(getattr(room, fact) for fact in facts)]
        metafunc.parametrize("room", fitting, ids=str, indirect=True)


@pytest.fixture
def room(request: pytest.FixtureRequest) -> Room:
    """A model on a foundation."""
    room = request.param
    assert isinstance(room, Room)
    if room.missing:
        pytest.skip(f"only where there is an {room.missing}")
    return room


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """What servers are forked from, those that nothing stands in front of."""
    with closing(Nursery()) as nursery:
        yield nursery


@pytest.fixture
def start(room: Room, nursery: Nursery) -> Iterator[Start]:
    """Start servers of the room; those that still run when the test is over must stop well.

    One that is started afresh has an interpreter that has read nothing yet, as for a user.
    """
    servers: list[Server] = []

    def start(
        *options: str,
        command: Sequence[str] | None = None,
        under: Sequence[str] = (),
        host: str = "127.0.0.1",
        afresh: bool = False,
    ) -> Server:
        what = room.command("--host", host, *options) if command is None else command
        forked_from = None if under or afresh else nursery
        server = Server([*under, *what], nursery=forked_from, host=host)
        servers.append(server)
        return server

    try:
        yield start
        for server in servers:
            if server.running:
                server.stop()
    finally:
        for server in servers:
            server.kill()


@pytest.fixture
def server(start: Start) -> Server:
    """A server of the room, with the options that it has if none are given."""
    return start()
