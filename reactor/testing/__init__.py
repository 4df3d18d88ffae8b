"""Floor 5, testing: a world with a clock that jumps, a network in memory, contracts for parts.

Read clock.py and world.py; then shuffle.py, which finds what relies on too much, explain.py, which
tells who waits for what; end.py and memory_stream.py.
"""

from __future__ import annotations

from reactor.errors import DeadlockError

from .clock import VirtualClock, VirtualPoller
from .explain import Place, explain, stack_of
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
    "Place",
    "ShuffledReactor",
    "StreamContract",
    "TracerContract",
    "TrapContract",
    "VirtualClock",
    "VirtualPoller",
    "World",
    "explain",
    "stack_of",
]
