"""The stand-in for kqueue, held to man 2 kqueue; where there is a kqueue, so is that."""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
from collections.abc import Iterator
from typing import cast

import pytest

from tests.poller.children import in_child
from tests.poller.kqueue_standin import (
    ADD,
    DELETE,
    EOF,
    ERROR,
    READ,
    WRITE,
    Kevent,
    KqueueStandIn,
    StandInQueue,
)
from tests.pollers import Pair

SOURCES = {"stand-in": KqueueStandIn()}
if hasattr(select, "kqueue"):
    SOURCES["system"] = cast("KqueueStandIn", select)


@pytest.fixture(params=list(SOURCES))
def source(request: pytest.FixtureRequest) -> KqueueStandIn:
    name: str = request.param
    return SOURCES[name]


@pytest.fixture
def queue(source: KqueueStandIn) -> Iterator[StandInQueue]:
    made = source.kqueue()
    yield made
    made.close()


@pytest.fixture
def add(source: KqueueStandIn, queue: StandInQueue) -> Add:
    return Add(source, queue)


class Add:
    """Adds or deletes one event, with no room to report an error, as KqueuePoller does."""

    def __init__(self, source: KqueueStandIn, queue: StandInQueue) -> None:
        self._source = source
        self._queue = queue

    def __call__(self, fd: int, which: int, flags: int = ADD) -> None:
        assert self._queue.control([self._source.kevent(fd, which, flags)], 0, 0) == []


def ready(queue: StandInQueue, room: int = 8) -> list[tuple[int, int]]:
    return sorted((event.ident, event.filter) for event in queue.control(None, room, 0))


def test_the_two_sides_of_a_descriptor_are_two_events(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, far = pair
    far.send(b"x")
    add(near.fileno(), READ)
    add(near.fileno(), WRITE)

    assert ready(queue) == [(near.fileno(), WRITE), (near.fileno(), READ)]


def test_an_event_is_told_again_while_its_condition_lasts(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, far = pair
    far.send(b"x")
    add(near.fileno(), READ)

    assert ready(queue) == ready(queue) == [(near.fileno(), READ)]
    near.recv(1)
    assert ready(queue) == []


def test_an_event_added_twice_is_told_once(queue: StandInQueue, add: Add, pair: Pair) -> None:
    near, _ = pair
    add(near.fileno(), WRITE)
    add(near.fileno(), WRITE)

    assert ready(queue) == [(near.fileno(), WRITE)]


def test_a_deleted_event_is_told_no_more_and_the_other_side_is(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, far = pair
    far.send(b"x")
    add(near.fileno(), READ)
    add(near.fileno(), WRITE)

    add(near.fileno(), READ, DELETE)

    assert ready(queue) == [(near.fileno(), WRITE)]


def test_deleting_what_was_not_added_fails(add: Add, pair: Pair) -> None:
    near, _ = pair
    add(near.fileno(), READ)
    with pytest.raises(FileNotFoundError):
        add(near.fileno(), WRITE, DELETE)


@pytest.mark.parametrize("flags", [ADD, DELETE])
def test_naming_a_closed_descriptor_fails(add: Add, pair: Pair, flags: int) -> None:
    near, _ = pair
    fd = near.fileno()
    add(fd, READ)
    near.close()
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)) as raised:
        add(fd, READ, flags)
    assert raised.value.errno == errno.EBADF


def test_a_filter_that_nobody_knows_is_refused(add: Add, pair: Pair) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EINVAL)) as raised:
        add(pair[0].fileno(), -999)
    assert raised.value.errno == errno.EINVAL


