"""Floor 5, serving: a service round a handler, from the first client to the last."""

from __future__ import annotations

from .server import Handler, Server

__all__ = ["Handler", "Server"]
