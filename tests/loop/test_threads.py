"""Threads: one door for the others, call_threadsafe, and everything else tells them so."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from reactor import ClosedError, DeadlockError, Reactor, WrongThreadError
from reactor.poller import READ
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, Recorder, fail_with, nothing, room_of_a_socket
from tests.loop.uses import CALLED_OFF, CHEAP, CHECKED, ENDING
from tests.pollers import MakePoller, each_poller
from tests.threads import in_thread

# -- the one door


@each_poller
def test_a_call_from_another_thread_wakes_the_poller(make_poller: MakePoller) -> None:
    calls: list[int] = []
    with Reactor(make_poller(), debug=False) as reactor:

        def call() -> None:
            calls.append(threading.get_ident())
            reactor.stop()

        # No timer is set and nothing is ready, so the poller sleeps until the call comes.
        thread = threading.Thread(target=reactor.call_threadsafe, args=(call,))
        thread.start()
        reactor.run()
        thread.join()

    assert calls == [threading.get_ident()]


def test_a_call_that_came_before_the_poller_slept_is_not_lost(reactor: Reactor) -> None:
    in_thread(lambda: reactor.call_threadsafe(reactor.stop))

    reactor.run()


def test_calls_from_the_reactors_own_thread_are_welcome_too(reactor: Reactor) -> None:
    reactor.call_threadsafe(reactor.stop)

    reactor.run()


def test_calls_of_many_threads_all_arrive_and_each_threads_in_order(reactor: Reactor) -> None:
    threads, each = 8, 500
    arrived: dict[int, list[int]] = {name: [] for name in range(threads)}
    left = threads * each

    def note(name: int, number: int) -> None:
        nonlocal left
        arrived[name].append(number)
        left -= 1
        if left == 0:
            reactor.stop()

    def send(name: int) -> None:
        for number in range(each):
            reactor.call_threadsafe(note, name, number)

    senders = [threading.Thread(target=send, args=(name,)) for name in range(threads)]
    for sender in senders:
        sender.start()
    reactor.run()
    for sender in senders:
        sender.join()

    assert arrived == {name: list(range(each)) for name in range(threads)}


def test_no_call_is_lost_when_the_wake_up_socket_is_full(reactor: Reactor) -> None:
    count = room_of_a_socket() + 1000
    calls: list[int] = []

    def flood() -> None:
        for number in range(count):
            reactor.call_threadsafe(calls.append, number)
        reactor.call_threadsafe(reactor.stop)

    in_thread(flood)
    reactor.run()

    assert calls == list(range(count))


def test_after_a_flood_the_wake_up_socket_is_empty(world: World) -> None:
    for _ in range(room_of_a_socket() + 10):
        world.reactor.call_threadsafe(nothing)
    world.reactor.turn()  # finds the bell ringing
    world.reactor.turn()  # runs the calls

    with pytest.raises(DeadlockError):  # a real loop would sleep now
        world.reactor.turn()


def test_a_wake_up_that_was_nobodys_does_no_harm() -> None:
    class Excited(Recorder):
        """Says of the first descriptor that it watches that it is readable, always."""

        def wait(self, timeout: float | None) -> list[tuple[int, int]]:
            return [(self.calls[0][1], READ)]

    calls: list[str] = []
    heard = Heard()
    with Reactor(Excited(), on_error=heard, debug=False) as reactor:
        reactor.turn()
        reactor.call_threadsafe(calls.append, "called")
        for _ in range(3):
            reactor.turn()

    assert calls == ["called"]
    assert heard.errors == []


def test_a_call_from_another_thread_can_be_called_off(reactor: Reactor) -> None:
    handle = reactor.call_threadsafe(pytest.fail, "it ran")

    assert handle.cancel() is True
    reactor.call_threadsafe(reactor.stop)
    reactor.run()


def test_a_call_from_another_thread_that_fails_is_an_error_like_any_other(
    reactor: Reactor,
) -> None:
    in_thread(lambda: reactor.call_threadsafe(fail_with, ValueError("cannot")))

    with pytest.raises(ValueError, match="cannot"):
        reactor.run()


# -- everything else

ALWAYS = CHECKED | ENDING
REFUSED = ALWAYS | CHEAP


@pytest.fixture(params=["debug", "REACTOR_DEBUG=1"])
def debugged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reactor]:
    if request.param == "debug":
        with Reactor(debug=True) as reactor:
            yield reactor
    else:
        monkeypatch.setenv("REACTOR_DEBUG", "1")
        with Reactor() as reactor:
            yield reactor


@pytest.mark.parametrize("name", ALWAYS)
def test_always_refused_in_another_thread(reactor: Reactor, pair: Pair, name: str) -> None:
    near, _far = pair

    with pytest.raises(WrongThreadError) as refusal:
        in_thread(lambda: ALWAYS[name](reactor, near))

    assert str(refusal.value) == (
        f"{reactor!r} belongs to another thread; only call_threadsafe may be called here"
    )


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_another_thread_in_debug(debugged: Reactor, pair: Pair, name: str) -> None:
    near, _far = pair

    with pytest.raises(WrongThreadError, match="belongs to another thread"):
        in_thread(lambda: REFUSED[name](debugged, near))

    debugged.call_soon(debugged.stop)
    debugged.run()


@pytest.mark.parametrize("name", CHEAP)
def test_allowed_in_the_reactors_own_thread_in_debug(
    debugged: Reactor, pair: Pair, name: str
) -> None:
    near, _far = pair

    CHEAP[name](debugged, near)


@pytest.mark.parametrize("name", CALLED_OFF)
def test_what_was_asked_for_is_called_off_in_its_own_thread_only_in_debug(
    debugged: Reactor, pair: Pair, name: str
) -> None:
    near, _far = pair
    handle = CALLED_OFF[name](debugged, near)

    with pytest.raises(WrongThreadError, match="belongs to another thread"):
        in_thread(handle.cancel)

    assert handle.cancel() is True


def test_a_reactor_belongs_to_the_thread_that_made_it(pair: Pair) -> None:
    made: list[Reactor] = []
    closed = threading.Event()
    ready = threading.Event()

    def make() -> None:
        made.append(Reactor(debug=False))
        ready.set()
        closed.wait(30)
        made[0].close()

    thread = threading.Thread(target=make)
    thread.start()
    assert ready.wait(30)
    try:
        with pytest.raises(WrongThreadError):
            made[0].run()
    finally:
        closed.set()
        thread.join()


def test_a_call_that_comes_too_late_is_refused(reactor: Reactor) -> None:
    reactor.close()

    with pytest.raises(ClosedError):
        in_thread(lambda: reactor.call_threadsafe(nothing))
