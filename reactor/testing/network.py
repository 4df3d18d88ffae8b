"""Network: addresses in memory, where services listen and clients connect.

Law of this file: what a program can tell from TCP over a real network is the same here, and what
differs from run to run there is decided by the world's seed here. No descriptor, no port, no other
process is in it.
"""

from __future__ import annotations

import errno
from collections import deque
from math import inf
from random import Random
from typing import Final, Self

from reactor.errors import ClosedError
from reactor.net import Address
from reactor.tasks import Steps, WaitQueue, breathe, coroutine, sleep

from .memory_stream import MemoryStream
from .seat import Seat
from .wire import Link
from .world import World

_BREATH: Final = breathe()


class Network:
    """A network in world, with its clock.

    Between any two ends a byte takes latency seconds either way; bandwidth bytes a second enter,
    infinity for all at once; a sender waits when buffer bytes are on their way or unread. If the
    world has a seed, each receive brings as many bytes of those that have arrived as that
    decides, 1 at least. Raises ValueError for figures that cannot be.
    """

    def __init__(
        self,
        world: World,
        *,
        latency: float = 0.0,
        bandwidth: float = inf,
        buffer: int = 65_536,
    ) -> None:
        self.world = world
        self._link = Link(latency, bandwidth, buffer)
        self._latency = latency
        self._dice = None if world.seed is None else Random(world.seed)
        self._listeners: dict[Address, MemoryListener] = {}
        self._clients = 0

    def listen(self, address: Address, *, backlog: int = 128) -> MemoryListener:
        """Return a listener at address, whom nobody else may have: OSError (EADDRINUSE).

        backlog is how many clients may wait to be accepted. Raises ValueError for one below 1.
        """
        if address in self._listeners:
            what = f"{address!r} has a listener already; close it first"
            raise OSError(errno.EADDRINUSE, what)
        if backlog < 1:
            raise ValueError(f"a backlog of {backlog} lets nobody in; give 1 or more")
        listener = MemoryListener(self, address, backlog)
        self._listeners[address] = listener
        return listener

    @coroutine
    def connect(self, address: Address) -> Steps[MemoryStream]:
        """Wait until whoever listens at address is reached, and return the client's end.

        It takes the latency there and back, and always waits. A full backlog keeps it waiting, as
        it does TCP. Raises ConnectionRefusedError if nobody listens there. Cancelled: a client
        that is in the backlog already is reset.
        """
        yield from sleep(self._latency)
        while (listener := self._listeners.get(address)) is not None and listener.is_full():
            yield from listener.room
        if listener is None:
            yield from sleep(self._latency)
            what = f"nobody listens at {address!r}; listen there first"
            raise ConnectionRefusedError(errno.ECONNREFUSED, what)
        self._clients += 1
        here, there = self._pair(("client", self._clients), address)
        listener.bring(there)
        try:
            yield from sleep(self._latency)
        except BaseException:
            here.abort()
            raise
        return here

    def stream_pair(self) -> tuple[MemoryStream, MemoryStream]:
        """Return both ends of a connection, at once."""
        return self._pair("near", "far")

    def forget(self, address: Address) -> None:
        """Have nobody listen at address."""
        del self._listeners[address]

    def _pair(self, near: Address, far: Address) -> tuple[MemoryStream, MemoryStream]:
        return MemoryStream.pair(self.world.reactor, self._link, self._dice, near, far)

    def __repr__(self) -> str:
        return f"<Network in {self.world!r}>"


class MemoryListener:
    """Where clients of a Network come in; made by Network.listen. address is where that is.

    room is where clients stand who have not come in yet.
    """

    def __init__(self, network: Network, address: Address, backlog: int) -> None:
        self.address = address
        self.room: WaitQueue[None] = WaitQueue()
        self._network = network
        self._size = backlog
        self._backlog: deque[MemoryStream] = deque()
        self._acceptor = Seat(self, "client")
        self._closed = False

    @coroutine
    def accept(self, *, idle_seconds: float | None = None) -> Steps[MemoryStream]:
        """Wait for the next client and return its connection, with that idle limit.

        One task at a time may accept. It gives way to others once in a burst. Raises ClosedError
        when the listener is closed here, BusyError if another task accepts, ValueError for a limit
        that cannot be; the client is closed then. A cancellation loses nobody.
        """
        with self._acceptor:
            yield _BREATH
            while not (self._backlog or self._closed):
                yield self._acceptor
        if self._closed:
            raise ClosedError(f"{self!r} is closed; nobody can be accepted")
        self.room.wake_one(None)
        stream = self._backlog.popleft()
        if idle_seconds is not None:
            try:
                stream.limit_idle(idle_seconds)
            except ValueError:
                stream.close()
                raise
        return stream

    def is_full(self) -> bool:
        """Tell whether as many wait to be accepted as may."""
        return len(self._backlog) >= self._size

    def bring(self, stream: MemoryStream) -> None:
        """Have stream wait to be accepted."""
        self._backlog.append(stream)
        self._acceptor.wake_one(None)

    def close(self) -> None:
        """Accept nobody any more; a task that waits gets ClosedError. Who is in the backlog is
        reset.
        """
        if not self._closed:
            self._closed = True
            self._network.forget(self.address)
            self._acceptor.wake_all(None)
            self.room.wake_all(None)
            while self._backlog:
                self._backlog.popleft().abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.address!r}>"
