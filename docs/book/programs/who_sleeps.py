"""Who decides how long the loop sleeps, and from what: each turn of a small program, told.

python3 -m docs.book.programs.who_sleeps
"""

from __future__ import annotations

from reactor import Runnable, Tracer
from reactor.testing import World


class Diary(Tracer):
    """Writes down for how long each turn may sleep, and what it runs."""

    def __init__(self) -> None:
        self.turns: list[tuple[float | None, list[str]]] = []

    def turn(self, patience: float | None) -> None:
        self.turns.append((patience, []))

    def run(self, what: Runnable) -> None:
        self.turns[-1][1].append("a call")


def lines() -> list[str]:
    diary = Diary()
    with World(tracer=diary) as world:
        reactor = world.reactor
        reactor.call_later(2.0, print, "never").cancel()
        reactor.call_later(3.0, int)
        reactor.call_later(8.0, reactor.stop)
        reactor.call_soon(int)
        reactor.run()
    told = ["turn   may sleep   then runs", ""]
    for number, (patience, ran) in enumerate(diary.turns, 1):
        told.append(f"{number:>4}   {patience:>7} s   {', '.join(ran) or 'nothing'}")
    return told


if __name__ == "__main__":
    print("\n".join(lines()))
