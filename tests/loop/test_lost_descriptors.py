"""Descriptors closed without forget: told once where the system tells, and never a dead loop.

poll and select say that a descriptor is closed. epoll and kqueue drop it without a word, and so
does a standard selector on top of them; but where a duplicate keeps the file open, epoll goes on
reporting it under the number that was closed.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from reactor import ClosedError, DeadlockError, ReactorError
from reactor.poller import EpollPoller, Mechanism, PollPoller, SelectPoller
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, Waiter, nothing
from tests.pollers import MakePoller, each_poller

MakeTeller = Callable[[], Mechanism]

each_that_tells: Final = pytest.mark.parametrize(
    "make_poller", [pytest.param(PollPoller, id="poll"), pytest.param(SelectPoller, id="select")]
)

only_epoll: Final = pytest.mark.skipif(
    not hasattr(select, "epoll"), reason="only where there is an epoll"
)


class Leak:
    """A socket whose descriptor is closed without a word, and a peer that can still send to it."""

    def __init__(self) -> None:
        self._near, self.far = socket.socketpair()
        self._near.setblocking(False)
        self.fd = self._near.fileno()
        self._duplicate = self._near.dup()

    def lose(self, *, kept_open: bool = False) -> None:
        """Close the descriptor; with kept_open, a duplicate keeps the file open."""
        self._near.close()
        if not kept_open:
            self._duplicate.close()

    def recv(self) -> bytes:
        return os.read(self.fd, 1)

    def close(self) -> None:
        for each in (self._near, self.far, self._duplicate):
            each.close()


@pytest.fixture
def leak() -> Iterator[Leak]:
    made = Leak()
    yield made
    made.close()


def turns(world: World, count: int) -> None:
    for _ in range(count):
        world.reactor.call_soon(nothing)
        world.reactor.turn()


@each_that_tells
def test_a_closed_descriptor_is_reported_once_by_its_number(
    make_poller: MakeTeller, leak: Leak, seed: int | None
) -> None:
    heard = Heard()
    with World(make_poller(), on_error=heard, seed=seed) as world:
        watch = world.reactor.on_readable(leak.fd, pytest.fail, "it was called")
        leak.lose()
        turns(world, 3)

        assert watch.cancel() is False
        with pytest.raises(DeadlockError):  # a real loop would sleep for ever now
            world.reactor.turn()

    assert [type(error) for error in heard.errors] == [ReactorError]
    assert str(heard.errors[0]) == (
        f"fd {leak.fd} was closed without forget({leak.fd}); call forget before close"
    )
    assert heard.names == [f"fd {leak.fd}"]


@each_that_tells
def test_who_waits_on_a_closed_descriptor_hears_of_it(
    make_poller: MakeTeller, leak: Leak, seed: int | None
) -> None:
    waiter = Waiter()
    with World(make_poller(), on_error=Heard(), seed=seed) as world:
        world.reactor.reading(leak.fd).park(waiter)
        leak.lose()
        turns(world, 3)

    assert [type(error) for _, error in waiter.lost] == [ClosedError]
    assert waiter.runs == 1


@each_that_tells
def test_one_that_only_waited_to_write_is_told_apart(
    make_poller: MakeTeller, leak: Leak, seed: int | None
) -> None:
    heard, waiter = Heard(), Waiter()
    with World(make_poller(), on_error=heard, seed=seed) as world:
        world.reactor.writing(leak.fd).park(waiter)
        leak.lose()
        turns(world, 3)

    assert heard.names == [f"fd {leak.fd}"]
    assert waiter.runs == 1


@each_that_tells
def test_when_the_report_of_one_leaves_the_loop_the_report_of_another_comes_next(
    make_poller: MakeTeller,
    seed: int | None,
) -> None:
    leaks = [Leak(), Leak()]
    with World(make_poller(), seed=seed) as world:
        for leak in leaks:
            world.reactor.on_readable(leak.fd, pytest.fail, "it was called")
            leak.lose()
        told: list[str] = []
        for _ in leaks:
            with pytest.raises(ReactorError, match=r"^fd \d+ was closed without") as caught:
                world.reactor.turn()
            told.append(str(caught.value).split(" was ")[0])
        with pytest.raises(DeadlockError):
            world.reactor.turn()

    assert sorted(told) == sorted(f"fd {leak.fd}" for leak in leaks)
    for leak in leaks:
        leak.close()


@each_that_tells
def test_what_hears_the_report_may_forget_another_that_was_closed(
    make_poller: MakeTeller,
    seed: int | None,
) -> None:
    leaks = [Leak(), Leak()]
    heard: list[str] = []

    def on_error(what: object, error: Exception) -> None:
        heard.append(str(error))
        for leak in leaks:
            world.reactor.forget(leak.fd)

    with World(make_poller(), on_error=on_error, seed=seed) as world:
        for leak in leaks:
            world.reactor.on_readable(leak.fd, pytest.fail, "it was called")
            leak.lose()
        turns(world, 3)

    assert {line.split(" was ")[0] for line in heard} == {f"fd {leak.fd}" for leak in leaks}
    assert len(heard) == len(leaks)
    for leak in leaks:
        leak.close()


@each_poller
def test_a_descriptor_that_is_closed_does_not_stop_the_others(
    make_poller: MakePoller, leak: Leak, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    calls: list[bytes] = []
    with World(make_poller(), on_error=Heard(), seed=seed) as world:
        world.reactor.on_readable(near, lambda: calls.append(near.recv(99)))
        world.reactor.on_readable(leak.fd, leak.recv)
        world.reactor.on_writable(leak.fd, nothing)
        leak.lose()
        turns(world, 2)
        far.send(b"still here")
        turns(world, 2)

    assert calls == [b"still here"]


@each_poller
def test_forgetting_it_too_late_is_no_error(
    make_poller: MakePoller, leak: Leak, seed: int | None
) -> None:
    with World(make_poller(), on_error=Heard(), seed=seed) as world:
        world.reactor.on_readable(leak.fd, pytest.fail, "it was called")
        leak.lose()
        world.reactor.forget(leak.fd)
        turns(world, 2)


# -- kept open by a duplicate


@each_poller
def test_a_watch_on_a_closed_number_that_a_duplicate_keeps_open_fails_once_at_the_most(
    make_poller: MakePoller, leak: Leak, seed: int | None
) -> None:
    heard = Heard()
    with World(make_poller(), on_error=heard, seed=seed) as world:
        world.reactor.on_readable(leak.fd, leak.recv)
        leak.lose(kept_open=True)
        leak.far.send(b"x")
        turns(world, 5)

        with pytest.raises(DeadlockError):  # a real loop would sleep for ever now
            world.reactor.turn()

    closed = [error for error in heard.errors if type(error) is ReactorError]
    failed = [error for error in heard.errors if isinstance(error, OSError)]
    assert len(closed) <= 1
    assert len(failed) <= len(closed)


@only_epoll
def test_epoll_s_watch_on_a_closed_number_is_reported_by_its_number(
    leak: Leak, seed: int | None
) -> None:
    heard = Heard()
    with World(EpollPoller(), on_error=heard, seed=seed) as world:
        world.reactor.on_readable(leak.fd, leak.recv)
        leak.lose(kept_open=True)
        leak.far.send(b"x")
        turns(world, 5)

    failed, closed = heard.errors
    assert isinstance(failed, OSError)
    assert str(closed).startswith(f"fd {leak.fd} was closed without forget")
    assert heard.names[0].startswith("<Watch Leak.recv (")


@only_epoll
def test_epoll_s_closed_number_can_be_disarmed_on_one_side_while_the_other_is_watched(
    leak: Leak,
    seed: int | None,
) -> None:
    heard, reader, writer = Heard(), Waiter(), Waiter()
    with World(EpollPoller(), on_error=heard, seed=seed) as world:
        world.reactor.reading(leak.fd).park(reader)
        world.reactor.writing(leak.fd).park(writer)
        leak.lose(kept_open=True)
        turns(world, 3)

        with pytest.raises(DeadlockError):
            world.reactor.turn()

    assert heard.names == [f"fd {leak.fd}"]
    assert [type(error) for _, error in reader.lost] == [ClosedError]
    assert [type(error) for _, error in writer.lost] == [ClosedError]
    assert (reader.runs, writer.runs) == (1, 1)


@only_epoll
def test_epoll_s_watch_that_cannot_wait_again_on_a_closed_number_is_over(
    leak: Leak, seed: int | None
) -> None:
    heard = Heard()
    with World(EpollPoller(), on_error=heard, seed=seed) as world:
        world.reactor.on_writable(leak.fd, pytest.fail, "it was called")
        leak.lose(kept_open=True)
        turns(world, 3)

        with pytest.raises(DeadlockError):
            world.reactor.turn()

    assert [type(error) for error in heard.errors] == [OSError, ReactorError]
