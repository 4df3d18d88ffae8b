"""SignalReceiver: signals, one after the other, for a task.

Law of this file: what has come is kept until a task takes it in its own turn, so no cancellation
loses a signal. As with the system's own pending signals (man 7 signal), one that comes again
before it was taken counts once.
"""

from __future__ import annotations

from typing import Self

from reactor.errors import BusyError, ClosedError
from reactor.loop import SignalWatch
from reactor.tasks import Operation, Steps, WaitQueue, coroutine, current_task


class SignalReceiver:
    """Signals as they come: `with SignalReceiver(SIGHUP, SIGTERM) as signals:`, then `async for
    signum in signals:`, or `yield from signals.next()`.

    It is entered by a task, in the main thread; from then on these signals come here, and when it
    is left, the handlers of before are back. Where several watch a signal, the newest hears of it.
    Raises ValueError without a signal.
    """

    __slots__ = ("_pending", "_signums", "_taken", "_waiting", "_watches")

    def __init__(self, *signums: int) -> None:
        if not signums:
            raise ValueError("no signal is given; name those to receive")
        self._signums = signums
        self._watches: list[SignalWatch] = []  # none: not open
        self._pending: dict[int, None] = {}  # in order of arrival
        self._waiting: WaitQueue[None] = WaitQueue()
        self._taken = False  # by a task that is in next()

    def __enter__(self) -> Self:
        """Begin to receive.

        Raises NotRunningError outside of a task, BusyError if it is open, and as
        Reactor.on_signal does: WrongThreadError, OSError or ValueError.
        """
        reactor = current_task().reactor
        if self._watches:
            raise BusyError(f"{self!r} is open already; leave it first, or make another")
        self._pending.clear()
        try:
            for signum in self._signums:
                self._watches.append(reactor.on_signal(signum, self._hear, signum))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end()

    @coroutine
    def next(self) -> Steps[int]:
        """Wait for a signal and return its number; of several, the one that came first.

        One that has come already is returned without parking. If cancelled, none is lost. Raises
        BusyError if another task is in here, ClosedError when the receiver is not open, or is left
        meanwhile, and nothing is kept.
        """
        if self._taken:
            raise BusyError(f"{self!r} has a task that waits; one at a time may")
        self._taken = True
        try:
            if not self._pending and self._watches:
                yield self._waiting
        finally:
            self._taken = False
        for signum in self._pending:
            del self._pending[signum]
            return signum
        raise ClosedError(f"{self!r} is not open; nothing comes outside of its `with`")

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Operation[int]:
        return self.next()

    def _hear(self, signum: int) -> None:
        self._pending[signum] = None
        self._waiting.wake_one(None)

    def _end(self) -> None:
        while self._watches:
            self._watches.pop().cancel()
        self._waiting.wake_one(None)

    def __repr__(self) -> str:
        state = "" if self._watches else ", not open"
        names = ", ".join(str(getattr(signum, "name", signum)) for signum in self._signums)
        return f"<SignalReceiver of {names}{state}>"
