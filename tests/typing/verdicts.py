"""Verdicts: what strict mypy says of a file, beside what the file says that it will say.

Law of this file: a line is refused exactly as marked. A mark stands at the end of the line that
mypy names, gives the error's code and, if it helps the reader, a part of its message:

    spawn(sleep, 1)  # E: arg-type
    value: str = yield from number()  # E: assignment  expression has type "int"

A file without marks must be accepted whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.project.strictness import Error, check

MARK = re.compile(r"# E: (?P<code>[a-z-]+)(?:  (?P<message>.*?))?(?=\s*# E: |$)")


class Mark(NamedTuple):
    """An error that a file announces."""

    path: Path
    line: int
    code: str
    message: str

    def means(self, error: Error) -> bool:
        """Whether error is what was announced."""
        return self[:3] == error[:3] and self.message in error.message


def marks(path: Path) -> Iterator[Mark]:
    """Yield the marks of a file."""
    for number, line in enumerate(path.read_text().split("\n"), 1):
        for mark in MARK.finditer(line):
            yield Mark(path, number, mark["code"], mark["message"] or "")


def differences(paths: Sequence[Path], cache: str) -> list[str]:
    """Run mypy over paths; return a complaint for each error without a mark, and the reverse."""
    unmarked = check(paths, cache=cache)
    complaints = []
    for mark in (mark for path in paths for mark in marks(path)):
        errors = [error for error in unmarked if mark.means(error)]
        if errors:
            unmarked.remove(errors[0])
        else:
            complaints.append(f"{mark.path}:{mark.line}: is not refused with {mark.code}")
    return complaints + [str(error) for error in unmarked]
