"""Belongings: what floors above keep with a reactor, one of a kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reactor import ClosedError, Reactor
from tests.loop.parts import Shelf
from tests.poller.children import in_child


class Stuck(Shelf):
    """Cannot be closed."""

    def close(self) -> None:
        raise OSError("stuck")


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    """A reactor that a test may close."""
    with Reactor() as made:
        yield made


def test_it_is_made_once_for_each_reactor(reactor: Reactor) -> None:
    with Reactor() as other:
        shelf = reactor.belonging(Shelf)

        assert shelf.reactor is reactor
        assert reactor.belonging(Shelf) is shelf
        assert other.belonging(Shelf) is not shelf


def test_one_that_cannot_be_made_is_tried_again(reactor: Reactor) -> None:
    failures = [OSError("no room")]

    def make(reactor: Reactor) -> Shelf:
        if failures:
            raise failures.pop()
        return Shelf(reactor)

    with pytest.raises(OSError, match="no room"):
        reactor.belonging(make)
    assert reactor.belonging(make).log == []


def test_it_is_closed_with_its_reactor_once(reactor: Reactor) -> None:
    shelf = reactor.belonging(Shelf)

    reactor.close()
    reactor.close()

    assert shelf.log == ["closed"]


def test_what_was_made_last_is_closed_first(reactor: Reactor) -> None:
    order: list[str] = []

    class First(Shelf):
        def close(self) -> None:
            order.append("first")

    class Second(Shelf):
        def close(self) -> None:
            order.append("second")

    reactor.belonging(First)
    reactor.belonging(Second)
    reactor.close()

    assert order == ["second", "first"]


def test_one_that_cannot_be_closed_keeps_nothing_else_open(reactor: Reactor) -> None:
    shelf = reactor.belonging(Shelf)
    reactor.belonging(Stuck)

    with pytest.raises(OSError, match="stuck"):
        reactor.close()

    assert shelf.log == ["closed"]
    with pytest.raises(ClosedError):
        reactor.call_threadsafe(print)  # its waker is closed


def test_in_a_forked_child_it_hears_so(reactor: Reactor) -> None:
    shelf = reactor.belonging(Shelf)

    def scenario() -> None:
        assert shelf.log == ["forked"]
        reactor.close()
        assert shelf.log == ["forked"]

    assert in_child(scenario) == 0
    assert shelf.log == []


def test_one_whose_reactor_was_closed_before_the_fork_hears_nothing(reactor: Reactor) -> None:
    shelf = reactor.belonging(Shelf)
    reactor.close()

    def scenario() -> None:
        assert shelf.log == ["closed"]

    assert in_child(scenario) == 0
