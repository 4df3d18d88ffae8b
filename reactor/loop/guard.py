"""Guard: who may use a reactor, and until when.

Law of this file: a reactor belongs to the thread that made it, ends when it is closed, and does
not survive a fork.
"""

from __future__ import annotations

from threading import get_ident

from reactor.errors import ClosedError, ForkedError, ReactorError, WrongThreadError


class Guard:
    """Refuses what cannot be done any more, or not from here; what is the guarded object, for the
    messages.
    """

    __slots__ = ("_thread", "_what", "closed", "forked")

    def __init__(self, what: object) -> None:
        self._what = what
        self._thread = get_ident()
        self.closed: bool = False
        self.forked: bool = False

    def check(self) -> None:
        """Raise ForkedError, ClosedError or WrongThreadError where there is reason to."""
        if self.closed or self.forked:
            raise self.refusal()
        if get_ident() != self._thread:
            raise self._strayed()

    @property
    def ended(self) -> bool:
        """Whether nothing can be done any more, by anybody."""
        return self.closed or self.forked

    def refusal(self) -> ReactorError:
        """Return the error of one that has ended."""
        if self.forked:
            return ForkedError(
                f"{self._what!r} was carried over a fork; make a new one in the child"
            )
        return ClosedError(f"{self._what!r} is closed; make a new one")

    def check_thread(self) -> None:
        """Raise WrongThreadError in any thread but its own; a forked child has one only."""
        if get_ident() != self._thread and not self.forked:
            raise self._strayed()

    def _strayed(self) -> WrongThreadError:
        return WrongThreadError(
            f"{self._what!r} belongs to another thread; only call_threadsafe may be called here"
        )
