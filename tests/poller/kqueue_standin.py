"""A stand-in for kqueue where there is none: man 2 kqueue in small, on top of select.poll.

Law of this file: it is strict where kqueue is strict. What it proves is that a caller uses the
interface rightly: one filter for each side of a descriptor, changes that fail by raising when
there is no room to report them, room for every event that is wanted, no negative timeout. What it
cannot prove is how a kernel of BSD or macOS behaves: what is ready is what Linux's poll says.

What man 2 kqueue says, and this keeps:

- an event is named by descriptor and filter; adding it again replaces it;
- deleting one that is not there fails with ENOENT, naming a closed descriptor with EBADF;
- closing a descriptor deletes its events, even while a duplicate keeps the file open;
- a change that fails becomes an EV_ERROR event with the error in data; where the list has no room
  for it, the call fails; where a change failed and was told, nothing is waited for;
- a list with no room for events makes the call return at once, whatever the timeout;
- an event that is not cleared is told again while its condition lasts;
- EV_EOF marks a reader whose peer has finished, also while data is left, and a writer whose peer
  is gone;
- a forked child does not inherit the queue.

What it leaves out: other filters than READ and WRITE, EV_CLEAR and its kind, amounts in data, and
the queue's own descriptor becoming readable. Where events do not fit, the earliest added win. A
number that was closed and reused is told apart by the file's device and inode.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Iterable
from typing import Final, NamedTuple

READ: Final = -1
WRITE: Final = -2
ADD: Final = 0x0001
DELETE: Final = 0x0002
ERROR: Final = 0x4000
EOF: Final = 0x8000

_PEER_FINISHED: Final = getattr(select, "POLLRDHUP", 0)  # only Linux tells it apart from data
_GONE: Final = select.POLLHUP | select.POLLERR
_WANTED: Final = {READ: select.POLLIN | _PEER_FINISHED, WRITE: select.POLLOUT}
_AT_END: Final = {READ: _PEER_FINISHED | _GONE, WRITE: _GONE}


class Kevent(NamedTuple):
    """An event, or a change to one, with the fields and defaults of `select.kevent`."""

    ident: int
    filter: int = READ
    flags: int = ADD
    fflags: int = 0
    data: int = 0
    udata: int = 0


class StandInQueue:
    """What `select.kqueue()` returns, as far as it is modelled."""

    def __init__(self) -> None:
        self._fd = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._owner = os.getpid()
        self._files: dict[tuple[int, int], tuple[int, int]] = {}  # descriptor and filter to file

    def fileno(self) -> int:
        """Return a descriptor of its own, which never becomes readable."""
        self._refuse_if_closed()
        return self._fd

    def close(self) -> None:
        """Close the queue; again does nothing. Raises OSError (EBADF) in a forked child."""
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        os.close(fd)
        if os.getpid() != self._owner:
            raise _error(errno.EBADF)

    def control(
        self, changes: Iterable[Kevent] | None, max_events: int, timeout: float | None = None, /
    ) -> list[Kevent]:
        """Make the changes, then wait up to timeout seconds (None: for ever) for max_events.

        Raises ValueError if closed, or for a negative number; OSError for a change that failed.
        """
        self._refuse_if_closed()
        if max_events < 0:
            raise ValueError(f"room for {max_events} events; give 0 or more")
        if timeout is not None and timeout < 0:
            raise ValueError(f"timeout is {timeout}; give None, or 0 and more seconds")
        errors = self._make(changes or (), max_events)
        if errors or not max_events:
            return errors
        return self._ready(timeout)[:max_events]

    def _refuse_if_closed(self) -> None:
        if self._fd < 0:
            raise ValueError("I/O operation on a closed kqueue")
        if os.getpid() != self._owner:
            raise _error(errno.EBADF)

    def _make(self, changes: Iterable[Kevent], room: int) -> list[Kevent]:
        errors: list[Kevent] = []
        for change in changes:
            if not isinstance(change, Kevent):
                raise TypeError(f"{change!r} is no kevent; give a list of kevents")
            code = self._make_one(change)
            if code and len(errors) >= room:
                raise _error(code)
            if code:
                errors.append(change._replace(flags=change.flags | ERROR, data=code))
        return errors

    def _make_one(self, change: Kevent) -> int:
        """Make one change; return 0, or the errno that refuses it."""
        self._forget_if_closed(change.ident)
        if change.filter not in _WANTED:
            return errno.EINVAL
        file = _file(change.ident)
        if file is None:
            return errno.EBADF
        event = (change.ident, change.filter)
        if change.flags & ADD:
            self._files[event] = file
        elif event not in self._files:
            return errno.ENOENT
        if change.flags & DELETE:
            del self._files[event]
        return 0

    def _forget_if_closed(self, fd: int) -> None:
        file = _file(fd)
        for which in _WANTED:
            if self._files.get((fd, which), file) != file:
                del self._files[fd, which]

    def _ready(self, timeout: float | None) -> list[Kevent]:
        for fd in {fd: None for fd, _ in self._files}:
            self._forget_if_closed(fd)
        masks = self._poll(timeout)
        return [
            Kevent(fd, which, ADD | (EOF if masks[fd] & _AT_END[which] else 0))
            for fd, which in self._files
            if masks.get(fd, 0) & (_WANTED[which] | _GONE)
        ]

    def _poll(self, timeout: float | None) -> dict[int, int]:
        wanted: dict[int, int] = {}
        for fd, which in self._files:
            wanted[fd] = wanted.get(fd, 0) | _WANTED[which]
        poll = select.poll()
        for fd, mask in wanted.items():
            poll.register(fd, mask)
        return dict(poll.poll(None if timeout is None else timeout * 1000))


class KqueueStandIn:
    """Where kqueue comes from, in place of the module `select`: `KqueuePoller(KqueueStandIn())`."""

    KQ_FILTER_READ: int = READ
    KQ_FILTER_WRITE: int = WRITE
    KQ_EV_ADD: int = ADD
    KQ_EV_DELETE: int = DELETE
    KQ_EV_ERROR: int = ERROR
    KQ_EV_EOF: int = EOF

    def kqueue(self) -> StandInQueue:
        """Return a new, empty queue."""
        return StandInQueue()

    def kevent(self, ident: int, filter: int, flags: int, /) -> Kevent:  # noqa: A002 - BSD's name
        """Return a change to make."""
        return Kevent(ident, filter, flags)


def _file(fd: int) -> tuple[int, int] | None:
    """Tell which file is open as fd: its device and inode, None if it is closed."""
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _error(code: int) -> OSError:
    return OSError(code, os.strerror(code))
