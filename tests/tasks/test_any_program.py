"""Any program of scopes, groups, waits and failures, against a model of cancellation in five lines.

Law of this file: a park raises Cancelled if, and only if, one of the scopes around it up to the
nearest shield was cancelled, whatever else happens; every task that was spawned begins and ends;
and nothing stays with the reactor.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reactor import (
    Cancelled,
    DeadlockError,
    Scope,
    TaskGroup,
    WaitQueue,
    checkpoint,
    current_task,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import Notes, Ready
from tests.trials import examples

Step = tuple[Any, ...]
Program = list[Step]

SECONDS = st.sampled_from([0, 1, 1, 2, 3])

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("sleep"), SECONDS),
    st.tuples(st.just("checkpoint")),
    st.tuples(st.just("ready"), st.sampled_from([1, 31, 32, 40])),
    st.tuples(st.just("queue")),
    st.tuples(st.just("wake")),
    st.tuples(st.just("wake later"), SECONDS),
    st.tuples(st.just("cancel"), st.integers(0, 4)),
    st.tuples(st.just("cancel later"), st.integers(0, 4), SECONDS),
    st.tuples(st.just("fail")),
)


def nested(programs: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    return st.lists(
        st.one_of(
            STEPS,
            st.tuples(st.just("scope"), st.none() | SECONDS, st.booleans(), programs),
            st.tuples(st.just("group"), st.lists(programs, max_size=3), programs),
            st.tuples(st.just("swallow"), programs),
            st.tuples(st.just("finally"), programs, programs),
        ),
        max_size=4,
    )


PROGRAMS = st.recursive(st.lists(STEPS, max_size=4), nested, max_leaves=12)


class OopsError(Exception):
    """The failure of a program."""


class Player:
    """Plays a program, and holds each of its parks against the model."""

    def __init__(self) -> None:
        self.queue: WaitQueue[None] = WaitQueue()
        self.begun: list[str] = []
        self.ended: list[str] = []

    async def task(self, name: str, program: Program, around: list[Scope]) -> None:
        self.begun.append(name)
        try:
            await self.play(name, program, around)
        finally:
            self.ended.append(name)

    async def play(self, name: str, program: Program, around: list[Scope]) -> None:
        for number, (kind, *rest) in enumerate(program):
            await getattr(self, f"do_{kind}".replace(" ", "_"))(f"{name}.{number}", around, *rest)

    async def park(self, around: list[Scope], door: Awaitable[object]) -> None:
        cancelled = is_cancelled(around)
        try:
            await door
        except Cancelled:
            assert is_cancelled(around), "a park was cancelled although no scope was"
            raise
        assert not cancelled, "a park inside a cancelled scope was answered"

    # -- the steps

    async def do_sleep(self, name: str, around: list[Scope], seconds: float) -> None:
        await self.park(around, sleep(seconds))

    async def do_checkpoint(self, name: str, around: list[Scope]) -> None:
        await self.park(around, checkpoint())

    async def do_ready(self, name: str, around: list[Scope], times: int) -> None:
        for _ in range(times):
            await self.park(around, Ready())

    async def do_queue(self, name: str, around: list[Scope]) -> None:
        with Scope(3) as scope:
            await self.park([*around, scope], self.queue)

    async def do_wake(self, name: str, around: list[Scope]) -> None:
        self.queue.wake_one(None)

    async def do_wake_later(self, name: str, around: list[Scope], seconds: float) -> None:
        current_task().reactor.call_later(seconds, self.queue.wake_all, None)

    async def do_cancel(self, name: str, around: list[Scope], depth: int) -> None:
        if depth < len(around):
            around[-1 - depth].cancel()

    async def do_cancel_later(
        self, name: str, around: list[Scope], depth: int, seconds: float
    ) -> None:
        if depth < len(around):
            current_task().reactor.call_later(seconds, around[-1 - depth].cancel)

    async def do_fail(self, name: str, around: list[Scope]) -> None:
        raise OopsError(name)

    async def do_scope(
        self, name: str, around: list[Scope], seconds: float | None, shield: bool, body: Program
    ) -> None:
        with Scope(float("inf") if seconds is None else seconds, shield=shield) as scope:
            await self.play(name, body, [*around, scope])

    async def do_group(
        self, name: str, around: list[Scope], children: list[Program], body: Program
    ) -> None:
        tasks = []
        try:
            async with TaskGroup() as group:
                inside = [*around, group]
                for number, child in enumerate(children):
                    tasks.append(group.spawn(self.task, f"{name}/{number}", child, inside))
                await self.play(name, body, inside)
        finally:
            assert all(task.done for task in tasks), "a group was left before its tasks had ended"

    async def do_swallow(self, name: str, around: list[Scope], body: Program) -> None:
        try:
            await self.play(name, body, around)
        except Cancelled:
            pass

    async def do_finally(self, name: str, around: list[Scope], body: Program, end: Program) -> None:
        try:
            await self.play(name, body, around)
        finally:
            await self.play(name, end, around)


def is_cancelled(around: list[Scope]) -> bool:
    """The model: look outwards, up to the nearest shield."""
    for scope in reversed(around):
        if scope.cancel_called:
            return True
        if scope.shield:
            return False
    return False


def only_oops(error: BaseException) -> bool:
    """Tell whether error is a failure of the program, or a group of such."""
    if isinstance(error, BaseExceptionGroup):
        return all(only_oops(member) for member in error.exceptions)
    return isinstance(error, OopsError)


def perform(program: Program, seed: int | None = None) -> list[str]:
    """Play program in a world of its own, and return what its tracer noted."""
    player, notes = Player(), Notes()
    with World(seed=seed, tracer=notes) as world:
        try:
            world.run(player.task, "main", program, [])
            event("ends well")
        except Exception as error:
            if not only_oops(error):
                raise
            event("fails")
        assert sorted(player.begun) == sorted(player.ended)
        assert len(player.queue) == 0
        nothing_is_left(world)
    return notes.lines


def nothing_is_left(world: World) -> None:
    """See that the callbacks of the program alone keep the world going, and no task wakes."""
    with pytest.raises(DeadlockError):
        world.reactor.run()


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROGRAMS)
def test_any_program_keeps_the_laws_of_cancellation(program: Program) -> None:
    perform(program)


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROGRAMS)
def test_any_program_does_the_same_each_time(program: Program) -> None:
    assert perform(program) == perform(program)
