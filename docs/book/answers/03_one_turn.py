"""Exercise 3: a turn that ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

Call = Callable[[], object]


class Loop:
    def __init__(self, poll: Callable[[], list[Call]]) -> None:
        self.ready: deque[Call] = deque()
        self.poll = poll

    def turn(self) -> None:
        self.ready.extend(self.poll())
        for _ in range(len(self.ready)):
            self.ready.popleft()()


def check(mine: Any) -> None:
    done: list[str] = []

    def poll() -> list[Call]:
        return [lambda: done.append("a client")]

    loop = mine.Loop(poll)

    def busy() -> None:
        done.append("busy")
        if len(done) < 1000:
            loop.ready.append(busy)

    loop.ready.append(busy)
    loop.turn()
    loop.turn()
    assert done == ["busy", "a client", "busy", "a client"], done[:5]
