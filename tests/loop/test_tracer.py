"""Tracers: what they are told, in which order, and that they harm nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import pytest

from reactor import Handle, Runnable, Timer, Tracer
from reactor.loop import Enough
from reactor.poller import READ, WRITE, Mechanism
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, fail_with, nothing

HOOKS = sorted(name for name in vars(Tracer) if not name.startswith("_"))


class Notes(Tracer):
    """Notes what it is told, each with the name of its hook."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def of(self, *hooks: str) -> list[tuple[object, ...]]:
        """Return what was told by hooks."""
        return [told for told in self.told if told[0] in hooks]

    def begin(self, clock: Callable[[], float], poller: Mechanism) -> None:
        self.told.append(("begin", clock(), poller))

    def end(self) -> None:
        self.told.append(("end",))

    def poll(self, events: Sequence[tuple[int, int]]) -> None:
        self.told.append(("poll", [fd for fd, _ in events]))

    def error(self, what: Runnable, error: Exception) -> None:
        self.told.append(("error", what, error))

    def schedule(self, timer: Timer) -> None:
        self.told.append(("schedule", timer, timer.when))

    def cancel(self, timer: Timer) -> None:
        self.told.append(("cancel", timer))

    def watch(self, fd: int, event: int, who: Runnable | None) -> None:
        self.told.append(("watch", fd, event, who))

    def disarm(self, fd: int, event: int) -> None:
        self.told.append(("disarm", fd, event))

    def forget(self, fd: int) -> None:
        self.told.append(("forget", fd))

    def spawn(self, what: Runnable) -> None:
        self.told.append(("spawn", what))

    def throw(self, what: Runnable, error: BaseException) -> None:
        self.told.append(("throw", what, error))

    def turn(self, patience: float | None) -> None:
        self.told.append(("turn", patience))

    def wake(self, what: Runnable) -> None:
        self.told.append(("wake", what))

    def run(self, what: Runnable) -> None:
        self.told.append(("run", what))

    def park(self, what: Runnable, door: object) -> None:
        self.told.append(("park", what, door))

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        self.told.append(("finish", what, error))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def traced(notes: Notes, seed: int | None) -> Iterator[World]:
    with World(tracer=notes, seed=seed) as world:
        yield world


def test_a_tracer_is_told_how_long_a_turn_may_sleep(traced: World, notes: Notes) -> None:
    traced.reactor.call_at(7.5, nothing)
    traced.reactor.turn()
    timer = traced.reactor.call_at(9.0, nothing)
    traced.reactor.call_soon(nothing)
    traced.reactor.turn()
    timer.cancel()
    with contextlib.suppress(Exception):
        traced.reactor.turn()  # finds nothing that could happen

    turns = [patience for kind, patience, *_ in notes.told if kind == "turn"]
    assert turns == [7.5, 0.0, None]


def test_a_tracer_is_told_of_wakes_and_then_of_runs_in_their_order(
    traced: World, notes: Notes, pair: Pair
) -> None:
    near, far = pair
    ran: list[int] = []
    soon = traced.reactor.call_soon(ran.append, 0)
    timers = [traced.reactor.call_at(0.0, ran.append, number) for number in (3, 4)]
    readable = traced.reactor.on_readable(near, ran.append, 1)
    writable = traced.reactor.on_writable(near, ran.append, 2)
    far.send(b"x")

    traced.reactor.turn()

    awake = (soon, readable, writable, *timers)
    assert notes.of("turn", "poll", "wake", "run") == [
        ("wake", soon),
        ("turn", 0.0),
        ("poll", [near.fileno()]),
        *(("wake", what) for what in awake[1:]),
        *(("run", awake[number]) for number in ran),
    ]
    assert sorted(ran) == [0, 1, 2, 3, 4]


def test_a_tracer_hears_before_what_it_is_told_of_is_done(traced: World, notes: Notes) -> None:
    heard: list[object] = []
    handle = traced.reactor.call_soon(lambda: heard.extend(notes.told[-1]))

    traced.reactor.turn()

    assert heard == ["run", handle]


