"""What somebody sees of a reactor who looks from another thread; and the seam round its sleep."""

from __future__ import annotations

import gc
import socket
import sys
import threading
from collections.abc import Callable
from math import inf
from types import FrameType

import pytest

from reactor import ClosedError, Reactor, WrongThreadError
from reactor.loop import Runnable, Wait
from reactor.poller import READ, WRITE
from reactor.testing import World
from tests.loop.parts import Script, nothing
from tests.threads import in_thread


def own_frame() -> FrameType:
    """Return the frame that this thread stands in."""
    return sys._current_frames()[threading.get_ident()]  # noqa: SLF001 - documented


# -- sight


def test_it_has_what_is_ready_and_what_is_due_the_nearest_first(reactor: Reactor) -> None:
    handle = reactor.call_soon(nothing)
    later = reactor.call_later(20, nothing)
    sooner = reactor.call_later(10, nothing)
    reactor.call_later(5, nothing).cancel()

    sight = reactor.sight()

    assert sight.ready == [handle]
    assert sight.timers[:2] == [sooner, later]  # and the fixture's own


def test_timers_are_seen_also_when_the_loop_has_slept(reactor: Reactor) -> None:
    reactor.call_later(20, nothing)
    sooner = reactor.call_later(10, nothing)
    reactor.call_later(0, reactor.stop)
    reactor.run()

    assert reactor.sight().timers[0] is sooner


def test_it_has_both_sides_of_a_descriptor(reactor: Reactor) -> None:
    near, far = socket.socketpair()
    with near, far:
        reactor.on_readable(near, nothing)
        reactor.on_writable(near, nothing)

        sides = [side for side in reactor.sight().sides if side.fd == near.fileno()]

        assert [(side.event, side.armed, side.waiting) for side in sides] == [
            (READ, True, True),
            (WRITE, True, True),
        ]
        reactor.forget(near)


def test_it_tells_whether_the_reactor_runs(reactor: Reactor) -> None:
    seen: list[bool] = []
    reactor.call_soon(lambda: seen.append(reactor.sight().running))
    reactor.call_soon(reactor.stop)
    reactor.run()

    assert seen == [True]
    assert not reactor.sight().running


def test_any_thread_may_look(reactor: Reactor) -> None:
    in_thread(reactor.sight)


def test_a_closed_reactor_has_nothing_to_show(reactor: Reactor) -> None:
    reactor.call_later(1, nothing)
    reactor.close()

    sight = reactor.sight()

    assert (sight.ready, sight.timers) == ([], [])


# -- what runs


@pytest.mark.parametrize("debug", [False, True])
def test_what_runs_is_known_by_the_stack_of_its_thread(debug: bool) -> None:
    seen: list[Runnable | None] = []
    with Reactor(debug=debug) as reactor:
        handle = reactor.call_soon(lambda: seen.append(reactor.run_by(own_frame())[0]))
        reactor.turn()

    assert seen == [handle]
    seen.clear()
    gc.collect()


def test_nothing_runs_in_a_reactor_at_rest(reactor: Reactor) -> None:
    assert reactor.run_by(own_frame()) == (None, [])
    assert reactor.run_by(None) == (None, [])


def test_what_another_reactor_runs_is_not_mistaken(reactor: Reactor) -> None:
    seen: list[Runnable | None] = []
    with Reactor() as other:
        reactor.call_soon(lambda: seen.append(other.run_by(own_frame())[0]))
        reactor.turn()

    assert seen == [None]


# -- round the wait


def test_what_stands_round_the_wait_has_the_patience_and_the_events() -> None:
    near, far = socket.socketpair()
    heard: list[tuple[float | None, list[tuple[int, int]]]] = []

    def wrap(wait: Wait) -> Wait:
        def heard_of(patience: float | None) -> list[tuple[int, int]]:
            events = wait(patience)
            heard.append((patience, events))
            return events

        return heard_of

    with near, far, Reactor(Script([(near.fileno(), READ)])) as reactor:
        reactor.on_readable(near, nothing)
        reactor.around_wait(wrap)
        reactor.turn()
        reactor.call_soon(nothing)
        reactor.turn()

        assert heard == [(None, [(near.fileno(), READ)]), (0.0, [])]


def test_it_is_so_from_the_next_turn_on_and_the_last_stands_outermost() -> None:
    order: list[str] = []

    def saying(name: str) -> Callable[[Wait], Wait]:
        def wrap(wait: Wait) -> Wait:
            def said(patience: float | None) -> list[tuple[int, int]]:
                order.append(name)
                return wait(patience)

            return said

        return wrap

    with World() as world:
        world.reactor.around_wait(saying("inner"))
        world.reactor.around_wait(saying("outer"))
        world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert order == ["outer", "inner"]


def test_only_its_own_thread_may_stand_there_and_not_too_late(reactor: Reactor) -> None:
    def same(wait: Wait) -> Wait:
        return wait

    def elsewhere() -> None:
        with pytest.raises(WrongThreadError):
            reactor.around_wait(same)

    in_thread(elsewhere)
    reactor.close()
    with pytest.raises(ClosedError):
        reactor.around_wait(same)


def test_a_timer_that_is_never_due_is_seen_last(reactor: Reactor) -> None:
    never = reactor.call_at(inf, nothing)

    assert reactor.sight().timers[-1] is never
