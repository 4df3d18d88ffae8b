"""Mechanism: what the operating system can tell us about descriptors, in four hooks and two masks.

Law of this file: this is all that a reactor asks of its poller. The hooks add, change, drop and
wait take plain ints. `wait` hands back what the operating system said, untouched: translating each
event into our numbers would cost more than finding it, so whoever needs them asks the masks.
"""

from __future__ import annotations

from abc import abstractmethod
from math import isnan
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

READ: Final = EVENT_READ
"""Interest in reading. The mask of a descriptor that is readable and nothing else, everywhere."""

WRITE: Final = EVENT_WRITE
"""Interest in writing."""

INVALID: Final = 0x20
"""In a mask that wait returns: this descriptor is closed (poll's POLLNVAL, man 2 poll)."""

LONGEST: Final = 86_400.0
"""The longest wait, in seconds: a day.

epoll and poll count milliseconds in an int and overflow after 24 of them.
"""


class Mechanism(Protocol):
    """What a reactor asks of its poller.

    wait returns a list of (descriptor, mask) pairs, one for each descriptor that is ready. A mask
    with a bit of `readable` means that reading will not block, with a bit of `writable` that
    writing will not; errors and hang-ups count as both. It may say more than was asked for.
    """

    readable: int
    writable: int

    @abstractmethod
    def add(self, fd: int, events: int) -> None:
        """Begin to watch fd for events, READ or WRITE or both."""

    @abstractmethod
    def change(self, fd: int, old: int, new: int) -> None:
        """Watch fd for new instead of old; neither is 0."""

    @abstractmethod
    def drop(self, fd: int, events: int) -> None:
        """Watch fd no longer, for nothing. One that was closed already is no error."""

    @abstractmethod
    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        """Sleep until something is ready, or for timeout seconds (0 to LONGEST; None: for ever)."""

    @abstractmethod
    def close(self) -> None:
        """Give back what the mechanism holds, unregistering nothing: a forked parent may share
        it.
        """


def bounded(timeout: float | None) -> float | None:
    """Return timeout, in seconds, as hooks take it: at least 0, at most LONGEST; None stays.

    Refuses NaN.
    """
    if timeout is None:
        return None
    if isnan(timeout):
        raise ValueError("timeout is NaN; give seconds, or None to wait for ever")
    return min(max(timeout, 0.0), LONGEST)


def fd_of(fileobj: FileDescriptorLike) -> int:
    """Return the descriptor of fileobj, an int or an object with fileno().

    Raises ValueError if it has none.
    """
    try:
        fd = fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"{fileobj!r} has no descriptor; give an int or an open file") from None
    if fd < 0:
        raise ValueError(
            f"{fileobj!r} is closed (its descriptor is {fd}); call this before you close it"
        )
    return fd
