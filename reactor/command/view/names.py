"""Names: what the numbers of a recording stand for.

Law of this file: a number that nobody introduced has a name all the same, so that whatever shows a
recording can show a part of one. Of several tasks with one name each has its number behind it,
and whoever a descriptor tells has that. A timer is called one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from reactor.watch import Event


class Names:
    """The things and places that events introduce, which things a descriptor tells, and which tasks
    a timer runs.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._things: dict[int, tuple[str, str]] = {}
        self._places: dict[int, str] = {}
        self._told: dict[object, object] = {}  # by thing: a descriptor
        for event in events:
            self._hear(event)
        self._tell_apart()

    def _hear(self, event: Event) -> None:
        match event[1:]:
            case ["thing", int(number), str(kind), str(name), *_]:
                self._things[number] = kind, f"timer {name}" if kind == "timer" else name
            case ["place", int(number), str(function), str(file), int(line), str(text)]:
                where = f"{function}, {os.path.basename(file)}:{line}"
                self._places[number] = f"{where}: {text.strip()}" if text.strip() else where
            case ["watch", fd, _, number]:
                self._told[number] = fd
            case _:
                pass

    def _tell_apart(self) -> None:
        alike = Counter(self._things.values())
        for number, (kind, name) in self._things.items():
            if alike[kind, name] > 1:
                self._things[number] = kind, name + self._more(kind, number)

    def _more(self, kind: str, number: int) -> str:
        if kind == "task":
            return f" {number}"
        return f", fd {self._told[number]}" if number in self._told else ""

    def kind(self, number: int) -> str:
        """Return whether a thing is a task, a callback, a timer or a watch.

        Whatever else a descriptor tells, such as a channel, is a watch.
        """
        kind = self._things.get(number, ("thing", ""))[0]
        return "watch" if kind != "task" and number in self._told else kind

    def of(self, number: object) -> str:
        """Return the name of a thing; None is nobody."""
        if not isinstance(number, int):
            return "nobody"
        return self._things.get(number, ("", f"thing {number}"))[1]

    def place(self, number: object) -> str:
        """Return where a place is and the line that stands there; nothing for None."""
        return self._places.get(number, "") if isinstance(number, int) else ""
