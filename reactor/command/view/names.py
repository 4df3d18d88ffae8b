"""Names: what the numbers of a recording stand for.

Law of this file: a number that nobody introduced has a name all the same, so that whatever shows a
recording can show a part of one.
"""

from __future__ import annotations

import os

Row = list[object]
"""A line of a recording: when, which kind of event, and what that kind has to tell."""


class Names:
    """The things and places that have been introduced so far: hear every row."""

    def __init__(self) -> None:
        self._things: dict[int, tuple[str, str]] = {}
        self._places: dict[int, str] = {}

    def hear(self, row: Row) -> None:
        """Remember what row introduces, if it does."""
        match row[1:]:
            case ["thing", int(number), str(kind), str(name), _]:
                self._things[number] = kind, name
            case ["place", int(number), str(function), str(file), int(line), str(text)]:
                where = f"{function}, {os.path.basename(file)}:{line}"
                self._places[number] = f"{where}: {text.strip()}" if text.strip() else where
            case _:
                pass

    def kind(self, number: int) -> str:
        """Return whether a thing is a task, a callback, a timer or a watch."""
        return self._things.get(number, ("thing", ""))[0]

    def of(self, number: object) -> str:
        """Return the name of a thing; None is nobody."""
        if not isinstance(number, int):
            return "nobody"
        return self._things.get(number, ("", f"thing {number}"))[1]

    def place(self, number: object) -> str:
        """Return where a place is and the line that stands there; nothing for None."""
        return self._places.get(number, "") if isinstance(number, int) else ""
