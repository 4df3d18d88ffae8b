"""MechanismContract: what a reactor takes for granted of its poller, as tests to derive from.

Law of this file: it asks through the four hooks and the two masks only, and of the operating
system's own files. Each sentence after an assert is a clause of the contract.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from abc import abstractmethod
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

from reactor.poller import READ, WRITE, Mechanism

Pair = tuple[socket.socket, socket.socket]

EITHER: Final = (READ, WRITE, READ | WRITE)
_MANY: Final = 600
_CHUNK: Final = 1 << 16


class MechanismContract:
    """Derive from it, write make, and let pytest collect it: `class TestMine(MechanismContract):`.

    It takes some hundred descriptors, all of them of this process, and waits for nobody else.
    """

    @abstractmethod
    def make(self) -> Mechanism:
        """Return a new mechanism; it is closed afterwards."""
        raise NotImplementedError(f"{self!r} has no make(), so there is nothing to try; write it")

    # -- what is told

    def test_nothing_is_watched_at_first(self) -> None:
        with self._made() as mechanism:
            assert mechanism.wait(0.0) == [], "a new mechanism watches nothing"

    def test_readable_and_nothing_else_is_the_mask_read(self) -> None:
        with self._made() as mechanism, pair() as (near, far):
            far.send(b"x")
            mechanism.add(near.fileno(), READ)
            want = [(near.fileno(), READ)]
            assert mechanism.wait(0.0) == want, "readable and nothing else is told as READ"
            assert READ & mechanism.readable, "READ has a bit of the readable mask"
            assert not READ & mechanism.writable, "READ has no bit of the writable mask"

    def test_writable_alone_is_told_by_the_writable_mask(self) -> None:
        with self._made() as mechanism, pair() as (near, _):
            mechanism.add(near.fileno(), WRITE)
            told = told_of(mechanism, near)
            assert told == WRITE, "writable alone has bits of the writable mask only"

    def test_ready_both_ways_is_one_entry(self) -> None:
        with self._made() as mechanism, pair() as (near, far):
            far.send(b"x")
            mechanism.add(near.fileno(), READ | WRITE)
            told = told_of(mechanism, near)
            assert told == READ | WRITE, "one entry tells of both sides of a descriptor"

    def test_a_full_buffer_is_not_writable_and_an_empty_one_not_readable(self) -> None:
        with self._made() as mechanism, pair() as (near, far):
            fill(near)
            mechanism.add(near.fileno(), READ | WRITE)
            assert mechanism.wait(0.0) == [], "what would block is not told"
            while not mechanism.wait(0.0):
                far.recv(_CHUNK)
            assert told_of(mechanism, near) == WRITE, "room in a full buffer is told"

    def test_it_is_told_again_as_long_as_it_is_ready(self) -> None:
        with self._made() as mechanism, pair() as (near, far):
            far.send(b"xy")
            mechanism.add(near.fileno(), READ)
            mechanism.wait(0.0)
            near.recv(1)
            assert told_of(mechanism, near) == READ, "what is ready is told at each wait"
            near.recv(1)
            assert mechanism.wait(0.0) == [], "what is ready no more is told no more"

    def test_all_that_is_ready_is_told_at_once(self) -> None:
        with self._made() as mechanism, pair() as (near, _):
            copies = [os.dup(near.fileno()) for _ in range(_MANY)]
            for fd in copies:
                mechanism.add(fd, WRITE)
            found = sorted(fd for fd, _ in mechanism.wait(0.0))
            for fd in copies:
                mechanism.drop(fd, WRITE)
                os.close(fd)
            assert found == copies, "one wait tells of all that is ready, once each"

    # -- changing one's mind

    def test_change_watches_for_new_instead_of_old(self) -> None:
        for old in EITHER:
            for new in EITHER:
                with self._made() as mechanism, pair() as (near, far):
                    far.send(b"x")
                    mechanism.add(near.fileno(), old)
                    mechanism.change(near.fileno(), old, new)
                    told = told_of(mechanism, near)
                    assert told == new, f"change(fd, {old}, {new}) watches for new instead"

    def test_a_dropped_descriptor_is_told_no_more_and_others_are(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, pair() as (near, far):
                far.send(b"x")
                mechanism.add(near.fileno(), events)
                mechanism.add(far.fileno(), WRITE)
                mechanism.drop(near.fileno(), events)
                assert told_of(mechanism, far) == WRITE, "drop takes one away, and it alone"

    def test_dropping_what_was_closed_already_is_no_error(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, pair() as (near, _), pair() as (other, _):
                fd = near.fileno()
                mechanism.add(fd, events)
                mechanism.add(other.fileno(), WRITE)
                near.close()
                mechanism.drop(fd, events)
                assert told_of(mechanism, other) == WRITE, "what is closed can be dropped"

    def test_dropping_a_number_that_is_another_file_by_now_is_no_error(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, pair() as (near, _):
                mechanism.add(near.fileno(), events)
                reader, writer = os.pipe()
                os.dup2(writer, near.fileno())
                mechanism.drop(near.fileno(), events)
                os.close(reader)
                os.close(writer)
                assert mechanism.wait(0.0) == [], "a number that was dropped is told no more"

    def test_dropping_what_is_not_watched_is_no_error(self) -> None:
        with self._made() as mechanism, pair() as (near, _):
            mechanism.drop(near.fileno(), READ)
            assert mechanism.wait(0.0) == [], "what is not watched can be dropped"

    def test_what_is_not_open_is_refused_at_once(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, pair() as (near, _):
                number = near.fileno()
                near.close()
                code = 0
                try:
                    mechanism.add(number, events)
                except OSError as error:
                    code = error.errno or 0
                assert code == errno.EBADF, "add refuses what is not open, with OSError (EBADF)"
                assert mechanism.wait(0.0) == [], "what was refused is not watched"

    # -- ends and errors

    def test_a_closed_peer_counts_as_both(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, pair() as (near, far):
                mechanism.add(near.fileno(), events)
                far.close()
                told = told_of(mechanism, near) & events
                assert told == events, "a closed peer counts as both, within what is watched for"

    def test_a_peer_that_finished_sending_is_readable(self) -> None:
        with self._made() as mechanism, loopback() as (near, far):
            mechanism.add(near.fileno(), READ)
            far.shutdown(socket.SHUT_WR)
            told = told_of(mechanism, near)
            assert told == READ, "the end of what comes is readable, and nothing else"
            assert near.recv(1) == b"", "who is told so finds the end"

    def test_a_reset_counts_as_both(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, loopback() as (near, far):
                mechanism.add(near.fileno(), READ)
                far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                far.close()
                mechanism.wait(None)  # until the reset has arrived
                mechanism.change(near.fileno(), READ, events)
                told = told_of(mechanism, near) & events
                assert told == events, "a reset counts as both, within what is watched for"
                found = near.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                assert found == errno.ECONNRESET, "who is told so finds the reset"

    def test_a_refused_connection_counts_as_both(self) -> None:
        for events in EITHER:
            with self._made() as mechanism, socket.socket() as deaf, socket.socket() as caller:
                deaf.bind(("127.0.0.1", 0))  # and never listens
                caller.setblocking(False)
                caller.connect_ex(deaf.getsockname())
                mechanism.add(caller.fileno(), events)
                told = told_of(mechanism, caller) & events
                assert told == events, "a refused connection counts as both"
                found = caller.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                assert found == errno.ECONNREFUSED, "who is told so finds the refusal"

    def test_a_pipe_whose_writer_is_gone_is_readable(self) -> None:
        reader, writer = os.pipe()
        with self._made() as mechanism, os.fdopen(reader):
            mechanism.add(reader, READ)
            os.close(writer)
            ((_, mask),) = mechanism.wait(None)
            assert mask & mechanism.readable, "the end of a pipe is readable"

    def test_a_pipe_whose_reader_is_gone_is_writable(self) -> None:
        reader, writer = os.pipe()
        with self._made() as mechanism, os.fdopen(writer, "w"):
            mechanism.add(writer, WRITE)
            os.close(reader)
            ((_, mask),) = mechanism.wait(None)
            assert mask & mechanism.writable, "a pipe that nobody reads is writable"

    @contextmanager
    def _made(self) -> Generator[Mechanism]:
        mechanism = self.make()
        try:
            yield mechanism
        finally:
            mechanism.close()


def told_of(mechanism: Mechanism, sock: socket.socket) -> int:
    """Wait until sock is ready, which must be alone, and return for what: READ, WRITE or both."""
    found = mechanism.wait(None)
    assert [fd for fd, _ in found] == [sock.fileno()], (
        f"one entry a descriptor, for what is ready only: {found} instead of fd {sock.fileno()}"
    )
    mask = found[0][1]
    return (READ if mask & mechanism.readable else 0) | (WRITE if mask & mechanism.writable else 0)


@contextmanager
def pair() -> Generator[Pair]:
    """Yield two sockets that talk to each other and never block; either may be closed."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


@contextmanager
def loopback() -> Generator[Pair]:
    """Yield a TCP connection over loopback: the end that connected, and the one accepted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    with near, far:
        yield near, far


def fill(sock: socket.socket) -> None:
    """Send until the kernel takes no more."""
    with suppress(BlockingIOError):
        while True:
            sock.send(bytes(_CHUNK))
