"""Held: what was received and is not handed out yet.

Law of this file: what came is handed out or held, and what is held comes first; nothing is lost
between the two. What comes in many pieces is joined once, when all have come.
"""

from __future__ import annotations

from typing import Final

from reactor.errors import EndOfStream

_SMALL: Final = 4_096
"""Pieces of fewer bytes are put together at once: an object for each byte would weigh 40 times
what came.
"""


def split(have: bytes | bytearray, count: int, skip: int) -> tuple[bytes, bytearray | None]:
    """Return the first count bytes of have, and what comes behind so many more, if anything does.

    have is not to be used any more: a bytearray becomes what comes behind.
    """
    if isinstance(have, bytes):
        rest = have[count + skip :]
        return have[:count], bytearray(rest) if rest else None
    first = bytes(have[:count])
    del have[: count + skip]  # from the front, which moves nothing
    return first, have or None


def ended_early(owner: object, partial: bytes) -> EndOfStream:
    """Return the error of an owner whose peer has finished inside of what was asked for."""
    return EndOfStream(f"{owner!r} ended before what was asked for had come", partial)


class Gathering:
    """The pieces of what was asked for by count, as long as some of it is lacking."""

    __slots__ = ("_pieces", "lacking")

    def __init__(self, first: bytes | bytearray, count: int) -> None:
        self._pieces: list[bytes | bytearray] = [first]
        self.lacking: int = count - len(first)  # in bytes; below 0 if more came

    def add(self, data: bytes) -> None:
        """Have data come behind what is here."""
        self.lacking -= len(data)
        if len(data) >= _SMALL:
            self._pieces.append(data)
        elif isinstance(last := self._pieces[-1], bytearray):
            last += data
        else:
            self._pieces.append(bytearray(data))

    def join(self) -> bytes:
        """Return all that is here."""
        return b"".join(self._pieces)

    def finish(self) -> tuple[bytes, bytearray | None]:
        """Return what was asked for, of which nothing is lacking any more, and what came behind
        it, if anything did.
        """
        last = self._pieces.pop()
        end, rest = split(last, len(last) + self.lacking, 0)
        self._pieces.append(end)
        return self.join(), rest


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

    def _hold(self, rest: bytearray) -> None:
        """Hold rest, which came behind what is handed out now, and so behind what another task has
        put back meanwhile.
        """
        if self._held is None:
            self._held = rest
        else:
            self._held += rest

    def _join(self, have: bytes | bytearray, data: bytes) -> bytes | bytearray:
        """Return data, which came, behind have."""
        if not data:
            raise ended_early(self, bytes(have))
        if not have:
            return data
        gathered = have if isinstance(have, bytearray) else bytearray(have)
        gathered += data
        return gathered

    def _take(self, limit: int | None) -> bytes:
        have = self._detach()
        if limit is None:
            return bytes(have)
        first, self._held = split(have, min(limit, len(have)), 0)
        return first
