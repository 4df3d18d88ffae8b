"""Watches: callbacks on descriptors, which are called more than once.

Law of this file: a watch is a handle that waits on its side again before each call, so that the
call may end it. One that fails goes on, unless its descriptor was closed without forget.
"""

from __future__ import annotations

from .runnable import Handle
from .sides import Side


class Watch(Handle):
    """Calls back each time a side is ready, until it is cancelled or the descriptor forgotten."""

    __slots__ = ("_side",)
    _side: Side

    def begin(self, side: Side) -> None:
        """Wait on side from now on. Raises as Side.park does."""
        self._side = side
        side.park(self)

    def run(self) -> None:
        """Wait again, then make the call: it may end the watch."""
        args = self.args
        if args is not None:
            try:
                side = self._side
                if side.armed and side.waiter is self:
                    side.waiting = True  # as park would do, without the price of a call
                else:
                    side.park(self)
                self.fn(*args)
            except Exception:
                self._look_after()
                raise
            except BaseException:
                self._wait_again()
                raise

    def cancel(self) -> bool:
        """Watch no longer; return as Handle does."""
        in_time = super().cancel()
        if in_time:
            self._side.abort(self)
        return in_time

    def _wait_again(self) -> None:
        """Wait, if an interrupt came before it did."""
        if self.live and not self._side.waiting:
            self._side.park(self)

    def _look_after(self) -> None:
        """Go on after a failure only if the descriptor is open, and this could wait again."""
        args, self.args = self.args, None  # one that ends here keeps its name, for on_error
        self._side.verify()
        if self._side.waiting:
            self.args = args
