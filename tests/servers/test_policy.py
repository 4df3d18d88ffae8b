"""What is done about an error of accept."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

import pytest

from servers.journal import Journal
from servers.policy import (
    ACCEPT_PAUSE,
    DISCARD_SECONDS,
    GONE_IN_A_ROW,
    REPLY_SECONDS,
    AcceptErrors,
)


class Told:
    """A journal for accept errors, and what it says."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        self.errors = AcceptErrors(Journal(fd=self._writing))

    def fail(self, number: int) -> float:
        return self.errors.pause_after(OSError(number, os.strerror(number)))

    def lines(self) -> list[str]:
        try:
            return os.read(self._reading, 65536).decode().splitlines()
        except BlockingIOError:
            return []

    def close(self) -> None:
        os.close(self._writing)
        os.close(self._reading)


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    yield told
    told.close()


def test_the_waits_of_a_stop_leave_some_of_its_second() -> None:
    assert REPLY_SECONDS + DISCARD_SECONDS <= 0.8


def test_a_shortage_is_no_spin_and_no_sleep() -> None:
    assert 0.05 <= ACCEPT_PAUSE <= 0.5


@pytest.mark.parametrize(
    "number", [errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ENETDOWN, errno.EOPNOTSUPP]
)
def test_a_client_gone_again_is_passed_over_in_silence(told: Told, number: int) -> None:
    assert told.fail(number) == 0
    assert told.lines() == []


@pytest.mark.parametrize(
    "number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EIO]
)
def test_everything_else_is_a_shortage_that_is_waited_out(told: Told, number: int) -> None:
    assert told.fail(number) == ACCEPT_PAUSE
    assert [line.partition(":")[0] for line in told.lines()] == ["Accept Paused"]


@pytest.mark.parametrize("number", [errno.EBADF, errno.ENOTSOCK, errno.EINVAL])
def test_a_listening_socket_that_is_wrong_is_not_waited_for(told: Told, number: int) -> None:
    with pytest.raises(OSError, match=os.strerror(number)):
        told.fail(number)
    assert told.lines() == []


def test_a_shortage_is_told_once_when_it_begins_and_once_when_it_is_over(told: Told) -> None:
    for _ in range(5):
        told.fail(errno.EMFILE)
    told.errors.worked()
    told.errors.worked()
    assert told.lines() == ["Accept Paused:too many open files (EMFILE)", "Accept Resumed"]

    told.fail(errno.ENOMEM)
    assert told.lines() == ["Accept Paused:cannot allocate memory (ENOMEM)"]


def test_clients_gone_again_without_end_become_a_shortage(told: Told) -> None:
    pauses = [told.fail(errno.ECONNABORTED) for _ in range(GONE_IN_A_ROW + 1)]
    assert pauses == [0.0] * GONE_IN_A_ROW + [ACCEPT_PAUSE]

    told.errors.worked()
    assert told.fail(errno.ECONNABORTED) == 0
