"""Stream: bytes in order, both ways, over whatever carries them.

Law of this file: derive from it, write how bytes are had from below and how they are sent, and all
else is there: exact counts, lines, files. What was received and not asked for is held and comes
first next time. So is what an operation has gathered when it is cancelled or runs into a limit:
nothing is lost, and whoever tries again goes on.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import TYPE_CHECKING, Final, Self

from reactor.errors import EndOfStream
from reactor.poller import fd_of
from reactor.tasks import Operation, Steps, breathe, coroutine, move_on_after

from .held import Gathering, Held, ended_early, split
from .marks import find_mark, refuse_empty
from .sockets import CHUNK, part

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_BREATH: Final = breathe()
_LF: Final = ord("\n")


class Stream(Held):
    """Receives and sends bytes; one task at a time may receive, and one send.

    To carry bytes in a way of your own, derive and write receive_more, send_all, send_end, close
    and abort; call super().__init__().
    """

    __slots__ = ()

    # -- to be written

    @abstractmethod
    def receive_more(self, limit: int | None) -> Operation[bytes]:
        """Wait for bytes from below and return at most limit of them, or as many as is good if
        that is None; b"" once the peer has finished. A cancellation loses nothing.
        """
        raise NotImplementedError(f"{self!r} has no receive_more(limit); write one")

    @abstractmethod
    def send_all(self, data: bytes | bytearray | memoryview) -> Operation[None]:
        """Send data, and return when it is on its way: a peer that does not read holds its sender
        back.
        """
        raise NotImplementedError(f"{self!r} has no send_all(data); write one")

    @abstractmethod
    def send_end(self) -> Operation[None]:
        """Tell the peer that nothing more comes; it may still send. Again: nothing."""
        raise NotImplementedError(f"{self!r} has no send_end(); write one")

    @abstractmethod
    def close(self) -> None:
        """Close at once. Tasks that wait here get ClosedError. May be called twice."""
        raise NotImplementedError(f"{self!r} has no close(); write one")

    @abstractmethod
    def abort(self) -> None:
        """Close at once, and let the peer know that this is no good end, if there is a way."""
        raise NotImplementedError(f"{self!r} has no abort(); write one")

    # -- receiving

    @coroutine
    def receive(self, limit: int | None = None) -> Steps[bytes]:
        """Wait for bytes and return at most limit of them; b"" once the peer has finished.

        What is held comes first, without a wait. Raises ValueError for a limit below 1.
        """
        self._refuse(limit)
        if self._held is not None:
            yield _BREATH
            if self._held is not None:
                return self._take(limit)
        return (yield from self.receive_more(limit))

    @coroutine
    def receive_exactly(self, count: int) -> Steps[bytes]:
        """Wait for the next count bytes and return them.

        Without a wait if so many are held. Raises EndOfStream if the peer finishes before, with
        what did come in its partial, ValueError for a count below 0. Cancelled, or failed: what
        came is held.
        """
        if count < 0:
            raise ValueError(f"{count} bytes cannot be received from {self!r}; give 0 or more")
        if self._held is None and count:
            have: bytes | bytearray = yield from self.receive()
            if not have:
                raise ended_early(self, b"")
        else:
            yield _BREATH
            have = self._detach()
        if len(have) >= count:  # by far the most common
            first, rest = split(have, count, 0)
            if rest is not None:
                self._hold(rest)
            return first
        gathering = Gathering(have, count)
        try:
            while gathering.lacking > 0:
                data = yield from self.receive()
                if not data:
                    raise ended_early(self, gathering.join())
                gathering.add(data)
        except BaseException:
            self.unread(gathering.join())
            raise
        whole, rest = gathering.finish()
        if rest is not None:
            self._hold(rest)
        return whole

    @coroutine
    def receive_until(self, mark: bytes = b"\n", limit: int = CHUNK) -> Steps[bytes]:
        """Wait for mark and return what comes before it; the mark itself is thrown away.

        Without a wait if it is held. Raises LimitError if more than limit bytes come before it:
        they are held, so it can be tried with a higher limit, or they can be received otherwise.
        Raises EndOfStream if the peer finishes before, with what did come in its partial,
        ValueError for an empty mark. Cancelled, or failed: what came is held.
        """
        refuse_empty(mark, self)
        if self._held is not None:
            yield _BREATH
        have = self._detach()
        searched = 0
        try:
            while (at := find_mark(have, mark, limit, searched, self)) < 0:
                searched = len(have)
                have = self._join(have, (yield from self.receive()))
        except BaseException:
            self.unread(have)
            raise
        before, rest = split(have, at, len(mark))
        if rest is not None:
            self._hold(rest)
        return before

    @coroutine
    def receive_line(self, limit: int = CHUNK) -> Steps[bytes | None]:
        """Wait for the next line and return it without its end, LF or CRLF; None once the peer has
        finished. The last one may lack its end.

        limit, in bytes, is without the LF. Waits, raises LimitError and holds as receive_until
        does; so does a cancellation.
        """
        if self._held is None:
            data = yield from self.receive()
            line = data.removesuffix(b"\n")
            if line != data and _LF not in line and len(line) <= limit:  # by far the most common
                return line.removesuffix(b"\r")
            if not data:
                return None
            self.unread(data)
        else:
            yield _BREATH
        if (held := self._held) is not None and 0 <= (at := held.find(b"\n")) <= limit:
            line, self._held = split(held, at, 1)
            return line.removesuffix(b"\r")
        try:
            line = yield from self.receive_until(b"\n", limit)
        except EndOfStream as end:
            return (yield from self.receive_exactly(len(end.partial))) or None
        return line.removesuffix(b"\r")

    @coroutine
    def peek(self) -> Steps[bytes]:
        """Wait for bytes and return them, and have them held; b"" once the peer has finished."""
        data = yield from self.receive()
        self.unread(data)
        return data

    def lines(self, limit: int = CHUNK) -> Lines:
        """Return the lines that come from now on, each of limit bytes at most, its CR counted."""
        return Lines(self, limit)

    def _refuse(self, limit: int | None) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"receive({limit}) on {self!r} cannot bring a byte; give 1 or more")

    # -- sending, and the end

    @coroutine
    def send_file(
        self, file: FileDescriptorLike, offset: int = 0, count: int | None = None
    ) -> Steps[int]:
        """Send count bytes of a regular file from offset on, or all; return how many were sent.

        They are fewer if the file ends before that. Reading it may hold the loop for as long as a
        disk takes. Raises as send_all, and OSError as reading does. Cancelled: as send_all.
        """
        sent = 0
        while data := os.pread(fd_of(file), part(CHUNK, count, sent), offset + sent):
            yield from self.send_all(data)
            yield _BREATH
            sent += len(data)
        return sent

    @coroutine
    def finish(self, seconds: float = 0.25) -> Steps[None]:
        """End in good order: say so, throw away what still comes until the peer ends too, close.

        That takes at most seconds, and no wait where a connection's peer has ended and the task
        that calls this was the last to receive. Without it a close with unread input sends a
        reset, which can destroy what the peer has not read yet (RFC 1122, 4.2.2.13). A peer that
        is gone already, that resets the connection or falls silent has been seen off as well.
        Raises BusyError if another task receives, and closes at once then.
        """
        try:
            patience = move_on_after(seconds)  # here, as it refuses NaN whatever the peer did
            if not self._peer_has_ended():
                with patience:
                    yield from self.send_end()
                    while (yield from self.receive()):
                        pass
        except OSError:
            pass  # a half-close after a reset is ENOTCONN, which is no ConnectionError
        finally:
            self.close()

    def _peer_has_ended(self) -> bool:
        """Look whether the peer has ended already, so that nothing need be waited for. What came
        before is thrown away.
        """
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()


class Lines:
    """The lines of a stream: `async for line in stream.lines():`.

    A generator says `while (line := (yield from stream.receive_line())) is not None:`.
    """

    __slots__ = ("_limit", "_stream")

    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream = stream
        self._limit = limit

    def __aiter__(self) -> Self:
        return self

    @coroutine
    def __anext__(self) -> Steps[bytes]:
        stream, limit = self._stream, self._limit
        if stream._held is None:  # noqa: SLF001 - to ask for held costs a call
            data = yield from stream.receive()  # as receive_line, without the price of a frame
            line = data.removesuffix(b"\n")
            if line != data and _LF not in line and len(line) <= limit:
                return line.removesuffix(b"\r")
            if not data:
                raise StopAsyncIteration
            stream.unread(data)
        found = yield from stream.receive_line(limit)
        if found is None:
            raise StopAsyncIteration
        return found
