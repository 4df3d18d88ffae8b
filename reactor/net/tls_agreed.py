"""Agreed: what the two ends of a TLS stream have agreed on, and how much it has carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reactor.tasks import current_task

from .meter import Meter
from .stream import Stream
from .tls_engine import Engine

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


class Agreed(Stream):
    """A stream over engine, and what can be asked of it at any time."""

    __slots__ = ("_engine", "ssl_object")

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.ssl_object: ssl.SSLObject = engine.ssl_object

    @property
    def version(self) -> str | None:
        """The version of the protocol, such as "TLSv1.3"; None before the handshake."""
        return self.ssl_object.version()

    @property
    def cipher(self) -> tuple[str, str, int] | None:
        """The cipher: its name, the version that defined it, its secret bits."""
        return self.ssl_object.cipher()

    @property
    def selected_alpn(self) -> str | None:
        """The protocol that ALPN has chosen (RFC 7301); None if there was no choice."""
        return self.ssl_object.selected_alpn_protocol()

    @property
    def server_name(self) -> str | None:
        """The host that the client has asked for (SNI, RFC 6066).

        A server knows it if its context was given to note_server_names.
        """
        engine = self.ssl_object
        name: str | None = engine.server_hostname or vars(engine).get("server_name")
        return name

    @property
    def peer_certificate(self) -> Mapping[str, object] | None:
        """The peer's certificate, as ssl.SSLSocket.getpeercert() returns it: None if it has shown
        none, empty if the context does not verify it.
        """
        return self.ssl_object.getpeercert()

    def meter(self) -> Meter:
        """Count what this carries from now on, and return the counts; again: the same.

        What goes over the wire for it is counted by the stream below. Raises NotRunningError
        outside of a task.
        """
        if self._engine.meter is None:
            self._engine.meter = Meter(current_task().reactor.now)
        return self._engine.meter
