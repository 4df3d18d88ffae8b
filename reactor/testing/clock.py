"""Clock: time that passes when nothing else can happen.

Law of this file: the poller is the only thing that sleeps and the clock is an argument, so a
poller that moves the clock instead of sleeping is a whole virtual world.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nextafter

from reactor.errors import DeadlockError
from reactor.poller import Mechanism


class VirtualClock:
    """A clock that shows what it was set to: call it to read it, in seconds."""

    def __init__(self, now: float = 0.0) -> None:
        self.now: float = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by seconds; where the sum must be rounded, to the moment before."""
        later = self.now + seconds
        before = nextafter(later, self.now)
        # Past the deadline there would be no way back; what is missing comes in the next turn.
        self.now = before if before - self.now >= seconds else later


class VirtualPoller:
    """A poller that never sleeps: with nothing ready, it moves clock on.

    poller finds what is ready. who says, for the DeadlockError, who waits for what; nobody, unless
    given.
    """

    def __init__(
        self, clock: VirtualClock, poller: Mechanism, who: Callable[[], str] | None = None
    ) -> None:
        self.readable: int = poller.readable
        self.writable: int = poller.writable
        self._clock = clock
        self._poller = poller
        self._who = who

    def add(self, fd: int, events: int) -> None:
        """Pass it on."""
        self._poller.add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        """Pass it on."""
        self._poller.change(fd, old, new)

    def drop(self, fd: int, events: int) -> None:
        """Pass it on."""
        self._poller.drop(fd, events)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        """Return what is ready; if nothing is, let timeout seconds pass.

        Raises DeadlockError for None.
        """
        events = self._poller.wait(0.0)
        if not events:
            if timeout is None:
                raise self._deadlock()
            self._clock.advance(timeout)
        return events

    def _deadlock(self) -> DeadlockError:
        waiting = self._who() if self._who is not None else ""
        return DeadlockError(
            f"at {self._clock.now:g} s nothing can happen any more: no timer is set and no "
            "watched descriptor is ready; whoever waits, waits for ever"
            + (f":\n{waiting}" if waiting else "")
        )

    def close(self) -> None:
        """Pass it on."""
        self._poller.close()
