"""TlsStream: a stream over another one, which others can neither read nor change.

Law of this file: all waits are for the stream below. One task at a time receives there and one
sends, though TLS may have to send in order to receive, and the other way round. Who finds the other
at it leaves it to that one, or waits: so records keep their order, and nobody waits in a circle.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from reactor.errors import BusyError, ClosedError, TlsError, TruncatedError
from reactor.tasks import Operation, Steps, WaitQueue, breathe, coroutine, move_on_after

from .sockets import CHUNK
from .stream import Stream
from .tls_agreed import Agreed
from .tls_engine import RECORD, Engine

_PATIENCE: Final = 1.0  # seconds that a receiver waits for a peer who reads no answer
_BREATH: Final = breathe()


class TlsStream(Agreed):
    """TLS over a stream; made by tls_client and tls_server.

    One task at a time may receive, and one send. close and abort are those of the stream below,
    which the peer takes for a truncation: where all was said, use finish. ssl_object is what the
    ssl module has made: ask it what else there is to know, but receive and send here.
    """

    __slots__ = (
        "_below",
        "_cut",
        "_filler",
        "_flushing",
        "_moved",
        "_said_end",
        "_sending",
        "_truncation_ok",
    )

    def __init__(self, below: Stream, engine: Engine, *, truncation_ok: bool) -> None:
        super().__init__(engine)
        self._below = below
        self._truncation_ok = truncation_ok
        self._said_end = False
        self._cut = False  # whether a send was broken off: the peer may have half of a record
        self._sending = False  # whether a task sends, or says the end
        self._flushing = False  # whether a task sends below; it may be a receiver, who answers
        self._filler = ""  # who receives below: the "receiver" or the "sender"
        self._moved: WaitQueue[None] = WaitQueue()  # who waits for one of these two to be done

    # -- the handshake

    @coroutine
    def shake_hands(self) -> Steps[None]:
        """Agree on keys with the peer, and check who it is, as the context says.

        tls_client and tls_server do that. Raises TlsError if it comes to nothing; the peer has been
        told why then, and the stream below is closed. Raises as that does. Cancelled: no more can
        be done with it.
        """
        try:
            while not self._engine.greet():
                yield from self._flush()
                yield from self._fill("sender")
            yield from self._flush()
        except TlsError:
            yield from self._say_why()
            yield from self._below.finish()  # a reset could destroy what was said
            raise

    # -- receiving

    @coroutine
    def receive(self, limit: int | None = None) -> Steps[bytes]:
        """Wait for bytes and return at most limit of them, or 16 KiB; b"" once the peer has said
        that nothing more comes (close_notify).

        What is here already comes without a wait. Raises TruncatedError if the stream below ends
        without that word, unless truncation_ok was given, TlsError if what comes is not what the
        peer has sent, BusyError if another task receives, ValueError for a limit below 1, and as
        the stream below does. A cancellation loses nothing; where TLS has to answer a peer who
        does not read, it may take a second.
        """
        size = RECORD if limit is None or limit > RECORD else limit
        if size < 1:
            self._refuse(limit)
        try:
            if self._held is None and self._engine.starved:
                yield from self._fill("receiver")
            else:
                yield _BREATH
            while True:
                if self._held is not None:  # by send_end, it may be
                    return self._take(limit)
                if (data := self._engine.decrypt(size)) is not None:
                    return data
                yield from self._fill("receiver")
        except TlsError:
            yield from self._say_why()
            raise

    def receive_more(self, limit: int | None) -> Operation[bytes]:
        """Wait for bytes: receive does it by itself, at the price of one frame less."""
        return self.receive(limit)

    @coroutine
    def _fill(self, who: str) -> Steps[None]:
        """Wait for more from below, or until the other one, who does so, is done."""
        if self._filler:
            if self._filler == who:
                raise BusyError(f"{self!r} has a {who} that waits; one task at a time may receive")
            yield self._moved
            return
        self._filler = who
        try:
            if self._engine.outgoing.pending:
                yield from self._answer()
            data = yield from self._below.receive()
        finally:
            self._filler = ""
            self._moved.wake_all(None)
        if data:
            self._engine.incoming.write(data)
        elif self._truncation_ok and who == "receiver":
            self._engine.end = ""
        else:
            what = "peer had said so (close_notify)" if self.version else "handshake was done"
            raise TruncatedError(
                f"{self._below!r} ended before the {what}; somebody may have cut it off, so do not "
                "take what came for all"
            )

    @coroutine
    def _answer(self) -> Steps[None]:
        """Send what TLS has to say to what it has read, unless a sender takes it along."""
        if self._cut:
            self._engine.outgoing.read()  # nobody will hear it
        elif not self._flushing:
            with move_on_after(_PATIENCE, shield=True), suppress(OSError):
                yield from self._flush()
        elif self._engine.outgoing.pending > CHUNK:  # it asks and asks, and reads no answer
            yield self._moved

    # -- sending

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        """Send data, and return when the stream below has taken it all.

        At most 64 KiB are encrypted at a time. Raises BusyError if another task sends, ClosedError
        after send_end, TlsError if TLS has failed, and as the stream below does. Cancelled, or
        failed: a part may have been sent, so every further send raises TlsError.
        """
        self._check_sendable()
        small = type(data) is bytes and len(data) <= CHUNK  # by far the most common: no views
        rest = data if small else memoryview(data).cast("B")
        self._sending = True
        begun = False
        try:
            while rest:
                while self._flushing:
                    yield self._moved
                if done := self._engine.encrypt(rest[:CHUNK]):
                    begun = True
                    yield from self._flush()
                    if rest := rest[done:]:
                        yield _BREATH
                else:
                    yield from self._fill("sender")
        except BaseException:
            self._cut = self._cut or begun
            raise
        finally:
            self._sending = False

    @coroutine
    def send_end(self) -> Steps[None]:
        """Tell the peer that nothing more comes (close_notify); it may still send. Again: nothing.

        Raises, and is cancelled, as send_all. What is under way is decrypted first, and held. The
        stream below is not ended.
        """
        if self._said_end:
            return
        self._check_sendable()
        self._sending = True
        try:
            while True:
                while self._flushing:
                    yield self._moved
                self._drain()
                if self._engine.encrypt_end():
                    break
                yield from self._fill("sender")
            yield from self._flush()
            self._said_end = True
        finally:
            self._sending = False

    def _drain(self) -> None:
        """Decrypt and hold what is here, which an end would throw away."""
        have = bytearray(self._detach())
        try:
            while data := self._engine.decrypt(RECORD):
                have += data
        finally:
            self.unread(have)

    @coroutine
    def _flush(self) -> Steps[None]:
        """Send below what is encrypted: the one place where records leave. Nobody else is at it."""
        self._flushing = True
        try:
            while self._engine.outgoing.pending:
                yield from self._below.send_all(self._engine.outgoing.read())
        except BaseException:
            self._cut = True
            raise
        finally:
            self._flushing = False
            self._moved.wake_all(None)

    @coroutine
    def _say_why(self) -> Steps[None]:
        """Tell the peer why TLS has failed (an alert), if it listens."""
        if self._engine.outgoing.pending and not self._cut and not self._flushing:
            with move_on_after(_PATIENCE), suppress(OSError):
                yield from self._flush()

    def _check_sendable(self) -> None:
        if self._sending:
            raise BusyError(f"{self!r} has a sender that waits; one task at a time may send")
        if self._said_end:
            raise ClosedError(f"{self!r} was ended on this side; send before send_end, or close it")
        if self._engine.end:
            raise TlsError(self._engine.end)
        if self._cut:
            raise TlsError(
                f"a send on {self!r} was broken off, perhaps inside a record; the peer can make "
                "nothing of more, so close it"
            )

    # -- the end

    def close(self) -> None:
        """Close the stream below at once. May be called twice."""
        self._below.close()

    def abort(self) -> None:
        """Close the stream below at once, and let the peer know that this is no good end."""
        self._below.abort()

    def __repr__(self) -> str:
        return f"<TlsStream over {self._below!r}>"
