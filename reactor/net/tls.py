"""TLS: from a stream in plain bytes to one that is secret (RFC 8446, RFC 5246).

Law of this file: who asks for TLS gets it, or an error and a closed stream; there is no third way.
Nothing that came in plain is ever handed out as if it had come through TLS.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from reactor.errors import TlsError
from reactor.tasks import Steps, coroutine, move_on_after

from .stream import Stream
from .tls_engine import Engine
from .tls_stream import TlsStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


@coroutine
def tls_client(
    stream: Stream,
    context: ssl.SSLContext,
    *,
    host: str,
    seconds: float = 30.0,
    truncation_ok: bool = False,
) -> Steps[TlsStream]:
    """Speak TLS over stream from now on, as a client: shake hands, and return the secret stream.

    host is what the server has to have a certificate for, a name or an address; it is also told to
    the server (SNI). stream is owned from now on: whatever fails here closes it, a cancellation
    too, and so do seconds that pass. With truncation_ok, an end without close_notify is an end.

    Raises TlsError if it fails, TimeoutError, ValueError for a context that does not fit, and as
    stream does; TlsError also if stream holds something already, since no server speaks before its
    client does: somebody may have put it there, to be taken for what comes through TLS.
    """
    if held := stream.held:
        error = TlsError(
            f"{held} bytes came on {stream!r} in plain before the handshake, and no server begins "
            "that; they may be forged, so it was closed"
        )
        stream.abort()
        raise error
    return (
        yield from _secure(
            stream, context, host, seconds, is_server=False, truncation_ok=truncation_ok
        )
    )


@coroutine
def tls_server(
    stream: Stream,
    context: ssl.SSLContext,
    *,
    seconds: float = 30.0,
    truncation_ok: bool = False,
) -> Steps[TlsStream]:
    """Speak TLS over stream from now on, as a server: shake hands, and return the secret stream.

    What stream holds is where the handshake begins, so one may peek at it first; if it is anything
    else, the handshake fails. All else is as tls_client has it.
    """
    return (
        yield from _secure(
            stream, context, None, seconds, is_server=True, truncation_ok=truncation_ok
        )
    )


def note_server_names(context: ssl.SSLContext) -> None:
    """Have the streams that servers make with context know their server_name, from now on.

    It goes through context.sni_callback, and calls what stands there already.
    """
    context.sni_callback = partial(_note_server_name, context.sni_callback)


def _note_server_name(
    then: Callable[[ssl.SSLObject, str, ssl.SSLContext], int | None] | None,
    ssl_object: ssl.SSLObject,
    name: str,
    context: ssl.SSLContext,
) -> int | None:
    vars(ssl_object)["server_name"] = name  # which may be None, whatever typeshed says
    return None if then is None else then(ssl_object, name, context)


@coroutine
def _secure(
    stream: Stream,
    context: ssl.SSLContext,
    host: str | None,
    seconds: float,
    *,
    is_server: bool,
    truncation_ok: bool,
) -> Steps[TlsStream]:
    try:
        made = _wrap(stream, context, host, is_server=is_server, truncation_ok=truncation_ok)
        with move_on_after(seconds) as scope:
            yield from made.shake_hands()
        if scope.cancelled_caught:
            raise TimeoutError(
                f"no TLS handshake on {stream!r} within {seconds:g} seconds; the peer has stalled, "
                "or does not speak TLS"
            )
    except BaseException:
        stream.abort()
        raise
    return made


def _wrap(
    stream: Stream,
    context: ssl.SSLContext,
    host: str | None,
    *,
    is_server: bool,
    truncation_ok: bool,
) -> TlsStream:
    from ssl import OP_NO_RENEGOTIATION, MemoryBIO, SSLError

    context.options |= OP_NO_RENEGOTIATION  # or a client makes a server shake hands all day long
    incoming, outgoing = MemoryBIO(), MemoryBIO()
    try:
        ssl_object = context.wrap_bio(incoming, outgoing, is_server, host)
    except (SSLError, ValueError) as error:
        side = "server" if is_server else f"client of {host!r}"
        raise ValueError(
            f"{context!r} makes no {side} on {stream!r}: {error}; give ssl.create_default_context, "
            "or an SSLContext for this side"
        ) from error
    engine = Engine(repr(stream), ssl_object, incoming, outgoing)
    return TlsStream(stream, engine, truncation_ok=truncation_ok)
