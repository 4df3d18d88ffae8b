"""The ten laws, each shown once through what anybody can see.

Law of this file: a test here is the shortest story in which its law could be broken. The depth is
in the tests of each floor.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import pytest

from reactor import (
    Cancelled,
    ClosedError,
    DeadlockError,
    Scope,
    Steps,
    Task,
    TaskGroup,
    Trap,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    run,
    sleep,
    timeout,
    wait,
    wait_readable,
)
from reactor.poller import default_poller
from reactor.tasks import run_in
from reactor.testing import VirtualClock, VirtualPoller, World
from tests.tasks.stories import Asked, CtrlC, Named, Story

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    with World(seed=seed) as made:
        yield made


@pytest.fixture
def pair() -> Iterator[Pair]:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


@pytest.mark.in_order("what the steps of a turn queue, the fourth runs in that order")
def test_law_1_one_turn_is_four_named_steps(pair: Pair) -> None:
    near, far = pair
    story = Story()

    with World(tracer=story) as world:
        reactor = world.reactor
        meanwhile = Named("meanwhile")
        reactor.ready.append(Named("ready", lambda: reactor.ready.append(meanwhile)))
        reactor.reading(near).park(Named("watcher"))
        timer = reactor.call_at(0.0, bool)
        far.send(b"x")

        reactor.turn()
        first, story.lines = story.lines, []
        reactor.turn()

    assert first == [
        "wake ready",  # queued before
        "turn 0.0",  # wait: not at all, since something is ready
        "wake watcher",
        f"wake {timer!r}",  # expire
        *("run ready", "wake meanwhile", "run watcher", f"run {timer!r}"),
    ]
    assert story.lines == ["turn 0.0", "run meanwhile"]


def test_law_2_the_poller_is_the_only_thing_that_sleeps() -> None:
    clock = VirtualClock()

    async def hour() -> None:
        for _ in range(60):
            with move_on_after(60):
                await sleep(inf)

    run(hour, poller=VirtualPoller(clock, default_poller()), clock=clock)

    assert clock.now == 3600.0
    with pytest.raises(DeadlockError):
        run(sleep, inf, poller=VirtualPoller(clock, default_poller()), clock=clock)


@pytest.mark.in_order("first come, first run")
def test_law_3_the_ready_queue_holds_one_kind_of_thing_in_order_of_arrival() -> None:
    def play() -> list[str]:
        story = Story()

        async def main() -> None:
            reactor = current_task().reactor
            async with TaskGroup() as group:
                reactor.ready.append(Named("first"))
                for _ in range(5):
                    group.spawn(checkpoint)
                reactor.ready.append(Named("last"))

        with World(tracer=story) as world:
            world.run(main)
        return [line for line in story.lines if line.startswith("run")]

    lines = play()

    assert [line for line in lines if not line.startswith("run <Task")] == ["run first", "run last"]
    assert lines.index("run first") == 1
    assert lines.index("run last") == 7  # behind the five tasks, which put themselves there
    assert play() == lines  # the same inputs make the same run


class Bell(Trap[str]):
    """A primitive of one's own: whoever waits hears the next ring."""

    def __init__(self) -> None:
        self._parked: dict[Task[Any], None] = {}

    def ring(self, sound: str) -> None:
        parked, self._parked = self._parked, {}
        for task in parked:
            task.wake(sound)

    def park(self, task: Task[Any]) -> None:
        self._parked[task] = None

    def abort(self, task: Task[Any]) -> bool:
        return self._parked.pop(task, self) is None


def test_law_4_a_trap_is_the_only_door_between_tasks_and_the_loop(world: World) -> None:
    bell = Bell()

    @coroutine
    def generator() -> Steps[str]:
        return (yield from bell)

    async def async_def() -> str:
        return await bell

    @coroutine
    def by_the_window() -> Steps[None]:
        yield 5  # type: ignore[misc]  # mypy refuses it too

    async def main() -> tuple[str, str]:
        async with TaskGroup() as group:
            one, other = group.spawn(generator), group.spawn(async_def)
            with move_on_after(1):
                await bell
            bell.ring("ding")
        with pytest.raises(TypeError, match="yielded 5, which is no trap"):
            await by_the_window()
        return one.result, other.result

    assert world.run(main) == ("ding", "ding")


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_law_5_there_is_one_answer_per_park_and_nothing_is_lost(world: World, pair: Pair) -> None:
    near, far = pair
    seen: list[bytes] = []

    async def main() -> None:
        scope = Scope()

        def earlier_in_the_turn() -> None:
            seen.append(near.recv(100, socket.MSG_PEEK))  # ready, yet nothing was taken
            scope.cancel()

        far.send(b"bytes")
        current_task().reactor.call_soon(earlier_in_the_turn)
        with scope:
            await wait_readable(near)
            seen.append(near.recv(100))  # the answer came, although the scope is cancelled
            await checkpoint()
            seen.append(b"not reached")

    world.run(main)

    assert seen == [b"bytes", b"bytes"]


