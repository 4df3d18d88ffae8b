"""Listener: clients as they come, for callbacks and for tasks.

Law of this file: accepting happens in bursts with a bound, then those who are in have their turn;
and a listener that is short of something is never dead, only paused.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Self

from reactor.errors import ClosedError
from reactor.loop import Handle, Reactor, Runnable
from reactor.tasks import Steps, coroutine, sleep

from .acceptor import PAUSE, Acceptor, log_shortage
from .connection import Connection
from .sockets import Address, port_of


class Listener:
    """A listening socket for tasks: `connection = yield from listener.accept()`.

    sock listens already, wherever it comes from (listen(), an inherited descriptor), and is owned
    from now on. shortage hears of the error when accepting pauses for want of descriptors or
    memory, and of None when it works again; it logs unless given. Raises ValueError for a socket
    that does not listen, or is closed; it stays yours then.
    """

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket,
        *,
        shortage: Callable[[OSError | None], object] = log_shortage,
    ) -> None:
        self.reactor: Reactor = reactor
        self._acceptor = Acceptor(sock, shortage)
        self.address: Address = sock.getsockname()
        self._readable = reactor.reading_anew(sock)

    @property
    def port(self) -> int:
        """The port of a TCP listener. Raises ValueError for one of another kind."""
        return port_of(self.address)

    @property
    def accepted(self) -> int:
        """How many clients were taken."""
        return self._acceptor.accepted

    @property
    def lost(self) -> int:
        """How many clients were gone again before they could be taken."""
        return self._acceptor.lost

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._acceptor.sock.fileno() if self._readable.fd >= 0 else -1

    @coroutine
    def accept(self, *, idle_seconds: float | None = None) -> Steps[Connection]:
        """Wait for the next client and return its connection, with that idle limit.

        One task at a time may accept. It gives way to others once in a burst, not at each call.
        Raises ClosedError when the listener is closed here, BusyError if another task accepts,
        OSError if the socket is wrong: shut down elsewhere, for instance. A cancellation loses
        nobody.
        """
        acceptor, readable = self._acceptor, self._readable
        if acceptor.broken:
            yield from sleep(PAUSE)  # who catches that and tries again must not take every turn
        while readable.fd >= 0 and acceptor.sock.fileno() >= 0:
            if acceptor.left:
                if (client := acceptor.take()) is not None:
                    fd, peer = client
                    if idle_seconds is None:  # what is given by name costs a dictionary
                        return Connection(self.reactor, fd, peer)
                    return Connection(self.reactor, fd, peer, idle_seconds=idle_seconds)
            else:
                try:
                    yield readable
                    acceptor.refill()
                except OSError as error:  # no memory to watch it, for instance
                    acceptor.pause(error)
            if acceptor.short and not acceptor.left:
                yield from sleep(PAUSE)
        raise ClosedError(f"{self!r} is closed; nobody can be accepted")

    def close(self) -> None:
        """Accept nobody any more; a task that waits gets ClosedError.

        Who is in the backlog is reset by the system.
        """
        if (fd := self._readable.fd) >= 0:
            self.reactor.forget(fd)
            self._acceptor.sock.close()
        else:
            self._acceptor.sock.detach()  # somebody else forgot the number, so it is theirs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.address!r}>"


class CallbackListener(Runnable):
    """A listening socket for callbacks: accepted(fd, address) for each client, who is the
    callback's from then on, until pause().

    sock and shortage are as Listener takes them. If the socket is wrong (shut down elsewhere, for
    instance), the reactor's on_error hears of it once, and nobody is accepted any more.
    """

    __slots__ = ("_accepted", "_acceptor", "_paused", "_readable", "_turn", "address", "reactor")

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket,
        accepted: Callable[[int, Address], object],
        *,
        shortage: Callable[[OSError | None], object] = log_shortage,
    ) -> None:
        self.reactor: Reactor = reactor
        self._accepted = accepted
        self._acceptor = Acceptor(sock, shortage)
        self.address: Address = sock.getsockname()
        self._paused = False
        self._turn: Handle | None = None  # in which it tries again
        self._readable = reactor.reading_anew(sock)
        self._readable.park(self)

    @property
    def port(self) -> int:
        """The port of a TCP listener. Raises ValueError for one of another kind."""
        return port_of(self.address)

    @property
    def accepted(self) -> int:
        """How many clients were taken."""
        return self._acceptor.accepted

    @property
    def lost(self) -> int:
        """How many clients were gone again before they could be taken."""
        return self._acceptor.lost

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._acceptor.sock.fileno()

    def pause(self) -> None:
        """Accept nobody until resume(): who comes waits in the backlog. Again: nothing."""
        self._paused = True

    def resume(self) -> None:
        """Accept again, in a later turn. Unless paused: nothing."""
        if self._paused:
            self._paused = False
            if not self._acceptor.broken and (self._turn is None or not self._turn.live):
                self._turn = self.reactor.call_soon(self.run)

    def run(self) -> None:
        """Take a burst of clients."""
        if self._readable.fd < 0 or self._paused:
            return
        acceptor = self._acceptor
        try:
            self._take_burst()
        finally:
            if acceptor.short or acceptor.broken:
                self._readable.abort(self)
            if acceptor.short:
                self._turn = self.reactor.call_later(PAUSE, self.run)

    def _take_burst(self) -> None:
        acceptor = self._acceptor
        try:
            if not self._readable.waiting:
                self._readable.park(self)  # first, since a callback may raise, or close this
        except OSError as error:  # no memory to watch it, for instance
            acceptor.pause(error)
            return
        acceptor.refill()
        while acceptor.left and self._readable.fd >= 0 and not self._paused:
            if (client := acceptor.take()) is None:
                break
            self._accepted(*client)

    def lose(self, side: object, error: Exception) -> None:
        """The descriptor was forgotten by somebody else, and is theirs: accept nobody any more."""
        self._let_go()

    def close(self) -> None:
        """Accept nobody any more. Who is in the backlog is reset by the system."""
        if (fd := self.fileno()) >= 0:
            self.reactor.forget(fd)
            self._let_go()
            socket.close(fd)

    def _let_go(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
        self._readable.abort(self)
        self._acceptor.sock.detach()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.address!r}>"
