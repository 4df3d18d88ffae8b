"""TLS with others: the ssl module's own sockets, openssl and curl, as clients and as servers."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reactor import (
    ReactorError,
    TaskGroup,
    TlsError,
    TruncatedError,
    run_in,
    wait_readable,
)
from reactor.loop import Reactor
from reactor.net import Connection, Listener, TlsStream, listen, tls_client, tls_server
from tests.net.peers import (
    InThread,
    Pair,
    make_small,
    read_to_end,
    reset,
    tcp_pair,
    wait_until_readable,
)
from tests.net.tls_parts import (
    HOST,
    Chopped,
    certificate,
    client_context,
    demanding,
    each_version,
    server_context,
)
from tests.net.tls_programs import Program, pems


@pytest.fixture
def ends() -> Iterator[Pair]:
    """Ours, and the peer's, over TCP."""
    near, far = tcp_pair()
    with near, far:
        yield near, far


def as_client(sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(sock, server_hostname=HOST)


def as_server(sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(sock, server_side=True)


# -- the ssl module's sockets


@each_version
def test_a_blocking_client_is_served(real: Reactor, ends: Pair, version: ssl.TLSVersion) -> None:
    near, far = ends
    data = os.urandom(300_000)

    def talk(sock: socket.socket) -> bytes:
        with as_client(sock, client_context(version=version)) as peer:
            peer.sendall(data[:1000])
            got = bytearray()
            while len(got) < len(data):
                got += peer.recv(65_536)
            peer.unwrap().close()
            return bytes(got)

    async def main() -> None:
        with await tls_server(Connection(real, near), server_context()) as stream:
            assert await stream.receive_exactly(1000) == data[:1000]
            await stream.send_all(data)
            assert await stream.receive() == b""
            await stream.finish(30)

    with InThread(talk, far) as peer:
        run_in(real, main)
    assert peer.result() == data


@each_version
def test_a_blocking_server_is_talked_to(real: Reactor, ends: Pair, version: ssl.TLSVersion) -> None:
    near, far = ends

    def talk(sock: socket.socket) -> bytes:
        with as_server(sock, server_context(version=version)) as peer:
            got = read_to_end(peer)  # and not to the end of TCP: the client still listens
            peer.sendall(got.upper())
            peer.unwrap().close()
            return got

    async def main() -> bytes:
        with await tls_client(Connection(real, near), client_context(), host=HOST) as stream:
            await stream.send_all(b"half-closed")
            await stream.send_end()
            reply = await stream.receive_exactly(11)
            assert await stream.receive() == b""
            return reply

    with InThread(talk, far) as peer:
        assert run_in(real, main) == b"HALF-CLOSED"
    assert peer.result() == b"half-closed"


@each_version
def test_much_goes_both_ways_at_once_through_small_buffers(
    real: Reactor, ends: Pair, version: ssl.TLSVersion
) -> None:
    near, far = ends
    make_small(near, far)
    up, down = os.urandom(60_000), os.urandom(50_000)

    def talk(sock: socket.socket) -> bytes:
        with as_server(sock, server_context(version=version)) as peer:
            got = bytearray()
            sent = 0
            while len(got) < len(up) or sent < len(down):
                if len(got) < len(up):
                    got += peer.recv(5000)
                peer.sendall(down[sent : sent + 4000])
                sent += 4000
            peer.unwrap().close()
            return bytes(got)

    async def main() -> bytes:
        context = client_context()
        with await tls_client(Chopped(Connection(real, near), [999]), context, host=HOST) as made:
            async with TaskGroup() as group:
                group.spawn(made.send_all, up)
                received = group.spawn(made.receive_exactly, len(down))
            await made.finish(30)
        return received.result

    with InThread(talk, far) as peer:
        assert run_in(real, main) == down
    assert peer.result() == up


def test_a_server_that_asks_for_a_certificate_late_gets_it_from_a_client_that_only_receives(
    real: Reactor, ends: Pair
) -> None:
    near, far = ends
    client, server = client_context(), demanding(server_context())
    certificate("late.example.org").configure_cert(client)
    client.post_handshake_auth = server.post_handshake_auth = True

    def talk(sock: socket.socket) -> object:
        with as_server(sock, server) as peer:
            assert peer.getpeercert() is None
            peer.verify_client_post_handshake()
            peer.sendall(b"who are you?")  # and with it the question
            peer.setblocking(False)
            while (shown := peer.getpeercert()) is None:
                wait_until_readable(peer.fileno())
                with suppress(ssl.SSLWantReadError):
                    peer.recv(1)
            peer.setblocking(True)
            peer.sendall(b"welcome")
            peer.recv(1)
            return shown["subjectAltName"]

    async def main() -> bytes:
        with await tls_client(Connection(real, near), client, host=HOST) as stream:
            reply = await stream.receive_exactly(19)
            await stream.send_all(b".")
            return reply

    with InThread(talk, far) as peer:
        assert run_in(real, main) == b"who are you?welcome"
    assert peer.result() == (("DNS", "late.example.org"),)


@each_version
def test_a_peer_that_just_goes_is_told_from_one_that_ends(
    real: Reactor, ends: Pair, version: ssl.TLSVersion
) -> None:
    near, far = ends

    def talk(sock: socket.socket) -> None:
        with as_client(sock, client_context(version=version)) as peer:
            peer.sendall(b"half of i")
            peer.recv(1)

    async def main() -> None:
        with await tls_server(Connection(real, near), server_context()) as stream:
            await stream.send_all(b"!")
            with pytest.raises(TruncatedError):
                await stream.receive_exactly(10)
            assert await stream.receive() == b"half of i"

    with InThread(talk, far):
        run_in(real, main)


# -- a server and its clients


def test_each_client_hurts_only_itself(real: Reactor) -> None:
    errors: list[str] = []

    async def serve(connection: Connection, seconds: float) -> bytes:
        try:
            with await tls_server(connection, server_context(), seconds=seconds) as stream:
                data = await stream.receive()
                await stream.finish(30)
                return data
        except (OSError, ReactorError) as error:
            errors.append(f"{type(error).__name__}: {error}")
            return b""

    def misbehave(address: tuple[str, int]) -> tuple[socket.socket, socket.socket]:
        plain, silent, gone, rude = (socket.create_connection(address) for _ in range(4))
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        gone.close()
        reset(rude)
        return plain, silent

    def behave(sock: socket.socket) -> None:
        with as_client(sock, client_context()) as peer:
            peer.sendall(b"well-behaved")
            assert peer.recv(1) == b""

    async def main() -> bytes:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            address = ("127.0.0.1", listener.port)
            plain, silent = misbehave(address)
            with plain, silent:
                async with TaskGroup() as group:
                    for seconds in (30, 0.05, 30, 30):
                        group.spawn(serve, await listener.accept(), seconds)
                    with InThread(behave, socket.create_connection(address)):
                        served = group.spawn(serve, await listener.accept(), 30)
                        await served.join()
        return served.result

    assert run_in(real, main) == b"well-behaved"
    assert sorted(error.partition(":")[0] for error in errors) == [
        "ConnectionResetError",
        "TimeoutError",
        "TlsError",
        "TruncatedError",
    ]


# -- openssl


async def shout(stream: TlsStream) -> None:
    """Answer each line in capitals, until the peer ends."""
    async for line in stream.lines():
        await stream.send_all(line.upper() + b"\n")
    await stream.finish(30)


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_is_served(real: Reactor, tmp_path: Path, version: str) -> None:
    _, trusted = pems(tmp_path)

    def talk(program: Program) -> None:
        assert b"Verification: OK" in program.hear(b"Verification")
        program.tell(b"hello\n")
        program.hear(b"HELLO")
        program.tell(b"Q\n")

    async def main() -> None:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port}"]
            command += ["-servername", HOST, "-verify_hostname", HOST, version]
            with Program(*command, "-CAfile", trusted) as program:
                await serve_one(listener, program, talk)

    run_in(real, main)


async def serve_one(listener: Listener, program: Program, talk: Callable[[Program], None]) -> None:
    """Serve one client, while talk speaks with the program that it is."""
    near, far = socket.socketpair()  # for its end, which the thread tells
    with near, InThread(lambda _: talk(program), far):
        stream = await tls_server(await listener.accept(), server_context(), truncation_ok=True)
        with stream:
            await shout(stream)
        await wait_readable(near)
        listener.reactor.forget(near)


@pytest.mark.needs("openssl")
def test_a_new_key_is_answered_and_nothing_is_lost(real: Reactor, tmp_path: Path) -> None:
    _, trusted = pems(tmp_path)

    def talk(program: Program) -> None:
        program.hear(b"Verification")
        for word in (b"one", b"two", b"three"):
            program.tell(b"K\n")  # a new key, and one of the server too
            program.hear(b"KEYUPDATE")
            program.tell(word + b"\n")
            program.hear(word.upper())
        program.tell(b"Q\n")

    async def main() -> None:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port}"]
            command += ["-servername", HOST, "-tls1_3", "-CAfile", str(trusted)]
            with Program(*command) as program:
                await serve_one(listener, program, talk)

    run_in(real, main)


