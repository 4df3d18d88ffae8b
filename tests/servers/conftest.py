"""Every room of the catalog, on every foundation that it stands on, takes the same tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.servers.harness import ROOMS, Room, Server, Start


@pytest.fixture(params=ROOMS, ids=str)
def room(request: pytest.FixtureRequest) -> Room:
    """A model on a foundation."""
    room = request.param
    assert isinstance(room, Room)
    if room.missing:
        pytest.skip(f"only where there is an {room.missing}")
    return room


@pytest.fixture
def start(room: Room) -> Iterator[Start]:
    """Start servers of the room; those that still run when the test is over must stop well."""
    servers: list[Server] = []

    def start(
        *options: str,
        command: Sequence[str] | None = None,
        under: Sequence[str] = (),
        host: str = "127.0.0.1",
    ) -> Server:
        what = room.command("--host", host, *options) if command is None else command
        server = Server([*under, *what], host=host)
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
