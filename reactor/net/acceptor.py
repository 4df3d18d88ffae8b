"""Acceptor: taking clients from a listening socket, a bounded burst at a time.

Law of this file: no client ends a server, and nothing is waited for that cannot come. Some errors
of accept are the affair of one client who is gone again: the next is taken. Some say that the
socket itself is wrong, and are raised. All the rest is a shortage, of descriptors or of memory: it
is said once, accepting pauses a little while those who are in are served, and comes back by itself.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Final

from reactor.loop import log

from .sockets import Address, is_hung_up, refuse_closed

BURST: Final = 64
"""The most clients taken in one turn."""

SELDOM: Final = 16
"""How many come one by one, at most, before it is tried whether two come at a time."""

PAUSE: Final = 0.1
"""How long accepting pauses when it cannot, in seconds."""

# man 2 accept: Linux hands over pending network errors of the new socket, to be treated like EAGAIN
# by trying again; EPERM is a firewall's no. Not every system has them all.
_GONE_AGAIN: Final = frozenset(
    getattr(errno, name)
    for name in (
        *("ECONNABORTED", "ECONNRESET", "EPERM", "EPROTO", "ENOPROTOOPT", "EOPNOTSUPP"),
        *("EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENONET", "ETIMEDOUT"),
    )
    if hasattr(errno, name)
)

# The same page: closed, not a socket, not listening (any more). No pause would mend that.
_WRONG: Final = (errno.EBADF, errno.ENOTSOCK, errno.EINVAL)


def log_shortage(error: OSError | None) -> None:
    """Log that accepting pauses, because of error, or, for None, that it works again."""
    if error is None:
        log().info("accepting works again")
    else:
        log().warning("accepting pauses: %s", error)


class Acceptor:
    """Takes clients from sock, and tells shortage(error) when that begins to fail, shortage(None)
    when it works again. broken says that it will not. accepted counts who was taken, lost who was
    gone again before that.

    Raises ValueError for a socket that is closed or does not listen.
    """

    __slots__ = (
        "_accept",
        "_alone",
        "_burst",
        "_full",
        "_gone",
        "_shortage",
        "_vain",
        "accepted",
        "broken",
        "left",
        "lost",
        "short",
        "sock",
    )

    def __init__(self, sock: socket.socket, shortage: Callable[[OSError | None], object]) -> None:
        refuse_closed(sock)
        if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise ValueError(f"{sock!r} does not listen; call its listen() first")
        sock.setblocking(False)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            # Accepted sockets inherit it: a second reply does not wait for an acknowledgement.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock: socket.socket = sock
        self.left: int = 1  # so many may be taken before the next wait
        self.short: bool = False
        self.broken: bool = False
        self.accepted: int = 0
        self.lost: int = 0
        self._shortage = shortage
        self._gone = 0  # clients gone again, in a row
        self._vain = 0  # wake-ups for nobody, in a row
        self._burst = 1
        self._full = 0  # bursts that got all that they asked for, in a row
        self._alone = 1  # so many of them it takes before the next is larger
        # accept() and detach() make a socket object for nothing, dearer than all the rest.
        self._accept: Callable[[], tuple[int, Address]] = getattr(sock, "_accept", self._detached)

    def take(self) -> tuple[int, Address] | None:
        """Take one client: its descriptor and its address.

        None: nobody is there, or short says that nobody can be taken. Raises OSError if the socket
        itself is wrong.
        """
        while True:
            try:
                client = self._accept()
            except BlockingIOError:
                # A burst of more than two comes after two that came together: that is a crowd.
                self._alone = min(2 * self._alone, SELDOM) if self._burst <= 2 else 1
                self._start_over()
                self._ends()
                self._in_vain()
                return None
            except OSError as error:
                if error.errno in _GONE_AGAIN and self._gone < BURST:
                    self._gone += 1
                    self.lost += 1
                    continue
                self.pause(error)
                return None
            self.left -= 1
            if not self.left:
                self._full += 1
                if self._full >= self._alone:
                    self._burst = min(2 * self._burst, BURST)
            if self.short or self.broken or self._gone or self._vain:
                self._vain = 0
                try:
                    self._ends()
                except BaseException:  # of the hook that is told
                    socket.close(client[0])
                    raise
            self.accepted += 1
            return client

    def refill(self) -> None:
        """Begin the next burst, after a wait. Asking once too often is an exception, dearer than
        a turn.

        So a burst is one client at first, and twice as many as before when the last one got all
        that it asked for. Where they come one by one two are asked for in vain, so each time that
        is tried after twice as many of them, SELDOM at most.
        """
        self.left = self._burst

    def _start_over(self) -> None:
        self._burst, self._full, self.left = 1, 0, 0

    def pause(self, error: OSError) -> None:
        """Be short, because of error: accepting pauses. Raises it if a pause would not help."""
        if error.errno in _WRONG:
            self.broken = True
            what = f"{self.sock!r} cannot accept anybody; close its listener, and listen anew"
            if error.errno == errno.EBADF:
                self.sock.detach()  # closed behind our back: the number is not ours to close
            raise OSError(error.errno, f"{error.strerror}: {what}") from None
        # Whatever is not known counts, and so does a whole burst of clients gone again: an error
        # that lasts must not become a spin.
        self._gone = 0
        self._start_over()
        if not self.short:
            self.short = True
            self._shortage(error)

    def _in_vain(self) -> None:
        """Count another wake-up for nobody: another process may have been quicker.

        But Linux reports a Unix socket that was shut down as ready for ever, and has accept say
        that nobody is there. Raises OSError then.
        """
        self._vain += 1
        if self._vain % BURST == 0 and is_hung_up(self.sock):
            self.pause(OSError(errno.EINVAL, os.strerror(errno.EINVAL)))

    def _ends(self) -> None:
        self._gone = 0
        self.broken = False
        if self.short:
            self.short = False
            self._shortage(None)

    def _detached(self) -> tuple[int, Address]:
        sock, address = self.sock.accept()
        return sock.detach(), address
