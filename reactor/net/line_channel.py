"""LineChannel: a channel that hands out what comes line by line, or by count.

Law of this file: pieces are handed out only as long as their receiver keeps up: none while the
channel is paused or has bytes to send, and so many in a turn. So what is held is one receive and
the piece that has begun.
"""

from __future__ import annotations

import socket
from typing import Final

from reactor.errors import EndOfStream, LimitError
from reactor.loop import Handle, Reactor

from .channel import Channel
from .held import gather
from .marks import find_mark, refuse_empty
from .sockets import CHUNK, UNSENT, Address

_STREAK: Final = 32  # pieces in a turn, then the others have theirs


class LineChannel(Channel):
    """A channel by lines: derive from it, and write received_line and ended.

    A line ends with LF or CRLF, and the last may lack that; where a mark is given it ends with that
    and nothing else. line_limit, in bytes, is without the LF. A peer that finishes inside of what
    ends with a mark, or was asked for by take(), ends the channel with EndOfStream. The rest is as
    Channel has it.
    """

    __slots__ = (
        "_count",
        "_crlf",
        "_held",
        "_lacking",
        "_mark",
        "_more",
        "_pieces",
        "_searched",
        "_turn",
        "line_limit",
    )

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        peer: Address = None,
        *,
        line_limit: int = CHUNK,
        mark: bytes | None = None,
        limit: int | None = None,
        unsent_limit: int = UNSENT,
        idle_seconds: float | None = None,
    ) -> None:
        self.line_limit: int = line_limit
        self._crlf = mark is None
        self._mark = b"\n" if mark is None else mark
        self._held: bytes | bytearray = b""  # received, and not handed out
        self._searched = 0  # so much of it has no mark
        self._count: int | None = None  # what comes next is so many bytes, not a line
        self._pieces: list[bytes | bytearray] | None = None  # held instead, while so many lack
        self._lacking = 0
        self._more = False  # whether there may be a piece that is held
        self._turn: Handle | None = None  # in which it is handed out
        super().__init__(
            reactor, sock, peer, limit=limit, unsent_limit=unsent_limit, idle_seconds=idle_seconds
        )
        try:
            refuse_empty(self._mark, self)
        except ValueError:
            self._close()
            raise

    # -- to be written

    def received_line(self, line: bytes) -> None:
        """A line came; its end is thrown away. Override it."""
        raise NotImplementedError(f"{self!r} has no received_line(line); write one")

    def received_exactly(self, data: bytes) -> None:
        """What take() asked for came: so many bytes. Override it where take() is called."""
        raise NotImplementedError(f"{self!r} has no received_exactly(data); write one")

    def line_too_long(self, error: LimitError) -> None:
        """More than line_limit bytes came without the end of a line.

        The channel ends with error, unless this finishes it: override it to tell the peer why.
        """

    def take(self, count: int) -> None:
        """Have the next count bytes, whatever they are, come to received_exactly; lines follow.

        It is for received_line and received_exactly, or for __init__; called elsewhere, it holds
        from when more comes, or from resume(). Raises ValueError for a count below 0.
        """
        if count < 0:
            raise ValueError(f"{count} bytes cannot be taken from {self!r}; give 0 or more")
        if self._pieces is not None:
            self._join()
        if self._held:
            self._more = True
        self._count = count

    # -- handing out

    def received(self, data: bytes) -> None:
        """Hand out the pieces that are there."""
        if self._pieces is not None:
            gather(self._pieces, data)
            self._lacking -= len(data)
            if self._lacking > 0:
                return
            self._join()
        elif self._held:
            if type(self._held) is bytes:
                self._held = bytearray(self._held)
            self._held += data
        else:
            self._held = data
        self._hand_out()

    def _join(self) -> None:
        """Hold what was gathered, in one piece."""
        assert self._pieces is not None
        self._held, self._pieces = b"".join(self._pieces), None

    def _hand_out(self) -> None:
        for _ in range(_STREAK):
            if self._deaf not in (None, "behind") or self._out is not None:
                break
            if not self._hand_out_one():
                self._more = False
                if self._deaf == "behind":
                    self._deaf = None
                return
        self._more = True
        if self._deaf is None:
            self._stop_hearing("behind")

    def _hand_out_one(self) -> bool:
        """Hand out the next piece. Returns False if it is not here yet."""
        if (count := self._count) is not None:
            if (lacking := count - len(self._held)) > 0:
                if self._held:  # else nothing has come, or it is gathered already
                    self._pieces, self._lacking, self._held = [self._held], lacking, b""
                return False
            self._count = None
            self.received_exactly(self._cut(count, 0))
            return True
        try:
            at = find_mark(self._held, self._mark, self.line_limit, self._searched, self)
        except LimitError as error:
            self.line_too_long(error)
            if self._ending != "finish":
                self._end(error)
            return False
        if at < 0:
            self._searched = len(self._held)
            return False
        line = self._cut(at, len(self._mark))
        self.received_line(line.removesuffix(b"\r") if self._crlf else line)
        return True

    def _cut(self, count: int, skip: int) -> bytes:
        """Return the first count bytes, and hold what comes after so many more."""
        held = self._held
        self._searched = 0
        if count + skip == len(held):
            self._held = b""
            return bytes(held[:count])
        piece = bytes(held[:count])
        rest = held if isinstance(held, bytearray) else bytearray(held)
        del rest[: count + skip]
        self._held = rest
        return piece

    def _wait(self) -> None:
        if self._more and self._deaf is None:  # resumed
            self._deaf = "behind"
        if self._deaf == "behind" and self._out is None:
            if self._turn is None or not self._turn.live:
                self._turn = self.reactor.call_soon(self._go_on)
        else:
            super()._wait()

    def _go_on(self) -> None:
        """Hand out more of what is held."""
        try:
            self._hand_out()
        except BaseException as error:
            self._end(error if isinstance(error, Exception) else None)
            raise
        self._wait()

    def _received_end(self) -> None:
        if self._pieces is not None:
            self._join()
        held = bytes(self._held)
        if not held:
            super()._received_end()
        elif self._crlf and self._count is None:
            self._held = b""
            self.received_line(held)  # and the end comes again, as it does until the socket closes
        else:
            what = f"{self!r} ended before what was asked for had come"
            self._end(EndOfStream(what, held))
