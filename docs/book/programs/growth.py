"""What each step of the growing loop mends: the same little trial, before the step and after.

python3 -m docs.book.programs.growth
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from threading import Thread

from docs.book.programs import loop_1, loop_2, loop_3, loop_5, loop_6
from reactor.poller import Mechanism, default_poller


class Counted:
    """A poller that counts what is asked of it beside waiting, and notes for how long it may wait.

    It does not sleep: time passes at once, on its own clock.
    """

    def __init__(self) -> None:
        self._poller: Mechanism = default_poller()
        self.readable, self.writable = self._poller.readable, self._poller.writable
        self.asked = 0
        self.waits: list[float | None] = []
        self.now = 0.0

    def add(self, fd: int, events: int) -> None:
        self.asked += 1
        self._poller.add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self.asked += 1
        self._poller.change(fd, old, new)

    def drop(self, fd: int, events: int) -> None:
        self.asked += 1
        self._poller.drop(fd, events)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        self.waits.append(timeout)
        self.now += timeout or 0.0
        return self._poller.wait(0)

    def close(self) -> None:
        self._poller.close()


class Greedy(loop_1.Loop):
    """Runs what is ready until nothing is: what one would write first."""

    def _run(self) -> None:
        runs = 0
        while self.ready and runs < 1000:  # it would be for ever
            self.ready.pop(0)()
            runs += 1


def fairness(kind: type[loop_1.Loop]) -> str:
    """Return how often a callback that calls itself again ran before a ready descriptor's."""
    poller = Counted()
    loop = kind(poller)
    readable, other = os.pipe()
    ran = [0]
    heard: list[int] = []

    def again() -> None:
        if ran[0] == 0:
            os.write(other, b"!")  # now something else is ready too
        ran[0] += 1
        loop.call_soon(again)

    loop.call_soon(again)
    loop.wait_readable(readable, lambda: heard.append(ran[0]))
    while not heard:
        loop.turn()
    _close(poller, readable, other)
    return f"the greedy one ran {heard[0]} times before another had its turn"


def sleeps() -> str:
    """Return for how long the loop may sleep, turn by turn."""
    poller = Counted()
    loop = loop_2.Loop(poller, clock=lambda: poller.now)
    loop.call_later(2.0, lambda: loop.call_soon(int))
    loop.call_later(5.0, int)
    for _ in range(4):
        loop.turn()
    poller.close()
    return "may sleep " + ", ".join(str(wait) for wait in poller.waits)


def asked(kind: Callable[[Mechanism], loop_2.Loop | loop_3.Loop]) -> str:
    """Return how often the poller was asked to watch or not to, in a hundred messages."""
    poller = Counted()
    loop = kind(poller)
    readable, other = os.pipe()

    def hear() -> None:
        os.read(readable, 1)
        loop.wait_readable(readable, hear)

    loop.wait_readable(readable, hear)
    for _ in range(100):
        os.write(other, b"!")
        loop.turn()
    _close(poller, readable, other)
    return f"asked {poller.asked} times in 100 messages"


def rings() -> str:
    """Return who has woken a loop that sleeps: a thread, then a signal."""
    loop = loop_5.Loop(default_poller())
    heard: list[str] = []
    thread = Thread(target=loop.call_threadsafe, args=(lambda: heard.append("a thread"),))
    thread.start()
    while not heard:
        loop.turn()  # may sleep for ever
    thread.join()
    before = signal.getsignal(signal.SIGUSR1)
    loop.on_signal(signal.SIGUSR1, lambda: heard.append("a signal"))
    os.kill(os.getpid(), signal.SIGUSR1)
    while len(heard) < 2:
        loop.turn()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGUSR1, before)
    _close(loop.poller)
    loop.bell.close()
    loop.rope.close()
    return f"woken by {' and '.join(heard)}"


def failure(loop: loop_5.Loop | loop_6.Loop) -> str:
    """Return what became of a callback that stood behind one that failed."""
    ran: list[str] = []
    loop.call_soon(lambda: 1 // 0)
    loop.call_soon(lambda: ran.append("ran"))
    try:
        loop.turn()
        came = "the loop goes on"
    except ZeroDivisionError:
        came = "the loop is dead"
    _close(loop.poller)
    loop.bell.close()
    loop.rope.close()
    return f"{came}, the next one {ran[0] if ran else 'never runs'}"


def cut_off(loop: loop_5.Loop | loop_6.Loop) -> str:
    """Return what a client hears who was ready when Ctrl-C struck the one before him."""
    readable, other = os.pipe()
    heard: list[str] = []

    def hear() -> None:
        loop.wait_readable(readable, hear)
        heard.append(os.read(readable, 512).decode())

    def struck() -> None:
        raise KeyboardInterrupt

    loop.wait_readable(readable, hear)
    loop.call_soon(struck)
    for word in ("this word", "the next"):
        os.write(other, word.encode())
        for _ in range(2):
            loop.call_soon(int)  # so that no turn sleeps for ever
            try:
                loop.turn()
            except KeyboardInterrupt:
                pass  # it is run again
    _close(loop.poller, readable, other)
    loop.bell.close()
    loop.rope.close()
    return f"who was cut off hears {' and '.join(heard) or 'nothing, for ever'}"


def _close(poller: Mechanism, *fds: int) -> None:
    poller.close()
    for fd in fds:
        os.close(fd)


def lines() -> list[str]:
    quiet = loop_6.Loop(default_poller(), on_error=lambda what, error: None)
    return [
        f"1 fairness, until nothing is ready: {fairness(Greedy)}",
        f"1 fairness, in batches:             {fairness(loop_1.Loop)}",
        f"2 timers:                           {sleeps()}",
        f"3 interest, before:                 {asked(loop_2.Loop)}",
        f"3 interest, that stays:             {asked(loop_3.Loop)}",
        f"5 the waker:                        {rings()}",
        f"6 errors, before:                   {failure(loop_5.Loop(default_poller()))}",
        f"6 errors, reported:                 {failure(quiet)}",
        f"6 Ctrl-C, before:                   {cut_off(loop_5.Loop(default_poller()))}",
        f"6 Ctrl-C, and run again:            {cut_off(loop_6.Loop(default_poller()))}",
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
