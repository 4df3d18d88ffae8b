"""Tape: the file of one recording, written in bursts.

Law of this file: what is in the file is a whole recording, up to the last burst. A burst that an
interrupt cuts off is written again in the same place, one that finds no room is taken back, and a
forked child writes nothing: its lines and its descriptor are the parent's.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from typing import Final

from reactor.loop import Enough

BURST: Final = 1_000
"""So many lines wait to be written, at most."""

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK  # waits for no reader

_FAR: Final = 1e15
"""What is so many microseconds away, 30 years, is never."""


def numbered(path: str, number: int, process: str = "") -> str:
    """Return the name of the file beside path that has a number, and perhaps a process: run.jsonl,
    run.2.jsonl, run.pid7.jsonl, run.pid7.2.jsonl.
    """
    stem, suffix = os.path.splitext(path)
    return f"{stem}{process}{f'.{number}' if number > 1 else ''}{suffix}"


def in_micros(seconds: float) -> int | None:
    """Return a span in microseconds; None if it is for ever, 0 if that was always over."""
    micros = seconds * 1e6
    if -_FAR < micros < _FAR:
        return int(micros)
    return None if micros > 0 else 0


def _claim(fd: int) -> None:
    """Have a file for oneself until it is closed. Raises BlockingIOError if somebody else has it,
    OSError where the file system knows of no such thing.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BlockingIOError(error.errno, "Another recording is written there") from None


class Tape:
    """A file at path, emptied, for a line of header and at most so many events.

    Raises OSError as the system does, also for what cannot be emptied, such as a pipe, and
    BlockingIOError where another one is written, by whomever.
    """

    def __init__(self, path: str, most: int) -> None:
        self.path: str = path
        self._most = most
        self._lines: list[str] = []
        self._fd = -1
        self._room = 0  # so many lines may wait
        self._left = most
        self._at = 0  # what is written, in bytes
        self._clock: Callable[[], float] = lambda: 0.0
        self._zero = 0.0
        try:
            self._fd = os.open(path, _FLAGS, 0o666)
            _claim(self._fd)
            os.ftruncate(self._fd, 0)
        except OSError as error:
            self.let_go()
            what = f"{error.strerror}: cannot record there; name a file that can be written"
            raise OSError(error.errno, what, path) from None

    @property
    def closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self._fd < 0

    def begin(self, header: str, clock: Callable[[], float]) -> None:
        """Write the header, and count time from now on."""
        self._clock, self._zero = clock, clock()
        self._at = self._write(header)
        self._room = min(BURST, self._left + 1)

    def micros(self, when: float) -> int | None:
        """Return a moment on the clock as a recording has it; None if that is never."""
        return in_micros(when - self._zero)

    def put(self, told: str) -> None:
        """Note an event, told as JSON without its time and brackets.

        Raises Enough where that is one too many, OSError where a burst finds no room.
        """
        lines = self._lines
        lines.append(f"[{int((self._clock() - self._zero) * 1e6)},{told}]\n")
        if len(lines) >= self._room:
            self.burst()

    def burst(self) -> None:
        """Write what waits. Raises as put does, and Enough once this is closed."""
        lines, left = self._lines, self._left
        count = len(lines)
        if self.closed:
            lines.clear()
            raise Enough
        if count > left:
            now = int((self._clock() - self._zero) * 1e6)
            self._write("".join([*lines[:left], f'[{now},"cut",{self._most}]\n']))
            self.let_go()
            raise Enough
        left -= count
        room = min(BURST, left + 1)
        at = self._write("".join(lines[:count]))
        # No call from here on, so that no interrupt comes between.
        self._at, self._left, self._room = at, left, room
        del lines[:count]

    def close(self) -> None:
        """Write what waits, and give back the descriptor. Again: nothing."""
        if not self.closed:
            self.burst()
            self.let_go()

    def let_go(self) -> None:
        """Give back the descriptor, and write no more."""
        fd, self._fd = self._fd, -1
        self._room = 0
        if fd >= 0:
            os.close(fd)

    def _write(self, text: str) -> int:
        """Write text behind what stands there for good; return where it ends."""
        data, done = text.encode(), 0
        try:
            while done < len(data):
                done += os.pwrite(self._fd, data[done:], self._at + done)
        except OSError as error:
            os.ftruncate(self._fd, self._at + data.rfind(b"\n", 0, done) + 1)
            self.let_go()
            what = f"{error.strerror}: the recording ends here; make room, and record again"
            raise OSError(error.errno, what, self.path) from None
        return self._at + done
