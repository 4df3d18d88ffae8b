"""Floor 3, workers: calls that would hold the loop, in threads of their own.

Read crossing.py, the way into a thread and back; then call.py, which is on that way, pool.py and
worker.py.
"""

from __future__ import annotations

from .crossing import in_reactor, in_thread
from .pool import Pool, pool_of

__all__ = ["Pool", "in_reactor", "in_thread", "pool_of"]