def test_what_tasks_tell_is_passed_on(traced: World, notes: Notes) -> None:
    tracer = traced.reactor.tracer
    assert tracer is not None
    task, error = Runnable(), ValueError("cannot")

    tracer.spawn(task)
    tracer.park(task, "a door")
    tracer.throw(task, error)
    tracer.wake(task)
    tracer.run(task)
    tracer.finish(task, error)

    assert notes.told[-6:] == [
        ("spawn", task),
        ("park", task, "a door"),
        ("throw", task, error),
        ("wake", task),
        ("run", task),
        ("finish", task, error),
    ]


def test_a_tracer_and_debug_go_together(notes: Notes, seed: int | None) -> None:
    with World(tracer=notes, debug=True, seed=seed) as world:
        handle = world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert notes.of("turn", "run") == [("turn", 0.0), ("run", handle)]
    assert handle.origin is not None


def test_without_a_tracer_there_is_nobody_to_tell(world: World) -> None:
    assert world.reactor.tracer is None


def test_a_tracer_needs_only_the_hooks_that_it_wants(pair: Pair, seed: int | None) -> None:
    class RunsOnly(Tracer):
        def __init__(self) -> None:
            self.ran: list[Runnable] = []

        def run(self, what: Runnable) -> None:
            self.ran.append(what)

    near, far = pair
    tracer, heard = RunsOnly(), Heard()
    with World(tracer=tracer, on_error=heard, seed=seed) as world:
        watch = world.reactor.on_readable(near, nothing)
        far.send(b"x")
        world.reactor.turn()
        assert world.reactor.tracer is not None
        world.reactor.tracer.park(watch, "a door")
        world.reactor.tracer.finish(watch, None)

    assert tracer.ran == [watch]
    assert heard.errors == []


# -- beginnings and ends


def test_a_tracer_is_told_of_the_reactor_first_and_of_its_end_last(
    notes: Notes, seed: int | None
) -> None:
    with World(tracer=notes, seed=seed) as world:
        world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert notes.told[0] == ("begin", 0.0, world.poller)
    assert notes.told[-1] == ("end",)


def test_a_tracer_is_told_of_timers_made_and_called_off(traced: World, notes: Notes) -> None:
    timers = [traced.reactor.call_at(7.5, nothing), traced.reactor.call_later(3.0, nothing)]
    timers[0].cancel()
    timers[0].cancel()

    assert notes.of("schedule", "cancel") == [
        ("schedule", timers[0], 7.5),
        ("schedule", timers[1], 3.0),
        ("cancel", timers[0]),
    ]


def test_a_timer_that_was_called_off_is_told_under_debug_too(
    notes: Notes, seed: int | None
) -> None:
    with World(tracer=notes, debug=True, seed=seed) as world:
        timer = world.reactor.call_at(7.5, nothing)
        timer.cancel()

    assert notes.of("cancel") == [("cancel", timer)]
    assert timer.origin is not None


def test_a_timer_that_is_called_off_still_says_what_it_would_have_called(seed: int | None) -> None:
    said: list[str] = []

    class Reading(Tracer):
        def cancel(self, timer: Timer) -> None:
            said.append(repr(timer))

    with World(tracer=Reading(), seed=seed) as world:
        timer = world.reactor.call_at(7.5, nothing)
        before = repr(timer)
        timer.cancel()

    assert said == [before]
    assert before != repr(timer)


def test_a_tracer_that_calls_off_what_is_called_off_is_too_late(seed: int | None) -> None:
    in_time: list[bool] = []

    class Eager(Tracer):
        def cancel(self, timer: Timer) -> None:
            in_time.append(timer.cancel())

    with World(tracer=Eager(), seed=seed) as world:
        assert world.reactor.call_at(7.5, nothing).cancel()

    assert in_time == [False]


def test_a_tracer_is_told_who_watches_which_side_and_until_when(
    traced: World, notes: Notes, pair: Pair
) -> None:
    near, _ = pair
    fd = near.fileno()
    before = len(notes.told)
    reading = traced.reactor.on_readable(near, nothing)
    writing = traced.reactor.on_writable(near, nothing)
    writing.cancel()
    traced.reactor.turn()  # finds the side writable, and nobody who waits
    traced.reactor.forget(near)

    told = [told for told in notes.told[before:] if told[0] in ("watch", "disarm", "forget")]
    assert told == [
        ("watch", fd, READ, reading),
        ("watch", fd, WRITE, writing),
        ("disarm", fd, WRITE),
        ("forget", fd),
    ]