def test_closing_deletes_events_even_while_a_duplicate_is_open(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, far = pair
    far.send(b"x")
    add(near.fileno(), READ)
    with near.dup():
        near.close()

        assert ready(queue) == []


def test_a_number_that_is_reused_has_no_events_left(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, _ = pair
    fd = near.fileno()
    add(fd, WRITE)
    left, right = socket.socketpair()
    with left, right:
        os.dup2(left.fileno(), fd)

        assert ready(queue) == []
        with pytest.raises(FileNotFoundError):
            add(fd, WRITE, DELETE)


def test_a_failed_change_becomes_an_event_where_there_is_room(
    source: KqueueStandIn, queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, _ = pair
    add(near.fileno(), WRITE)

    told = queue.control([source.kevent(near.fileno(), READ, DELETE)], 8, None)

    # The error alone, and at once: what is ready is not told beside it.
    assert [(e.ident, e.filter, e.flags & ERROR, e.data) for e in told] == [
        (near.fileno(), READ, ERROR, errno.ENOENT)
    ]


def test_changes_after_one_that_was_told_are_made(
    source: KqueueStandIn, queue: StandInQueue, pair: Pair
) -> None:
    near, _ = pair
    changes = [
        source.kevent(near.fileno(), READ, DELETE),
        source.kevent(near.fileno(), WRITE, ADD),
    ]

    assert len(queue.control(changes, 8, 0)) == 1
    assert ready(queue) == [(near.fileno(), WRITE)]


def test_no_room_for_events_returns_at_once_whatever_the_timeout(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    add(pair[0].fileno(), READ)

    assert queue.control(None, 0, None) == []


def test_no_more_events_are_told_than_there_is_room_for(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    for end in pair:
        add(end.fileno(), WRITE)

    assert len(ready(queue, room=1)) == 1
    assert len(ready(queue, room=2)) == 2


def test_a_reader_is_told_the_end_of_file_also_while_data_is_left(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, far = pair
    add(near.fileno(), READ)
    far.send(b"x")
    assert not queue.control(None, 8, 0)[0].flags & EOF
    far.shutdown(socket.SHUT_WR)

    (event,) = queue.control(None, 8, 0)

    assert event.flags & EOF
    assert near.recv(8) == b"x"


def test_a_writer_is_told_when_its_reader_is_gone(queue: StandInQueue, add: Add) -> None:
    reader, writer = os.pipe()
    add(writer, WRITE)
    assert not queue.control(None, 8, 0)[0].flags & EOF
    os.close(reader)

    (event,) = queue.control(None, 8, 0)

    assert event.flags & EOF
    os.close(writer)


def test_a_wait_without_end_ends_when_a_thread_writes(
    queue: StandInQueue, add: Add, pair: Pair
) -> None:
    near, far = pair
    add(near.fileno(), READ)
    thread = threading.Thread(target=far.send, args=(b"x",))
    thread.start()

    told = queue.control(None, 8, None)

    thread.join()
    assert [event.ident for event in told] == [near.fileno()]


def test_a_forked_child_does_not_inherit_the_queue(queue: StandInQueue) -> None:
    def child() -> None:
        with pytest.raises((OSError, ValueError)):
            queue.control(None, 1, 0)

    assert in_child(child) == 0
    assert queue.control(None, 1, 0) == []


def test_closing_the_queue_in_a_forked_child_fails_as_python_does_until_3_12() -> None:
    queue = KqueueStandIn().kqueue()

    def child() -> None:
        with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
            queue.close()

    assert in_child(child) == 0
    queue.close()


def test_a_closed_queue_refuses_to_be_used(queue: StandInQueue) -> None:
    queue.close()
    queue.close()
    with pytest.raises(ValueError, match="closed"):
        queue.control(None, 1, 0)
    with pytest.raises(ValueError, match="closed"):
        queue.fileno()


def test_negative_numbers_and_strangers_are_refused(queue: StandInQueue) -> None:
    with pytest.raises(ValueError, match="-1"):
        queue.control(None, -1, 0)
    with pytest.raises(ValueError, match="timeout"):
        queue.control(None, 1, -0.5)
    with pytest.raises(TypeError, match="kevent"):
        queue.control(cast("list[Kevent]", [1]), 1, 0)
