"""Recorders: what is written down, whatever a program does."""

from __future__ import annotations

import contextvars
import functools
import gc
import os
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest

from reactor import (
    BusyError,
    Reactor,
    Runnable,
    Task,
    TaskGroup,
    Trap,
    breathe,
    checkpoint,
    coroutine,
    move_on_after,
    run,
    sleep,
)
from reactor.loop import Enough
from reactor.poller import INVALID, READ, WRITE, SelectPoller
from reactor.tasks import Steps
from reactor.testing import TracerContract, World
from reactor.watch import Event, Recorder, read_recording


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "run.jsonl")


@pytest.fixture
def recorded(recorder: Recorder) -> Iterator[World]:
    """A world that is recorded, whose callbacks may fail."""
    with World(tracer=recorder, on_error=lambda what, error: None) as world:
        yield world


def events_of(recorder: Recorder, *kinds: str) -> list[Event]:
    """Return what was recorded of those kinds, without the times."""
    return [event[1:] for event in read_recording(recorder.path).events if event[1] in kinds]


def names_of(recorder: Recorder, kind: str = "") -> dict[object, object]:
    """Return the names of what has occurred, by number."""
    things = events_of(recorder, "thing")
    return {number: name for _, number, each, name, _ in things if kind in ("", each)}


def nothing() -> None:
    """Do nothing."""


class TestRecorder(TracerContract):
    @pytest.fixture(autouse=True)
    def _in(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self) -> Recorder:
        return Recorder(self.folder / "run.jsonl")


# -- what is in it


