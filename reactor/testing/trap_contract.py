"""TrapContract: what the loop takes for granted of anything to wait for, as tests to derive from.

Law of this file: a park has one answer, in whatever turn it is answered, cancelled or both; what
comes later finds nobody there. Each sentence after an assert is a clause of the contract.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, Generic, TypeVar

from reactor.tasks import (
    Operation,
    Scope,
    Steps,
    TaskGroup,
    Trap,
    checkpoint,
    coroutine,
    current_task,
    sleep,
    wait,
)

from .stream_pairs import only_one
from .world import World

D = TypeVar("D", bound=Trap[Any])

_TURNS: Final = range(4)
_NAP: Final = 5.0


class TrapContract(Generic[D]):
    """Derive from it, write make and answer: `class TestMine(TrapContract[Mine]):`."""

    @abstractmethod
    def make(self) -> D:
        """Return a new trap, on which nobody waits; called by a task in a World."""
        raise NotImplementedError(f"{self!r} has no make(), so there is nothing to try; write it")

    @abstractmethod
    def answer(self, trap: D) -> bool:
        """Have whoever waits on trap be answered, if there is anybody; return whether that is done.

        False means that trap answers by itself, in its own time.
        """
        raise NotImplementedError(f"{self!r} has no answer(trap), so no wait ends; write it")

    def test_a_task_goes_on_when_it_is_answered(self) -> None:
        async def by_await(trap: D) -> None:
            await trap

        @coroutine
        def by_yield_from(trap: D) -> Steps[None]:
            yield from trap

        async def main() -> None:
            for form in (by_await, by_yield_from):
                trap = self.make()
                async with TaskGroup() as group:
                    task = group.spawn(_in_form, form, trap)
                    await _pass(len(_TURNS))
                    self.answer(trap)
                assert task.done, "an answer ends the wait, by await and by `yield from`"

        _in_a_world(main)

    def test_who_does_not_wait_cannot_be_taken_out(self) -> None:
        async def main() -> None:
            undone = self.make().abort(current_task())
            assert undone is False, (
                f"abort returns False for a task that does not wait there, not {undone!r}"
            )

        _in_a_world(main)

    def test_a_park_has_one_answer_in_whatever_turns_it_is_answered_and_cancelled(self) -> None:
        for answers in _TURNS:
            for cancels in _TURNS:
                for first in (True, False):
                    _in_a_world(partial(self._race, answers, cancels, first))

    def test_what_has_been_answered_is_not_cancelled_in_the_same_turn(self) -> None:
        async def main() -> None:
            trap, scope = self.make(), Scope()
            outcomes: list[str] = []
            async with TaskGroup() as group:
                group.spawn(_wait_once, trap, scope, outcomes)
                await _pass(len(_TURNS))
                answered = self.answer(trap)
                scope.cancel()
            assert outcomes == ["answered"] or not answered, (
                f"an answer that is on its way is delivered, though {scope!r} was cancelled: "
                "abort returns False then"
            )

        _in_a_world(main)

    def test_one_that_is_cancelled_leaves_its_place_to_the_next(self) -> None:
        async def main() -> None:
            trap, scope = self.make(), Scope()
            outcomes: list[str] = []
            async with TaskGroup() as group:
                group.spawn(_wait_once, trap, scope, [])
                await _pass(len(_TURNS))
                scope.cancel()
                await checkpoint()
                group.spawn(_wait_once, trap, Scope(), outcomes)
                await _pass(len(_TURNS))
                self.answer(trap)
            assert outcomes == ["answered"], (
                "after a cancellation the trap is as if nobody had waited: the next is answered"
            )

        _in_a_world(main)

    async def _race(self, answers: int, cancels: int, first: bool) -> None:
        """Wait, and be answered and cancelled so many turns later; answer once more in the end."""
        trap, scope = self.make(), Scope()
        outcomes: list[str] = []
        rivals = [
            partial(_after, answers, partial(self.answer, trap)),
            partial(_after, cancels, scope.cancel),
        ]
        async with TaskGroup() as group:
            group.spawn(_wait_once, trap, scope, outcomes)
            for rival in rivals if first else reversed(rivals):
                group.spawn(rival)
            await _pass(2 * len(_TURNS))
            self.answer(trap)
        assert len(outcomes) == 1, f"a park is answered once, or cancelled; not {outcomes}"


def _in_a_world(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with World() as world:
        try:
            world.run(main)
        except BaseExceptionGroup as group:
            raise only_one(group) from None


async def _in_form(form: Callable[[D], Any], trap: D) -> None:
    await form(trap)


async def _pass(turns: int) -> None:
    for _ in range(turns):
        await checkpoint()


async def _after(turns: int, fn: Callable[[], object]) -> None:
    await _pass(turns)
    fn()


async def _wait_once(trap: Operation[object], scope: Scope, outcomes: list[str]) -> None:
    """Wait on trap, note what came of it, and see that nothing of it comes later."""
    with scope:
        await wait(trap)
        outcomes.append("answered")
    if scope.cancelled_caught:
        outcomes.append("cancelled")
    now = current_task().reactor.now
    began = now()
    await sleep(_NAP)
    assert now() - began >= _NAP, "what comes after the one answer finds nobody: it wakes no task"
