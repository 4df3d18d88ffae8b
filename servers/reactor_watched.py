"""A client by hand: one watch on a socket, and what must be known between two calls.

Law of this file: while a reply, or a part of one, is unsent, its client is not read from. A
Channel does the same for everybody; here stands what it takes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from reactor import Timer
from reactor.loop import Watch
from servers.conversation import RECEIVE_LIMIT, answer
from servers.policy import DISCARD_SECONDS, DISCARD_SIZE
from servers.reactor_server import MultiplexingServer


class Watched:
    """One client, the owner of fd. Derive from it if replies go out another way than at once."""

    def __init__(self, server: MultiplexingServer[Any], fd: int) -> None:
        self.server = server
        self.fd = fd
        self._sock = socket.socket(fileno=fd)
        self._sock.setblocking(False)
        self._unsent = b""
        self._sending = False  # a send is under way, perhaps elsewhere
        self._leaving = False
        self._discarding = False
        self._gone = False
        self._heard = server.reactor.now()
        self._timer: Timer | None = None
        self._watch: Watch | None = None
        self._side = ""  # what is watched: data, room, or nothing
        self._wait()
        self._check_idle()

    def reply(self, data: bytes) -> None:
        """Tell of what came, and push its reply."""
        self.server.journal.received(self.fd, data)
        self.push()

    def push(self) -> None:
        """Bring it about that pushed() is called, soon or at once, with what send() returned."""
        self.pushed(self.send())

    def send(self) -> int | OSError:
        """Send what the kernel takes now; return how many bytes that was, or what went wrong.

        Any thread may call it.
        """
        try:
            return self._sock.send(self._unsent)
        except BlockingIOError:
            return 0
        except OSError as error:
            return error

    def pushed(self, outcome: int | OSError) -> None:
        """Go on after a send: with the rest of the reply, or with the next message."""
        self._sending = False
        if self._gone:
            self._close()
        elif isinstance(outcome, OSError):
            self._lose(outcome)
        else:
            self._sent(outcome)

    def leave(self) -> None:
        """Let the reply in hand go out, but take no other message."""
        self._leaving = True
        if not self._unsent:
            self._half_close()

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self._unsent:
            self.server.journal.cut(self.fd)
            self._end()

    def _receive(self) -> None:
        try:
            data = self._sock.recv(DISCARD_SIZE if self._discarding else RECEIVE_LIMIT)
        except BlockingIOError:
            return  # not ready any more
        except OSError as error:
            self._lose(error)
            return
        self._heard = self.server.reactor.now()
        if self._discarding:
            if not data:
                self._end()
        elif data:
            self._unsent, self._sending = answer(data), True
            self.reply(data)
            self._wait()
        else:
            self.server.journal.end(self.fd)
            self._end()

    def _go_on(self) -> None:
        self._sending = True
        self.push()
        self._wait()

    def _sent(self, size: int) -> None:
        if size:
            self._heard = self.server.reactor.now()
            self._unsent = self._unsent[size:]
        if self._leaving and not self._unsent:
            self._half_close()
        self._wait()

    def _wait(self) -> None:
        side = "" if self._sending or self._gone else "room" if self._unsent else "data"
        if side == self._side:
            return
        self._side = side
        if self._watch is not None:
            self._watch.cancel()
        if side == "data":
            self._watch = self.server.reactor.on_readable(self.fd, self._receive)
        elif side == "room":
            self._watch = self.server.reactor.on_writable(self.fd, self._go_on)

    def _half_close(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:  # the peer has reset the connection, and nothing need be thrown away
            self._end()
            return
        self._discarding = True
        self._set_timer(DISCARD_SECONDS, self._end)

    def _check_idle(self) -> None:
        seconds = self.server.options.idle_timeout
        if seconds is None:
            return
        left = self._heard + seconds - self.server.reactor.now()
        if left > 0:
            self._set_timer(left, self._check_idle)
        else:
            self.server.journal.idle(self.fd)
            self._end()

    def _set_timer(self, seconds: float, fn: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.server.reactor.call_later(seconds, fn)

    def _lose(self, error: OSError) -> None:
        if not self._discarding:
            self.server.journal.lost(self.fd, error)
        self._end()

    def _end(self) -> None:
        self._gone = True
        self._wait()
        if self._timer is not None:
            self._timer.cancel()
        if not self._sending:
            self._close()

    def _close(self) -> None:
        self.server.reactor.forget(self.fd)
        self._sock.close()
        self.server.forget(self)