def test_a_header_tells_of_what_it_is_a_recording(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.jsonl")
    with Reactor(SelectPoller(), tracer=recorder):
        pass

    header = read_recording(recorder.path).header
    assert header["poller"] == "SelectPoller"
    assert header["pid"] == os.getpid()
    assert header["thread"] == threading.current_thread().name


def test_what_happens_is_recorded_in_its_order(recorded: World, recorder: Recorder) -> None:
    async def main() -> None:
        with move_on_after(3):
            await sleep(5)
        await checkpoint()

    recorded.run(main)
    recorded.close()

    told = [event[1:] for event in read_recording(recorder.path).events]
    quiet = [event for event in told if event[0] not in ("place", "thing")]
    fd = quiet[0][1]
    assert [event[:-1] if event[0] in ("run", "park") else event for event in quiet] == [
        ["watch", fd, "r", 1],
        ["spawn", 2, None],
        ["wake", 2],
        ["turn", 0],
        ["poll", []],
        ["run", 2],
        ["schedule", 3, 3_000_000],
        ["schedule", 4, 5_000_000],
        ["park", 2, "<Sleep 5 s>"],
        ["turn", 3_000_000],
        ["poll", []],
        ["wake", 3],
        ["run", 3],
        ["cancel", 4],
        ["wake", 2],
        ["throw", 2, "Cancelled"],
        ["turn", 0],
        ["poll", []],
        ["run", 2],
        ["wake", 2],
        ["park", 2, "<Checkpoint>"],
        ["turn", 0],
        ["poll", []],
        ["run", 2],
        ["finish", 2, None],
        ["end"],
    ]


def test_a_timer_that_runs_a_task_is_followed_by_that_task(
    recorded: World, recorder: Recorder
) -> None:
    recorded.run(sleep, 1)
    recorded.close()

    assert [event[1] for event in events_of(recorder, "run")] == [2, 3, 2]
    assert names_of(recorder, "timer") == {3: "Sleep"}


def test_a_sleep_that_was_called_off_runs_no_task(recorded: World, recorder: Recorder) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(sleep, 1)
            await sleep(1)  # it is due first, and calls off the other when that is queued already
            group.cancel()

    recorded.run(main)
    recorded.close()

    runs = [event[1] for event in events_of(recorder, "run")]
    assert runs == [2, 3, 4, 2, 5, 3, 2]


def test_descriptors_are_recorded_with_their_sides(recorded: World, recorder: Recorder) -> None:
    near, far = socket.socketpair()
    with near, far:
        fd = near.fileno()
        recorded.reactor.on_readable(near, near.recv, 1)
        recorded.reactor.on_writable(near, nothing).cancel()
        far.send(b"x")
        recorded.reactor.turn()
        recorded.reactor.forget(near)
    recorded.close()

    assert events_of(recorder, "watch", "poll", "disarm", "forget")[1:] == [
        ["watch", fd, "r", 2],
        ["watch", fd, "w", 3],
        ["poll", [[fd, "rw"]]],
        ["disarm", fd, "w"],
        ["forget", fd],
    ]
    assert names_of(recorder, "watch")[2] == "socket.recv"


def test_a_descriptor_that_was_closed_without_a_word_is_ready_for_everything(
    recorder: Recorder,
) -> None:
    near, far = socket.socketpair()
    with (
        far,
        Reactor(SelectPoller(), tracer=recorder, on_error=lambda what, error: None) as reactor,
    ):
        fd = near.fileno()
        reactor.on_readable(near, nothing)
        near.close()
        reactor.turn()

    assert [[fd, "rw"]] in [event[1] for event in events_of(recorder, "poll")]


def test_a_mask_that_has_no_side_is_both(recorder: Recorder) -> None:
    class Plain(SelectPoller):
        readable, writable = READ, WRITE

    recorder.begin(lambda: 0.0, Plain())
    recorder.poll([(5, INVALID), (6, WRITE), (7, READ)])
    recorder.end()

    assert events_of(recorder, "poll") == [["poll", [[5, "rw"], [6, "w"], [7, "r"]]]]


def test_errors_are_recorded(recorded: World, recorder: Recorder) -> None:
    def fail(error: Exception) -> None:
        raise error

    recorded.reactor.call_soon(fail, ValueError("no"))
    recorded.reactor.call_soon(fail, KeyError())
    recorded.reactor.turn()
    recorded.close()

    assert [event[2] for event in events_of(recorder, "error")] == ["ValueError: no", "KeyError"]


def test_what_is_never_due_is_due_at_null(recorded: World, recorder: Recorder) -> None:
    for when in (inf, 1e300, -inf, 2.5):
        recorded.reactor.call_at(when, nothing)
    recorded.close()

    assert [event[2] for event in events_of(recorder, "schedule")] == [None, None, 0, 2_500_000]


def test_a_turn_that_sleeps_without_an_end_has_no_patience(
    recorded: World, recorder: Recorder
) -> None:
    recorded.reactor.call_soon(recorded.reactor.stop)
    recorded.reactor.run()
    near, far = socket.socketpair()
    with near, far:
        recorded.reactor.on_writable(far, nothing)
        recorded.reactor.turn()
        recorded.reactor.forget(far)
    recorded.close()

    assert [event[1] for event in events_of(recorder, "turn")] == [0, None]


@pytest.mark.parametrize("patience", [1e10, 1e305])
def test_a_sleep_that_outlasts_all_recordings_has_no_patience(
    recorded: World, recorder: Recorder, patience: float
) -> None:
    recorder.turn(patience)
    recorded.close()

    assert [event[1] for event in events_of(recorder, "turn")] == [None]


# -- names


class Caller:
    """Has methods to be called."""

    def method(self) -> None:
        pass

    def __call__(self) -> None:
        pass

    def __repr__(self) -> str:
        return "<a caller>"


class Own(Runnable):
    """What a program queues by itself."""

    def __init__(self) -> None:
        self.ran = False

    def run(self) -> None:
        pass


@pytest.mark.parametrize(
    ("fn", "name"),
    [
        (nothing, "nothing"),
        (functools.partial(functools.partial(nothing)), "nothing"),
        (Caller().method, "Caller.method"),
        (Caller(), "<a caller>"),
        (os.getpid, "getpid"),
    ],
)
def test_a_callback_has_the_name_of_what_it_calls(
    recorded: World, recorder: Recorder, fn: Callable[[], object], name: str
) -> None:
    recorded.reactor.call_soon(fn)
    recorded.reactor.call_soon(fn, context=contextvars.copy_context())
    recorded.close()

    assert list(names_of(recorder, "callback").values()) == [name, name]


def test_what_was_called_off_before_it_occurred_has_no_name_left(
    recorded: World, recorder: Recorder
) -> None:
    recorded.reactor.call_threadsafe(nothing).cancel()
    recorded.reactor.turn()
    recorded.close()

    assert names_of(recorder, "callback") == {2: "cancelled"}


def test_a_runnable_has_the_name_of_its_class_and_begins_where_that_was_written(
    recorded: World, recorder: Recorder
) -> None:
    recorded.reactor.ready.append(Own())
    recorded.close()

    (thing,) = [each for each in events_of(recorder, "thing") if each[3] == "Own"]
    (place,) = [each for each in events_of(recorder, "place") if each[1] == thing[4]]
    assert place[2:] == ["Own.run", __file__, place[4], "def run(self) -> None:"]


def test_a_runnable_of_this_framework_begins_nowhere(recorded: World, recorder: Recorder) -> None:
    recorded.reactor.ready.append(Runnable())
    recorded.close()

    assert [each[4] for each in events_of(recorder, "thing") if each[3] == "Runnable"] == [None]


class Unspeakable:
    """Fails whoever asks for its name or its text."""

    def __repr__(self) -> str:
        raise ValueError("it has no text")

    def __call__(self) -> None:
        pass


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise ValueError("it has no text")


class Silent(Trap[None]):
    """A door that wakes whoever comes, and has no text."""

    def park(self, task: Task[Any]) -> None:
        task.reactor.ready.append(task)

    def abort(self, task: Task[Any]) -> bool:
        return False

    def __repr__(self) -> str:
        raise ValueError("it has no text")


def test_what_has_no_text_is_named_by_its_class(recorded: World, recorder: Recorder) -> None:
    async def main() -> None:
        await Silent()
        raise UnspeakableError

    recorded.reactor.call_soon(Unspeakable())
    with pytest.raises(UnspeakableError):
        recorded.run(main)
    recorded.close()

    assert names_of(recorder)[2] == "<Handle, whose name fails>"
    assert [event[2] for event in events_of(recorder, "park")] == ["<Silent, whose name fails>"]
    assert [event[2] for event in events_of(recorder, "finish")] == [
        "UnspeakableError: which cannot be said"
    ]


def test_a_name_that_is_no_text_is_none(recorded: World, recorder: Recorder) -> None:
    class Odd(Trap[None]):
        def __init__(self) -> None:
            setattr(self, "__qualname__", 7)  # noqa: B010 - as whoever makes operations may do it

        def park(self, task: Task[Any]) -> None:
            task.wake()

    recorded.run(Odd)
    recorded.close()

    assert names_of(recorder, "task") == {2: "<Task, whose name fails>"}


def test_texts_may_have_any_letters_and_are_not_long(recorded: World, recorder: Recorder) -> None:
    def fail(text: str) -> None:
        raise ValueError(text)

    for text in ('“ü”\n\0"', "\ud800", "x" * 1000):
        recorded.reactor.call_soon(fail, text)
    recorded.reactor.turn()
    recorded.close()

    assert [event[2] for event in events_of(recorder, "error")] == [
        'ValueError: “ü”\n\0"',
        "ValueError: \ud800",
        "ValueError: " + "x" * 188 + "…",
    ]


# -- places


def test_a_task_stands_where_it_waits_outside_of_the_framework(
    recorded: World, recorder: Recorder
) -> None:
    async def inner() -> None:
        await sleep(1)  # here

    @coroutine
    def outer() -> Steps[None]:
        yield from sleep(1)  # there

    async def main() -> None:
        await inner()
        await outer()

    recorded.run(main)
    recorded.close()

    texts = {number: text for _, number, *_, text in events_of(recorder, "place")}
    parks = [texts[event[3]] for event in events_of(recorder, "park")]
    runs = [event[2] for event in events_of(recorder, "run")]
    assert parks == ["await sleep(1)  # here", "yield from sleep(1)  # there"]
    assert runs[1] is None
    assert runs[3] is None
    assert [texts[place] for place in runs[::2]] == ["async def main() -> None:", *parks]


def test_a_task_that_goes_on_without_parking_stands_where_it_is(
    recorded: World, recorder: Recorder
) -> None:
    async def main() -> None:
        await checkpoint()
        for _ in range(32):
            await breathe()  # here

    recorded.run(main)
    recorded.close()

    texts = {number: text for _, number, *_, text in events_of(recorder, "place")}
    runs = [texts[event[2]] for event in events_of(recorder, "run")]
    assert runs[1:] == ["await checkpoint()", "await breathe()  # here"]


def test_a_task_that_has_ended_stands_nowhere(recorded: World, recorder: Recorder) -> None:
    tasks: list[Task[None]] = []

    async def main() -> None:
        async with TaskGroup() as group:
            tasks.append(group.spawn(sleep, 0))

    recorded.run(main)
    recorder.run(tasks[0])  # as if a group had been broken off that had it queued
    recorded.close()

    assert events_of(recorder, "run")[-1] == ["run", recorder.number_of(tasks[0]), None]


def test_a_source_that_is_not_there_has_no_text(recorded: World, recorder: Recorder) -> None:
    names: dict[str, Any] = {"sleep": sleep}
    exec("async def main():\n    await sleep(1)\n", names)

    recorded.run(names["main"])
    recorded.close()

    places = [place[2:] for place in events_of(recorder, "place")[1:]]
    assert places == [["main", "<string>", 1, ""], ["main", "<string>", 2, ""]]


def test_a_source_that_is_a_pipe_is_not_waited_for(
    recorded: World, recorder: Recorder, tmp_path: Path
) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    names: dict[str, Any] = {}
    exec(compile("def call(): pass", pipe, "exec"), names)
    recorded.reactor.call_soon(names["call"])
    recorded.close()

    assert ["place", 2, "call", pipe, 1, ""] in events_of(recorder, "place")


def test_a_task_that_stands_in_an_async_generator_stands_in_that(
    recorded: World, recorder: Recorder
) -> None:
    async def numbers() -> Any:
        await sleep(1)  # here
        yield 1

    async def main() -> None:
        async for _ in numbers():
            pass

    recorded.run(main)
    recorded.close()

    texts = {number: text for _, number, *_, text in events_of(recorder, "place")}
    assert [texts[event[3]] for event in events_of(recorder, "park")] == ["await sleep(1)  # here"]


# -- numbers


def test_each_thing_has_a_number_of_its_own_though_its_memory_is_used_again(
    recorded: World, recorder: Recorder
) -> None:
    ids = set()
    for _ in range(50):
        ids.add(id(recorded.reactor.call_soon(nothing)))
        recorded.reactor.turn()
    recorded.close()

    assert len(ids) < 50, "memory is used again, or this shows nothing"
    assert len(names_of(recorder, "callback")) == 50
    woken = [event[1] for event in events_of(recorder, "wake")]
    assert len(woken) == len(set(woken))


def test_nothing_is_kept_alive(recorded: World, recorder: Recorder) -> None:
    held = Own()
    called = Caller()
    gone = weakref.ref(held), weakref.ref(called)
    recorded.reactor.ready.append(held)
    recorded.reactor.call_soon(called.method)
    recorded.reactor.turn()
    del held, called
    gc.collect()

    assert [each() for each in gone] == [None, None]


def test_a_thing_can_be_asked_for_its_number(recorded: World, recorder: Recorder) -> None:
    own = Own()
    assert recorder.number_of(own) is None
    recorded.reactor.ready.append(own)

    assert recorder.number_of(own) == 2


def test_what_has_the_memory_of_another_has_not_its_number(
    recorded: World, recorder: Recorder
) -> None:
    many = [Own() for _ in range(100)]
    places = set(map(id, many))
    for each in many:
        recorded.reactor.ready.append(each)
    recorded.reactor.turn()
    del many, each
    others = [Own() for _ in range(400)]

    assert places & set(map(id, others)), "memory is used again, or this shows nothing"
    assert {recorder.number_of(other) for other in others} == {None}


# -- how much


@pytest.mark.parametrize("most", [1, 2, 1_000, 1_001, 2_500])
def test_a_recording_ends_when_it_is_full(tmp_path: Path, most: int) -> None:
    recorder = Recorder(tmp_path / "run.jsonl", most=most)
    with World(tracer=recorder) as world:
        for _ in range(3_000):
            world.reactor.call_soon(nothing)
        world.reactor.turn()
        size = os.path.getsize(recorder.path)
        world.reactor.call_soon(nothing)
        world.reactor.turn()

    events = read_recording(recorder.path).events
    assert len(events) == most + 1
    assert events[-1][1:] == ["cut", most]
    assert os.path.getsize(recorder.path) == size


@pytest.mark.parametrize(("most", "last"), [(4, ["end"]), (3, ["cut", 3])])
def test_one_that_is_just_full_is_whole(tmp_path: Path, most: int, last: list[object]) -> None:
    recorder = Recorder(tmp_path / "run.jsonl", most=most)
    World(tracer=recorder).close()

    events = read_recording(recorder.path).events
    assert [event[1] for event in events[:3]] == ["place", "thing", "watch"]
    assert events[3][1:] == last


@pytest.mark.parametrize("most", [1, 3, 1_000, 1_500])
def test_a_recorder_has_enough_with_the_first_event_that_is_too_many(
    tmp_path: Path, most: int
) -> None:
    recorder = Recorder(tmp_path / "run.jsonl", most=most)
    recorder.begin(lambda: 0.0, SelectPoller())
    for _ in range(most - 1):
        recorder.turn(0.0)
    recorder.turn(None)
    whole = read_recording(recorder.path).events
    with pytest.raises(Enough):
        recorder.turn(0.0)

    assert len(whole) == most
    assert read_recording(recorder.path).events == [*whole, [0, "cut", most]]


def test_a_recorder_that_has_not_written_yet_has_enough_too(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.jsonl", most=2)
    recorder.begin(lambda: 0.0, SelectPoller())
    recorder.turn(0.0)
    recorder.turn(0.0)

    with pytest.raises(Enough):
        recorder.turn(0.0)


@pytest.mark.parametrize("most", [0, -1])
def test_a_recording_of_nothing_is_refused(tmp_path: Path, most: int) -> None:
    with pytest.raises(ValueError, match=f"most={most} events are no recording"):
        Recorder(tmp_path / "run.jsonl", most=most)


# -- where to


def test_what_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="cannot record there; name a file that can be"):
        Recorder(tmp_path / "nowhere" / "run.jsonl")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="cannot record there"):
        Recorder(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="Invalid argument: cannot record there"):
            Recorder(tmp_path / "pipe")
    finally:
        os.close(reader)


