"""What the face asks of the hooks, and what it makes of their answers."""

from __future__ import annotations

from math import nan

import pytest

from reactor.poller import INVALID, READ, WRITE, Poller
from tests.poller.scripted import ScriptedPoller


def test_each_step_of_the_face_is_one_call_of_a_hook() -> None:
    poller = ScriptedPoller()
    poller.register(5, READ)
    poller.modify(5, WRITE)
    poller.unregister(5)
    poller.select(1.5)

    assert poller.calls == [
        ("add", 5, READ),
        ("change", 5, READ, WRITE),
        ("drop", 5, WRITE),
        ("wait", 1.5),
    ]


def test_other_data_for_the_same_events_does_not_trouble_the_system() -> None:
    poller = ScriptedPoller()
    poller.register(5, READ, "old")

    assert poller.modify(5, READ, "new").data == "new"
    assert poller.calls == [("add", 5, READ)]


def test_a_descriptor_that_the_system_refuses_is_not_registered() -> None:
    poller = ScriptedPoller()
    poller.refusal = PermissionError("no")
    with pytest.raises(PermissionError):
        poller.register(5, READ)

    assert 5 not in poller.get_map()


@pytest.mark.parametrize("refusal", [PermissionError("no"), KeyboardInterrupt()])
def test_a_change_that_is_refused_unregisters_here_and_in_the_system(
    refusal: BaseException,
) -> None:
    poller = ScriptedPoller()
    poller.register(5, READ)
    poller.refusal = refusal
    with pytest.raises(type(refusal)):
        poller.modify(5, WRITE)

    assert 5 not in poller.get_map()
    assert poller.calls[-1] == ("drop", 5, READ)


def test_other_data_is_taken_where_a_change_would_be_refused() -> None:
    poller = ScriptedPoller()
    poller.register(5, READ)
    poller.refusal = PermissionError("no")

    assert poller.modify(5, READ, "new").data == "new"


def test_the_face_tells_events_within_what_was_asked_and_leaves_out_the_rest() -> None:
    poller = ScriptedPoller([(5, READ | WRITE), (6, WRITE), (7, INVALID), (8, READ)])
    five = poller.register(5, READ | WRITE)
    poller.register(6, READ)
    seven = poller.register(7, WRITE)

    assert poller.select() == [(five, READ | WRITE), (seven, WRITE)]


@pytest.mark.parametrize(
    ("mask", "events"),
    [
        (0, 0),
        (READ, READ),
        (WRITE, WRITE),
        (READ | WRITE, READ | WRITE),
        (INVALID, READ | WRITE),
    ],
)
def test_a_mask_is_translated_into_events(mask: int, events: int) -> None:
    assert ScriptedPoller().events(mask) == events


@pytest.mark.parametrize(
    ("method", "arguments", "text"),
    [
        ("register", (4, 7), "invalid events 7; give READ, WRITE or both"),
        ("register", (5, READ), "5 (fd 5) is already registered; use modify"),
        ("modify", (6, READ), "6 is not registered; use register"),
        ("unregister", (6,), "6 is not registered; use register"),
        ("get_key", (6,), "6 is not registered; use register"),
        ("register", ("7", READ), "'7' has no descriptor; give an int or an open file"),
        (
            "register",
            (-3, READ),
            "-3 is closed (its descriptor is -3); call this before you close it",
        ),
        ("select", (nan,), "timeout is NaN; give seconds, or None to wait for ever"),
    ],
)
def test_a_refusal_says_what_on_which_object_and_what_to_do(
    method: str, arguments: tuple[object, ...], text: str
) -> None:
    poller = ScriptedPoller()
    poller.register(5, READ)
    with pytest.raises((ValueError, KeyError)) as refused:
        getattr(poller, method)(*arguments)

    assert refused.value.args == (text,)


def test_a_closed_poller_says_that_it_is_closed() -> None:
    poller = ScriptedPoller()
    poller.close()
    for ask in (poller.get_map, lambda: poller.get_key(5)):
        with pytest.raises(RuntimeError) as refused:
            ask()
        assert refused.value.args == (f"{poller!r} is closed",)


def test_closing_asks_nothing_of_the_hooks() -> None:
    poller = ScriptedPoller()
    poller.register(5, READ)
    poller.close()

    assert poller.calls == [("add", 5, READ)]


def test_a_poller_without_its_hooks_cannot_be_made() -> None:
    class Half(Poller):
        def add(self, fd: int, events: int) -> None:
            pass

        def wait(self, timeout: float | None) -> list[tuple[int, int]]:
            return []

    half: type[Poller] = Half  # type: ignore[type-abstract]  # that is the point
    with pytest.raises(TypeError, match=r"abstract class Half .*change.*drop"):
        half()
