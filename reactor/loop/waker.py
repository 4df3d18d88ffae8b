"""Waker: how another thread or a signal ends the poller's sleep.

Law of this file: the byte only wakes. What is to be done is kept elsewhere, so a full socket
loses nothing, and one byte stands for any number of reasons.
"""

from __future__ import annotations

import socket


class Waker:
    """A pair of connected sockets: ring one end, and the other becomes readable."""

    def __init__(self) -> None:
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)

    def fileno(self) -> int:
        """Return the descriptor that becomes readable."""
        return self._bell.fileno()

    def rope(self) -> int:
        """Return the descriptor to write to, as signal.set_wakeup_fd wants it."""
        return self._rope.fileno()

    def ring(self) -> None:
        """Wake the sleeper; from any thread. Raises OSError when closed."""
        try:
            self._rope.send(b"\0")
        except BlockingIOError:
            pass  # full, so it rings already

    def hush(self) -> None:
        """Take away what has rung so far; what is more than this takes rings on."""
        try:
            self._bell.recv(4096)
        except BlockingIOError:
            pass  # it was hushed already

    def close(self) -> None:
        """Close both ends."""
        self._bell.close()
        self._rope.close()
