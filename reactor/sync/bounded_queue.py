"""Bounded queue: items that some tasks put and others get.

Law of this file: what was put in first comes out first, and who has waited longest is served
first, on either side. An item is in one place at any time: with who puts it, in the queue, or with
who got it; whoever is cancelled, none is lost and none comes twice.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Generic, Self, TypeVar

from reactor.errors import BusyError, ClosedError
from reactor.tasks import Steps, Task, Trap, coroutine

from .capacity import capacity
from .line import Line

T = TypeVar("T")


class Queue(Generic[T]):
    """Items in a line, as many as most says, for tasks of one reactor.

    With infinity a put never waits, so see to it that something else holds back who puts. With 0
    nothing is kept: a put waits until somebody takes the item. Callbacks may use what does not
    wait. Raises ValueError if most is no whole number.
    """

    __slots__ = ("_get", "_store")

    def __init__(self, most: float) -> None:
        self._store: _Store[T] = _Store(capacity(most, "a queue holds"))
        self._get = _Get(self._store)  # one for all, so that to get makes nothing new

    def put(self, item: T) -> Trap[None]:
        """Wait until there is room, and put item in; at once if there is.

        Raises ClosedError if the queue is closed, before or meanwhile; then, and if cancelled, the
        item is not in the queue and will not be: it is still the caller's.
        """
        putting = _Put()
        putting.store = self._store
        putting.item = item
        return putting

    def put_nowait(self, item: T) -> None:
        """Put item in. Raises BusyError if there is no room, ClosedError if it is closed."""
        if not self._store.give(item):
            raise BusyError(f"{self!r} is full; wait for room with put")

    def get(self) -> Trap[T]:
        """Wait for an item, and take it out; at once if there is one.

        Raises ClosedError if the queue is closed and empty, before or meanwhile. Cancelled: nothing
        was taken. A task that got an item in the turn in which it is cancelled has it, and its next
        park raises.
        """
        return self._get

    def get_nowait(self) -> T:
        """Take an item out. Raises BusyError if there is none, ClosedError if none will come."""
        if not self._store.stocked():
            raise BusyError(f"{self!r} is empty; wait for an item with get")
        return self._store.take()

    @coroutine
    def next(self) -> Steps[T | None]:
        """Get an item, None when the queue is closed and empty: `async for` for generators.

        As in `while (item := (yield from queue.next())) is not None:`. If items may be None, use
        get.
        """
        try:
            item: T = yield self._get
        except ClosedError:
            return None
        return item

    def close(self) -> None:
        """Take nothing in any more; what is in the queue can still be got. Again: nothing.

        Who waits to put gets ClosedError, and keeps the item. Who waits to get one gets ClosedError
        too, as none will come.
        """
        self._store.close()

    @property
    def closed(self) -> bool:
        """Whether it takes nothing in any more."""
        return self._store.closed

    @property
    def most(self) -> float:
        """How many items it holds at most."""
        return self._store.most

    def __len__(self) -> int:
        return len(self._store.items)

    def __aiter__(self) -> Self:
        return self

    @coroutine
    def __anext__(self) -> Steps[T]:
        try:
            item: T = yield self._get
        except ClosedError:
            raise StopAsyncIteration from None
        return item

    def __repr__(self) -> str:
        return repr(self._store)


class _Store(Generic[T]):
    """The items, and who waits on either side.

    While somebody waits to get there is nothing to take; while somebody waits to put there is no
    room.
    """

    __slots__ = ("closed", "getters", "items", "most", "offers", "putters")

    def __init__(self, most: float) -> None:
        self.most = most
        self.closed = False
        self.items: deque[T] = deque()
        self.getters: Line[T] = Line()
        self.putters: Line[None] = Line()
        self.offers: dict[Task[Any], T] = {}  # of the putters

    def give(self, item: T) -> bool:
        """Take item in, or hand it to who waits. Returns False if there is no room."""
        if self.closed:
            raise self.refusal_to_put()
        if self.items or not self.getters.wake_one(item):
            if len(self.items) >= self.most:
                return False
            self.items.append(item)
        return True

    def stocked(self) -> bool:
        """Tell whether there is something to take. Raises ClosedError if there never will be."""
        if self.items or self.offers:
            return True
        if self.closed:
            raise self.refusal_to_get()
        return False

    def take(self) -> T:
        """Return the first item, and let in that of who waits longest to put one."""
        putter = self.putters.first if self.offers else None  # to look into a line costs more
        if putter is not None:
            self.items.append(self.offers.pop(putter))
            self.putters.wake_one(None)
        return self.items.popleft()

    def close(self) -> None:
        self.closed = True
        self.offers.clear()
        self.putters.fail_all(self.refusal_to_put)
        self.getters.fail_all(self.refusal_to_get)

    def refusal_to_put(self) -> ClosedError:
        return ClosedError(f"{self!r} takes nothing in any more; the item is still yours")

    def refusal_to_get(self) -> ClosedError:
        return ClosedError(f"{self!r} has nothing left, and nothing will come; get no more")

    def __repr__(self) -> str:
        state = ", closed" if self.closed else ""
        waiting = f"{len(self.getters)} getting, {len(self.putters)} putting"
        return f"<Queue{state}, {len(self.items)} of {self.most:g}, {waiting}>"


class _Get(Trap[T]):
    __slots__ = ("_store",)

    def __init__(self, store: _Store[T]) -> None:
        self._store = store

    def park(self, task: Task[Any]) -> None:
        store = self._store
        if store.items or store.stocked():
            task.wake(store.take())
        else:
            store.getters.park(task)

    def abort(self, task: Task[Any]) -> bool:
        return self._store.getters.abort(task)

    def __repr__(self) -> str:
        return repr(self._store)


class _Put(Trap[None]):
    # There is no __init__: each put makes one, and a call takes half of that, until Python 3.13.
    __slots__ = ("item", "store")
    item: object
    store: _Store[Any]

    def park(self, task: Task[Any]) -> None:
        store = self.store
        if store.give(self.item):
            task.wake()
        else:
            store.putters.park(task)
            store.offers[task] = self.item

    def abort(self, task: Task[Any]) -> bool:
        self.store.offers.pop(task, None)
        return self.store.putters.abort(task)

    def __repr__(self) -> str:
        return repr(self.store)
