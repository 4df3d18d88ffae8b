"""What the tests of the workers are made of: calls that are held, as long as a test likes.

Law of this file: threads wait for events and nobody waits for time. The limits are generous, and
only fail.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVarTuple

from reactor import Handle, Reactor, Scope, Steps, Task, TaskGroup, WaitQueue, coroutine
from reactor.workers import in_thread, pool_of

Ts = TypeVarTuple("Ts")

LONG = 30.0


class Attentive(Reactor):
    """A reactor that says when something was posted to it from a thread: for whoever may not turn
    it to find out.
    """

    def __init__(self, on_error: Callable[[object, Exception], object]) -> None:
        super().__init__(on_error=on_error)
        self._posted = threading.Event()
        # A post is not seen before it is noted, or it would be taken for the one behind it.
        self._noting = threading.RLock()

    def call_threadsafe(
        self, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        with self._noting:
            handle = super().call_threadsafe(fn, *args, context=context)
            self._posted.set()
            return handle

    def wait_for_post(self, begin: Callable[[], object]) -> None:
        """Call begin, and wait until something was posted since."""
        with self._noting:
            self._posted.clear()
        begin()
        assert self._posted.wait(LONG)


class Held:
    """A call for a thread: it notes that it has begun, waits for release, returns or raises what
    it is then told to.
    """

    def __init__(self, reactor: Reactor) -> None:
        self.calls = 0
        self.thread = threading.current_thread()  # then the one that it is called in
        self._reactor = reactor
        self.told = False
        self._begun: WaitQueue[None] = WaitQueue()
        self._released = threading.Event()
        self._act: Callable[[], object] = bool

    def __call__(self) -> object:
        self.calls += 1
        self.thread = threading.current_thread()
        self._reactor.call_threadsafe(self._tell)
        assert self._released.wait(LONG)
        return self._act()

    @coroutine
    def begun(self) -> Steps[None]:
        """Wait until it has begun."""
        if not self.told:
            yield self._begun

    def release(self, act: Callable[[], object] = bool) -> None:
        """Let it go on, and end as act does."""
        self._act = act
        self._released.set()

    def end(self, act: Callable[[], object] = bool) -> None:
        """Let it end, and wait without turning the loop until the thread has told the reactor."""
        pool_of(self._reactor).idle_seconds = 0  # so the thread ends as soon as it has
        self.release(act)
        ended(self.thread)

    def _tell(self) -> None:
        self.told = True
        self._begun.wake_all(None)


def ended(thread: threading.Thread) -> None:
    """Wait until thread has ended."""
    thread.join(LONG)
    assert not thread.is_alive()


def raising(error: BaseException) -> Callable[[], object]:
    """Return what raises error."""

    def act() -> object:
        raise error

    return act


class Caller:
    """A task that has held called in a thread, in a scope of its own, and notes how that goes."""

    def __init__(self, held: Held, *, cancellable: bool = False) -> None:
        self.held = held
        self.scope = Scope()
        self.log: list[str] = []
        self._cancellable = cancellable

    async def call(self) -> None:
        with self.scope:
            answer = await in_thread(self.held, cancellable=self._cancellable)
            self.log.append(f"answer {answer}")
            await WaitQueue[None]()
        if self.scope.cancelled_caught:
            self.log.append("cancelled")

    @coroutine
    def begin(self, group: TaskGroup) -> Steps[Task[Any]]:
        """Spawn it in group, and wait until the thread has begun."""
        task = group.spawn(self.call)
        yield from self.held.begun()
        return task


class Nowhere:
    """A scope around everything, for a task that runs without `run`, so that nothing closes it."""

    cancelling = False

    def finished(self, task: Task[Any], error: BaseException | None) -> None:
        """Take no notice."""


def begin_alone(reactor: Reactor, held: Held) -> Task[object]:
    """Have a task of its own call held; return it when the thread has begun."""
    task: Task[object] = Task()
    task.begin(reactor, in_thread(held), Nowhere())
    while not held.told:
        reactor.turn()
    return task
