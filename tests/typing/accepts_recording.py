"""What strict mypy infers of recordings: made, read, played back."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import assert_type

from reactor import Runnable, Tracer, run, sleep
from reactor.loop import Enough, tell_when_forked, unwrapped
from reactor.testing import World
from reactor.watch import (
    MOST,
    Album,
    Event,
    Header,
    Recorder,
    Recording,
    RecordingError,
    SideState,
    State,
    Tally,
    TaskState,
    read_recording,
    recorder_asked_for,
)


class FirstTurn(Tracer):
    """Hears of one turn."""

    def turn(self, patience: float | None) -> None:
        raise Enough

    def forked(self) -> None:
        """There is nothing to let go of."""


def record(what: Runnable) -> None:
    recorder = Recorder("run.jsonl", most=MOST)
    tracer: Tracer = recorder
    run(sleep, 1, tracer=Recorder(Path("run.jsonl")))
    with World(tracer=tracer) as world:
        world.run(sleep, 1)
    assert_type(recorder.path, str)
    assert_type(recorder.number_of(what), int | None)
    assert_type(recorder_asked_for(), Tracer)
    tell_when_forked(FirstTurn())
    unwrapped(print)()


def read() -> State:
    state = State()
    try:
        recording = read_recording("run.jsonl")
    except RecordingError:
        return state
    assert_type(recording, Recording)
    header, events, torn = recording
    assert_type(header, Header)
    assert_type(header["program"], list[str])
    assert_type(events, list[Event])
    assert_type(torn, bool)
    for event in events:
        state.apply(event)
    return state


def look(state: State) -> None:
    assert_type(state.ready, deque[int])
    assert_type(state.running, int | None)
    assert_type(state.timers, dict[int, float | None])
    assert_type(state.tasks, dict[int, TaskState])
    assert_type(state.sides, dict[tuple[int, str], SideState])
    assert_type(state.sides[3, "r"].waiter, int | None)
    assert_type(state.tasks[1].door, str | None)


def keep(album: Album) -> list[Tally]:
    album.ask(os.environ)
    return album.close()
