"""Floor 5, serving: a service round a handler, from the first client to the last."""

from __future__ import annotations

from .channel_server import ChannelServer
from .server import Handler, Server

__all__ = ["ChannelServer", "Handler", "Server"]
