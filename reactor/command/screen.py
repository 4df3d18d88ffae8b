"""Screen: a terminal that is drawn on again and again, and given back as it was.

Law of this file: whatever ends a program that draws, the terminal has its modes, its cursor and
what stood on it back.
"""

from __future__ import annotations

import os
import termios
import tty
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_ENTER: Final = "\x1b[?1049h\x1b[?25l"  # another screen, no cursor (xterm's, and all of its heirs)
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"


class Screen:
    """A terminal: keys is the descriptor that is typed on, out the one that shows."""

    def __init__(self, keys: int, out: int) -> None:
        self.keys = keys
        self._out = out

    def room(self) -> tuple[int, int]:
        """Return how many columns and lines there are."""
        size = os.get_terminal_size(self._out)
        return max(size.columns, 1), max(size.lines, 1)

    def show(self, lines: list[str]) -> None:
        """Draw lines from the top, cut to what there is, and nothing else."""
        columns, rows = self.room()
        shown = "\x1b[K\n".join(line[:columns] for line in lines[:rows])
        self._say(f"\x1b[H{shown}\x1b[J")

    @contextmanager
    def taken(self) -> Generator[None]:
        """While inside, keys come one by one and are not shown, and there is an empty screen.

        Raises OSError when there is no terminal any more.
        """
        modes = termios.tcgetattr(self.keys)
        tty.setcbreak(self.keys)
        try:
            self._say(_ENTER)
            yield
        finally:
            try:
                termios.tcsetattr(self.keys, termios.TCSADRAIN, modes)
            finally:
                self._say(_LEAVE)

    def _say(self, text: str) -> None:
        left = text.encode(errors="replace")
        while left:
            left = left[os.write(self._out, left) :]
