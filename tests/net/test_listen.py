"""listen: a socket on the first address of a host that works."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from reactor.net import listen
from tests.net.peers import DEADLINE


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


only_with_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="only where there is IPv6")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of 127.0.0.1 on which somebody listens."""
    with listen("127.0.0.1", 0) as sock:
        yield sock.getsockname()[1]


def test_port_0_takes_a_free_one_each_time() -> None:
    with listen("127.0.0.1", 0) as first, listen("127.0.0.1", 0) as second:
        host, port = first.getsockname()
        assert host == "127.0.0.1"
        assert port > 0
        assert port != second.getsockname()[1]


def test_clients_can_connect_to_it() -> None:
    with listen("127.0.0.1", 0) as sock:
        with socket.create_connection(sock.getsockname(), DEADLINE) as client:
            accepted, address = sock.accept()
            accepted.close()
            assert address == client.getsockname()


def test_a_host_may_be_a_name() -> None:
    with listen("localhost", 0) as sock:
        assert sock.getsockname()[0] in ("127.0.0.1", "::1")


def test_a_port_that_is_taken_is_an_error_that_names_it(taken: int) -> None:
    text = rf"Address already in use: '127\.0\.0\.1 port {taken}'"
    with pytest.raises(OSError, match=text) as caught:
        listen("127.0.0.1", taken)

    assert caught.value.errno == errno.EADDRINUSE


def test_a_port_whose_server_has_just_ended_can_be_had_at_once() -> None:
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
            accepted, _ = sock.accept()
            accepted.close()  # who closes first keeps the port in TIME_WAIT
            assert client.recv(1) == b""

    with listen("127.0.0.1", port) as again:
        assert again.getsockname()[1] == port
        assert again.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


@only_with_ipv6
def test_an_ipv6_address_means_ipv6_only() -> None:
    with listen("::", 0) as sock:
        port = sock.getsockname()[1]
        assert sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        with socket.create_connection(("::1", port), DEADLINE):
            pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), DEADLINE)


@pytest.mark.parametrize("host", [None, ""])
def test_without_a_host_clients_of_either_family_can_connect(host: str | None) -> None:
    families = ["127.0.0.1", "::1"] if socket.has_dualstack_ipv6() else ["127.0.0.1"]
    with listen(host, 0) as sock:
        for where in families:
            with socket.create_connection((where, sock.getsockname()[1]), DEADLINE):
                accepted, address = sock.accept()
                accepted.close()
                assert address[0] in (where, f"::ffff:{where}")


def test_where_a_socket_cannot_take_both_families_it_takes_ipv4(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    with listen(None, 0) as sock:
        assert sock.getsockname()[0] == "0.0.0.0"


def test_without_a_host_a_port_that_is_taken_in_one_family_is_an_error() -> None:
    with listen("0.0.0.0", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(OSError, match=rf"in use: 'all interfaces port {port}'$") as caught:
            listen(None, port)

    assert caught.value.errno == errno.EADDRINUSE


@only_with_ipv6
def test_both_families_can_have_the_same_port() -> None:
    with listen("::", 0) as six, listen("0.0.0.0", six.getsockname()[1]) as four:
        assert four.family == socket.AF_INET


def test_the_backlog_is_as_long_as_asked_for() -> None:
    with listen("127.0.0.1", 0, backlog=50) as sock:
        where = sock.getsockname()
        clients = [socket.create_connection(where, DEADLINE) for _ in range(50)]
    for client in clients:
        client.close()


def test_the_first_address_that_works_is_taken(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    found = [
        *socket.getaddrinfo("127.0.0.1", taken, type=socket.SOCK_STREAM),
        (-1, socket.SOCK_STREAM, 0, "", ("a family that this system lacks", 0)),
        *socket.getaddrinfo("127.0.0.1", 0, type=socket.SOCK_STREAM),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    with listen("three.example", taken) as sock:
        assert sock.getsockname()[1] not in (0, taken)


def test_if_none_works_the_error_is_of_the_first(
    monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    found = [
        *socket.getaddrinfo("127.0.0.1", taken, type=socket.SOCK_STREAM),
        (-1, socket.SOCK_STREAM, 0, "", ("a family that this system lacks", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    with pytest.raises(OSError, match=r"in use: 'two\.example port"):
        listen("two.example", taken)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(OSError, match=r"'192\.0\.2\.1 port 0'") as caught:  # RFC 5737: nobody's
        listen("192.0.2.1", 0)

    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(socket.gaierror):
        listen("256.256.256.256", 0)


@pytest.mark.parametrize("port", [-1, 65_536, 70_000])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match=f"^there is no port {port}; give 0 to 65535$"):
        listen("127.0.0.1", port)
