"""What can be asked of a reactor, by name: some tests refuse all of it.

Law of this file: whatever a reactor can be asked is in one of these, but for repr, now and what
changes nothing.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Final

from reactor import Handle, Reactor
from tests.loop.parts import Shelf, nothing

Use = Callable[[Reactor, socket.socket], object]

ENDING: Final[dict[str, Use]] = {
    "close": lambda reactor, sock: reactor.close(),
    "forget": lambda reactor, sock: reactor.forget(sock),
}
"""Allowed after the end too; the thread is checked always."""

CHECKED: Final[dict[str, Use]] = {
    "run": lambda reactor, sock: reactor.run(),
    "turn": lambda reactor, sock: reactor.turn(),
    "reading": lambda reactor, sock: reactor.reading(sock),
    "writing": lambda reactor, sock: reactor.writing(sock),
    "on_readable": lambda reactor, sock: reactor.on_readable(sock, nothing),
    "on_writable": lambda reactor, sock: reactor.on_writable(sock, nothing),
    "on_signal": lambda reactor, sock: reactor.on_signal(signal.SIGUSR1, nothing),
    "belonging": lambda reactor, sock: reactor.belonging(Shelf),
}
"""The thread is checked always."""

CHEAP: Final[dict[str, Use]] = {
    "call_soon": lambda reactor, sock: reactor.call_soon(nothing),
    "call_at": lambda reactor, sock: reactor.call_at(1.0, nothing),
    "call_later": lambda reactor, sock: reactor.call_later(1.0, nothing),
    "stop": lambda reactor, sock: reactor.stop(),
}
"""The thread is checked in debug only."""

CALLED_OFF: Final[dict[str, Callable[[Reactor, socket.socket], Handle]]] = {
    "handle": lambda reactor, sock: reactor.call_soon(nothing),
    "letter": lambda reactor, sock: reactor.call_threadsafe(nothing),
    "timer": lambda reactor, sock: reactor.call_at(1.0, nothing),
    "watch": lambda reactor, sock: reactor.on_readable(sock, nothing),
    "signal": lambda reactor, sock: reactor.on_signal(signal.SIGUSR1, nothing),
}
"""What can be called off again."""

THREADSAFE: Final[dict[str, Use]] = {
    "call_threadsafe": lambda reactor, sock: reactor.call_threadsafe(nothing),
}
