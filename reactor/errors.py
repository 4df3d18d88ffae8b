"""Errors: what can go wrong, by name.

Law of this file: every error that the framework itself raises is a ReactorError, says what
failed, on which object, and what to do; what the operating system says stays an OSError.
Cancelled is no error and no Exception: `except Exception` lets it pass.
"""

from __future__ import annotations


class ReactorError(Exception):
    """The base of all that the framework itself raises; raised where no narrower name fits."""


class BusyError(ReactorError):
    """It is in use, and there is no second place: a side has a waiter, a reactor runs already, a
    channel keeps as much for its peer as it may.
    """


class ClosedError(ReactorError):
    """It was closed on this side: by this program, not by the peer."""


class DeadlockError(ReactorError):
    """Nothing can happen any more: no timer, no ready descriptor, and someone still waits."""


class EndOfStream(ReactorError):  # noqa: N818 - a stream's end is no fault
    """The peer finished before what was asked for had arrived; what did arrive is in partial."""

    def __init__(self, message: str, partial: bytes = b"") -> None:
        super().__init__(message)
        self.partial = partial


class ExitError(ReactorError):
    """A process ended otherwise than it should have: returncode is how, as subprocess counts it,
    stdout and stderr are what came from it and was kept.
    """

    def __init__(
        self, message: str, returncode: int = 0, stdout: bytes = b"", stderr: bytes = b""
    ) -> None:
        super().__init__(message)
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr


class ForkedError(ReactorError):
    """A reactor was carried over a fork; make a new one in the child."""


class IdleError(ReactorError, TimeoutError):
    """Nothing moved on a connection for as long as its owner wants to wait."""


class LimitError(ReactorError):
    """More came than a limit allows before what was waited for; a stream loses nothing of it, a
    datagram is gone, and what came from a process that was run is in partial.
    """

    def __init__(self, message: str, partial: bytes = b"") -> None:
        super().__init__(message)
        self.partial = partial


class NotRunningError(ReactorError):
    """No reactor or no task is running here, and this needs one."""


class ScopeError(ReactorError):
    """A cancel scope was entered twice, left out of order, or left by another task."""


class TaskCancelledError(ReactorError):
    """The task that was joined was cancelled, so it has no result."""


class TlsError(ReactorError, ConnectionError):
    """TLS failed: a handshake, a certificate, a record. The ssl module's own error is the cause."""


class TruncatedError(TlsError):
    """The stream under TLS ended without the peer's word that all was sent: something may lack."""


class WrongThreadError(ReactorError):
    """A reactor was used outside its own thread; only call_threadsafe may be."""


class Cancelled(BaseException):
    """Raised where a task parks inside a cancelled scope, until the scope is left.

    Clean up and let it pass.
    """
