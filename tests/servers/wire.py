"""What the kernel knows of a connection on loopback, by /proc/net/tcp."""

from __future__ import annotations

from pathlib import Path


def unread(own_port: int, peer_port: int) -> int:
    """Return how many bytes from peer_port have come to own_port and wait to be received."""
    return int(_columns(own_port, peer_port)[4].partition(":")[2], 16)


def name(own_port: int, peer_port: int) -> str:
    """Return the name that own_port's end of the connection has in /proc/*/fd."""
    return f"socket:[{_columns(own_port, peer_port)[9]}]"


def _columns(own_port: int, peer_port: int) -> list[str]:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = line.split()
        ports = [int(each.partition(":")[2], 16) for each in columns[1:3]]
        if ports == [own_port, peer_port]:
            return columns
    raise AssertionError(f"no connection from port {peer_port} to port {own_port}")
