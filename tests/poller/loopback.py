"""Loopback alone: running a command where there is no other network.

Law of this file: where the system grants a network namespace (man 7 network_namespaces), the
command cannot reach anything but this machine, whatever it tries; where it does not, whoever asked
is told, and decides.

    unshare --map-root-user --net python -m tests.poller.loopback COMMAND ARGUMENT...
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

_NAMESPACE: Final = ("unshare", "--map-root-user", "--net")

_SIOCSIFFLAGS: Final = 0x8914  # linux/sockios.h
_IFF_UP: Final = 0x1  # linux/if.h


def confinement() -> Sequence[str]:
    """Return what to put before a command so that it sees loopback alone; nothing if that fails."""
    if shutil.which(_NAMESPACE[0]) is None:
        return ()
    command = (*_NAMESPACE, sys.executable, "-m", "tests.poller.loopback")
    tried = subprocess.run([*command, "true"], check=False, capture_output=True)
    return command if tried.returncode == 0 else ()


def main(command: list[str]) -> None:
    """Bring loopback up, which in a new namespace is down, and become command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