def test_the_next_reactor_has_a_file_of_its_own(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.jsonl")
    paths = []
    for _ in range(3):
        run(sleep, 0, tracer=recorder)
        paths.append(os.path.basename(recorder.path))

    assert paths == ["run.jsonl", "run.2.jsonl", "run.3.jsonl"]
    for path in paths:
        assert read_recording(tmp_path / path).events[-1][1] == "end"


def test_a_second_reactor_at_the_same_time_is_refused_and_the_first_goes_on(
    tmp_path: Path,
) -> None:
    recorder = Recorder(tmp_path / "run.jsonl")
    errors: list[Exception] = []
    with World(tracer=recorder) as world:
        with World(tracer=recorder, on_error=lambda what, error: errors.append(error)) as other:
            other.run(sleep, 1)
        world.run(sleep, 1)

    (error,) = errors
    assert isinstance(error, BusyError)
    assert "is told by a reactor already; give each one of its own" in str(error)
    assert len(events_of(recorder, "finish")) == 1
    assert os.listdir(tmp_path) == ["run.jsonl"]


def test_what_is_told_is_written_before_the_loop_sleeps(
    recorded: World, recorder: Recorder
) -> None:
    recorded.reactor.call_later(5, nothing)
    recorded.reactor.turn()

    kinds = [event[1] for event in read_recording(recorder.path).events]
    assert kinds[-1] == "turn"


def test_two_threads_have_a_recorder_each(tmp_path: Path) -> None:
    def work(recorder: Recorder, name: str) -> None:
        async def main() -> None:
            for _ in range(200):
                await checkpoint()

        main.__qualname__ = name
        run(main, tracer=recorder)

    recorders = {name: Recorder(tmp_path / f"{name}.jsonl") for name in ("one", "two")}
    threads = [
        threading.Thread(target=work, args=(recorder, name), name=name)
        for name, recorder in recorders.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for name, recorder in recorders.items():
        recording = read_recording(recorder.path)
        assert recording.header["thread"] == name
        assert len(events_of(recorder, "park")) == 200
        assert recording.events[-1][1] == "end"
