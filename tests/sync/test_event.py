"""Event: it has happened, or not yet."""

from __future__ import annotations

import pytest

from reactor import Scope, checkpoint
from reactor.sync import Event
from reactor.testing import World
from tests.sync.parts import Stage, played
from tests.tasks.parts import Form, each_form


@pytest.mark.in_order("who is woken first goes on first")
@each_form
def test_all_who_wait_are_woken_first_come_first(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        event = Event()
        for name in "abc":
            await stage.wait(name, event.wait)
        await stage.settle()
        assert stage.said == []
        event.set()

    assert played(world, script, form) == ["a got None", "b got None", "c got None"]


@each_form
def test_who_comes_after_it_was_set_goes_on_without_a_turn(form: Form, world: World) -> None:
    async def main() -> list[str]:
        order: list[str] = []
        event = Event()
        event.set()
        world.reactor.call_soon(order.append, "other")
        await form(event.wait)
        return order

    assert world.run(main) == []


def test_an_event_is_set_until_it_is_cleared() -> None:
    event = Event()
    states = [event.is_set]
    for change in (event.set, event.set, event.clear, event.clear):
        change()
        states.append(event.is_set)

    assert states == [False, True, True, False, False]


def test_who_comes_after_it_was_cleared_waits_for_the_next_time(world: World) -> None:
    async def script(stage: Stage) -> None:
        event = Event()
        event.set()
        event.clear()
        await stage.wait("a", event.wait)
        await stage.settle()
        assert stage.said == []
        event.set()

    assert played(world, script) == ["a got None"]


def test_who_was_woken_goes_on_although_it_is_cleared_at_once(world: World) -> None:
    async def script(stage: Stage) -> None:
        event = Event()
        await stage.wait("a", event.wait)
        await checkpoint()
        event.set()
        event.clear()

    assert played(world, script) == ["a got None"]


def test_an_event_that_is_set_does_not_let_pass_who_is_cancelled(world: World) -> None:
    async def main() -> bool:
        event = Event()
        event.set()
        with Scope() as scope:
            scope.cancel()
            await event.wait()
        return scope.cancelled_caught

    assert world.run(main)


def test_a_callback_may_set_it(world: World) -> None:
    async def main() -> float:
        event = Event()
        world.reactor.call_later(3, event.set)
        await event.wait()
        return world.clock.now

    assert world.run(main) == 3.0


def test_an_event_shows_its_state_also_in_who_waits_for_it(world: World) -> None:
    async def script(stage: Stage) -> None:
        event = Event()
        await stage.wait("a", event.wait)
        await checkpoint()
        assert repr(event) == "<Event, not set, 1 waiting>"
        assert repr(stage.tasks["a"]).endswith(f"waits on {event!r}>")
        event.set()
        assert repr(event) == "<Event, set, 0 waiting>"

    played(world, script)
