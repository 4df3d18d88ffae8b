"""StreamPairs: what the clauses of StreamContract stand on: a pair, a reactor, what is raised."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeAlias

from reactor.loop import Reactor
from reactor.net import Stream
from reactor.tasks import Operation, checkpoint, wait

from .world import World

Pair: TypeAlias = tuple[Stream, Stream]
Body: TypeAlias = Callable[[Stream, Stream], Coroutine[Any, Any, None]]

_TURNS: Final = 4


class StreamPairs:
    """Makes the streams that are tried, and what they run on.

    more_than_fits is what a stream must not take in while its peer does not read, in bytes.
    """

    more_than_fits = 4 * 1024 * 1024

    @abstractmethod
    def connect(self, reactor: Reactor) -> Operation[Pair] | Coroutine[Any, Any, Pair]:
        """Return two streams that talk to each other, both on reactor; `async def` does."""
        raise NotImplementedError(f"{self!r} has no connect(reactor) to make a pair; write it")

    def run(self, main: Callable[[Reactor], Coroutine[Any, Any, None]]) -> None:
        """Run main(reactor) to its end, in a new World; write it for streams that want another."""
        with World() as world:
            world.run(main, world.reactor)

    def try_with(self, body: Body) -> None:
        """Run body(near, far) with a pair of its own, which is closed afterwards."""

        async def main(reactor: Reactor) -> None:
            near, far = await wait(self.connect(reactor))
            with near, far:
                await body(near, far)

        try:
            self.run(main)
        except BaseExceptionGroup as group:
            raise only_one(group) from None


def only_one(error: BaseException) -> BaseException:
    """Return what error is a group of, if that is one alone: so that a failure reads as it is."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def failure_of(operation: Awaitable[object]) -> Exception | None:
    """Wait for operation, and return what it raises; None if it ends well."""
    try:
        await operation
    except Exception as error:
        return error
    return None


async def some_turns() -> None:
    """Let whoever was spawned come to where it waits."""
    for _ in range(_TURNS):
        await checkpoint()


async def all_from(stream: Stream) -> bytes:
    """Receive until the peer has finished, and return all that came."""
    data = bytearray()
    while piece := await stream.receive():
        data += piece
    return bytes(data)
