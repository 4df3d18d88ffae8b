"""The listening socket."""

from __future__ import annotations

import socket

import pytest

from servers.listening import CannotListenError, listen


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)], ids=["v4", "v6"]
)
def test_an_address_is_listened_on(host: str, family: socket.AddressFamily) -> None:
    with listen(host, 0, 5) as listener:
        assert listener.family == family
        address = listener.getsockname()
        assert address[0] == host
        with socket.create_connection(address[:2]) as client:
            client.settimeout(10)
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_name_is_listened_on() -> None:
    with listen("localhost", 0, 5) as listener:
        assert listener.getsockname()[0] in ("127.0.0.1", "::1")


def test_an_ipv6_address_leaves_the_port_free_for_ipv4() -> None:
    with listen("::", 0, 5) as six, listen("0.0.0.0", six.getsockname()[1], 5) as four:
        assert four.getsockname()[1] == six.getsockname()[1]


def test_a_port_that_is_taken_is_refused() -> None:
    with listen("127.0.0.1", 0, 5) as first:
        port = first.getsockname()[1]
        complaint = f"^cannot listen on 127.0.0.1:{port}: address already in use; stop who has"
        with pytest.raises(CannotListenError, match=complaint):
            listen("127.0.0.1", port, 5)


def test_an_address_of_another_machine_is_refused() -> None:
    complaint = r"^cannot listen on 192\.0\.2\.1:0: .*; give --host an address of this machine$"
    with pytest.raises(CannotListenError, match=complaint):
        listen("192.0.2.1", 0, 5)


def test_a_host_that_cannot_be_a_name_is_refused() -> None:
    with pytest.raises(CannotListenError, match="; give --host a name or an address of this"):
        listen("a" * 64 + ".example", 0, 5)


def test_the_brackets_of_an_ipv6_address_are_written_out() -> None:
    with pytest.raises(CannotListenError, match=r"^cannot listen on \[2001:db8::1\]:0: "):
        listen("2001:db8::1", 0, 5)
