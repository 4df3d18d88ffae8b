"""Signals: operating system signals as callbacks of the reactor.

Law of this file: the handler that Python runs notes which signal came, and the byte that the
interpreter writes to the wake-up descriptor ends the poller's sleep (signal.set_wakeup_fd); the
callback itself runs in the turn, like any other. Python knows one handler a signal and one
wake-up descriptor a process: what was there before is put back, unless another has taken our
place since.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context
from types import FrameType
from typing import Any, Final

from reactor.errors import WrongThreadError

from .runnable import Handle, Runnable
from .waker import Waker

_PYTHONS_OWN: Final[dict[int, Any]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGPIPE: signal.SIG_IGN,
    signal.SIGXFSZ: signal.SIG_IGN,
}


class SignalWatch(Handle):
    """Calls back each time a signal comes, until it is cancelled. Made by Reactor.on_signal."""

    __slots__ = ("_signals", "signum")

    def __init__(
        self,
        signals: Signals,
        signum: int,
        fn: Callable[..., object],
        args: tuple[object, ...],
        context: Context | None,
    ) -> None:
        self.fill(fn, args, context)
        self._signals = signals
        self.signum: int = signum

    def run(self) -> None:
        """Make the call, unless the watch was ended meanwhile."""
        if self.args is not None:
            self.fn(*self.args)

    def is_called(self) -> bool:
        """Tell whether it is called by the next signal: no newer watch has that."""
        return self.live and self._signals.is_called(self)

    def cancel(self) -> bool:
        """Watch no longer, and put back the handler of before; return as Handle does."""
        in_time = super().cancel()
        if in_time:
            self._signals.unwatch(self)
        return in_time


class Signals:
    """The signals that one reactor watches. ready is the reactor's queue; former, by signal, the
    handlers that were there before.
    """

    def __init__(self, waker: Waker, ready: list[Runnable]) -> None:
        self._waker = waker
        self._ready = ready
        # By signal; the newest, which is called, last.
        self._watches: dict[int, list[SignalWatch]] = {}
        self.former: dict[int, Any] = {}
        self._former_fd = -1
        self._arrived: deque[int] = deque()

    def watch(self, watch: SignalWatch) -> None:
        """Begin to watch. Raises WrongThreadError off the main thread."""
        signum = watch.signum
        if threading.current_thread() is not threading.main_thread():
            raise WrongThreadError(
                f"on_signal({name_of(signum)}) works in the main thread only; call it there"
            )
        if signum not in self._watches:
            former = signal.signal(signum, self._note)
            self.former[signum] = signal.SIG_DFL if former is None else former
            if not self._watches:
                rope = self._waker.rope()
                self._former_fd = signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
            self._watches[signum] = []
        self._watches[signum].append(watch)

    def unwatch(self, watch: SignalWatch) -> None:
        """Call the watch of before, or put back the handler that was there before any."""
        watches = self._watches[watch.signum]
        watches.remove(watch)
        if not watches:
            del self._watches[watch.signum]
            self._put_back(watch.signum, self.former.pop(watch.signum))
            if not self._watches:
                self._return_wakeup_fd()

    def is_called(self, watch: SignalWatch) -> bool:
        """Tell whether watch is the one that its signal calls now."""
        return self._watches[watch.signum][-1] is watch

    def deliver(self) -> None:
        """Queue the callbacks of what has come."""
        while self._arrived:
            newest = self._watches.get(self._arrived[0], [])[-1:]
            self._ready += newest
            del self._arrived[0]  # with no call since, so that no interrupt comes between

    def close(self) -> None:
        """End every watch."""
        for watches in list(self._watches.values()):
            for watch in watches[::-1]:
                watch.cancel()

    def forked(self) -> None:
        """In a forked child: leave the parent's wake-up descriptor, take Python's own handlers."""
        if self._watches:
            self._former_fd = -1
            self._return_wakeup_fd()
        for signum, watches in self._watches.items():
            signal.signal(signum, _PYTHONS_OWN.get(signum, signal.SIG_DFL))
            for watch in watches:
                watch.args = None
        self._watches.clear()
        self._arrived.clear()

    def _put_back(self, signum: int, former: Any) -> None:
        """Make former the handler again, or what the reactor that came after us will put back."""
        above: Signals | None = None
        handler: Any = signal.getsignal(signum)
        while handler != self._note:
            above = getattr(handler, "__self__", None)
            if not isinstance(above, Signals):
                return  # another has taken our place since, and keeps it
            handler = above.former.get(signum)
        if above is None:
            signal.signal(signum, former)
        else:
            above.former[signum] = former

    def _return_wakeup_fd(self) -> None:
        latest = signal.set_wakeup_fd(-1)
        fd = self._former_fd if latest == self._waker.rope() else latest
        try:
            signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
        except (OSError, ValueError):
            pass  # its owner has closed it meanwhile

    def _note(self, signum: int, frame: FrameType | None) -> None:
        if self._waker.rope() >= 0:  # else somebody has put back the handler of a closed reactor
            self._arrived.append(signum)
            self._waker.ring()  # the wake-up descriptor may be another reactor's


def name_of(signum: int) -> str:
    """Return the name of a signal, `SIGTERM`; or its number, if it has none."""
    try:
        return signal.Signals(signum).name
    except ValueError:
        return f"signal {signum}"
