"""A proxy that takes TLS off: curl and openssl on one side, plain servers on the other."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import trustme

from reactor import run, running
from reactor.net import Connection, Listener, Stream, TlsStream, connect, tls_client
from tests.examples.http_backend import http_backend
from tests.examples.parts import Example, Program, send_until_full, wait_until_refused
from tests.examples.parts import run as run_program
from tests.net.peers import DEADLINE, is_over, read_to_end

AUTHORITY = trustme.CA()

T = TypeVar("T")


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The proxy's certificate with its key, and whom its clients trust."""
    folder = tmp_path_factory.mktemp("pems")
    own, trusted = folder / "own.pem", folder / "trusted.pem"
    AUTHORITY.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(own)
    AUTHORITY.cert_pem.write_to_path(trusted)
    return own, trusted


@pytest.fixture(scope="module")
def own(pems: tuple[Path, Path]) -> Path:
    return pems[0]


@pytest.fixture(scope="module")
def trusted(pems: tuple[Path, Path]) -> Path:
    return pems[1]


@pytest.fixture(scope="module")
def http() -> Iterator[int]:
    with http_backend() as port:
        yield port


@pytest.fixture(scope="module")
def web(own: Path, http: int) -> Iterator[Example]:
    """The proxy in front of an HTTP server."""
    with Example("tls_proxy", "--certificate", own, "--to", f"127.0.0.1:{http}") as proxy:
        yield proxy


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Where a backend listens that the test itself is."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(DEADLINE)
        yield door


def to(door: socket.socket) -> str:
    return f"127.0.0.1:{door.getsockname()[1]}"


def curl(trusted: Path, proxy: Example, *more: str | Path) -> tuple[int, str]:
    url = f"https://localhost:{proxy.port}/page"
    return run_program("curl", "-sS", "--cacert", trusted, *more, url)


@pytest.mark.needs("curl")
def test_curl_reads_a_page_over_https(web: Example, trusted: Path) -> None:
    assert curl(trusted, web) == (0, "you asked for /page\n")


@pytest.mark.needs("curl")
def test_what_is_long_arrives_whole_both_ways(web: Example, trusted: Path, tmp_path: Path) -> None:
    long, back = tmp_path / "long", tmp_path / "back"
    long.write_bytes(os.urandom(3_000_000))

    heard = curl(trusted, web, "--data-binary", f"@{long}", "-o", back)

    assert heard == (0, "")
    assert back.read_bytes() == long.read_bytes()


@pytest.mark.once
@pytest.mark.needs("curl")
def test_many_clients_are_served_side_by_side(web: Example, trusted: Path) -> None:
    url = f"https://localhost:{web.port}/[1-30]"

    status, said = run_program("curl", "-sSZ", "--no-progress-meter", "--cacert", trusted, url)

    assert status == 0
    assert sorted(said.split("\n")) == sorted(
        ["", *(f"you asked for /{number}" for number in range(1, 31))]
    )


@pytest.mark.once
@pytest.mark.needs("openssl")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_shakes_hands_with_it(web: Example, trusted: Path, version: str) -> None:
    command = ("openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", trusted, version)
    request = b"GET /openssl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    with Program(*command, "-connect", f"localhost:{web.port}") as client:
        client.tell(request)
        client.hear("^HTTP/1.1 200 OK")
        client.hear("^you asked for /openssl$")
        assert client.end() == 0


@pytest.mark.needs("curl")
def test_the_backend_may_speak_tls_too(web: Example, own: Path, trusted: Path) -> None:
    inner = f"localhost:{web.port}"
    with Example("tls_proxy", "--certificate", own, "--to", inner, "--trust", trusted) as outer:
        assert curl(trusted, outer) == (0, "you asked for /page\n")


