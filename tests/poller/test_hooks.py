"""The four hooks over every mechanism: what a reactor stands on."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator

import pytest

from reactor.poller import READ, WRITE, Mechanism, Poller
from tests.pollers import Pair, each_poller

EITHER = [READ, WRITE, READ | WRITE]


def fill(sock: socket.socket) -> None:
    """Send until the kernel takes no more."""
    try:
        while sock.send(bytes(1 << 16)):
            pass
    except BlockingIOError:
        pass


@pytest.fixture
def loopback() -> Iterator[Pair]:
    """A TCP connection over loopback: the end that connected, and the one accepted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    with near, far:
        yield near, far


def told(poller: Poller, fd: int) -> int:
    """Wait until fd is ready, which must be alone, and return for what."""
    ((found, mask),) = poller.wait(None)
    assert found == fd
    return poller.events(mask)


@each_poller
def test_a_poller_is_a_mechanism(poller: Poller) -> None:
    mechanism: Mechanism = poller  # mypy holds the hooks to the protocol

    assert mechanism.wait(0) == []


@each_poller
def test_readable_and_nothing_else_is_the_mask_read(poller: Poller, pair: Pair) -> None:
    near, far = pair
    far.send(b"x")
    poller.add(near.fileno(), READ)

    assert poller.wait(0) == [(near.fileno(), READ)]
    assert READ & poller.readable
    assert not READ & poller.writable


@each_poller
def test_writable_alone_is_told_by_the_writable_mask(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    poller.add(near.fileno(), WRITE)

    ((fd, mask),) = poller.wait(0)

    assert fd == near.fileno()
    assert mask & poller.writable
    assert not mask & poller.readable


@each_poller
def test_ready_both_ways_is_one_entry(poller: Poller, pair: Pair) -> None:
    near, far = pair
    far.send(b"x")
    poller.add(near.fileno(), READ | WRITE)

    ((fd, mask),) = poller.wait(0)

    assert (fd, poller.events(mask)) == (near.fileno(), READ | WRITE)


@each_poller
def test_a_full_buffer_is_not_writable_and_an_empty_one_not_readable(
    poller: Poller, pair: Pair
) -> None:
    near, far = pair
    fill(near)
    poller.add(near.fileno(), READ | WRITE)

    assert poller.wait(0) == []
    while not poller.wait(0):
        far.recv(1 << 16)
    assert told(poller, near.fileno()) == WRITE


@each_poller
def test_it_is_told_again_as_long_as_it_is_ready(poller: Poller, pair: Pair) -> None:
    near, far = pair
    far.send(b"xy")
    poller.add(near.fileno(), READ)
    poller.wait(0)
    near.recv(1)

    assert poller.wait(0) == [(near.fileno(), READ)]
    near.recv(1)
    assert poller.wait(0) == []


@each_poller
@pytest.mark.parametrize("old", EITHER)
@pytest.mark.parametrize("new", EITHER)
def test_change_watches_for_new_instead_of_old(
    poller: Poller, pair: Pair, old: int, new: int
) -> None:
    near, far = pair
    far.send(b"x")
    poller.add(near.fileno(), old)
    poller.change(near.fileno(), old, new)

    assert told(poller, near.fileno()) == new


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_a_dropped_descriptor_is_told_no_more_and_others_are(
    poller: Poller, pair: Pair, events: int
) -> None:
    near, far = pair
    far.send(b"x")
    poller.add(near.fileno(), events)
    poller.add(far.fileno(), WRITE)
    poller.drop(near.fileno(), events)

    assert told(poller, far.fileno()) == WRITE


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_dropping_what_was_closed_already_is_no_error(
    poller: Poller, pair: Pair, events: int
) -> None:
    near, _ = pair
    fd = near.fileno()
    other, peer = socket.socketpair()
    with other, peer:
        poller.add(fd, events)
        poller.add(other.fileno(), WRITE)
        near.close()
        poller.drop(fd, events)

        assert told(poller, other.fileno()) == WRITE


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_dropping_a_number_that_is_another_file_by_now_is_no_error(
    poller: Poller, pair: Pair, events: int
) -> None:
    near, _ = pair
    poller.add(near.fileno(), events)
    reader, writer = os.pipe()
    os.dup2(writer, near.fileno())
    poller.drop(near.fileno(), events)

    assert poller.wait(0) == []
    os.close(reader)
    os.close(writer)


@each_poller
def test_all_that_is_ready_is_told_at_once(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    copies = [os.dup(near.fileno()) for _ in range(600)]
    for fd in copies:
        poller.add(fd, WRITE)

    assert sorted(fd for fd, _ in poller.wait(0)) == copies
    for fd in copies:
        poller.drop(fd, WRITE)
        os.close(fd)


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_a_closed_peer_counts_as_both(poller: Poller, pair: Pair, events: int) -> None:
    near, far = pair
    poller.add(near.fileno(), events)
    far.close()

    assert told(poller, near.fileno()) & events == events


@each_poller
def test_a_peer_that_finished_sending_is_readable(poller: Poller, loopback: Pair) -> None:
    near, far = loopback
    poller.add(near.fileno(), READ)
    far.shutdown(socket.SHUT_WR)

    assert told(poller, near.fileno()) == READ
    assert near.recv(1) == b""


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_a_reset_counts_as_both(poller: Poller, loopback: Pair, events: int) -> None:
    near, far = loopback
    poller.add(near.fileno(), READ)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.close()
    poller.wait(None)  # until the reset has arrived
    poller.change(near.fileno(), READ, events)

    assert told(poller, near.fileno()) & events == events
    with pytest.raises(ConnectionResetError):
        near.recv(1)


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_a_refused_connection_counts_as_both(poller: Poller, events: int) -> None:
    with socket.socket() as deaf, socket.socket() as caller:
        deaf.bind(("127.0.0.1", 0))  # and never listens
        caller.setblocking(False)
        caller.connect_ex(deaf.getsockname())
        poller.add(caller.fileno(), events)

        assert told(poller, caller.fileno()) & events == events
        assert caller.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


@each_poller
def test_a_pipe_whose_writer_is_gone_is_readable(poller: Poller) -> None:
    reader, writer = os.pipe()
    poller.add(reader, READ)
    os.close(writer)

    assert told(poller, reader) & READ
    os.close(reader)


@each_poller
def test_a_pipe_whose_reader_is_gone_is_writable(poller: Poller) -> None:
    reader, writer = os.pipe()
    poller.add(writer, WRITE)
    os.close(reader)

    assert told(poller, writer) & WRITE
    os.close(writer)


@each_poller
@pytest.mark.parametrize("events", EITHER)
def test_what_is_not_open_is_refused_at_once(poller: Poller, pair: Pair, events: int) -> None:
    near, _ = pair
    number = near.fileno()
    near.close()

    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        poller.add(number, events)

    assert poller.wait(0) == []


@each_poller
def test_dropping_what_is_not_watched_is_no_error(poller: Poller, pair: Pair) -> None:
    near, _ = pair
    poller.drop(near.fileno(), READ)

    assert poller.wait(0) == []
