"""What the kernel knows of a connection on loopback, by /proc/net/tcp."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Wire(NamedTuple):
    """One end of a connection.

    unsent: bytes that its peer has not acknowledged. unread: bytes that have come and wait to be
    received. retry: clock ticks until its kernel tries to send again.
    """

    unsent: int
    unread: int
    retry: int


def wire(own_port: int, peer_port: int) -> Wire:
    """Return how the end at own_port of the connection from peer_port stands."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, timer, *_ = line.split()
        ports = [int(each.partition(":")[2], 16) for each in (local, remote)]
        if ports == [own_port, peer_port]:
            unsent, unread = (int(each, 16) for each in queues.split(":"))
            return Wire(unsent, unread, retry=int(timer.partition(":")[2], 16))
    raise AssertionError(f"no connection from port {peer_port} to port {own_port}")
