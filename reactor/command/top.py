"""Top: a process, looked at again and again.

Law of this file: it runs on a reactor of its own, so that keys, signals and a new size are heard
while an answer is waited for. What was seen last is still there when the process has died.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
from math import inf
from typing import TextIO

from reactor import TaskGroup, move_on_after, run, sleep, wait_readable
from reactor.sync import Event, SignalReceiver
from reactor.watch import Inspected
from reactor.workers import in_thread

from .amounts import seconds, times
from .picture import PARTS, picture
from .rates import rates
from .refusal import RefusalError
from .screen import Screen
from .target import Answer, ask, chosen, take_target
from .words import say


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser of top."""
    what = "what a process does, again and again: tasks, descriptors, timers, how busy it is"
    parser = commands.add_parser("top", help=what, description=f"Show {what}. q ends it.")
    parser.add_argument("--interval", type=seconds, default=1.0, help="seconds, 1 unless given")
    parser.add_argument("--count", type=times, default=inf, help="end after so many looks")
    take_target(parser)
    parser.set_defaults(carry_out=_carry_out)


def _carry_out(arguments: argparse.Namespace) -> None:
    top = Top(chosen(arguments.process), arguments.interval, arguments.count)
    try:
        if not arguments.json and all(map(_can_draw, (sys.stdin, sys.stdout))):
            top.on(Screen(sys.stdin.fileno(), sys.stdout.fileno()))
        else:
            run(top.write_on, arguments.json)
    except KeyboardInterrupt:
        pass  # as good an end as q
    if top.refusal is not None:
        raise top.refusal


def _can_draw(file: TextIO | None) -> bool:
    if file is None or not file.isatty():  # None, if it was closed when Python began
        return False
    return os.environ.get("TERM") != "dumb"  # as that of an editor's shell, which has no cursor


class Top:
    """Looks at reactors every interval seconds, so many times.

    refusal is why it has ended, if one of them did not answer.
    """

    def __init__(self, reactors: list[Inspected], interval: float, times: float) -> None:
        self.refusal: RefusalError | None = None
        self._reactors = reactors
        self._interval = interval
        self._left = times
        self._before: dict[Inspected, Answer] = {}
        self._now: dict[Inspected, Answer] = {}
        self._last: list[str] = []  # what was seen when somebody last answered

    def _look(self) -> bool:
        """Look once, in a thread, as it may take a while; return whether to look again."""
        self._left -= 1
        self._before, self._now = self._now, {}
        try:
            for one in self._reactors:
                self._now[one] = ask(one, *PARTS)
        except RefusalError as refusal:
            self.refusal = refusal
        self._last = self._lines(None) or self._last
        return self.refusal is None and self._left > 0

    def _lines(self, room: int | None) -> list[str]:
        """Return the pictures of all who have answered, one under the other."""
        lines: list[str] = []
        each = None if room is None else room // len(self._reactors) - (len(self._reactors) > 1)
        for one, answer in self._now.items():
            between = [""] if lines else []
            lines += [*between, *picture(answer, rates(self._before.get(one), answer), each)]
        return lines

    # -- where it is piped

    async def write_on(self, as_json: bool) -> None:
        """Write a block for each look, or a JSON object for each reactor."""
        goes_on = True
        while goes_on:
            goes_on = await in_thread(self._look, cancellable=True)
            if as_json:
                lines = [json.dumps(answer) for answer in self._now.values()]
            else:
                lines = [*self._lines(None), ""]
            say(lines)
            if goes_on:
                await sleep(self._interval)

    # -- on a terminal

    def on(self, screen: Screen) -> None:
        """Draw on screen until it is over; what was seen last is left where it was begun."""
        try:
            with screen.taken():
                run(self._draw_on, screen)
        except OSError as error:
            if error.errno != errno.EIO:  # else the terminal is gone, and with it who looked
                raise
        finally:
            if self.refusal is not None:
                say(self._last)

    async def _draw_on(self, screen: Screen) -> None:
        again = Event()
        async with TaskGroup() as group:
            group.spawn(_hear_keys, screen, group)
            group.spawn(_hear_signals, again, group)
            while await in_thread(self._look, cancellable=True):
                screen.show(self._lines(screen.room()[1]))
                with move_on_after(self._interval):
                    await again.wait()
                again.clear()
            screen.show(self._lines(screen.room()[1]))
            group.cancel()


async def _hear_keys(screen: Screen, group: TaskGroup) -> None:
    """Cancel group when q is typed, or nobody can type any more."""
    while True:
        await wait_readable(screen.keys)
        if (typed := os.read(screen.keys, 64)) == b"" or b"q" in typed:
            group.cancel()


async def _hear_signals(again: Event, group: TaskGroup) -> None:
    """Have it drawn again in another size; end on what would end the program."""
    with SignalReceiver(signal.SIGWINCH, signal.SIGTERM, signal.SIGHUP) as signals:
        async for signum in signals:
            if signum == signal.SIGWINCH:
                again.set()
            else:
                group.cancel()
