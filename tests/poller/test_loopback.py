"""A confined command has loopback, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.poller.loopback import confinement

TELL = """
import socket
print(*(name for _, name in socket.if_nameindex()))
with socket.create_server(("127.0.0.1", 0)) as listener:
    socket.create_connection(listener.getsockname()).close()
    print("reached loopback")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    try:
        sock.connect(("192.0.2.1", 9))  # asks for a route and sends nothing
    except OSError as error:
        print(error.strerror)
"""


def test_a_confined_command_reaches_loopback_and_has_no_other_interface_or_route() -> None:
    confined = confinement()
    if not confined:
        pytest.skip("only where unshare --map-root-user --net is allowed")
    told = subprocess.run(
        [*confined, sys.executable, "-c", TELL], check=True, capture_output=True, text=True
    )

    assert told.stdout.splitlines() == ["lo", "reached loopback", "Network is unreachable"]
