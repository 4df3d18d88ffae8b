"""Words: figures as a person reads them, tables of them, and how lines are said.

Law of this file: what came from elsewhere is shown, but cannot move the cursor: a character that
is not to be printed, or cannot be where it goes, is shown as Python would write it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from .refusal import NobodyReadsError, RefusalError, why

_UNITS: Final = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))


def span(seconds: float | None) -> str:
    """Return a span as `3.2 s`; `-` for None, which is not known."""
    if seconds is None:
        return "-"
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds * 1e6:.0f} us"


def share(part: float) -> str:
    """Return a share of 1 as `12 %`."""
    return f"{min(max(part, 0.0), 1.0) * 100:.0f} %"


def counted(count: int, what: str) -> str:
    """Return `1 task`, `2 tasks`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """Return text in one line, with nothing in it that a terminal obeys."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the columns stand under their heads, the last is as wide as it
    likes.
    """
    cells = [list(heads), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths[-1] = 0
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def say(lines: Iterable[str]) -> None:
    """Write lines on standard output, at once.

    Raises NobodyReadsError when the reader has gone, RefusalError where nothing can be written.
    """
    if sys.stdout is None:
        raise RefusalError("there is no standard output; do not close it")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for line in lines:
            sys.stdout.write(f"{line}\n".encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        _drop_the_rest()
        if isinstance(error, BrokenPipeError):
            raise NobodyReadsError from None
        raise RefusalError(
            f"cannot write what was found: {why(error)}; send it elsewhere"
        ) from None


def _drop_the_rest() -> None:
    """Python flushes once more when it ends, and would complain of that."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
