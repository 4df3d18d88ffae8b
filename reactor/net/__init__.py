"""Floor 4, sockets: listening, connecting, and connections for tasks and for callbacks; datagrams.

Read stream.py, what all that carries bytes can do; connection.py and channel.py side by side, the
same thing in two forms; then listener.py and acceptor.py. line_channel.py is for callbacks what
stream.py is for tasks. names.py, connecting.py and channel_connecting.py go the other way; unix.py
and datagrams.py stand beside them. tls_engine.py and tls_stream.py: a stream over a stream.
relay.py: from one stream to another.
"""

from __future__ import annotations

from .channel import Channel
from .channel_connecting import MakeChannel, connect_channel, connect_unix_channel
from .connecting import (
    CONNECTION_ATTEMPT_DELAY,
    Attempt,
    Resolver,
    connect,
    connect_socket,
    connect_to,
)
from .connection import Connection
from .datagrams import DatagramSocket
from .idle import IdleTimer
from .line_channel import LineChannel
from .listener import CallbackListener, Listener
from .meter import Meter
from .names import InternetAddress, Place, resolve
from .relay import relay
from .sockets import Address, listen
from .stream import Lines, Stream
from .tls import note_server_names, tls_client, tls_server
from .tls_stream import TlsStream
from .udp import bind_udp, connect_udp
from .unix import UnixPath, connect_unix, listen_unix, stream_pair

__all__ = [
    "CONNECTION_ATTEMPT_DELAY",
    "Address",
    "Attempt",
    "CallbackListener",
    "Channel",
    "Connection",
    "DatagramSocket",
    "IdleTimer",
    "InternetAddress",
    "LineChannel",
    "Lines",
    "Listener",
    "MakeChannel",
    "Meter",
    "Place",
    "Resolver",
    "Stream",
    "TlsStream",
    "UnixPath",
    "bind_udp",
    "connect",
    "connect_channel",
    "connect_socket",
    "connect_to",
    "connect_udp",
    "connect_unix",
    "connect_unix_channel",
    "listen",
    "listen_unix",
    "note_server_names",
    "relay",
    "resolve",
    "stream_pair",
    "tls_client",
    "tls_server",
]
