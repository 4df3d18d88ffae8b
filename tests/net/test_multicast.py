"""DatagramSocket: multicast groups."""

from __future__ import annotations

import errno
import socket

import pytest

from reactor import Reactor, timeout
from reactor.net import DatagramSocket, bind_udp
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.peers import DEADLINE
from tests.net.test_listen import only_with_ipv6

GROUPS = {socket.AF_INET: "239.255.77.77", socket.AF_INET6: "ff01::4d4d"}


def loopback() -> str:
    """Return the name of the loopback interface."""
    names = [name for _, name in socket.if_nameindex() if name.startswith("lo")]
    if not names:
        pytest.skip("only where there is a loopback interface")
    return names[0]


def sender_over_loopback(family: socket.AddressFamily) -> socket.socket:
    """Return a socket that sends to groups over the loopback interface, and nowhere else."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        here = socket.inet_aton("127.0.0.1")
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
    else:
        index = socket.if_nametoindex(loopback())
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    return sock


each_family = pytest.mark.parametrize(
    ("family", "anywhere"),
    [
        pytest.param(socket.AF_INET, "0.0.0.0", id="IPv4"),
        pytest.param(socket.AF_INET6, "::", id="IPv6", marks=only_with_ipv6),
    ],
)


@each_family
def test_what_is_sent_to_a_group_comes_to_those_who_have_joined_it(
    real: Reactor, family: socket.AddressFamily, anywhere: str
) -> None:
    async def main() -> None:
        with (
            await bind_udp(anywhere, 0) as member,
            DatagramSocket(real, sender_over_loopback(family)) as sender,
        ):
            member.join(GROUPS[family], loopback())
            try:
                await sender.send_to(b"to all", (GROUPS[family], member.port))
            except OSError as error:
                pytest.skip(f"only where the loopback interface carries multicast: {error}")
            with timeout(DEADLINE):
                assert (await member.receive())[0] == b"to all"

    run_in(real, main)


@each_family
def test_a_group_can_be_left_once_for_each_time_that_it_was_joined(
    world: World, family: socket.AddressFamily, anywhere: str
) -> None:
    async def main() -> None:
        with await bind_udp(anywhere, 0) as member:
            for _ in range(2):
                member.join(GROUPS[family], loopback())
                with pytest.raises(OSError, match=r"<Datagram.*, group '[23f].*: 'lo") as caught:
                    member.join(GROUPS[family], loopback())
                assert caught.value.errno == errno.EADDRINUSE
                member.leave(GROUPS[family], loopback())
            with pytest.raises(OSError, match="group") as caught:
                member.leave(GROUPS[family], loopback())
            assert caught.value.errno == errno.EADDRNOTAVAIL

    world.run(main)


@only_with_ipv6
def test_a_socket_of_both_families_joins_groups_of_both(world: World) -> None:
    async def main() -> None:
        with await bind_udp(None, 0) as member:
            for group in GROUPS.values():
                member.join(group, loopback())

    world.run(main)


def test_what_is_no_group_is_an_error_of_the_system(world: World) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as sock:
            with pytest.raises(OSError, match="group '127") as caught:
                sock.join("127.0.0.1")
            assert caught.value.errno == errno.EINVAL

    world.run(main)


def test_a_group_that_is_no_address_is_refused(world: World) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as sock:
            for change in (sock.join, sock.leave):
                with pytest.raises(ValueError, match=r"^'all\.example' is no address of a mult"):
                    change("all.example")

    world.run(main)


def test_an_interface_that_is_not_there_is_an_error_that_names_it(world: World) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as sock:
            with pytest.raises(OSError, match=r"'nowhere0'$") as caught:
                sock.join("239.255.77.77", "nowhere0")
            assert caught.value.errno in (errno.ENODEV, errno.ENXIO)

    world.run(main)
