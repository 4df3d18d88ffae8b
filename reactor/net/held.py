"""Held: what was received and is not handed out yet.

Law of this file: what came is handed out or held, and what is held comes first; nothing is lost
between the two. What is large is copied once, when it has all come.
"""

from __future__ import annotations

from typing import Final

from reactor.errors import EndOfStream

_SMALL: Final = 4_096
"""Pieces of fewer bytes are put together at once: an object for each byte would weigh 40 times
what came.
"""


def gather(pieces: list[bytes | bytearray], data: bytes) -> None:
    """Have data come behind pieces, one at least, which are joined when all have come."""
    if len(data) >= _SMALL:
        pieces.append(data)
    elif isinstance(last := pieces[-1], bytearray):
        last += data
    else:
        pieces.append(bytearray(data))


class Held:
    """Bytes that came too early, kept for who asks next."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: bytearray | None = None  # received, not handed out, and not empty

    @property
    def held(self) -> int:
        """How many bytes were received and not handed out yet."""
        return 0 if self._held is None else len(self._held)

    def unread(self, data: bytes | bytearray) -> None:
        """Have data held: it is what is received next."""
        if self._held is not None:
            self._held[:0] = data
        elif data:
            self._held = bytearray(data)

    def _detach(self) -> bytes | bytearray:
        """Return what is held, and hold it no longer."""
        have, self._held = self._held or b"", None
        return have

    def _join(self, have: bytes | bytearray, data: bytes) -> bytes | bytearray:
        """Return data, which came, behind have."""
        if not data:
            raise self._ended(bytes(have))
        if not have:
            return data
        gathered = have if isinstance(have, bytearray) else bytearray(have)
        gathered += data
        return gathered

    def _ended(self, partial: bytes) -> EndOfStream:
        return EndOfStream(f"{self!r} ended before what was asked for had come", partial)

    def _split(self, have: bytes | bytearray, count: int, skip: int) -> bytes:
        """Return the first count bytes of have, pass over so many, and hold the rest."""
        first = bytes(have[:count])
        if count + skip < len(have):
            rest = have if isinstance(have, bytearray) else bytearray(have)
            del rest[: count + skip]  # from the front, which moves nothing
            self._held = rest
        return first

    def _take(self, limit: int | None) -> bytes:
        have = self._detach()
        return bytes(have) if limit is None else self._split(have, min(limit, len(have)), 0)