@pytest.mark.needs("openssl")
def test_a_second_handshake_is_refused(real: Reactor, tmp_path: Path) -> None:
    _, trusted = pems(tmp_path)
    heard: list[bytes] = []

    def talk(program: Program) -> None:
        program.hear(b"Verification")
        program.tell(b"hello\n")
        program.hear(b"HELLO")
        program.tell(b"R\n")
        program.hear(b"RENEGOTIATING")
        heard.append(program.hear(b"renegotiation"))

    async def main() -> None:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port}"]
            command += ["-servername", HOST, "-tls1_2", "-CAfile", str(trusted)]
            with Program(*command) as program:
                with pytest.raises(TlsError):
                    await serve_one(listener, program, talk)

    run_in(real, main)

    assert b"no renegotiation" in heard[0]


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_is_talked_to(real: Reactor, tmp_path: Path, version: str) -> None:
    own, _ = pems(tmp_path)

    async def main() -> bytes:
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", version]
        with Program(*command, "-cert", own, "-key", own) as program:
            port = int(program.hear(b"ACCEPT").rpartition(b":")[2])
            sock = socket.create_connection(("127.0.0.1", port))
            with await tls_client(Connection(real, sock), client_context(), host=HOST) as stream:
                await stream.send_all(b"stressed\n")
                reply = await stream.receive_until()
                await stream.finish(30)
                return reply

    assert run_in(real, main) == b"desserts"


