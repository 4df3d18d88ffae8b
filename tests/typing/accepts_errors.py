"""What strict mypy knows of errors: which are the system's too, and what they carry."""

from __future__ import annotations

from typing import assert_type

from reactor import (
    BusyError,
    Cancelled,
    ClosedError,
    DeadlockError,
    EndOfStream,
    ExitError,
    ForkedError,
    IdleError,
    LimitError,
    NotRunningError,
    ReactorError,
    ScopeError,
    TaskCancelledError,
    TlsError,
    TruncatedError,
    WrongThreadError,
)

ours: list[type[ReactorError]] = [
    BusyError,
    ClosedError,
    DeadlockError,
    EndOfStream,
    ExitError,
    ForkedError,
    IdleError,
    LimitError,
    NotRunningError,
    ScopeError,
    TaskCancelledError,
    TlsError,
    TruncatedError,
    WrongThreadError,
]
the_systems: list[type[OSError]] = [IdleError, TlsError, TruncatedError]
late: type[TimeoutError] = IdleError
lost: list[type[ConnectionError]] = [TlsError, TruncatedError]
no_exception: type[BaseException] = Cancelled


def what_came(error: EndOfStream) -> bytes:
    assert_type(error.partial, bytes)
    return error.partial


def how_it_ended(error: ExitError) -> tuple[int, bytes]:
    assert_type(error.returncode, int)
    assert_type(error.stderr, bytes)
    return error.returncode, error.stdout
