"""Inspector: lets who has the rights of this user look into a reactor, from outside.

Law of this file: the loop is not asked. A thread of its own takes who comes, one more answers each
of them, and they answer also while the loop is stuck. Who stalls or floods has a few seconds, and
so many come in at once. While nobody looks all of it sleeps, and the loop pays for its Pulse.
"""

from __future__ import annotations

import errno
import os
import socket
import weakref
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from reactor.errors import ReactorError
from reactor.loop import Reactor, log

from .desk import Desk
from .look import Look
from .places import private_folder

NUMBERS: Final = range(1, 1000)
BACKLOG: Final = 128


class Inspector:
    """Answers on a Unix socket what its reactor does, until the reactor is closed.

    It is made by `Reactor(inspect=True)`, or where REACTOR_INSPECT=1 asks for it. path is the
    socket; None if there can be none, which is logged and harms nothing else.
    """

    def __init__(self, reactor: Reactor) -> None:
        self.path: Path | None = None
        self._desk: Desk | None = None
        # The desk's thread must not keep a reactor that everybody else has let go.
        self._look = Look(reactor)
        try:
            self._open()
        except (OSError, RuntimeError, ReactorError) as error:
            log().warning("%r cannot be looked into: %s", reactor, error)

    def _open(self) -> None:
        with ExitStack() as opened:
            bell, rope = map(opened.enter_context, socket.socketpair())
            listener, path = _listener()
            opened.callback(path.unlink)
            opened.enter_context(listener)
            desk = Desk(listener, bell, weakref.ref(self._look))
            desk.start()
            opened.pop_all()
        self.path, self._desk = path, desk
        # It is called by close, at the exit of the program, or when nobody has the reactor.
        self._leave = weakref.finalize(self, _leave, path, rope, os.getpid())

    def close(self) -> None:
        """Answer nobody any more, and remove the socket."""
        if self._desk is not None:
            self._leave()
            self._desk.join()
            self.path = self._desk = None

    def forked(self) -> None:
        """In a forked child: close what was carried over; the parent goes on answering."""
        if self._desk is not None:
            self._leave()
            self._desk.forked()
            self.path = self._desk = None


def _listener() -> tuple[socket.socket, Path]:
    """Return a socket that listens in the private folder, and its path."""
    folder = private_folder()
    sock = socket.socket(socket.AF_UNIX)
    try:
        for number in NUMBERS:
            path = folder / f"{os.getpid()}.{number}"
            try:
                sock.bind(os.fspath(path))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    what = f"{path}: {error}; set XDG_RUNTIME_DIR to a short path of yours"
                    raise ReactorError(what) from error
                continue  # of another reactor here, or of a dead process that had our number
            path.chmod(0o600)
            sock.listen(BACKLOG)
            sock.setblocking(False)
            return sock, path
        raise ReactorError(f"{folder} has no free name for this process; remove old files there")
    except BaseException:
        sock.close()
        raise


def _leave(path: Path, rope: socket.socket, pid: int) -> None:
    if os.getpid() == pid:
        path.unlink(missing_ok=True)
        rope.shutdown(socket.SHUT_RDWR)  # a child that was forked in C may have the other end open
    rope.close()
