"""The state that a page rebuilds from events, held against that of reactor.watch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reactor import TaskGroup, checkpoint, move_on_after, run, sleep
from reactor.command.view import as_page
from reactor.net import Connection, stream_pair
from reactor.sync import Event
from reactor.watch import Recorder, Recording, State, read_recording
from tests.browser.page import Page
from tests.browser.parts import in_a_browser
from tests.command import recordings

pytestmark = in_a_browser

STATES = """
    const plain = (state) => ({
      turn: state.turn, time: state.time, running: state.running, place: state.place,
      ready: state.ready, ended: state.ended, timers: [...state.timers],
      tasks: [...state.tasks].map(([number, task]) =>
        [number, task.state, task.parent, task.door, task.place, task.error]),
      sides: Object.fromEntries([...state.sides].flatMap(([fd, sides]) =>
        Object.entries(sides).map(([side, of]) => [`${fd} ${side}`, [of.armed, of.waiter]]))),
    });
    return arguments[0].map((number) => plain(stateAfter(number)));
"""


async def program() -> None:
    left, right = stream_pair()
    with left, right:
        async with TaskGroup() as group:
            group.spawn(echo, right)
            group.spawn(wait_for_nothing)
            for _ in range(3):
                await left.send_all(b"hello")
                await left.receive()
                await sleep(0.001)
            await left.send_end()


async def echo(stream: Connection) -> None:
    while data := await stream.receive():
        await stream.send_all(data)


async def wait_for_nothing() -> None:
    await checkpoint()
    with move_on_after(0.002):
        await Event().wait()
    async with TaskGroup() as group:
        group.spawn(sleep, 60)
        group.cancel()


@pytest.fixture(params=["made up", "recorded"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Recording:
    path = tmp_path / "run.jsonl"
    if request.param == "made up":
        recordings.write(path)
    else:
        run(program, tracer=Recorder(path))
    return read_recording(path)


def test_it_is_the_same_at_every_event_forwards_and_backwards(
    page: Page, recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / "run.html"
    path.write_text(as_page(recording.header, recording.events), encoding="utf-8")
    page.open(path)
    expected = states(recording)
    numbers = list(range(len(expected)))

    assert page.ask(STATES, numbers) == expected
    assert page.ask(STATES, numbers[::-3]) == expected[::-3]


def states(recording: Recording) -> list[dict[str, Any]]:
    """What is known after each event that does not only introduce."""
    state, found = State(), []
    for event in recording.events:
        state.apply(event)
        if event[1] not in ("place", "thing"):
            found.append(plain(state))
    return found


def plain(state: State) -> dict[str, Any]:
    return {
        "turn": state.turn,
        "time": state.time,
        "running": state.running,
        "place": state.place,
        "ready": list(state.ready),
        "ended": state.ended,
        "timers": [list(each) for each in state.timers.items()],
        "tasks": [
            [number, task.state, task.parent, task.door, task.place, task.error]
            for number, task in state.tasks.items()
        ],
        "sides": {f"{fd} {side}": list(state.sides[fd, side]) for fd, side in state.sides},
    }
