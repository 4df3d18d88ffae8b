"""Album: the recordings of one run, whoever makes them: its threads, its forked children, the
programs that it starts.

Law of this file: what is asked for stands in the environment, so all of them see it; and who comes
gets the next number from a file to which each adds a byte, so no two have the same. That a
recording cannot be made is said, and the program goes on without.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from reactor.loop import Tracer, log

from .recorder import MOST, Recorder
from .recording import Tally, tally
from .tape import Tape, numbered

PATH: Final = "REACTOR_RECORDING"
LIMIT: Final = "REACTOR_RECORDING_MOST"
INDEX: Final = "REACTOR_RECORDING_INDEX"


class Album:
    """Recordings at path and beside it, of so many events at most each. Raises OSError if the file
    at path cannot be written.
    """

    def __init__(self, path: str, most: int) -> None:
        self.path: str = os.path.abspath(path)
        self._most = most
        Tape(self.path, most).let_go()  # raises, if it cannot be written; what it held is gone
        handle, self._index = tempfile.mkstemp(prefix="reactor-record-")
        os.close(handle)

    def ask(self, environment: MutableMapping[str, str]) -> None:
        """Have each reactor recorded that is given no tracer, in a process of that environment."""
        environment["REACTOR_TRACER"] = f"{__package__}:{recorder_asked_for.__name__}"
        environment[PATH] = self.path
        environment[LIMIT] = str(self._most)
        environment[INDEX] = self._index

    def close(self) -> list[Tally]:
        """Return how much is in each file that was made so far; what is made later has a name that
        is free. Raises OSError as the system does.
        """
        made = os.path.getsize(self._index)
        os.unlink(self._index)
        if not made:
            Path(self.path).unlink(missing_ok=True)
        paths = [numbered(self.path, number) for number in range(1, made + 1)]
        return [tally(path) for path in paths if os.path.exists(path)]


def recorder_asked_for() -> Tracer:
    """Return a recorder as the environment asks for it: REACTOR_TRACER=reactor.watch:
    recorder_asked_for, in the file REACTOR_RECORDING, of at most REACTOR_RECORDING_MOST events.

    Where that file cannot be written, the log tells, and nothing is recorded.
    """
    try:
        return Recorder(_next_path(), most=int(os.environ.get(LIMIT, MOST)))
    except (OSError, ValueError) as error:
        log().error("cannot record: %s", error)
        return Tracer()


def _next_path() -> str:
    path = os.environ.get(PATH, "run.jsonl")
    try:
        handle = os.open(os.environ.get(INDEX, ""), os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        return _free(path)
    try:
        os.write(handle, b".")
        return numbered(path, os.lseek(handle, 0, os.SEEK_CUR))
    finally:
        os.close(handle)


def _free(path: str) -> str:
    """Make the first of the files that is not there yet."""
    number = 1
    while True:
        name = numbered(path, number)
        try:
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            number += 1
        else:
            return name
