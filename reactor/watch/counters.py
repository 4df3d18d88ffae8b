"""Counters: what an operator wants to know of a loop, as numbers and as Prometheus reads them.

Law of this file: who does not ask does not pay. A loop's pulse is counted per turn; what runs in
one is counted if a Steps was its tracer; what others know is asked for when it is read.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from reactor.loop import Reactor, Runnable, Timer, Tracer
from reactor.tasks import Task

from .exposition import Family, Figure, histogram
from .pulse import LAGS, Pulse

TURNS: Final = "reactor_turn_seconds"
"""The name of the histogram, and of what is written of it."""


class Steps(Tracer):
    """Counts what a loop runs: tasks is how many steps of tasks, timers how many timers that were
    due, callbacks how many others. What ends a sleep is both a timer and a step of its task. Give
    it to a reactor as its tracer, and to its Counters.
    """

    def __init__(self) -> None:
        self.tasks: int = 0
        self.timers: int = 0
        self.callbacks: int = 0

    def run(self, what: Runnable) -> None:
        if isinstance(what, Timer):
            self.timers += 1
            if isinstance(getattr(what.fn, "__self__", None), Task):
                self.tasks += 1
        elif isinstance(what, Task):
            self.tasks += 1
        else:
            self.callbacks += 1


class Served(Protocol):
    """What is asked of a server: a Server or a ChannelServer, for instance."""

    accepted: int
    failures: int

    @property
    def clients(self) -> int:
        """How many there are now."""


class Counters:
    """Counts for the loop of reactor, from when they are made; its pulse has the plain numbers.

    steps is the reactor's tracer, if that counts. Made in the reactor's thread; any thread may
    read them.
    """

    def __init__(self, reactor: Reactor, *, steps: Steps | None = None) -> None:
        self.pulse: Pulse = reactor.belonging(Pulse)
        self.steps: Steps | None = steps
        self._families: dict[str, Family] = {}
        pulse = self.pulse
        self.counter("reactor_turns", lambda: pulse.turns, "Turns of the loop.")
        self.counter("reactor_events", lambda: pulse.events, "Descriptors found ready.")
        self.counter("reactor_asleep_seconds", lambda: pulse.asleep, "Time in the poller.")
        if steps is not None:
            self.counter("reactor_task_steps", lambda: steps.tasks, "Steps of tasks.")
            self.counter("reactor_timers", lambda: steps.timers, "Timers that were due.")
            self.counter("reactor_callbacks", lambda: steps.callbacks, "Callbacks, but for timers.")

    def counter(self, name: str, figure: Figure, text: str, /, **labels: str) -> None:
        """Show what figure() returns, which only grows; `_total` is put behind the name.

        One name may be given several times, with other labels. Raises ValueError for a name, or
        labels, that are taken or that the format does not allow.
        """
        self._add(f"{name}_total", "counter", figure, text, labels)

    def gauge(self, name: str, figure: Figure, text: str, /, **labels: str) -> None:
        """Show what figure() returns, which goes up and down. Raises as counter does. A figure
        that fails when it is asked for is logged, and left out of what is shown then.
        """
        self._add(name, "gauge", figure, text, labels)

    def server(self, server: Served, name: str) -> None:
        """Show the connections of a server, under a name of its own. Raises as counter does."""
        label = {"server": name}
        self.counter(
            "reactor_connections_accepted", lambda: server.accepted, "Connections let in.", **label
        )
        self.counter(
            "reactor_connections_failed", lambda: server.failures, "Those that failed.", **label
        )
        self.gauge("reactor_connections", lambda: server.clients, "Connections open now.", **label)

    def snapshot(self) -> dict[str, float]:
        """Return all that is counted but for the histogram of lags, by name and labels."""
        figures: dict[str, float] = {}
        for family in list(self._families.values()):  # a figure, or another thread, may add one
            figures |= family.figures()
        return figures

    def prometheus(self) -> str:
        """Return all of it in the text format 0.0.4: to be sent as CONTENT_TYPE says."""
        pulse = self.pulse
        families = list(self._families.values())
        lines = [line for family in families for line in family.lines()]
        lines += histogram(
            TURNS,
            "How long a turn was at work: how late the loop was for what came meanwhile.",
            LAGS,
            tuple(pulse.lags),
            pulse.at_work,
        )
        return "\n".join([*lines, ""])

    def _add(
        self,
        name: str,
        kind: Literal["counter", "gauge"],
        figure: Figure,
        text: str,
        labels: dict[str, str],
    ) -> None:
        if name.startswith(TURNS):
            raise ValueError(f"{name} belongs to the histogram {TURNS}; give it another name")
        family = self._families.get(name)
        if family is None:
            family = Family(name, kind, text)
        elif family.kind != kind:
            raise ValueError(f"{name} is a {family.kind} already; give the {kind} another name")
        family.add(figure, labels)
        self._families[name] = family
