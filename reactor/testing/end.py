"""End: one end of a connection in memory, without whoever waits for it.

Law of this file: it behaves as TCP does where a program can tell. Bytes come in order; as many as
have room are on their way or unread; bytes for an end that is closed bring a reset; what had
arrived before a reset stays.
"""

from __future__ import annotations

from collections.abc import Callable

from reactor.loop import Reactor

from .wire import Link, Wire


class End:
    """One end over link; join tells it the other one. moved is called when something moves here,
    and with True when whoever waits here has to look again.

    arrived is what nobody has taken yet. finished says whether the peer's end has arrived, ended
    whether ours was sent, broken whether a reset came, closed whether nobody is here any more.
    """

    __slots__ = (
        "_left",
        "_moved",
        "_other",
        "_wire",
        "arrived",
        "broken",
        "closed",
        "ended",
        "finished",
    )
    _other: End

    def __init__(self, reactor: Reactor, link: Link, moved: Callable[[bool], object]) -> None:
        self._wire = Wire(reactor, link)  # to the other end
        self._moved = moved
        self._left: int | None = None  # how many bytes more arrive before the connection is lost
        self.arrived: bytearray = bytearray()
        self.finished: bool = False
        self.ended: bool = False
        self.broken: bool = False
        self.closed: bool = False

    def join(self, other: End) -> None:
        """Be connected with other."""
        self._other = other

    # -- to the other end

    @property
    def room(self) -> int:
        """How many bytes may be sent now."""
        return self._wire.room

    def send(self, data: bytes) -> None:
        """Put data on its way, as far as the connection lasts."""
        self._moved(False)
        arriving = data if self._left is None else data[: self._left]
        self._wire.carry(len(data), self._other.arrive, arriving)
        if self._left:
            self._left -= len(arriving)
            if not self._left:
                self._wire.carry(0, self.lose)

    def send_end(self) -> None:
        """Say that nothing more comes."""
        self.ended = True
        self._wire.carry(0, self._other.arrive_end)

    def send_reset(self) -> None:
        """Reset the other end, behind what is on its way."""
        self._wire.carry(0, self._other.break_off)

    def take(self, size: int) -> bytes:
        """Return so many of the bytes that have arrived; there is room for others then."""
        data = bytes(self.arrived[:size])
        del self.arrived[:size]
        self._other.make_room(size)
        return data

    def close(self) -> None:
        """Take nothing any more."""
        self.closed = True
        self._moved(True)

    # -- what goes wrong

    def lose(self) -> None:
        """Reset both ends now; what is on its way is gone."""
        self.break_off()
        self._other.break_off()

    def lose_after(self, count: int) -> None:
        """Lose the connection when count bytes more have arrived at the other end."""
        self._left = count
        if not count:
            self._wire.carry(0, self.lose)

    # -- from the other end

    def arrive(self, data: bytes) -> None:
        """Bytes have come."""
        if self.broken:
            return
        if self.closed:  # nobody takes it
            self.send_reset()
        else:
            self.arrived += data
            self._moved(True)

    def arrive_end(self) -> None:
        """Nothing more comes."""
        self.finished = True
        self._moved(True)

    def make_room(self, size: int) -> None:
        """So many bytes were taken there."""
        self._wire.room += size
        self._moved(True)

    def break_off(self) -> None:
        """A reset has come: nothing can be sent any more, or arrive."""
        self.broken = True
        self._moved(True)