def test_who_leaves_a_side_is_told_nothing_any_more_and_the_tracer_hears_it(
    traced: World, notes: Notes, pair: Pair
) -> None:
    side, who = traced.reactor.reading(pair[0]), Runnable()
    side.park(who)
    side.leave(who)

    assert notes.told[-2:] == [("watch", side.fd, READ, who), ("watch", side.fd, READ, None)]


# -- one that fails


class Failing(Notes):
    """Fails in the hook of that name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        setattr(self, name, self._fail)

    def _fail(self, *args: object) -> None:
        self.told.append(("failed",))
        raise ValueError("the tracer cannot")


@pytest.mark.parametrize("name", HOOKS)
def test_a_tracer_that_fails_is_reported_once_and_told_nothing_more(
    pair: Pair, name: str, seed: int | None
) -> None:
    near, far = pair
    tracer, heard = Failing(name), Heard()
    calls: list[str] = []

    def tell_of_a_task() -> None:
        assert world.reactor.tracer is not None
        world.reactor.tracer.spawn(Runnable())
        world.reactor.tracer.throw(Runnable(), ValueError())
        world.reactor.tracer.park(Runnable(), "a door")
        world.reactor.tracer.finish(Runnable(), None)
        calls.append("told")

    with World(tracer=tracer, on_error=heard, seed=seed) as world:
        world.reactor.call_soon(tell_of_a_task)
        world.reactor.on_readable(near, calls.append, "data")
        world.reactor.call_at(0.0, calls.append, "timer")
        world.reactor.call_at(9.0, nothing).cancel()
        world.reactor.on_writable(near, nothing).cancel()
        far.send(b"x")
        for _ in range(3):
            world.reactor.turn()
        world.reactor.call_soon(fail_with, KeyError("mine"))
        world.reactor.turn()
        world.reactor.forget(near)

    assert sorted(calls) == [*["data"] * 4, "timer", "told"]
    assert sorted(map(str, heard.errors)) == ["'mine'", "the tracer cannot"]
    assert repr(tracer) in heard.names
    assert tracer.told[-1] == ("failed",)


@pytest.mark.parametrize("name", HOOKS)
def test_a_tracer_that_has_heard_enough_is_told_nothing_more_and_nobody_hears_of_it(
    pair: Pair, name: str, seed: int | None
) -> None:
    class Sated(Failing):
        def _fail(self, *args: object) -> None:
            self.told.append(("failed",))
            raise Enough

    near, far = pair
    tracer, heard = Sated(name), Heard()
    with World(tracer=tracer, on_error=heard, seed=seed) as world:
        world.reactor.on_readable(near, nothing)
        world.reactor.on_writable(near, nothing).cancel()
        world.reactor.call_at(0.0, nothing)
        world.reactor.call_at(9.0, nothing).cancel()
        world.reactor.call_soon(fail_with, KeyError("mine"))
        far.send(b"x")
        for _ in range(3):
            world.reactor.turn()
        world.reactor.forget(near)

    assert heard.errors == [heard.errors[0]]
    assert ("failed",) not in tracer.told[:-1]


def test_who_hears_only_when_timers_are_called_off_hears_that(seed: int | None) -> None:
    class CancelsOnly(Tracer):
        def __init__(self) -> None:
            self.cancelled: list[Timer] = []

        def cancel(self, timer: Timer) -> None:
            self.cancelled.append(timer)

    tracer = CancelsOnly()
    with World(tracer=tracer, seed=seed) as world:
        timer = world.reactor.call_at(9.0, nothing)
        timer.cancel()

    assert tracer.cancelled == [timer]


def test_a_reactor_whose_tracer_hears_nothing_has_lists_that_tell_nobody(
    seed: int | None,
) -> None:
    with World(tracer=Tracer(), seed=seed) as world:
        assert type(world.reactor.ready) is list


def test_the_failure_of_a_callback_is_not_the_tracers(notes: Notes, seed: int | None) -> None:
    heard = Heard()
    with World(tracer=notes, on_error=heard, seed=seed) as world:
        handle = world.reactor.call_soon(fail_with, ValueError("cannot"))
        world.reactor.turn()
        later = world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert isinstance(handle, Handle)
    assert [str(error) for error in heard.errors] == ["cannot"]
    assert notes.of("run", "error") == [
        ("run", handle),
        ("error", handle, heard.errors[0]),
        ("run", later),
    ]
