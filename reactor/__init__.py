"""reactor: an event loop from scratch, for callbacks, generator coroutines and `async def`."""

from __future__ import annotations