# -- curl


@pytest.mark.needs("curl")
@pytest.mark.parametrize("version", ["--tls-max=1.2", "--tlsv1.3"])
def test_curl_is_served(real: Reactor, tmp_path: Path, version: str) -> None:
    _, trusted = pems(tmp_path)
    page = b"x" * 50_000  # which the pipe holds, so nobody waits for the program

    async def main() -> bytes:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            port = listener.port
            command = ["curl", "--silent", "--show-error", "--cacert", str(trusted), "--noproxy"]
            command += ["*", "--resolve", f"{HOST}:{port}:127.0.0.1", f"https://{HOST}:{port}/"]
            command += ["--tls-max", "1.2"] if "max" in version else [version]
            with Program(*command) as program:
                stream = await tls_server(
                    await listener.accept(), server_context(), truncation_ok=True
                )
                assert (await stream.receive_until()).startswith(b"GET / HTTP/1.1")
                await stream.receive_until(b"\r\n\r\n")
                await stream.send_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + page)
                await stream.finish(30)
                return program.hear_all()

    assert run_in(real, main) == page


@pytest.mark.needs("curl")
def test_curl_that_does_not_trust_the_authority_is_told_of(real: Reactor) -> None:
    async def main() -> bytes:
        with Listener(real, listen("127.0.0.1", 0)) as listener:
            port = listener.port
            command = ["curl", "--silent", "--show-error", "--noproxy", "*"]
            command += ["--resolve", f"{HOST}:{port}:127.0.0.1", f"https://{HOST}:{port}/"]
            with Program(*command) as program:
                with pytest.raises(TlsError, match="alert unknown ca; that is what the peer says"):
                    await tls_server(await listener.accept(), server_context())
                return program.hear_all()

    assert b"certificate" in run_in(real, main)
