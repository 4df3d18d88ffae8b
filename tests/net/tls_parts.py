"""What the tests of TLS are made of: certificates, contexts, streams that chop and that note.

Law of this file: there is one authority, and whoever it has signed for is trusted by those who ask
for it; all else about a context is said in the test.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import ssl
from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest
import trustme

from reactor import Operation, Scope, Steps, TaskGroup, checkpoint, coroutine, wait
from reactor.net import Connection, Stream, TlsStream, tls_client, tls_server
from reactor.testing import World
from tests.net.peers import Pair
from tests.tasks.parts import Form

HOST: Final = "example.org"

AUTHORITY: Final = trustme.CA(key_type=trustme.KeyType.RSA)
"""The one whom the contexts trust; made here, since peers in threads ask for it too."""

each_version = pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"]
)


@functools.cache
def certificate(name: str = HOST) -> trustme.LeafCert:
    return AUTHORITY.issue_cert(name, key_type=trustme.KeyType.RSA)


@functools.cache
def expired() -> trustme.LeafCert:
    """A certificate that was good until the last second of 1999."""
    return AUTHORITY.issue_cert(
        HOST,
        not_before=dt.datetime(1990, 1, 1, tzinfo=dt.UTC),
        not_after=dt.datetime(1999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    )


def server_context(
    shown: trustme.LeafCert | None = None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """A server's, with that certificate or the right one, that speaks this version or any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (shown or certificate()).configure_cert(context)
    return only(context, version)


def client_context(
    trusted: trustme.CA | None = None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """A client's, that trusts this authority or the right one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    (trusted or AUTHORITY).configure_trust(context)
    return only(context, version)


def only(context: ssl.SSLContext, version: ssl.TLSVersion | None) -> ssl.SSLContext:
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def demanding(context: ssl.SSLContext) -> ssl.SSLContext:
    """Have a server's context demand a certificate of each client."""
    context.verify_mode = ssl.CERT_REQUIRED
    AUTHORITY.configure_trust(context)
    return context


def connections(world: World, pair: Pair) -> tuple[Connection, Connection]:
    """Take both ends of a pair over: a test closes them."""
    near, far = pair
    return Connection(world.reactor, near), Connection(world.reactor, far)


def cancel_after(world: World, scope: Scope, turns: int) -> None:
    """Cancel scope when so many turns have passed."""
    if turns:
        world.reactor.call_soon(cancel_after, world, scope, turns - 1)
    else:
        scope.cancel()


@coroutine
def shaken(
    near: Stream,
    far: Stream,
    *,
    client: ssl.SSLContext | None = None,
    server: ssl.SSLContext | None = None,
    truncation_ok: bool = False,
) -> Steps[tuple[TlsStream, TlsStream]]:
    """Shake hands over two streams that lead to each other; return the client's and the server's.

    truncation_ok is for both.
    """
    group = TaskGroup()

    @coroutine
    def body() -> Steps[TlsStream]:
        there = group.spawn(
            lambda: tls_server(far, server or server_context(), truncation_ok=truncation_ok)
        )
        here = yield from tls_client(
            near, client or client_context(), host=HOST, truncation_ok=truncation_ok
        )
        made.append((yield from there.join()))
        yield from made[0].send_all(b"!")
        yield from here.receive_exactly(1)  # and with it what a server sends unasked (tickets)
        return here

    made: list[TlsStream] = []
    here = yield from group.run(body)
    assert here is not None
    return here, made[0]


async def in_form(form: Form, make: Callable[[], Operation[Any]]) -> Any:
    """Wait for what make makes, in that form."""
    return await form(make)


class Over(Stream):
    """Passes all on to a stream below; derive from it to disturb that."""

    def __init__(self, below: Stream) -> None:
        super().__init__()
        self.below = below

    def receive_more(self, limit: int | None) -> Operation[bytes]:
        return self.below.receive(limit)

    def send_all(self, data: bytes | bytearray | memoryview) -> Operation[None]:
        return self.below.send_all(data)

    def send_end(self) -> Operation[None]:
        return self.below.send_end()

    def close(self) -> None:
        self.below.close()

    def abort(self) -> None:
        self.below.abort()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Chopped(Over):
    """Brings what comes in pieces of these sizes, over and over; each byte by itself, unless
    given.
    """

    def __init__(self, below: Stream, sizes: Iterable[int] = (1,)) -> None:
        super().__init__(below)
        self._sizes = itertools.cycle(sizes)

    def receive_more(self, limit: int | None) -> Operation[bytes]:
        return self.below.receive(next(self._sizes))


class Forged(Over):
    """Changes a byte of what comes, once it is told to."""

    on = False

    async def _forged(self, limit: int | None) -> bytes:
        data = bytearray(await self.below.receive(limit))
        if self.on and data:
            data[-1] ^= 1
        return bytes(data)

    def receive_more(self, limit: int | None) -> Operation[bytes]:
        return wait(self._forged(limit))


class Noted(Over):
    """Notes what is sent, piece by piece, and what is done at the end."""

    def __init__(self, below: Stream) -> None:
        super().__init__(below)
        self.sent: list[bytes] = []
        self.log: list[str] = []

    def send_all(self, data: bytes | bytearray | memoryview) -> Operation[None]:
        self.sent.append(bytes(data))
        return super().send_all(data)

    def send_end(self) -> Operation[None]:
        self.log.append("end")
        return super().send_end()

    def close(self) -> None:
        self.log.append("close")
        super().close()

    def abort(self) -> None:
        self.log.append("abort")
        super().abort()


class Parking(Over):
    """Parks once before each operation, and counts it."""

    def __init__(self, below: Stream) -> None:
        super().__init__(below)
        self.parks = 0
        self.aborted = 0

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        self.parks += 1
        yield from checkpoint()
        return (yield from self.below.receive(limit))

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        self.parks += 1
        yield from checkpoint()
        yield from self.below.send_all(data)

    def abort(self) -> None:
        self.aborted += 1
        super().abort()
