"""Floor 4, sockets: listening, and connections for tasks and for callbacks.

Read stream.py, what all that carries bytes can do; connection.py and channel.py side by side, the
same thing in two forms; then listener.py and acceptor.py;
tls.py and tls_stream.py at the end.
"""

from __future__ import annotations

from .channel import Channel
from .connection import Connection
from .listener import CallbackListener, Listener
from .sockets import Address, listen
from .stream import Lines, Stream
from .tls import note_server_names, tls_client, tls_server
from .tls_stream import TlsStream

__all__ = [
    "Address",
    "CallbackListener",
    "Channel",
    "Connection",
    "Lines",
    "Listener",
    "Stream",
    "TlsStream",
    "listen",
    "note_server_names",
    "tls_client",
    "tls_server",
]
