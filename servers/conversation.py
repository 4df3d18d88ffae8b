"""The conversation that all nine servers hold: bytes in, replies out, no I/O.

Law of this file: a receive is what one system call brought, at most RECEIVE_LIMIT bytes, and every
receive is owed one REPLY until the peer closes. So a client that sends 513 bytes in one go is owed
two replies, and a client that sends nothing and closes is owed none.
"""

from __future__ import annotations

from typing import Final

RECEIVE_LIMIT: Final = 512
"""The most that one receive takes, in bytes."""

REPLY: Final = b"OK\n"
"""What each receive is answered with."""


def answer(received: bytes) -> bytes:
    """Return the reply that one receive is owed.

    Raises ValueError for an empty receive, which is the peer's farewell and no message, and for
    more than RECEIVE_LIMIT bytes, which are several messages. Both are mistakes of the server.
    """
    size = len(received)
    if not 0 < size <= RECEIVE_LIMIT:
        raise ValueError(f"a receive of {size} bytes has no reply; pass on 1 to {RECEIVE_LIMIT}")
    return REPLY
