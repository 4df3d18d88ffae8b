"""Any program of tasks that put and get, hold and release, notify and cancel each other.

Law of this file: whoever does what when, items come out in the order in which they went in, each
once; who waits is served in the order of arrival; there are never more than there is room for; and
when nothing more can happen, nobody waits for what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from math import inf
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reactor import (
    BusyError,
    ClosedError,
    Operation,
    Scope,
    TaskGroup,
    checkpoint,
    current_task,
    sleep,
)
from reactor.sync import CapacityLimiter, Condition, Lock, Queue, Semaphore
from reactor.testing import World
from tests.trials import examples

Held = Lock | Semaphore | CapacityLimiter
Step = tuple[Any, ...]
Program = list[Step]

WHO = st.integers(0, 4)

PAUSES: list[st.SearchStrategy[Step]] = [
    st.tuples(st.just("checkpoint")),
    st.tuples(st.just("sleep"), st.sampled_from([0, 1, 1, 2])),
    st.tuples(st.just("cancel"), WHO),
    st.tuples(st.just("cancel later"), WHO, st.sampled_from([0, 1, 1, 2])),
]

DOOMED = st.sampled_from([False, False, False, True])  # whether it is cancelled before it begins

OF_QUEUES = st.one_of(
    st.tuples(st.just("put"), DOOMED),
    st.tuples(st.just("put"), DOOMED),
    st.tuples(st.just("get"), DOOMED),
    st.tuples(st.just("get"), DOOMED),
    st.tuples(st.just("next"), DOOMED),
    st.tuples(st.just("put at once")),
    st.tuples(st.just("get at once")),
    *PAUSES,
)

CLOSING = st.tuples(st.just("close"))

BODIES = st.lists(st.one_of(PAUSES), min_size=1, max_size=3)
HOLD = st.tuples(st.just("hold"), DOOMED, BODIES)

OF_HOLDERS = st.one_of(
    HOLD, HOLD, HOLD, HOLD, st.tuples(st.just("hold at once"), BODIES), *PAUSES[2:]
)

TAKE = st.tuples(st.just("take"), DOOMED)

OF_TAKERS = st.one_of(TAKE, TAKE, st.tuples(st.just("give"), DOOMED, BODIES), *PAUSES)


def casts(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Program]]:
    """Return what makes programs for some tasks."""
    return st.lists(st.lists(steps, min_size=1, max_size=8), min_size=2, max_size=5)


class Player:
    """Plays the programs of some tasks, and counts who comes when."""

    def __init__(self) -> None:
        self.scopes: dict[int, Scope] = {}
        self.log: list[str] = []
        self._arrivals = 0

    def arrive(self) -> int:
        """Return a number higher than any before."""
        self._arrivals += 1
        return self._arrivals

    async def play(self, who: int, program: Program) -> None:
        for kind, *rest in program:
            await getattr(self, f"do_{kind}".replace(" ", "_"))(who, *rest)
            self.log.append(f"{who} {kind}")
            self.check()

    async def doing(
        self, who: int, doomed: bool, what: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Do what in a scope that others may cancel."""
        with Scope() as scope:
            self.scopes[who] = scope
            if doomed:
                scope.cancel()
            await what()
            assert not doomed, "something was done inside a cancelled scope"

    def check(self) -> None:
        """See that what must always hold does."""

    def check_quiet(self) -> None:
        """See that nobody waits who could go on, when nothing more can happen."""

    async def do_checkpoint(self, who: int) -> None:
        await checkpoint()

    async def do_sleep(self, who: int, seconds: float) -> None:
        await sleep(seconds)

    async def do_cancel(self, who: int, whom: int) -> None:
        if whom in self.scopes and whom != who:
            self.scopes[whom].cancel()

    async def do_cancel_later(self, who: int, whom: int, seconds: float) -> None:
        if whom in self.scopes and whom != who:
            self.world.reactor.call_later(seconds, self.scopes[whom].cancel)

    def perform(self, programs: list[Program]) -> list[str]:
        """Play all programs, each as a task; return what was done in order."""
        with World() as self.world:
            self.world.run(self._main, programs)
        return self.log

    async def _main(self, programs: list[Program]) -> None:
        async with TaskGroup() as group:
            for who, program in enumerate(programs):
                group.spawn(self.play, who, program)
            await sleep(1000)
            self.check_quiet()
            group.cancel()