@pytest.mark.once
@pytest.mark.needs("curl")
def test_a_backend_whom_nobody_vouches_for_is_told_nothing(
    web: Example, own: Path, trusted: Path, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(stranger)
    inner = f"localhost:{web.port}"
    with Example("tls_proxy", "--certificate", own, "--to", inner, "--trust", stranger) as outer:
        status, _ = curl(trusted, outer)

        assert status != 0
        outer.hear("certificate verify failed")
    assert curl(trusted, web) == (0, "you asked for /page\n")


@pytest.mark.once
@pytest.mark.needs("curl")
def test_a_backend_that_is_down_costs_the_client_only(own: Path, trusted: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        where = to(gone)
    with Example("tls_proxy", "--certificate", own, "--to", where) as proxy:
        for _ in range(2):
            assert curl(trusted, proxy)[0] != 0
            proxy.hear("no connection to '127.0.0.1' port .*refused")
        assert proxy.stop() == 0


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"], ids=["nothing", "half a greeting"])
def test_who_stalls_in_the_handshake_is_seen_off(
    own: Path, trusted: Path, http: int, said: bytes
) -> None:
    backend = f"127.0.0.1:{http}"
    with Example("tls_proxy", "--certificate", own, "--to", backend, "--patience", "0.2") as proxy:
        with proxy.connect() as stalls:
            stalls.sendall(said)
            assert is_over(stalls)
        proxy.hear("0.2 seconds")


@pytest.mark.once
@pytest.mark.needs("curl")
def test_a_client_who_does_not_speak_tls_is_refused(web: Example, trusted: Path) -> None:
    status, _ = run_program("curl", "-sS", f"http://localhost:{web.port}/")

    assert status != 0
    web.hear("the peer speaks plain HTTP")
    assert curl(trusted, web) == (0, "you asked for /page\n")


# -- ends

Story = Callable[[TlsStream, Connection], Coroutine[None, None, T]]


def between(proxy: Example, door: socket.socket, story: Story[T]) -> T:
    """Tell a story of a client and a backend with the proxy between them; return its outcome."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)

    async def main() -> T:
        reactor = running()
        assert reactor is not None
        with Listener(reactor, door) as listener:
            plain = await connect(*proxy.address, idle_seconds=DEADLINE)
            with await tls_client(plain, context, host="localhost") as client:
                with await listener.accept(idle_seconds=DEADLINE) as backend:
                    return await story(client, backend)

    return run(main)


async def everything(stream: Stream) -> bytes:
    came = b""
    while data := await stream.receive():
        came += data
    return came


@pytest.fixture
def tunnel(own: Path, door: socket.socket) -> Iterator[Example]:
    """The proxy in front of the door."""
    with Example("tls_proxy", "--certificate", own, "--to", to(door)) as proxy:
        yield proxy


@pytest.mark.parametrize("first", ["client", "backend"])
def test_a_half_close_is_passed_on_and_the_other_half_goes_on(
    tunnel: Example, door: socket.socket, first: str
) -> None:
    async def story(client: TlsStream, backend: Connection) -> bytes:
        one, other = (client, backend) if first == "client" else (backend, client)
        await one.send_all(b"all that I have to say")
        await one.send_end()
        assert await everything(other) == b"all that I have to say"
        await other.send_all(b"and all from me")
        await other.send_end()
        return await everything(one)

    assert between(tunnel, door, story) == b"and all from me"
    assert tunnel.stop() == 0
    assert tunnel.heard[1:] == []


@pytest.mark.parametrize("rude", ["client", "backend"])
def test_a_reset_is_passed_on(tunnel: Example, door: socket.socket, rude: str) -> None:
    async def story(client: TlsStream, backend: Connection) -> None:
        one, other = (client, backend) if rude == "client" else (backend, client)
        await backend.send_all(b"hello")
        assert await client.receive() == b"hello"
        one.abort()
        with pytest.raises(ConnectionResetError):
            await other.receive()

    between(tunnel, door, story)


def test_a_client_cut_short_is_a_reset_for_the_backend(
    tunnel: Example, door: socket.socket
) -> None:
    async def story(client: TlsStream, backend: Connection) -> None:
        await backend.send_all(b"say all")
        assert await client.receive() == b"say all"
        await client.send_all(b"half of wh")
        assert await backend.receive() == b"half of wh"
        client.close()  # without the word that this was all
        with pytest.raises(ConnectionResetError):
            await backend.receive()

    between(tunnel, door, story)
    tunnel.hear("close_notify")


def test_where_nothing_moves_both_sides_are_let_go(own: Path, door: socket.socket) -> None:
    async def story(client: TlsStream, backend: Connection) -> None:
        for stream in (client, backend):
            with pytest.raises(ConnectionResetError):
                await stream.receive()

    arguments = ("--certificate", own, "--to", to(door), "--idle", "1")
    with Example("tls_proxy", *arguments) as proxy:
        between(proxy, door, story)
        proxy.hear("nothing moved on ")


def test_who_does_not_read_holds_the_sender_back(
    tunnel: Example, trusted: Path, door: socket.socket
) -> None:
    context = ssl.create_default_context(cafile=trusted)
    with tunnel.connect() as plain, context.wrap_socket(plain, server_hostname="localhost") as slow:
        backend, _ = door.accept()
        with backend:
            sent = send_until_full(backend, b"0123456789abcde\n" * 4_000_000)
            backend.shutdown(socket.SHUT_WR)

            assert read_to_end(slow) == sent


def test_who_does_not_read_for_too_long_is_let_go(
    own: Path, trusted: Path, door: socket.socket
) -> None:
    context = ssl.create_default_context(cafile=trusted)
    arguments = ("--certificate", own, "--to", to(door), "--idle", "1")
    with (
        Example("tls_proxy", *arguments) as proxy,
        context.wrap_socket(proxy.connect(), server_hostname="localhost"),
        door.accept()[0] as backend,
    ):
        send_until_full(backend, b"0123456789abcde\n" * 4_000_000)
        proxy.hear("nothing moved on ")
        assert is_over(backend)


def test_a_conversation_may_come_to_its_end_after_sigterm(
    tunnel: Example, door: socket.socket
) -> None:
    async def story(client: TlsStream, backend: Connection) -> None:
        await client.send_all(b"hello")
        assert await backend.receive() == b"hello"
        tunnel.send(signal.SIGTERM)
        wait_until_refused(tunnel.address)
        await client.send_all(b"still there?")
        assert await backend.receive() == b"still there?"
        await client.send_end()
        assert await everything(backend) == b""
        await backend.send_end()
        assert await everything(client) == b""

    between(tunnel, door, story)
    assert tunnel.end() == 0