def test_law_6_cancellation_is_level_triggered(seed: int | None) -> None:
    story, log = Story(), list[str]()

    async def child() -> None:
        log.append("begins, as every task does")
        for _ in range(3):
            with pytest.raises(Cancelled):
                await sleep(inf)
        with Scope(shield=True):
            await sleep(5)
        log.append(f"shielded until {current_task().reactor.now():g}")
        await checkpoint()
        log.append("not reached")

    async def main() -> None:
        async with TaskGroup() as group:
            group.cancel()
            group.spawn(child)
        await sleep(1)

    with World(tracer=story, seed=seed) as world:
        world.run(main)

    assert log == ["begins, as every task does", "shielded until 5"]
    assert [line for line in story.lines if line.startswith("turn")] == [
        *("turn 0.0", "turn 0.0", "turn 5.0", "turn 0.0", "turn 1.0")
    ]


def test_law_7_no_task_is_an_orphan_and_no_failure_is_lost(seed: int | None) -> None:
    reported: list[Exception] = []
    log: list[str] = []

    async def fail(error: Exception) -> None:
        raise error

    async def clean_up() -> None:
        try:
            await sleep(inf)
        finally:
            log.append("cleaned up")
            raise ValueError("with nobody left to hear it")

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as info:
            async with TaskGroup() as group:
                group.spawn(fail, ValueError("one"))
        assert str(info.value.exceptions[0]) == "one"
        async with TaskGroup() as group:
            group.spawn(clean_up)

    with World(on_error=lambda what, error: reported.append(error), seed=seed) as world:
        with pytest.raises(DeadlockError):
            world.run(main)

    assert log == ["cleaned up"]
    assert [str(error) for error in reported] == ["with nobody left to hear it"]


def test_law_7_the_first_ctrl_c_cancels_and_the_second_interrupts() -> None:
    log: list[str] = []

    async def main() -> None:
        with pytest.raises(Cancelled):
            await ctrl_c.press()
        log.append("cancelled")
        with Scope(shield=True):
            await ctrl_c.press()
        log.append("not reached")

    with CtrlC() as ctrl_c, pytest.raises(KeyboardInterrupt):
        run(main)

    assert log == ["cancelled"]


def test_law_8_interest_is_sticky_and_waiting_is_one_shot(pair: Pair, seed: int | None) -> None:
    near, far = pair
    poller = Asked()

    async def main() -> None:
        reactor = current_task().reactor
        for _ in range(10):
            far.send(b"x")
            await wait_readable(near)
            near.recv(1)
        assert poller.calls == ["add"]

        far.send(b"nobody waits for this")
        await sleep(1)
        assert poller.calls == ["add", "drop"]

        near.recv(100)
        reactor.call_soon(reactor.forget, near)
        with pytest.raises(ClosedError):
            await wait_readable(near)
        assert poller.calls == ["add", "drop", "add", "drop"]

    with World(poller, seed=seed) as world:
        poller.calls.clear()  # the reactor watches its own waker
        world.run(main)


def test_law_9_generator_coroutines_are_first_class(world: World) -> None:
    @coroutine
    def generator(depth: int) -> Steps[int]:
        yield from sleep(1)
        return depth if depth == 0 else 1 + (yield from wait(async_def(depth - 1)))

    async def async_def(depth: int) -> int:
        await sleep(1)
        return depth if depth == 0 else 1 + await generator(depth - 1)

    calls: list[float] = []
    world.reactor.call_later(2.5, lambda: calls.append(world.clock.now))

    async def main() -> list[int]:
        async with TaskGroup() as group:
            tasks = [group.spawn(generator, 4), group.spawn(async_def, 4)]
        return [task.result for task in tasks]

    assert world.run(main) == [4, 4]
    assert (calls, world.clock.now) == ([2.5], 5.0)


def enter_twice() -> None:
    with Scope() as scope, scope:
        pass


BAD_INPUT: dict[str, tuple[Callable[[], object], str]] = {
    "a nap of NaN": (lambda: sleep(float("nan")), "NaN seconds"),
    "a deadline of NaN": (lambda: timeout(float("nan")), "NaN"),
    "a mark on no generator": (lambda: coroutine(print), "<built-in function print>"),  # type: ignore[arg-type]  # on purpose
    "a scope entered twice": (enter_twice, "<Scope>"),
    "a group of yesterday": (lambda: TaskGroup().spawn(sleep, 1), "<TaskGroup>"),
    "a wake out of order": (lambda: current_task().wake(), "main, running>"),
    "a loop in a loop": (lambda: run_in(current_task().reactor, sleep, 1), "<Reactor over"),
}


@pytest.mark.parametrize(
    ("do", "named"), [pytest.param(*entry, id=name) for name, entry in BAD_INPUT.items()]
)
def test_law_10_bad_input_gets_a_clear_error(
    do: Callable[[], object], named: str, world: World
) -> None:
    async def main() -> str:
        try:
            do()
        except Exception as error:
            return str(error)
        return "no error"

    said = world.run(main)

    assert named in said
    assert not said[0].isupper()
    assert not said.endswith(".")