class Traffic(Player):
    """Puts and gets; an item is the number of its arrival."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self.queue: Queue[int] = Queue(most)
        self.putting = self.getting = 0
        self.accepted: list[int] = []
        self.got: dict[int, int] = {}  # by the arrival of who got it

    async def do_put(self, who: int, doomed: bool) -> None:
        async def put() -> None:
            item = self.arrive()
            self.putting += 1
            try:
                await self.queue.put(item)
                self.accepted.append(item)
            except ClosedError:
                assert self.queue.closed
            finally:
                self.putting -= 1

        await self.doing(who, doomed, put)

    async def do_get(self, who: int, doomed: bool) -> None:
        await self.doing(who, doomed, partial(self._get, self.queue.get))

    async def do_next(self, who: int, doomed: bool) -> None:
        await self.doing(who, doomed, partial(self._get, self.queue.next))

    async def _get(self, get: Callable[[], Operation[int | None]]) -> None:
        arrival = self.arrive()
        self.getting += 1
        try:
            item = await get()
            if item is None:
                assert self.queue.closed
            else:
                self.got[arrival] = item
        except ClosedError:
            assert self.queue.closed
        finally:
            self.getting -= 1

    async def do_put_at_once(self, who: int) -> None:
        item = self.arrive()
        try:
            self.queue.put_nowait(item)
            self.accepted.append(item)
        except ClosedError:
            assert self.queue.closed
        except BusyError:
            assert len(self.queue) == self.queue.most

    async def do_get_at_once(self, who: int) -> None:
        arrival = self.arrive()
        try:
            self.got[arrival] = self.queue.get_nowait()
        except ClosedError:
            assert self.queue.closed
        except BusyError:
            assert len(self.queue) == 0

    async def do_close(self, who: int) -> None:
        self.queue.close()

    def check(self) -> None:
        assert len(self.queue) <= self.queue.most

    def check_quiet(self) -> None:
        event(f"{min(self.getting, 1)} getting, {min(self.putting, 1)} putting")
        if self.queue.closed:
            assert self.getting == self.putting == 0
        if self.getting:
            assert len(self.queue) == self.putting == 0
        if self.putting:
            assert len(self.queue) == self.queue.most

    def drain(self) -> None:
        """Take what is left, and see that each item came once, and in order."""
        while len(self.queue):
            self.got[self.arrive()] = self.queue.get_nowait()
        assert [self.got[arrival] for arrival in sorted(self.got)] == sorted(self.accepted)


class Holders(Player):
    """Tasks that hold one thing, of which there are so many."""

    def __init__(self, what: Held, total: int) -> None:
        super().__init__()
        self.what = what
        self.total = total
        self.waiting = self.holding = 0
        self.waited: list[int] = []  # who got it after a wait, by arrival

    def free(self) -> float:
        """Return how many more can have it."""
        if isinstance(self.what, Semaphore):
            return self.what.value
        if isinstance(self.what, CapacityLimiter):
            return self.what.available
        return not self.what.locked

    async def do_hold(self, who: int, doomed: bool, body: Program) -> None:
        async def hold() -> None:
            arrival = self.arrive()
            waits = not self.free()
            self.waiting += 1
            try:
                await self.what.acquire()
            finally:
                self.waiting -= 1
            try:
                if waits:
                    self.waited.append(arrival)
                await self._use(who, body)
            finally:
                self.what.release()

        await self.doing(who, doomed, hold)

    async def do_hold_at_once(self, who: int, body: Program) -> None:
        free = self.free()
        try:
            holding = self.what.acquire_nowait()
        except BusyError:
            assert not free
            return
        assert free
        with holding:
            await self._use(who, body)

    async def _use(self, who: int, body: Program) -> None:
        self.holding += 1
        self.check()
        try:
            for kind, *rest in body:
                await getattr(self, f"do_{kind}".replace(" ", "_"))(who, *rest)
        finally:
            self.holding -= 1

    def check(self) -> None:
        assert self.holding <= self.total - self.free()

    def check_quiet(self) -> None:
        assert self.holding == self.total - self.free() == 0
        assert self.waiting == 0

    def settle(self) -> None:
        """See that who waited was served in the order of arrival, and all was given back."""
        event(f"{min(len(self.waited), 3)} have waited")
        assert self.waited == sorted(self.waited)
        assert self.free() == self.total


class Tokens(Player):
    """Tasks that give and take tokens under a condition, which knows how many there are."""

    def __init__(self) -> None:
        super().__init__()
        self.condition = Condition()
        self.tokens = self.taking = self.given = self.taken = 0

    async def do_give(self, who: int, doomed: bool, body: Program) -> None:
        async def give() -> None:
            async with self.condition:
                self.tokens += 1
                self.given += 1
                self.condition.notify()
                for kind, *rest in body:
                    await getattr(self, f"do_{kind}".replace(" ", "_"))(who, *rest)

        await self.doing(who, doomed, give)

    async def do_take(self, who: int, doomed: bool) -> None:
        async def take() -> None:
            async with self.condition:
                try:
                    self.taking += 1
                    await self.condition.wait_for(lambda: self.tokens)
                    self.tokens -= 1
                    self.taken += 1
                finally:
                    self.taking -= 1
                    assert self.condition.lock.owner is current_task()

        await self.doing(who, doomed, take)

    def check_quiet(self) -> None:
        event(f"{min(self.taking, 1)} taking, {min(self.tokens, 1)} there")
        assert self.given == self.taken + self.tokens
        assert not (self.taking and self.tokens), "a notification was lost"
        assert not self.condition.lock.locked


def traffic(most: float, programs: list[Program]) -> list[str]:
    """Play programs on a queue; return what was done."""
    player = Traffic(most)
    log = player.perform(programs)
    player.drain()
    return log


MOST = st.sampled_from([0, 0, 1, 1, 2, 3, inf])
HURRIED = [HealthCheck.too_slow]


@settings(max_examples=examples(300), deadline=None, suppress_health_check=HURRIED)
@given(MOST, casts(OF_QUEUES))
def test_no_item_is_lost_or_comes_twice_or_out_of_order(
    most: float, programs: list[Program]
) -> None:
    traffic(most, programs)


@settings(max_examples=examples(200), deadline=None, suppress_health_check=HURRIED)
@given(MOST, casts(st.one_of(OF_QUEUES, OF_QUEUES, OF_QUEUES, CLOSING)))
def test_nor_when_somebody_closes_the_queue(most: float, programs: list[Program]) -> None:
    traffic(most, programs)


@pytest.mark.parametrize("kind", ["Lock", "Semaphore", "CapacityLimiter"])
@settings(max_examples=examples(200), deadline=None, suppress_health_check=HURRIED)
@given(total=st.integers(1, 2), programs=casts(OF_HOLDERS))
def test_who_holds_is_never_one_too_many_and_who_waits_is_served_in_order(
    kind: str, total: int, programs: list[Program]
) -> None:
    makes: dict[str, tuple[Held, int]] = {
        "Lock": (Lock(), 1),
        "Semaphore": (Semaphore(total), total),
        "CapacityLimiter": (CapacityLimiter(total), total),
    }
    player = Holders(*makes[kind])
    player.perform(programs)
    player.settle()


@settings(max_examples=examples(300), deadline=None, suppress_health_check=HURRIED)
@given(casts(OF_TAKERS))
def test_no_notification_is_lost(programs: list[Program]) -> None:
    Tokens().perform(programs)


@settings(max_examples=examples(50), deadline=None, suppress_health_check=HURRIED)
@given(MOST, casts(OF_QUEUES))
def test_any_program_does_the_same_each_time(most: float, programs: list[Program]) -> None:
    assert traffic(most, programs) == traffic(most, programs)
