"""How all nine servers stop and what they do when `accept` fails: the numbers and the rule, once.

Law of this file: no client ends a server. Some errors of `accept` are the affair of one client
that has gone again: the next one is taken. Some say that the listening socket itself is wrong, and
are raised. All the rest is a shortage: accepting pauses a little, and whoever is in is served
meanwhile.
"""

from __future__ import annotations

import errno
from typing import Final

from servers.journal import Journal

REPLY_SECONDS: Final = 0.5
"""At a stop: how long the reply in hand may take to go out before its client is cut off."""

DISCARD_SECONDS: Final = 0.25
"""At a stop: how long what a client still sends is thrown away after our half-close.

Closing a socket with unread input sends a reset, and a reset can destroy a reply that the peer has
not read yet.
"""

DISCARD_SIZE: Final = 64 * 1024
"""The most that one receive throws away, in bytes."""

WORKER_SECONDS: Final = 2.0
"""At a stop: how long a process may take to end before it is killed, a thread before it is left to
the end of the process, in seconds.

Longer than it needs to see its client off: only one that hangs, or is one of hundreds, is still
there.
"""

GONE_IN_A_ROW: Final = 64
"""How many errors of `accept` may be the affair of clients gone again before it is a shortage."""

ACCEPT_PAUSE: Final = 0.1
"""How long accepting pauses in a shortage, in seconds."""

# `man 2 accept`: Linux hands over errors of the new connection as errors of accept, and a portable
# program takes them as if nobody had come; EPERM is a firewall's no. Not every system has them all.
_GONE_AGAIN: Final = frozenset(
    getattr(errno, name)
    for name in (
        *("ECONNABORTED", "ECONNRESET", "EPERM", "EPROTO", "ENOPROTOOPT", "EOPNOTSUPP"),
        *("EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENONET", "ETIMEDOUT"),
    )
    if hasattr(errno, name)
)

# The same page: closed, not a socket, not listening (any more). To wait would not mend that.
_WRONG: Final = (errno.EBADF, errno.ENOTSOCK, errno.EINVAL)


class AcceptErrors:
    """Answers every error of `accept`; the journal hears once that a shortage began or ended."""

    __slots__ = ("_gone_in_a_row", "_journal", "_short")

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._gone_in_a_row = 0
        self._short = False

    def pause_after(self, error: OSError) -> float:
        """Return the seconds to pause before the next `accept`; 0.0 means to take the next now.

        Whatever is not known to be one client's affair counts as a shortage, like EMFILE, ENFILE,
        ENOBUFS and ENOMEM, and so do GONE_IN_A_ROW clients who are gone again: an error that lasts
        must not become a spin. Raises error if the listening socket itself is wrong.
        """
        if error.errno in _WRONG:
            raise error
        if error.errno in _GONE_AGAIN and self._gone_in_a_row < GONE_IN_A_ROW:
            self._gone_in_a_row += 1
            return 0.0
        self._gone_in_a_row = 0
        if not self._short:
            self._short = True
            self._journal.shortage(error)
        return ACCEPT_PAUSE

    def worked(self) -> None:
        """Note that `accept` worked, so that a shortage, if there was one, is over."""
        self._gone_in_a_row = 0
        if self._short:
            self._short = False
            self._journal.shortage(None)
