"""Seat: where the one task is that may wait for something on a stream in memory."""

from __future__ import annotations

from reactor.errors import BusyError, IdleError
from reactor.tasks import WaitQueue


class Seat(WaitQueue[IdleError | None]):
    """Where a task waits for what on owner. It is answered with None, or an error to raise.

    `with seat:` has it for oneself; raises BusyError while another task has it.
    """

    __slots__ = ("_owner", "_taken", "_what")

    def __init__(self, owner: object, what: str) -> None:
        super().__init__()
        self._owner = owner
        self._what = what
        self._taken = False

    def __enter__(self) -> None:
        if self._taken:
            raise BusyError(f"{self!r} has a task that waits for it; one at a time may")
        self._taken = True

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._taken = False

    def __repr__(self) -> str:
        return f"<{self._what} on {self._owner!r}>"
