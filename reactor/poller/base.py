"""Poller: the selectors-style face of a mechanism.

Law of this file: all that users of `selectors` know, keys, maps and argument checks, is written
here once, on top of the hooks. A reactor passes it by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from selectors import BaseSelector, SelectorKey
from typing import TYPE_CHECKING

from .mechanism import READ, WRITE, Mechanism, bounded, fd_of

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike


class Poller(BaseSelector, Mechanism):
    """The selectors-style face over a mechanism's hooks; derive from it and write the hooks.

    Register objects, ask select() which are ready. It is a `selectors.BaseSelector`, so it can be
    given to whatever wants one, `asyncio.SelectorEventLoop` for instance, and raises the same
    errors in the same places.
    """

    readable: int = ~WRITE
    writable: int = ~READ

    def __init__(self) -> None:
        self._keys: dict[int, SelectorKey] = {}
        self._map: _Map | None = _Map(self._keys, self._key)

    def events(self, mask: int) -> int:
        """Translate a mask that wait returned: READ, WRITE or both."""
        return (READ if mask & self.readable else 0) | (WRITE if mask & self.writable else 0)

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: object = None
    ) -> SelectorKey:
        """Begin to watch fileobj for events; data comes back with it.

        Raises ValueError for bad events or a bad fileobj, KeyError if it is registered, OSError
        as the system does.
        """
        _check(events)
        fd = self._fd(fileobj)
        if fd in self._keys:
            raise KeyError(f"{fileobj!r} (fd {fd}) is already registered; use modify")
        self.add(fd, events)
        key = self._keys[fd] = SelectorKey(fileobj, fd, events, data)
        return key

    def modify(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> SelectorKey:
        """Watch fileobj for other events, or with other data.

        When the system refuses, it is unregistered.
        """
        _check(events)
        old = self._key(fileobj)
        if events != old.events:
            try:
                self.change(old.fd, old.events, events)
            except BaseException:
                del self._keys[old.fd]
                self.drop(old.fd, old.events)  # or it would be reported to nobody, for ever
                raise
        key = self._keys[old.fd] = old._replace(events=events, data=data)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> SelectorKey:
        """Watch fileobj no longer.

        Raises KeyError if it is not registered; it may be closed already.
        """
        key = self._key(fileobj)
        del self._keys[key.fd]
        self.drop(key.fd, key.events)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait until something is ready; return (key, events) pairs, events within what was asked
        for.

        timeout is in seconds: None waits for ever, 0 and less not at all; at most a day is waited.
        """
        ready: list[tuple[SelectorKey, int]] = []
        for fd, mask in self.wait(bounded(timeout)):
            if (key := self._keys.get(fd)) is not None and (
                events := self.events(mask) & key.events
            ):
                ready.append((key, events))
        return ready

    def get_key(self, fileobj: FileDescriptorLike) -> SelectorKey:
        """Return the key of fileobj.

        Raises KeyError if it is not registered, RuntimeError if this is closed.
        """
        if self._map is None:
            raise RuntimeError(f"{self!r} is closed")
        return self._key(fileobj)

    def get_map(self) -> Mapping[FileDescriptorLike, SelectorKey]:
        """Return a live view: registered objects to their keys.

        Raises RuntimeError once closed.
        """
        if self._map is None:
            raise RuntimeError(f"{self!r} is closed")
        return self._map

    def close(self) -> None:
        """Forget every key and give back what the mechanism holds. May be called again."""
        self._keys.clear()
        self._map = None

    def _key(self, fileobj: FileDescriptorLike) -> SelectorKey:
        try:
            return self._keys[self._fd(fileobj)]
        except KeyError:
            raise KeyError(f"{fileobj!r} is not registered; use register") from None

    def _fd(self, fileobj: FileDescriptorLike) -> int:
        try:
            return fd_of(fileobj)
        except ValueError:  # closed by now, but it may have been open when it was registered
            for key in self._keys.values():
                if key.fileobj is fileobj:
                    return key.fd
            raise


class _Map(Mapping["FileDescriptorLike", SelectorKey]):
    """A read-only view of a poller's keys, by the objects that were registered."""

    def __init__(
        self, keys: dict[int, SelectorKey], find: Callable[[FileDescriptorLike], SelectorKey]
    ) -> None:
        self._keys = keys
        self._find = find

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, fileobj: FileDescriptorLike) -> SelectorKey:
        return self._find(fileobj)

    def __iter__(self) -> Iterator[FileDescriptorLike]:
        return iter(self._keys)


def _check(events: int) -> None:
    if not events or events & ~(READ | WRITE):
        raise ValueError(f"invalid events {events!r}; give READ, WRITE or both")
