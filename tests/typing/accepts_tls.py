"""What strict mypy accepts of TLS, and what it infers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import assert_type

from reactor import ReactorError, Steps, TaskGroup, TlsError, TruncatedError, coroutine
from reactor.net import Connection, Stream, TlsStream, note_server_names, tls_client, tls_server


@coroutine
def in_a_generator(below: Stream) -> Steps[bytes]:
    context = ssl.create_default_context()
    stream = yield from tls_client(below, context, host="example.org", seconds=5)
    assert_type(stream, TlsStream)
    yield from stream.send_all(b"data")
    yield from stream.send_all(memoryview(b"data"))
    yield from stream.send_end()
    data = yield from stream.receive(512)
    assert_type(data, bytes)
    assert_type((yield from stream.receive()), bytes)
    assert_type((yield from stream.receive_exactly(4)), bytes)
    yield from stream.finish()
    return data


async def in_async_def(below: Connection) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    note_server_names(context)
    with await tls_server(below, context, seconds=5, truncation_ok=True) as stream:
        assert_type(stream, TlsStream)
        async for line in stream.lines():
            assert_type(line, bytes)
        async with TaskGroup() as group:
            group.spawn(stream.receive)
            group.spawn(stream.send_all, b"data")
    stream.close()
    stream.abort()


async def twice(below: Stream, context: ssl.SSLContext) -> Stream:
    outer = await tls_client(below, context, host="outer")
    return await tls_client(outer, context, host="inner")


def what_was_agreed(stream: TlsStream) -> None:
    assert_type(stream.version, str | None)
    assert_type(stream.cipher, tuple[str, str, int] | None)
    assert_type(stream.selected_alpn, str | None)
    assert_type(stream.server_name, str | None)
    assert_type(stream.peer_certificate, Mapping[str, object] | None)
    assert_type(stream.ssl_object, ssl.SSLObject)


def errors(error: TruncatedError) -> None:
    failed: TlsError = error
    system: OSError = failed
    ours: ReactorError = failed
    print(system, ours)
