"""LineChannel: a channel that hands out what comes line by line, or by count.

Law of this file: pieces are handed out only as long as their receiver keeps up: none while the
channel is paused or has bytes to send, and so many in a turn. So what is held is one receive and
the piece that has begun.
"""

from __future__ import annotations

import socket
from typing import Final

from reactor.errors import LimitError
from reactor.loop import Handle, Reactor

from .channel import Channel
from .held import Gathering, ended_early, split
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
        "_gathering",
        "_held",
        "_mark",
        "_more",
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
        self._gathering: Gathering | None = None  # of that count; meanwhile nothing else is held
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
        if self._gathering is not None:  # for another count, than which this may be less
            self._held, self._gathering = self._gathering.join(), None
        if self._held:
            self._more = True
        self._count = count

    # -- handing out

    def received(self, data: bytes) -> None:
        """Hand out the pieces that are there."""
        if (gathering := self._gathering) is not None:
            gathering.add(data)
            if gathering.lacking > 0:
                return
            self._held, self._gathering = gathering.join(), None
        elif self._held:
            if type(self._held) is bytes:
                self._held = bytearray(self._held)
            self._held += data
        else:
            self._held = data
        self._hand_out()

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
            if len(self._held) < count:
                if self._held:  # else nothing has come, or it is gathered already
                    self._gathering, self._held = Gathering(self._held, count), b""
                return False
            self._count, self._searched = None, 0
            data, rest = split(self._held, count, 0)
            self._held = rest or b""
            self.received_exactly(data)
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
        self._searched = 0
        line, rest = split(self._held, at, len(self._mark))
        self._held = rest or b""
        self.received_line(line.removesuffix(b"\r") if self._crlf else line)
        return True

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
        held = bytes(self._held) if self._gathering is None else self._gathering.join()
        if not held:
            super()._received_end()
        elif self._crlf and self._count is None:
            self._held = b""
            self.received_line(held)  # and the end comes again, as it does until the socket closes
        else:
            self._end(ended_early(self, held))
