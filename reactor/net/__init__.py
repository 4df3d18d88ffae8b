"""Floor 4, sockets: listening, and connections for tasks and for callbacks.

Read stream.py, what all that carries bytes can do; connection.py and channel.py side by side, the
same thing in two forms; then listener.py and acceptor.py.
"""

from __future__ import annotations

from .channel import Channel
from .connection import Connection
from .idle import IdleTimer
from .listener import CallbackListener, Listener
from .sockets import Address, listen
from .stream import Lines, Stream

__all__ = [
    "Address",
    "CallbackListener",
    "Channel",
    "Connection",
    "IdleTimer",
    "Lines",
    "Listener",
    "Stream",
    "listen",
]
