"""A stream that brings what it was told to, piece by piece, and notes what is done to it."""

from __future__ import annotations

from reactor import Steps, checkpoint, coroutine
from reactor.net import Stream


class ScriptedStream(Stream):
    """Brings each of pieces in a turn of its own, then the end; an error among them is raised."""

    def __init__(self, *pieces: bytes | OSError) -> None:
        super().__init__()
        self._pieces = list(pieces)
        self.log: list[str] = []
        self.sent = bytearray()

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        yield from checkpoint()
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if isinstance(piece, OSError):
            raise piece
        if limit is not None and len(piece) > limit:
            self._pieces.insert(0, piece[limit:])
        return piece[:limit]

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        yield from checkpoint()
        self.sent += data

    @coroutine
    def send_end(self) -> Steps[None]:
        yield from checkpoint()
        self.log.append("end")

    def close(self) -> None:
        self.log.append("close")

    def abort(self) -> None:
        self.log.append("abort")

    def __repr__(self) -> str:
        return "<ScriptedStream>"


class BareStream(Stream):
    """Has nothing written."""

    def __repr__(self) -> str:
        return "<BareStream>"
