"""What strict mypy refuses of TLS."""

from __future__ import annotations

import socket
import ssl

from reactor import Steps, coroutine
from reactor.net import Stream, TlsStream, note_server_names, tls_client, tls_server


@coroutine
def in_a_generator(below: Stream, context: ssl.SSLContext) -> Steps[None]:
    yield from tls_client(below, context)  # E: call-arg
    yield from tls_client(below, context, "example.org")  # E: call-arg
    yield from tls_server(below, context, host="example.org")  # E: call-arg
    yield from tls_server(below)  # E: call-arg
    number: int = yield from tls_server(below, context)  # E: assignment
    print(number)


async def in_async_def(below: Stream, sock: socket.socket, context: ssl.SSLContext) -> None:
    await tls_client(sock, context, host="example.org")  # E: arg-type
    await tls_client(below, "context", host="example.org")  # E: arg-type
    await tls_client(below, context, host=None)  # E: arg-type
    await tls_server(below, context, seconds="5")  # E: arg-type
    tls_server(below, context)  # E: unused-awaitable
    stream = await tls_server(below, context)
    stream.send_end()  # E: unused-awaitable
    await stream.send_all("text")  # E: arg-type
    async with stream:  # E: attr-defined  # E: attr-defined
        pass
    note_server_names("context")  # E: arg-type


def what_was_agreed(stream: TlsStream) -> None:
    stream.version.upper()  # E: union-attr
    stream.cipher = None  # E: misc
    stream.elsewhere = 1  # E: attr-defined
    stream.peer_certificate["subject"] = ()  # E: index
