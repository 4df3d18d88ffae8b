"""KqueuePoller: the mechanism of macOS and the BSDs, man 2 kqueue, level-triggered.

Law of this file: to kqueue the two sides of a descriptor are two filters, each with an event of
its own; here they are brought together again, one entry a descriptor.
"""

from __future__ import annotations

import errno
import select
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from .base import Poller
from .mechanism import READ, WRITE

_CLOSED: Final = (errno.EBADF, errno.ENOENT)  # the kernel drops the filters of what is closed


class Kevent(Protocol):
    """What is read of an event that kqueue returns."""

    @property
    def ident(self) -> int:
        """The descriptor."""

    @property
    def filter(self) -> int:
        """Which side of it."""


class Kqueue(Protocol):
    """What is used of `select.kqueue()`."""

    def control(
        self, changes: Iterable[Any] | None, max_events: int, timeout: float | None = None, /
    ) -> Sequence[Kevent]:
        """Apply changes, then wait for timeout seconds at most, man 2 kevent."""

    def fileno(self) -> int:
        """Return the descriptor of the queue."""

    def close(self) -> None:
        """Close that descriptor."""


class KqueueSource(Protocol):
    """Where kqueue comes from: the module `select`, or a stand-in."""

    KQ_FILTER_READ: int
    KQ_FILTER_WRITE: int
    KQ_EV_ADD: int
    KQ_EV_DELETE: int

    def kqueue(self) -> Kqueue:
        """Make a queue."""

    def kevent(self, ident: int, filter: int, flags: int, /) -> Kevent:  # noqa: A002 - BSD's name
        """Make a change: ident and filter say what is watched, flags what becomes of it."""


class KqueuePoller(Poller):
    """Watches descriptors with kqueue: waiting costs what is ready, not what is watched.

    source is where kqueue comes from, the module `select` unless given. Raises OSError where
    there is none.
    """

    def __init__(self, source: KqueueSource | None = None) -> None:
        super().__init__()
        found: Any = select if source is None else source
        if not hasattr(found, "kqueue"):
            raise OSError(errno.ENOSYS, "this system has no kqueue; use default_poller()")
        self._source: KqueueSource = found
        self._kqueue = self._source.kqueue()
        self._watched: dict[int, None] = {}

    def fileno(self) -> int:
        """Return the descriptor of the queue; it is readable when something in it is ready."""
        number: int = self._kqueue.fileno()
        return number

    def add(self, fd: int, events: int) -> None:
        try:
            self._control(fd, events, self._source.KQ_EV_ADD)
        except OSError:
            self._delete(fd, events)  # the first filter may stand although the second was refused
            raise
        self._watched[fd] = None

    def change(self, fd: int, old: int, new: int) -> None:
        self._control(fd, new & ~old, self._source.KQ_EV_ADD)
        self._delete(fd, old & ~new)

    def drop(self, fd: int, events: int) -> None:
        self._watched.pop(fd, None)
        self._delete(fd, events)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        masks: dict[int, int] = {}
        most = 2 * len(self._watched) or 1  # a descriptor may bring an event for each side
        for event in self._kqueue.control(None, most, timeout):
            bit = READ if event.filter == self._source.KQ_FILTER_READ else WRITE
            masks[event.ident] = masks.get(event.ident, 0) | bit
        return list(masks.items())

    def close(self) -> None:
        super().close()
        try:
            self._kqueue.close()
        except OSError as error:
            if error.errno != errno.EBADF:  # a forked child has not inherited it
                raise

    def _control(self, fd: int, events: int, action: int) -> None:
        for bit, which in (
            (READ, self._source.KQ_FILTER_READ),
            (WRITE, self._source.KQ_FILTER_WRITE),
        ):
            if events & bit:
                self._kqueue.control([self._source.kevent(fd, which, action)], 0, 0)

    def _delete(self, fd: int, events: int) -> None:
        for bit in (READ, WRITE):
            try:
                self._control(fd, events & bit, self._source.KQ_EV_DELETE)
            except OSError as error:
                if error.errno not in _CLOSED:
                    raise
