"""Engine: TLS in memory: bytes in, records out, and the other way round.

Law of this file: nothing waits here, and nothing goes to a peer. The ssl module does it all; what
it says is put into the few words that a stream needs: done, more has to come first, or failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reactor.errors import TlsError

from .meter import Meter

if TYPE_CHECKING:
    import ssl

RECORD: Final = 16_384
"""What TLS puts in a record, so nothing decrypts to more at a time, in bytes."""

_WANT_READ: Final = 2  # ssl.SSL_ERROR_WANT_READ; importing this file does not load ssl
_ZERO_RETURN: Final = 6  # ssl.SSL_ERROR_ZERO_RETURN

_ADVICE: Final = {
    "CERTIFICATE_VERIFY_FAILED": "give a context that trusts who issued it, and the host that it "
    "is for, or do not talk to this peer",
    "HTTP_REQUEST": "the peer speaks plain HTTP; have it use https, or serve it without TLS",
    "NO_SHARED_CIPHER": "the contexts have no cipher in common, or the server's has no certificate "
    "(load_cert_chain)",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "this context demands one of each peer (verify_mode)",
    "UNSUPPORTED_PROTOCOL": "the contexts of the two have no version in common",
    "WRONG_VERSION_NUMBER": "what came is no TLS; see whether the peer speaks it at this port, and "
    "from the start",
}


class Engine:
    """TLS for one stream, whose name is for errors only.

    end is "" once the peer has said that nothing more comes, or says why nothing can; else None.
    meter counts what is decrypted and encrypted, if there is one.
    """

    __slots__ = ("_name", "end", "incoming", "meter", "outgoing", "ssl_object")

    def __init__(
        self,
        name: str,
        ssl_object: ssl.SSLObject,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
    ) -> None:
        self._name = name
        self.ssl_object: ssl.SSLObject = ssl_object
        self.incoming: ssl.MemoryBIO = incoming  # records that have come
        self.outgoing: ssl.MemoryBIO = outgoing  # records that are to be sent
        self.end: str | None = None
        self.meter: Meter | None = None

    @property
    def starved(self) -> bool:
        """Whether it is sure that nothing can be decrypted before more comes."""
        return not self.incoming.pending and not self.ssl_object.pending() and self.end is None

    def greet(self) -> bool:
        """Go on with the handshake. Returns False if more has to come for that."""
        try:
            self.ssl_object.do_handshake()
        except OSError as error:
            if error.errno == _WANT_READ:
                return False
            raise self._failed("handshake", error) from error
        return True

    def decrypt(self, size: int) -> bytes | None:
        """Return at most size bytes, b"" at the end, or None if more has to come for that."""
        if self.end is not None:
            if self.end:
                raise TlsError(self.end)
            return b""
        try:
            if data := self.ssl_object.read(size):
                if self.meter is not None:
                    self.meter.take(len(data))
                return data
        except OSError as error:
            if error.errno == _WANT_READ:
                return None
            if error.errno != _ZERO_RETURN:  # which stands for b"" when we have ended too
                raise self._failed("receiving", error) from error
        self.end = ""
        return b""

    def encrypt(self, data: bytes | bytearray | memoryview) -> int:
        """Encrypt data, and return how much of it; 0 if something has to come first."""
        try:
            done = self.ssl_object.write(data)
        except OSError as error:
            if error.errno == _WANT_READ:
                return 0
            raise self._failed("sending", error) from error
        if self.meter is not None:
            self.meter.give(done)
        return done

    def encrypt_end(self) -> bool:
        """Encrypt close_notify; all that came has to be decrypted before, or it is lost.

        Returns False if something has to come first.
        """
        try:
            self.ssl_object.unwrap()
        except OSError as error:
            if getattr(error, "reason", None) == "SHUTDOWN_WHILE_IN_INIT":
                return False
            if error.errno != _WANT_READ:  # the peer's answer, which nobody waits for here
                raise self._failed("ending", error) from error
        return True

    def _failed(self, what: str, error: OSError) -> TlsError:
        """Note that nothing goes on any more, and return what to raise."""
        self.end = f"{what} failed on {self._name}: {_explain(error)}"
        return TlsError(self.end)


def _explain(error: OSError) -> str:
    """Return why, in the words of OpenSSL, so that they can be looked up, and what to do."""
    reason = getattr(error, "reason", None) or str(error.strerror)
    words = reason.lower().replace("_", " ")
    if detail := getattr(error, "verify_message", ""):
        words = f"{words}: {detail}"
    if " alert " in words:
        advice = "that is what the peer says, so look there"
    else:
        advice = _ADVICE.get(reason, "close it, and compare the contexts of both sides")
    return f"{words}; {advice}"
