"""Recorder: a tracer that writes down what it is told, event by event.

Law of this file: what is recorded is what was told, in its order; docs/recording.md says how it is
written. It holds nothing of the program, never fails it, and has an end: after so many events it
hears no more.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from json import dumps
from typing import Any, Final

from reactor.errors import BusyError
from reactor.loop import Handle, Runnable, Timer, Tracer, tell_when_forked
from reactor.poller import READ, WRITE, Mechanism
from reactor.tasks import Scope, Task

from .cast import Cast, number_or_null, text_of, text_of_error
from .explanation import standing
from .recording import FORMAT, VERSION, Header
from .tape import Tape, in_micros, numbered

MOST: Final = 100_000
"""So many events are recorded, unless more or less are asked for."""


class Recorder(Tracer):
    """Records what a reactor does in a file at path, at most so many events: `run(main,
    tracer=Recorder("run.jsonl"))`.

    The file is emptied at once, written in bursts, always before the loop sleeps, and whole when
    the program ends. A reactor that comes after the first has a file of its own, `run.2.jsonl`;
    one in a forked child too, `run.pid123.jsonl`. Raises OSError if the file cannot be written, of
    which BlockingIOError says that another recorder has it, ValueError unless most is at least 1.
    """

    def __init__(self, path: str | os.PathLike[str], *, most: int = MOST) -> None:
        if most < 1:
            raise ValueError(f"most={most} events are no recording; give 1 or more")
        self._path = os.path.abspath(path)
        self._process = ""  # in a forked child, which one
        self._files = 0
        self._most = most
        self._load()
        tell_when_forked(self)

    @property
    def path(self) -> str:
        """The file that is written, or was last."""
        return self._tape.path

    def number_of(self, what: Runnable) -> int | None:
        """Return the number of a thing in the recording; None if it has not occurred there."""
        member = self._cast.known(what)
        return None if member is None else member.number

    def _load(self) -> None:
        """Take a new file."""
        self._files += 1
        self._recording = False
        self._tape = Tape(numbered(self._path, self._files, self._process), self._most)
        self._put = self._tape.put
        self._cast = Cast(self._put)
        self._member = self._cast.member
        weakref.finalize(self, self._tape.close)  # also at the end of the program

    def forked(self) -> None:
        """In a forked child: write nothing of what the parent has told."""
        self._tape.let_go()
        self._process, self._files = f".pid{os.getpid()}", 0

    # -- the reactor

    def begin(self, clock: Callable[[], float], poller: Mechanism) -> None:
        if self._tape.closed:
            self._load()
        elif self._recording:
            raise BusyError(f"{self!r} is told by a reactor already; give each one of its own")
        self._recording = True
        self._sides = Sides(poller)
        self._tape.begin(f"{dumps(_header(poller))}\n", clock)

    def end(self) -> None:
        self._put('"end"')
        self._tape.close()

    # -- a turn

    def turn(self, patience: float | None) -> None:
        if patience == 0.0:
            self._put('"turn",0')
            return
        micros = None if patience is None else in_micros(patience)
        self._put(f'"turn",{number_or_null(micros)}')
        self._tape.burst()  # the loop may sleep for ever, or be killed in its sleep

    def poll(self, events: Sequence[tuple[int, int]]) -> None:
        sides = self._sides
        ready = ",".join([f'[{fd},"{sides[mask]}"]' for fd, mask in events])
        self._put(f'"poll",[{ready}]')

    def wake(self, what: Runnable) -> None:
        self._put(f'"wake",{self._member(what).number}')

    def run(self, what: Runnable) -> None:
        self._run(what)
        if isinstance(what, Handle):
            owner = getattr(what.fn, "__self__", None)
            if isinstance(owner, Task):
                self._run(owner)

    def _run(self, what: Runnable) -> None:
        member = self._member(what)
        place = member.place
        if isinstance(what, Task):
            if place is None:  # its first step, or one that it takes without having parked
                place = self._place_of(what)
            member.place = None
        self._put(f'"run",{member.number},{number_or_null(place)}')

    def error(self, what: Runnable, error: Exception) -> None:
        self._put(f'"error",{self._member(what).number},{text_of_error(error)}')

    # -- timers

    def schedule(self, timer: Timer) -> None:
        when = self._tape.micros(timer.when)
        self._put(f'"schedule",{self._member(timer).number},{number_or_null(when)}')

    def cancel(self, timer: Timer) -> None:
        self._put(f'"cancel",{self._member(timer).number}')

    # -- descriptors

    def watch(self, fd: int, event: int, who: Runnable | None) -> None:
        number = None if who is None else self._member(who).number
        self._put(f'"watch",{fd},"{_SIDES[event]}",{number_or_null(number)}')

    def disarm(self, fd: int, event: int) -> None:
        self._put(f'"disarm",{fd},"{_SIDES[event]}"')

    def forget(self, fd: int) -> None:
        self._put(f'"forget",{fd}')

    # -- tasks

    def spawn(self, what: Runnable) -> None:
        host = _host_of(what)
        parent = None if host is None else self._member(host).number
        self._put(f'"spawn",{self._member(what).number},{number_or_null(parent)}')

    def throw(self, what: Runnable, error: BaseException) -> None:
        self._put(f'"throw",{self._member(what).number},{text_of_error(error)}')

    def park(self, what: Runnable, door: object) -> None:
        member = self._member(what)
        place = member.place = self._place_of(what) if isinstance(what, Task) else None
        self._put(f'"park",{member.number},{text_of(door)},{number_or_null(place)}')

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        said = "null" if error is None else text_of_error(error)
        self._put(f'"finish",{self._member(what).number},{said}')

    def _place_of(self, task: Task[Any]) -> int | None:
        where = standing(task)
        return None if where is None else self._cast.place(*where)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.path}>"


class Sides(dict[int, str]):
    """What the masks of a poller mean: "r", "w" or "rw"."""

    def __init__(self, poller: Mechanism) -> None:
        super().__init__()
        self._readable, self._writable = poller.readable, poller.writable

    def __missing__(self, mask: int) -> str:
        sides = "r" * bool(mask & self._readable) + "w" * bool(mask & self._writable)
        self[mask] = sides or "rw"  # a descriptor that is closed is ready for everything
        return self[mask]


def _host_of(what: Runnable) -> Task[Any] | None:
    """Return the task in whose group a task is."""
    scope = what.scope if isinstance(what, Task) else None
    return scope.host if isinstance(scope, Scope) else None


def _header(poller: Mechanism) -> Header:
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": list(sys.argv),
        "python": sys.version.split()[0],
        "poller": type(poller).__name__,
        "pid": os.getpid(),
        "thread": threading.current_thread().name,
        "began": time.time(),
    }


_SIDES: Final = {READ: "r", WRITE: "w"}
