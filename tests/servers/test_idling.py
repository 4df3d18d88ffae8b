"""What rooms do when nothing happens: nothing, or close who was silent for too long."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.servers.clients import MOST, Client
from tests.servers.harness import WHO, Room, Start

pytestmark = pytest.mark.rooms("talks_on")


def test_a_client_who_stays_silent_is_closed_after_the_idle_timeout(start: Start) -> None:
    server = start("--idle-timeout", "0.2")
    with Client(server) as silent:
        silent.see_end()
    with Client(server) as talked:
        talked.ask()
        talked.see_end()
    server.wait_for(rf"{WHO}Idle Timeout$", count=2)


@pytest.mark.once
def test_a_client_who_talks_is_not_idle(start: Start) -> None:
    server = start("--idle-timeout", "1")
    with Client(server) as silent, Client(server) as client:
        while silent.is_told_nothing(0.05):
            client.ask()
        silent.see_end()
        client.ask()
        server.wait_for("Idle Timeout")
    assert len(server.log("Idle Timeout")) == 1


@pytest.mark.once
def test_a_client_who_does_not_take_its_replies_is_idle(room: Room, start: Start) -> None:
    settings = {"send_buffer": 1, "receive_buffer": 1, "idle_timeout": 0.2}
    server = start(command=room.own_listener(**settings))
    with Client(server, is_narrow=True) as client:
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            client.send(bytes(MOST))
        server.wait_for("Idle Timeout")
    with Client(server) as other:
        other.ask()


@pytest.mark.once
@pytest.mark.needs("strace")
def test_an_idle_server_makes_no_system_call(start: Start, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    server = start(under=["strace", "-DDD", "-f", "-ttt", "-o", str(calls), "--"])
    with Client(server) as client:
        client.ask(b"before")
        assert client.is_told_nothing(1.5)
        client.ask(b"after")
    server.stop()

    lines = calls.read_text().splitlines()
    first = next(n for n, line in enumerate(lines) if '"before"' in line)
    second = next(n for n, line in enumerate(lines) if '"after"' in line)
    moments = [float(line.split()[1]) for line in lines[first : second + 1]]
    assert max(b - a for a, b in pairwise(moments)) > 1.1, lines[first:second]
