"""The face that users of selectors know, the same over every mechanism."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Mapping
from selectors import BaseSelector, SelectorKey
from typing import Any

import pytest

from reactor.poller import READ, WRITE, Poller, fd_of
from tests.pollers import MakePoller, Pair, each_poller


class Deaf:
    """An object without a descriptor."""

    def __repr__(self) -> str:
        return "<deaf>"


class Numbered:
    """An object that says which descriptor it has."""

    def __init__(self, number: Any) -> None:
        self._number = number

    def fileno(self) -> Any:
        return self._number

    def __repr__(self) -> str:
        return "<numbered>"


@each_poller
def test_a_poller_is_a_selector(poller: Poller) -> None:
    assert isinstance(poller, BaseSelector)


@each_poller
def test_registering_returns_the_key_that_get_key_finds(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    key = poller.register(near, READ, "data")

    assert key == SelectorKey(near, near.fileno(), READ, "data")
    assert poller.get_key(near) is key
    assert poller.get_key(near.fileno()) is key


@each_poller
def test_what_is_ready_comes_with_its_key_and_within_what_was_asked(
    poller: Poller, pair: Pair
) -> None:
    near, far = pair
    key = poller.register(near, READ)
    poller.register(far, READ)
    far.send(b"x")  # near is readable now, and both are writable, which nobody asked

    assert poller.select(0) == [(key, READ)]


@each_poller
def test_what_is_ready_both_ways_comes_once(poller: Poller, pair: Pair) -> None:
    near, far = pair
    key = poller.register(near, READ | WRITE)
    far.send(b"x")

    assert poller.select(0) == [(key, READ | WRITE)]


@each_poller
def test_modify_watches_for_the_new_events_only(poller: Poller, pair: Pair) -> None:
    near, far = pair
    far.send(b"x")
    poller.register(near, READ, "old")

    key = poller.modify(near, WRITE, "new")

    assert key == SelectorKey(near, near.fileno(), WRITE, "new")
    assert poller.select(0) == [(key, WRITE)]


@each_poller
def test_modify_without_data_forgets_the_data(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    poller.register(near, READ, "data")

    assert poller.modify(near, READ).data is None


@each_poller
@pytest.mark.parametrize("events", [READ, WRITE, READ | WRITE])
def test_what_is_unregistered_is_ready_no_more(poller: Poller, pair: Pair, events: int) -> None:
    near, far = pair
    far.send(b"x")
    key = poller.register(near, events)

    assert poller.unregister(near) is key
    assert poller.select(0) == []
    with pytest.raises(KeyError):
        poller.get_key(near)


@each_poller
def test_what_was_unregistered_may_be_registered_again(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    poller.register(near, READ)
    poller.unregister(near)
    key = poller.register(near, WRITE)

    assert poller.select(0) == [(key, WRITE)]


@each_poller
def test_registering_twice_is_refused_and_the_first_stays(poller: Poller, pair: Pair) -> None:
    near, far = pair
    far.send(b"x")
    key = poller.register(near, READ)
    with pytest.raises(KeyError, match=r"\(fd \d+\) is already registered; use modify"):
        poller.register(near, WRITE)
    with pytest.raises(KeyError, match="is already registered; use modify"):
        poller.register(near.fileno(), WRITE)

    assert poller.select(0) == [(key, READ)]


@each_poller
@pytest.mark.parametrize("events", [0, -1, 4, READ | 4])
def test_bad_events_are_refused_by_name(poller: Poller, pair: Pair, events: int) -> None:
    near, _ = pair
    text = f"invalid events {events}; give READ, WRITE or both"
    with pytest.raises(ValueError, match=text):
        poller.register(near, events)
    poller.register(near, READ)
    with pytest.raises(ValueError, match=text):
        poller.modify(near, events)

    assert poller.get_key(near).events == READ


@each_poller
def test_an_unknown_object_is_a_key_error_that_names_it(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    for ask in (poller.get_key, poller.unregister, lambda it: poller.modify(it, READ)):
        with pytest.raises(KeyError, match=r"socket.* is not registered; use register"):
            ask(near)


@pytest.mark.parametrize("stranger", [Deaf(), Numbered(None), Numbered("three"), "3", None])
def test_an_object_without_a_descriptor_is_refused_by_name(stranger: Any) -> None:
    with pytest.raises(ValueError, match="has no descriptor; give an int or an open file") as error:
        fd_of(stranger)
    assert repr(stranger) in str(error.value)


def test_a_descriptor_is_an_int_or_what_fileno_says(pair: Pair) -> None:
    near, _ = pair
    assert fd_of(0) == 0
    assert fd_of(5) == 5
    assert fd_of(near) == near.fileno()
    assert fd_of(Numbered(7)) == 7


@each_poller
def test_registering_an_object_without_a_descriptor_is_refused(poller: Poller) -> None:
    stranger: Any = Deaf()
    with pytest.raises(ValueError, match="<deaf> has no descriptor"):
        poller.register(stranger, READ)


@each_poller
def test_registering_a_closed_object_is_refused(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    near.close()
    with pytest.raises(
        ValueError, match=r"is closed \(its descriptor is -1\); call this before you close it"
    ):
        poller.register(near, READ)


@each_poller
def test_a_closed_object_can_still_be_asked_for_and_unregistered(
    poller: Poller, pair: Pair
) -> None:
    near, far = pair
    poller.register(far, READ)
    key = poller.register(near, READ)
    near.close()

    assert poller.get_key(near) is key
    assert poller.unregister(near) is key
    with pytest.raises(ValueError, match="is closed"):
        poller.unregister(near)


@each_poller
def test_a_closed_object_is_still_told_from_others(poller: Poller, pair: Pair) -> None:
    near, far = pair
    poller.register(far, READ)
    near.close()
    with pytest.raises(ValueError, match="is closed"):
        poller.unregister(near)


@each_poller
def test_the_map_is_a_live_view_by_object_and_by_number(poller: Poller, pair: Pair) -> None:
    near, far = pair
    view = poller.get_map()
    assert isinstance(view, Mapping)
    assert not view
    key = poller.register(near, READ)

    assert len(view) == 1
    assert list(view) == [near.fileno()]
    assert view[near] is view[near.fileno()] is key
    assert near in view
    assert far not in view
    assert view.get(far.fileno()) is None
    poller.unregister(near)
    assert len(view) == 0


@each_poller
def test_the_map_is_read_only(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    poller.register(near, READ)
    view: Any = poller.get_map()
    with pytest.raises(TypeError):
        del view[near]


@each_poller
def test_once_closed_it_knows_no_key_and_says_why(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    poller.register(near, READ)
    view = poller.get_map()
    poller.close()

    with pytest.raises(RuntimeError, match=r"Poller object at .* is closed"):
        poller.get_key(near)
    with pytest.raises(RuntimeError, match=r"Poller object at .* is closed"):
        poller.get_map()
    assert len(view) == 0


@each_poller
def test_it_may_be_closed_again(poller: Poller) -> None:
    poller.close()
    poller.close()


@each_poller
def test_a_closed_one_holds_no_descriptor(make_poller: MakePoller) -> None:
    with tempfile.TemporaryFile() as lowest_free:
        number = lowest_free.fileno()
    poller = make_poller()
    poller.close()
    with tempfile.TemporaryFile() as lowest_free:
        assert lowest_free.fileno() == number
    poller.close()


@each_poller
def test_a_with_statement_closes_it(make_poller: MakePoller) -> None:
    with make_poller() as poller:
        poller.get_map()
    with pytest.raises(RuntimeError, match="is closed"):
        poller.get_map()


@each_poller
def test_a_number_closed_and_reused_after_unregistering_is_a_new_descriptor(
    poller: Poller, pair: Pair
) -> None:
    near, far = pair
    number = near.fileno()
    far.send(b"for the old one")
    poller.register(number, READ)
    poller.unregister(number)
    near.close()
    left, right = socket.socketpair()  # the lowest free number is the one just closed
    with left, right:
        assert number in (left.fileno(), right.fileno())
        poller.register(number, READ)
        assert poller.select(0) == []
        (right if number == left.fileno() else left).send(b"x")
        assert [key.fd for key, _ in poller.select(0)] == [number]
