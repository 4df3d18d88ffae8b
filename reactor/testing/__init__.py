"""Floor 5, testing: a world with a clock that jumps, a network in memory, contracts for parts.

Read clock.py and world.py; then shuffle.py, which finds what relies on too much; end.py and
memory_stream.py.
"""

from __future__ import annotations

from reactor.errors import DeadlockError

from .clock import VirtualClock, VirtualPoller
from .mechanism_contract import MechanismContract
from .memory_stream import MemoryStream
from .network import MemoryListener, Network
from .shuffle import ShuffledReactor
from .stream_contract import StreamContract
from .tracer_contract import TracerContract
from .trap_contract import TrapContract
from .world import World

__all__ = [
    "DeadlockError",
    "MechanismContract",
    "MemoryListener",
    "MemoryStream",
    "Network",
    "ShuffledReactor",
    "StreamContract",
    "TracerContract",
    "TrapContract",
    "VirtualClock",
    "VirtualPoller",
    "World",
]
