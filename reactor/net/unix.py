"""Unix sockets: talk within one machine, under the name of a file.

Law of this file: a file that somebody listens behind is never taken away, nor one that is no
socket; one that a dead program has left behind is. What one process finds and then does here
happens under a lock, so that of two that start at once neither removes the other's.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Generator
from contextlib import contextmanager
from typing import TypeAlias

from reactor.tasks import Steps, coroutine, current_task

from .connecting import connect_socket
from .connection import Connection
from .sockets import Address

UnixPath: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
"""The path of a Unix socket. What begins with a NUL is an abstract name, which is no file (man 7
unix); only Linux has those.
"""


@coroutine
def connect_unix(path: UnixPath, *, idle_seconds: float | None = None) -> Steps[Connection]:
    """Connect to who listens at path, and return the connection, with that idle limit.

    Without a wait, unless the backlog there is full. Raises OSError that names path:
    FileNotFoundError, ConnectionRefusedError if nobody listens any more, PermissionError.
    Cancelled or failed: everything is closed.
    """
    address, sock = yield from reach_unix(path)
    return Connection(current_task().reactor, sock, address, idle_seconds=idle_seconds)


@coroutine
def reach_unix(path: UnixPath) -> Steps[tuple[Address, socket.socket]]:
    """Connect as connect_unix does, and return the address that was reached, and the socket."""
    address = unix_address(path)
    sock = _socket_for(address)
    try:
        yield from connect_socket(sock, address)
    except OSError as error:
        sock.close()
        raise named(error, address) from None
    except BaseException:
        sock.close()
        raise
    return address, sock


def listen_unix(
    path: UnixPath, *, mode: int | None = None, backlog: int = socket.SOMAXCONN
) -> socket.socket:
    """Return a Unix socket that listens at path.

    A socket file that nobody listens behind any more is removed first: closing leaves it there.
    mode, like 0o600, says who may connect (who may write to the file); nobody can before it holds.
    Unless it is given the umask decides.

    The folder is locked meanwhile (man 2 flock), so it must be readable, and another process that
    does the same there is waited for. A server that does not take that lock can lose its file if it
    is between bind and listen just then, and so can one whose backlog is full where that counts as
    a refusal, as it does on BSD and macOS.

    Raises OSError that names path: EADDRINUSE if somebody listens there, or if it is no socket.
    Raises ValueError for a mode that cannot be, and for any with an abstract name.
    """
    address = unix_address(path)
    if mode is not None and (is_abstract(address) or not 0 <= mode <= 0o777):
        raise ValueError(f"{address!r} cannot have the mode {mode:#o}; give a file 0 to 0o777")
    sock = _socket_for(address)
    try:
        with _alone_with(address):
            _bind(sock, address)
            if mode is not None:
                os.chmod(address, mode)
            sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise named(error, address) from None
    except BaseException:
        sock.close()
        raise
    return sock


def stream_pair() -> tuple[Connection, Connection]:
    """Return two connections that talk to each other: for tasks, and for tests.

    Raises NotRunningError outside of a task.
    """
    reactor = current_task().reactor
    try:
        near, far = socket.socketpair()
    except OSError as error:
        what = f"{error.strerror}: there can be no pair of connections"
        raise OSError(error.errno, what) from None
    return Connection(reactor, near), Connection(reactor, far)


def unix_address(path: UnixPath) -> str | bytes:
    """Return path as sockets take it. Raises ValueError for one that cannot be."""
    address = os.fspath(path)
    name = os.fsencode(address)
    if not name or (name[0] and b"\0" in name):
        raise ValueError(f"{address!r} is no path for a socket; give one without a NUL inside")
    return address


def is_abstract(address: str | bytes) -> bool:
    """Tell whether address is a name of Linux's own, and no file."""
    return os.fsencode(address).startswith(b"\0")


def named(error: OSError, address: str | bytes) -> OSError:
    """Return error, saying where. Python finds a path too long by itself, without an errno."""
    return OSError(error.errno or errno.ENAMETOOLONG, error.strerror or str(error), address)


def _socket_for(address: str | bytes) -> socket.socket:
    try:
        return socket.socket(socket.AF_UNIX)
    except OSError as error:  # no descriptor is left, for instance
        raise named(error, address) from None


@contextmanager
def _alone_with(address: str | bytes) -> Generator[None]:
    """Keep the other processes that are in here out of the folder of address."""
    if is_abstract(address):
        yield  # the system takes an abstract name away with its socket
        return
    folder = os.open(os.path.dirname(os.fsencode(address)) or b".", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _bind(sock: socket.socket, address: str | bytes) -> None:
    try:
        sock.bind(address)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or is_abstract(address):
            raise
        if not stat.S_ISSOCK(os.lstat(address).st_mode):
            raise OSError(error.errno, f"{error.strerror} by what is no socket") from None
        if not _is_deserted(address):
            raise
        os.unlink(address)
        sock.bind(address)


def _is_deserted(address: str | bytes) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # a full backlog is an answer too: somebody is there
        return probe.connect_ex(address) == errno.ECONNREFUSED
