"""The handshake: who agrees on what, who is refused, and that each failure says why."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import trustme

from reactor import (
    Operation,
    Scope,
    Steps,
    TaskGroup,
    TlsError,
    TruncatedError,
    checkpoint,
    coroutine,
    move_on_after,
    sleep,
)
from reactor.net import Connection, TlsStream, note_server_names, tls_client, tls_server
from reactor.testing import World
from tests.net.peers import Pair
from tests.net.scripted_stream import ScriptedStream
from tests.net.tls_parts import (
    HOST,
    Chopped,
    Noted,
    Parking,
    certificate,
    client_context,
    connections,
    demanding,
    each_version,
    expired,
    in_form,
    server_context,
    shaken,
)
from tests.tasks.parts import Form, each_form

# -- what is agreed on


@each_version
@each_form
def test_both_ends_agree_and_talk(
    world: World, pair: Pair, form: Form, version: ssl.TLSVersion
) -> None:
    near, far = connections(world, pair)

    async def serve() -> None:
        with await in_form(form, lambda: tls_server(far, server_context())) as stream:
            while data := await in_form(form, stream.receive):
                await in_form(form, lambda: stream.send_all(data.upper()))
            await in_form(form, stream.send_end)

    async def ask() -> list[bytes]:
        context = client_context(version=version)
        with await in_form(form, lambda: tls_client(near, context, host=HOST)) as stream:
            assert isinstance(stream, TlsStream)
            await in_form(form, lambda: stream.send_all(b"hello"))
            reply = await in_form(form, lambda: stream.receive_exactly(5))
            await in_form(form, stream.send_end)
            return [reply, await in_form(form, stream.receive)]

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            group.spawn(serve)
            asked = group.spawn(ask)
        return asked.result

    assert world.run(main) == [b"HELLO", b""]


@each_version
def test_what_was_agreed_on_can_be_asked(world: World, pair: Pair, version: ssl.TLSVersion) -> None:
    client, server = client_context(version=version), server_context()
    client.set_alpn_protocols(["h2", "http/1.1"])
    server.set_alpn_protocols(["http/1.1"])
    note_server_names(server)

    async def main() -> None:
        here, there = await shaken(*connections(world, pair), client=client, server=server)
        with here, there:
            named = {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}
            assert here.version == there.version == named[version]
            assert here.cipher is not None
            assert here.cipher == there.cipher
            assert here.selected_alpn == there.selected_alpn == "http/1.1"
            assert here.server_name == there.server_name == HOST
            assert isinstance(here.ssl_object, ssl.SSLObject)
            assert here.peer_certificate is not None
            assert here.peer_certificate["subjectAltName"] == (("DNS", HOST),)
            assert there.peer_certificate is None

    world.run(main)


def test_without_alpn_there_is_no_choice_and_without_a_note_no_name(
    world: World, pair: Pair
) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            assert here.selected_alpn is None
            assert there.server_name is None
            assert here.server_name == HOST

    world.run(main)


def test_to_note_server_names_leaves_what_chooses_a_certificate_at_work(
    world: World, pair: Pair
) -> None:
    chosen = server_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def choose(ssl_object: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
        assert name == HOST
        ssl_object.context = chosen

    context.sni_callback = choose
    note_server_names(context)

    async def main() -> None:
        here, there = await shaken(*connections(world, pair), server=context)
        with here, there:
            assert there.server_name == HOST

    world.run(main)


@each_version
def test_either_side_can_demand_a_certificate(
    world: World, pair: Pair, version: ssl.TLSVersion
) -> None:
    client, server = client_context(version=version), demanding(server_context())
    certificate("client.example.org").configure_cert(client)

    async def main() -> None:
        here, there = await shaken(*connections(world, pair), client=client, server=server)
        with here, there:
            assert there.peer_certificate is not None
            assert there.peer_certificate["subjectAltName"] == (("DNS", "client.example.org"),)

    world.run(main)


def test_nobody_may_ask_for_another_handshake(world: World, pair: Pair) -> None:
    client, server = client_context(), server_context()

    async def main() -> None:
        here, there = await shaken(*connections(world, pair), client=client, server=server)
        with here, there:
            for stream in (here, there):
                assert stream.ssl_object.context.options & ssl.OP_NO_RENEGOTIATION

    world.run(main)


def test_it_says_over_what_it_is(world: World, pair: Pair) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            assert repr(here).startswith("<TlsStream over <Connection fd=")

    world.run(main)


@each_version
def test_tls_goes_over_tls(world: World, pair: Pair, version: ssl.TLSVersion) -> None:
    async def main() -> bytes:
        outer, other = await shaken(
            *connections(world, pair), client=client_context(version=version)
        )
        here, there = await shaken(outer, other)
        with here, there:
            await here.send_all(b"twice secret")
            return await there.receive()

    assert world.run(main) == b"twice secret"


@each_version
def test_a_handshake_that_comes_byte_by_byte_is_one(
    world: World, pair: Pair, version: ssl.TLSVersion
) -> None:
    near, far = connections(world, pair)

    async def main() -> bytes:
        here, there = await shaken(
            Chopped(near), Chopped(far), client=client_context(version=version)
        )
        with here, there:
            await here.send_all(b"hello")
            return await there.receive_exactly(5)

    assert world.run(main) == b"hello"


# -- who is refused


class Failures:
    """What both ends of a handshake failed with."""

    def __init__(self, client: BaseException | None, server: BaseException | None) -> None:
        self.client = client
        self.server = server


def failures(
    world: World, pair: Pair, client: ssl.SSLContext, server: ssl.SSLContext, host: str = HOST
) -> Failures:
    """Have both try, and then wait for the other; return what comes out."""
    near, far = connections(world, pair)

    async def end(shake: Callable[[], Awaitable[TlsStream]]) -> BaseException | None:
        try:
            with await shake() as stream:
                await stream.receive()
        except TlsError as error:
            return error
        return None

    async def main() -> Failures:
        async with TaskGroup() as group:
            here = group.spawn(end, lambda: tls_client(near, client, host=host))
            there = group.spawn(end, lambda: tls_server(far, server))
        return Failures(here.result, there.result)

    try:
        return world.run(main)
    finally:
        assert near.fileno() == far.fileno() == -1


Contexts = Callable[[], tuple[ssl.SSLContext, ssl.SSLContext, str]]

REFUSED: dict[str, tuple[Contexts, str, str]] = {
    "an unknown authority": (
        lambda: (client_context(trustme.CA()), server_context(), HOST),
        r"certificate verify failed: .* local issuer certificate; give a context that trusts who",
        r"tlsv1 alert unknown ca; that is what the peer says, so look there$",
    ),
    "another host": (
        lambda: (client_context(), server_context(), "elsewhere.org"),
        r"certificate verify failed: Hostname mismatch, .* 'elsewhere\.org'\.?; give a context",
        r"alert",
    ),
    "a certificate that is too old": (
        lambda: (client_context(), server_context(expired()), HOST),
        r"certificate verify failed: certificate has expired; give a context that trusts who",
        r"alert certificate expired; that is what the peer says",
    ),
    "a client without a certificate": (
        lambda: (client_context(), demanding(server_context()), HOST),
        r"alert certificate required; that is what the peer says, so look there$",
        r"peer did not return a certificate; this context demands one of each peer \(veri",
    ),
    "a client without a certificate in TLS 1.2": (
        lambda: (
            client_context(version=ssl.TLSVersion.TLSv1_2),
            demanding(server_context()),
            HOST,
        ),
        r"alert handshake failure; that is what the peer says",
        r"peer did not return a certificate; this context demands one of each peer \(veri",
    ),
    "no version in common": (
        lambda: (
            client_context(version=ssl.TLSVersion.TLSv1_2),
            server_context(version=ssl.TLSVersion.TLSv1_3),
            HOST,
        ),
        r"alert protocol version; that is what the peer says",
        r"unsupported protocol; the contexts of the two have no version in common$",
    ),
    "a server without a certificate": (
        lambda: (client_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), HOST),
        r"alert handshake failure; that is what the peer says",
        r"no shared cipher; the contexts have no cipher in common, or the server's has no cert",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_who_is_refused_is_told_why_and_both_streams_are_closed(
    world: World, pair: Pair, case: str
) -> None:
    make, client_says, server_says = REFUSED[case]

    failed = failures(world, pair, *make())

    for error, says in ((failed.client, client_says), (failed.server, server_says)):
        with pytest.raises(TlsError, match=rf"^(handshake|receiving) failed on <Conn.*{says}"):
            raise error or AssertionError(f"nobody was refused for {case}")
        assert error is not None
        assert isinstance(error.__cause__, ssl.SSLError)


GARBAGE = {
    "plain HTTP": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http request; the peer speaks plain HTT"),
    "noise": (b"\x00\xff" * 50, "wrong version number; what came is no TLS; see whether the peer"),
    "an enormous greeting": (
        b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(16_380),
        "excessive message size; close it, and compare the contexts of both sides",
    ),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_a_server_says_what_was_wrong_with_what_a_client_sent(
    world: World, pair: Pair, what: str
) -> None:
    near, far = connections(world, pair)
    sent, says = GARBAGE[what]

    async def main() -> None:
        await far.send_all(sent)
        with pytest.raises(TlsError, match=f"^handshake failed on <Connection fd=.*: {says}"):
            await tls_server(near, server_context())
        assert near.fileno() == -1
        far.close()

    world.run(main)


def test_a_client_that_meets_a_plain_server_says_so(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def main() -> None:
        with far:
            async with TaskGroup() as group:
                group.spawn(far.send_all, b"220 mail.example.org ESMTP\r\n")
                await checkpoint()
                with pytest.raises(TlsError, match="wrong version number; what came is no TLS"):
                    await tls_client(near, client_context(), host=HOST)

    world.run(main)


def test_a_peer_that_is_refused_hears_why_though_it_has_sent_more(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    noted = Noted(near)

    async def main() -> None:
        with far:
            await far.send_all(GARBAGE["an enormous greeting"][0])
            with pytest.raises(TlsError):
                await tls_server(noted, server_context())
            alert = await far.receive()
            assert alert[0] == 21  # the type of a record with an alert (RFC 8446, 5.1)
            assert noted.log[:2] == ["end", "close"]

    world.run(main)


def test_a_peer_that_is_gone_before_it_hears_why_makes_no_other_error_of_it(world: World) -> None:
    class Gone(ScriptedStream):
        @coroutine
        def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
            yield from checkpoint()
            raise BrokenPipeError

    stream = Gone(GARBAGE["an enormous greeting"][0])

    async def main() -> None:
        with pytest.raises(TlsError, match="excessive message size"):
            await tls_server(stream, server_context())

    world.run(main)


def test_a_peer_that_ends_in_the_middle_is_told_from_one_that_refuses(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)

    async def main() -> None:
        await far.send_all(b"\x16\x03\x01")
        far.close()
        with pytest.raises(TruncatedError, match=r"^<Conn.* ended before the handshake was done; "):
            await tls_server(near, server_context(), truncation_ok=True)
        assert near.fileno() == -1

    world.run(main)


def test_a_reset_in_the_middle_comes_out_as_it_is(world: World) -> None:
    stream = ScriptedStream(b"\x16\x03\x01", ConnectionResetError(104, "reset by the peer"))

    async def main() -> None:
        with pytest.raises(ConnectionResetError, match="reset by the peer"):
            await tls_server(stream, server_context())

    world.run(main)

    assert stream.log == ["abort"]


@pytest.mark.parametrize("first", [b"", b"\x16\x03\x01\x02\x00"])
def test_a_peer_that_stalls_has_so_many_seconds(world: World, pair: Pair, first: bytes) -> None:
    near, far = connections(world, pair)

    async def main() -> None:
        await far.send_all(first)
        with pytest.raises(TimeoutError, match=r"^no TLS handshake on <Conn.* within 30 seconds; "):
            await tls_server(near, server_context())
        assert near.fileno() == -1
        assert world.clock.now == 30
        far.close()

    world.run(main)


def test_a_peer_that_dribbles_has_no_more_seconds(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def dribble() -> None:
        for byte in b"\x16\x03\x01\x02\x00" + bytes(500):
            await far.send_all(bytes([byte]))
            await sleep(1)

    async def main() -> None:
        async with TaskGroup() as group:
            dribbler = group.spawn(dribble)
            with pytest.raises(TimeoutError, match=r"within 3 seconds; the peer has stalled, or"):
                await tls_client(near, client_context(), host=HOST, seconds=3)
            assert world.clock.now == 3
            far.close()
            group.cancel()
        assert dribbler.done

    world.run(main)


@pytest.mark.parametrize("is_server", [True, False])
def test_a_context_for_the_other_side_is_refused(world: World, is_server: bool) -> None:
    stream = ScriptedStream()

    def make() -> Operation[TlsStream]:
        if is_server:
            return tls_server(stream, client_context())
        return tls_client(stream, server_context(), host=HOST)

    async def main() -> None:
        with pytest.raises(ValueError, match=r"^<ssl\.SSLContext .* makes no .* on <Scripted.*; g"):
            await make()

    world.run(main)

    assert stream.log == ["abort"]


@pytest.mark.parametrize("host", ["", "."])
def test_a_host_that_cannot_be_is_refused(world: World, host: str) -> None:
    stream = ScriptedStream()

    async def main() -> None:
        with pytest.raises(ValueError, match=rf"makes no client of '{host}' on <Scripted"):
            await tls_client(stream, client_context(), host=host)

    world.run(main)

    assert stream.log == ["abort"]


# -- cancelled


@each_version
@pytest.mark.parametrize("is_server", [True, False])
def test_cancelled_at_any_park_it_closes_the_stream_and_the_peer_sees_no_good_end(
    world: World, version: ssl.TLSVersion, is_server: bool
) -> None:
    context = client_context(version=version)

    async def peer(stream: Connection) -> None:
        try:
            if is_server:
                (await tls_client(stream, context, host=HOST)).close()
            else:
                (await tls_server(stream, server_context())).close()
        except (TlsError, OSError):
            stream.close()

    async def end(stream: Parking, scope: Scope) -> None:
        with scope, suppress(BrokenPipeError):  # a client may be gone before it has its tickets
            if is_server:
                (await tls_server(stream, server_context())).close()
            else:
                (await tls_client(stream, context, host=HOST)).close()

    async def at_park(number: int) -> bool:
        near, far = connections(world, socket.socketpair())
        stream, scope = Parking(near), Scope()

        async with TaskGroup() as group:
            group.spawn(end, stream, scope)
            group.spawn(peer, far)
            while stream.parks < number and near.fileno() >= 0:
                await checkpoint()
            scope.cancel()
        assert near.fileno() == far.fileno() == -1
        assert stream.aborted or not scope.cancelled_caught
        return scope.cancelled_caught

    async def main() -> list[bool]:
        return [await at_park(number) for number in range(12)]

    cancelled = world.run(main)

    assert cancelled[:3] == [True] * 3
    assert not cancelled[-1]


def test_cancelled_while_the_peer_is_told_why_it_lets_that_be(world: World) -> None:
    stream = ScriptedStream(GARBAGE["an enormous greeting"][0])

    async def main() -> bool:
        with Scope() as scope:
            world.reactor.call_soon(world.reactor.call_soon, scope.cancel)
            await tls_server(stream, server_context())
        return scope.cancelled_caught

    assert world.run(main)
    assert "abort" in stream.log


def test_a_deadline_around_it_is_not_its_own(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def main() -> bool:
        with move_on_after(1) as scope:
            await tls_server(near, server_context())
        return scope.cancelled_caught

    assert world.run(main)
    assert near.fileno() == -1
    far.close()
