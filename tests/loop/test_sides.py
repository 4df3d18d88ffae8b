"""Sides of a descriptor: waiting is one-shot, interest is sticky, disarmed means removed."""

from __future__ import annotations

import errno
import gc
import os
import socket
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactor import BusyError, ClosedError, DeadlockError, ReactorError
from reactor.loop import Side
from reactor.poller import INVALID, READ, WRITE
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, Recorder, Script, Waiter, fail_with, nothing
from tests.pollers import MakePoller, each_poller


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def recorded(recorder: Recorder, seed: int | None) -> Iterator[World]:
    """A world whose mechanism takes notes; what the world itself asked for is not among them."""
    with World(recorder, seed=seed) as made:
        recorder.news()
        yield made


def busy_turn(world: World) -> None:
    """Take a turn that finds something to do, whatever the poller says."""
    world.reactor.call_soon(nothing)
    world.reactor.turn()


def fill(sock: socket.socket) -> None:
    """Send until the kernel takes no more."""
    try:
        while sock.send(bytes(65536)):
            pass
    except BlockingIOError:
        pass


def test_what_cannot_be_watched_is_named(world: World, tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:  # always ready, so epoll takes none
        refusal = rf"<Side fd={file.fileno()} reading> cannot be watched; give an open pipe"
        with pytest.raises(PermissionError, match=refusal):
            world.reactor.on_readable(file, nothing)


def test_what_is_closed_cannot_be_watched_and_is_named(world: World, pair: Pair) -> None:
    near, _far = pair
    fd = os.dup(near.fileno())
    os.close(fd)
    with pytest.raises(OSError, match=rf"<Side fd={fd} reading> cannot be watched"):
        world.reactor.on_readable(fd, nothing)


def test_a_number_that_nobody_has_takes_no_memory_for_those_below_it(world: World) -> None:
    nobody_has = 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(OSError, match=rf"<Side fd={nobody_has} reading> cannot be watched"):
            world.reactor.on_readable(nobody_has, nothing)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < nobody_has


# -- one wait, one wake


@each_poller
def test_who_waits_to_read_runs_once_when_there_is_data(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    waiter = Waiter()
    with World(make_poller(), seed=seed) as world:
        world.reactor.reading(near).park(waiter)
        far.send(b"x")
        world.reactor.turn()
        assert waiter.runs == 1

        busy_turn(world)  # the data is still there, but nobody waits
        busy_turn(world)
        assert waiter.runs == 1


@each_poller
def test_who_waits_to_write_runs_once_when_there_is_room(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, _far = pair
    waiter = Waiter()
    with World(make_poller(), seed=seed) as world:
        world.reactor.writing(near).park(waiter)
        world.reactor.turn()
        busy_turn(world)

    assert waiter.runs == 1


@each_poller
def test_who_waits_to_write_waits_until_there_is_room(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    waiter = Waiter()
    fill(near)
    with World(make_poller(), seed=seed) as world:
        world.reactor.writing(near).park(waiter)
        busy_turn(world)
        assert waiter.runs == 0

        while len(far.recv(1 << 20)) == 1 << 20:
            pass
        world.reactor.turn()
        assert waiter.runs == 1


@each_poller
def test_the_two_sides_of_a_descriptor_have_a_waiter_each(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    reader, writer = Waiter(), Waiter()
    with World(make_poller(), seed=seed) as world:
        world.reactor.reading(near).park(reader)
        world.reactor.writing(near).park(writer)
        world.reactor.turn()
        assert (reader.runs, writer.runs) == (0, 1)

        far.send(b"x")
        world.reactor.turn()
        assert (reader.runs, writer.runs) == (1, 1)


@each_poller
def test_a_peer_that_closes_wakes_both_sides(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    reader, writer = Waiter(), Waiter()
    fill(near)
    with World(make_poller(), seed=seed) as world:
        world.reactor.reading(near).park(reader)
        world.reactor.writing(near).park(writer)
        busy_turn(world)
        assert (reader.runs, writer.runs) == (0, 0)

        far.close()
        world.reactor.turn()
        assert (reader.runs, writer.runs) == (1, 1)


@each_poller
def test_a_hang_up_alone_wakes_who_waits_to_read(make_poller: MakePoller, seed: int | None) -> None:
    waiter = Waiter()
    reader, writer = os.pipe()
    with open(reader, "rb"), World(make_poller(), seed=seed) as world:
        world.reactor.reading(reader).park(waiter)
        os.close(writer)
        world.reactor.turn()
        world.reactor.forget(reader)

    assert waiter.runs == 1


@each_poller
def test_an_error_alone_wakes_who_waits_to_write(make_poller: MakePoller, seed: int | None) -> None:
    waiter = Waiter()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with open(writer, "wb", buffering=0) as pipe, World(make_poller(), seed=seed) as world:
        while pipe.write(bytes(65536)):
            pass
        world.reactor.writing(writer).park(waiter)
        busy_turn(world)
        assert waiter.runs == 0

        os.close(reader)
        world.reactor.turn()
        world.reactor.forget(writer)
        assert waiter.runs == 1


def test_a_side_is_the_same_as_long_as_its_descriptor_is_watched(world: World, pair: Pair) -> None:
    near, _far = pair
    reading, writing = world.reactor.reading(near), world.reactor.writing(near)

    assert world.reactor.reading(near.fileno()) is reading
    assert world.reactor.writing(near.fileno()) is writing

    world.reactor.forget(near)
    assert world.reactor.reading(near) is not reading
    assert world.reactor.writing(near) is not writing


def test_a_second_waiter_is_refused_by_the_name_of_the_first(world: World, pair: Pair) -> None:
    near, _far = pair
    side = world.reactor.reading(near)
    side.park(Waiter())

    with pytest.raises(BusyError) as refusal:
        side.park(Waiter())

    assert str(refusal.value) == (
        f"<Side fd={near.fileno()} reading> already has a waiter, <Waiter>; "
        "one at a time may wait on a side"
    )


def test_the_writing_side_is_shown_as_such(world: World, pair: Pair) -> None:
    near, _far = pair

    assert repr(world.reactor.writing(near)) == f"<Side fd={near.fileno()} writing>"


@pytest.mark.parametrize("name", ["reading", "writing", "forget"])
def test_what_has_no_descriptor_is_refused_by_name(world: World, name: str) -> None:
    with pytest.raises(ValueError, match=r"^'water' has no descriptor"):
        getattr(world.reactor, name)("water")


# -- taking a wait back


def test_a_wait_that_is_undone_wakes_nobody(world: World, pair: Pair) -> None:
    near, far = pair
    waiter = Waiter()
    side = world.reactor.reading(near)
    side.park(waiter)

    assert side.abort(waiter) is True
    far.send(b"x")
    busy_turn(world)
    assert waiter.runs == 0


def test_a_wait_can_be_undone_by_its_waiter_only(world: World, pair: Pair) -> None:
    near, far = pair
    waiter = Waiter()
    side = world.reactor.reading(near)
    side.park(waiter)

    assert side.abort(Waiter()) is False
    far.send(b"x")
    world.reactor.turn()
    assert waiter.runs == 1


def test_a_wait_that_is_answered_can_not_be_undone(world: World, pair: Pair) -> None:
    near, far = pair
    waiter = Waiter()
    side = world.reactor.reading(near)
    undone: list[bool] = []
    side.park(waiter)
    far.send(b"x")
    world.reactor.call_soon(lambda: undone.append(side.abort(waiter)))

    world.reactor.turn()

    assert (undone, waiter.runs) == ([False], 1)


def test_after_an_undone_wait_another_may_wait(world: World, pair: Pair) -> None:
    near, far = pair
    first, second = Waiter(), Waiter()
    side = world.reactor.reading(near)
    side.park(first)
    side.abort(first)
    side.park(second)
    far.send(b"x")

    world.reactor.turn()

    assert (first.runs, second.runs) == (0, 1)


def test_a_wait_that_fails_runs_its_waiter_who_has_heard_why(world: World, pair: Pair) -> None:
    near, _far = pair
    waiter, error = Waiter(), ValueError("no more")
    side = world.reactor.reading(near)
    side.park(waiter)

    side.fail(error)
    world.reactor.turn()

    assert waiter.lost == [(side, error)]
    assert waiter.runs == 1


def test_a_side_that_failed_may_be_waited_on_again(world: World, pair: Pair) -> None:
    near, far = pair
    waiter = Waiter()
    side = world.reactor.reading(near)
    side.park(waiter)
    side.fail(ValueError("no more"))
    world.reactor.turn()

    side.park(waiter)
    far.send(b"x")
    world.reactor.turn()

    assert waiter.runs == 2


# -- forgetting


def test_forgetting_runs_who_waits_with_a_closed_error(world: World, pair: Pair) -> None:
    near, _far = pair
    waiter = Waiter()
    side = world.reactor.reading(near)
    side.park(waiter)
    fd = near.fileno()

    world.reactor.forget(near)
    world.reactor.turn()

    [(lost_side, error)] = waiter.lost
    assert lost_side is side
    assert isinstance(error, ClosedError)
    assert str(error) == f"fd {fd} was closed on this side; nothing can come of it"
    assert waiter.runs == 1


def test_forgetting_tells_who_is_queued_and_has_not_run(world: World, pair: Pair) -> None:
    near, far = pair
    waiter = Waiter()
    world.reactor.reading(near).park(waiter)
    far.send(b"x")
    world.reactor.call_soon(world.reactor.forget, near)

    world.reactor.turn()

    assert [type(error) for _, error in waiter.lost] == [ClosedError]
    assert waiter.runs == 1


def test_forgetting_ends_the_waits_on_both_sides(world: World, pair: Pair) -> None:
    near, _far = pair
    reader, writer = Waiter(), Waiter()
    fill(near)
    world.reactor.reading(near).park(reader)
    world.reactor.writing(near).park(writer)

    world.reactor.forget(near)
    world.reactor.turn()

    assert (len(reader.lost), len(writer.lost)) == (1, 1)
    assert (reader.runs, writer.runs) == (1, 1)


def test_a_side_that_was_forgotten_refuses_to_be_waited_on(world: World, pair: Pair) -> None:
    near, _far = pair
    fresh, armed = world.reactor.writing(near), world.reactor.reading(near)
    armed.park(Waiter())
    world.reactor.forget(near)

    for side in (fresh, armed):
        with pytest.raises(ClosedError, match="was forgotten"):
            side.park(Waiter())


def test_a_forgotten_writing_side_that_somebody_waited_on_refuses_as_well(
    world: World, pair: Pair
) -> None:
    near, _far = pair
    armed = world.reactor.writing(near)
    armed.park(Waiter())
    world.reactor.forget(near)

    with pytest.raises(ClosedError, match="was forgotten"):
        armed.park(Waiter())


def test_a_side_that_was_forgotten_lets_go_of_who_waited(world: World, pair: Pair) -> None:
    near, _far = pair
    side = world.reactor.reading(near)
    waiters = [Waiter()]
    alive = weakref.ref(waiters[0])
    side.park(waiters[0])

    world.reactor.forget(near)
    world.reactor.turn()

    assert waiters.pop().runs == 1
    assert alive() is None, side


def test_both_sides_are_let_go_without_the_garbage_collector(world: World, pair: Pair) -> None:
    near, _far = pair
    world.reactor.writing(near)
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(each, Side) for each in gc.get_objects())
        world.reactor.forget(near)
        after = sum(isinstance(each, Side) for each in gc.get_objects())
    finally:
        gc.enable()

    assert after == before - 2


def test_forgetting_what_nobody_watches_is_no_error(world: World, pair: Pair) -> None:
    near, _far = pair

    world.reactor.forget(near)
    world.reactor.reading(near)
    world.reactor.forget(near)
    world.reactor.forget(near)


def test_forgetting_takes_the_descriptor_from_the_mechanism_for_both_sides(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, _far = pair
    fill(near)
    recorded.reactor.reading(near).park(Waiter())
    recorded.reactor.writing(near).park(Waiter())
    recorder.news()

    recorded.reactor.forget(near)

    assert recorder.news() == [("drop", near.fileno(), READ | WRITE)]


def test_forgetting_what_is_disarmed_makes_no_system_call(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, _far = pair
    recorded.reactor.writing(near).park(Waiter())
    recorded.reactor.turn()
    recorder.news()

    recorded.reactor.forget(near)

    assert recorder.news() == []


@each_poller
def test_a_number_that_is_reused_at_once_belongs_to_the_new_connection(
    make_poller: MakePoller,
    seed: int | None,
) -> None:
    old, new = Waiter(), Waiter()
    with World(make_poller(), seed=seed) as world:
        near, far = socket.socketpair()
        number = near.fileno()
        world.reactor.reading(near).park(old)
        far.send(b"for the old one")
        world.reactor.forget(near)
        near.close()
        again, peer = socket.socketpair()
        with far, again, peer:
            assert again.fileno() == number
            world.reactor.reading(again).park(new)
            world.reactor.turn()
            assert (len(old.lost), new.runs) == (1, 0)

            peer.send(b"for the new one")
            world.reactor.turn()
            assert new.runs == 1
            world.reactor.forget(again)


def test_a_waiter_that_fails_to_hear_of_its_loss_is_reported_and_the_rest_is_done(
    recorder: Recorder, pair: Pair, seed: int | None
) -> None:
    class Clumsy(Waiter):
        def lose(self, side: object, error: Exception) -> None:
            raise ValueError("dropped it")

    near, _far = pair
    writer, heard = Waiter(), Heard()
    fill(near)
    with World(recorder, on_error=heard, seed=seed) as world:
        world.reactor.reading(near).park(Clumsy())
        world.reactor.writing(near).park(writer)
        recorder.news()

        world.reactor.forget(near)
        world.reactor.turn()

    assert [str(error) for error in heard.errors] == ["dropped it"]
    assert heard.names == ["<Waiter>"]
    assert len(writer.lost) == 1
    assert recorder.news() == [("drop", near.fileno(), READ | WRITE)]


# -- what the mechanism is asked


def test_a_second_wait_on_a_side_makes_no_system_call(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, far = pair
    waiter = Waiter()
    side = recorded.reactor.reading(near)
    for _ in range(3):
        side.park(waiter)
        far.send(b"x")
        recorded.reactor.turn()
        near.recv(9)

    assert waiter.runs == 3
    assert recorder.news() == [("add", near.fileno(), READ)]


def test_what_fires_with_nobody_waiting_is_removed_once_and_armed_again_by_the_next_wait(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, far = pair
    waiter = Waiter()
    side = recorded.reactor.reading(near)
    side.park(waiter)
    far.send(b"x")
    recorded.reactor.turn()
    recorder.news()

    for _ in range(3):
        busy_turn(recorded)
    assert recorder.news() == [("drop", near.fileno(), READ)]

    side.park(waiter)
    recorded.reactor.turn()
    assert waiter.runs == 2
    assert recorder.news() == [("add", near.fileno(), READ)]


@each_poller
def test_a_peer_that_closes_while_nobody_waits_does_not_make_the_loop_spin(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    with World(make_poller(), seed=seed) as world:
        world.reactor.reading(near).park(Waiter())
        far.send(b"x")
        world.reactor.turn()
        far.close()
        busy_turn(world)

        with pytest.raises(DeadlockError):  # a real loop would sleep for ever now
            world.reactor.turn()


def test_interest_in_writing_goes_with_its_wake(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, _far = pair
    recorded.reactor.writing(near).park(Waiter())

    recorded.reactor.turn()
    busy_turn(recorded)

    assert recorder.news() == [("add", near.fileno(), WRITE), ("drop", near.fileno(), WRITE)]


def test_the_second_side_of_a_descriptor_changes_what_the_first_asked_for(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, _far = pair
    fd = near.fileno()
    recorded.reactor.reading(near).park(Waiter())
    recorded.reactor.writing(near).park(Waiter())

    recorded.reactor.turn()

    assert recorder.news() == [
        ("add", fd, READ),
        ("change", fd, READ, READ | WRITE),
        ("change", fd, READ | WRITE, READ),
    ]


def test_a_hang_up_makes_no_system_call_for_a_side_that_is_disarmed_or_waited_on(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, far = pair
    reader, writer = Waiter(), Waiter()
    recorded.reactor.reading(near).park(reader)
    recorded.reactor.writing(near).park(writer)
    recorded.reactor.turn()
    recorder.news()

    far.close()
    recorded.reactor.turn()

    assert (reader.runs, writer.runs) == (1, 1)
    assert recorder.news() == []


def test_a_side_that_was_disarmed_counts_for_nothing_when_the_other_is_armed(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, _far = pair
    recorded.reactor.writing(near).park(Waiter())
    recorded.reactor.turn()
    recorder.news()

    recorded.reactor.reading(near).park(Waiter())

    assert recorder.news() == [("add", near.fileno(), READ)]


def test_a_reader_that_nobody_waits_for_leaves_the_writer_in_place(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, far = pair
    fd = near.fileno()
    reader, writer = Waiter(), Waiter()
    fill(near)
    recorded.reactor.writing(near).park(writer)
    recorded.reactor.reading(near).park(reader)
    far.send(b"x")
    recorded.reactor.turn()
    assert (reader.runs, writer.runs) == (1, 0)

    busy_turn(recorded)
    assert recorder.news() == [
        ("add", fd, WRITE),
        ("change", fd, WRITE, READ | WRITE),
        ("change", fd, READ | WRITE, WRITE),
    ]

    far.close()
    recorded.reactor.turn()
    assert writer.runs == 1


def test_what_the_mechanism_refuses_is_raised_at_the_wait_and_leaves_the_side_free(
    recorded: World, recorder: Recorder, pair: Pair
) -> None:
    near, far = pair
    waiter = Waiter()
    side = recorded.reactor.reading(near)
    recorder.refusal = OSError(errno.ENOSPC, "too many watches")
    with pytest.raises(OSError, match="too many watches"):
        side.park(waiter)

    recorder.refusal = None
    side.park(waiter)
    far.send(b"x")
    recorded.reactor.turn()
    assert waiter.runs == 1


# -- what a mechanism may say


@pytest.mark.parametrize("fd", [0, 999], ids=["below all that are", "above all that are"])
def test_an_answer_for_a_descriptor_that_nobody_watches_is_dropped_and_reported(
    fd: int, seed: int | None
) -> None:
    script, heard = Script([(fd, READ)]), Heard()
    with World(script, on_error=heard, seed=seed) as world:
        world.reactor.turn()

    assert script.dropped == [(fd, READ | WRITE)]
    assert [str(error) for error in heard.errors] == [
        f"fd {fd} was closed without forget({fd}); call forget before close"
    ]
    assert isinstance(heard.errors[0], ReactorError)
    assert heard.names == [f"fd {fd}"]


def test_an_answer_that_a_descriptor_is_closed_ends_the_waits_on_it(
    pair: Pair, seed: int | None
) -> None:
    near, _far = pair
    fd = near.fileno()
    script, heard, waiter = Script([(fd, INVALID)]), Heard(), Waiter()
    with World(script, on_error=heard, seed=seed) as world:
        world.reactor.reading(near).park(waiter)
        world.reactor.turn()

    assert [type(error) for _, error in waiter.lost] == [ClosedError]
    assert waiter.runs == 1
    assert script.dropped == [(fd, READ)]
    assert heard.names == [f"fd {fd}"]


def test_an_answer_for_the_side_that_nobody_asked_about_wakes_nobody(
    pair: Pair, seed: int | None
) -> None:
    near, _far = pair
    script, waiter = Script([(near.fileno(), WRITE)], [(near.fileno(), READ)]), Waiter()
    with World(script, seed=seed) as world:
        world.reactor.writing(near)
        world.reactor.reading(near).park(waiter)
        world.reactor.turn()
        assert waiter.runs == 0

        world.reactor.turn()
        assert waiter.runs == 1


def test_who_raises_in_a_wait_of_his_own_is_reported(world: World, pair: Pair) -> None:
    class Failing(Waiter):
        def run(self) -> None:
            fail_with(ValueError("cannot"))

    near, far = pair
    world.reactor.reading(near).park(Failing())
    far.send(b"x")

    with pytest.raises(ValueError, match="cannot"):
        world.reactor.turn()
