"""Inspected: a reactor of some process that can be looked into, as it is seen from outside.

Law of this file: whoever answers may be dying, or stuck, or somebody else. So what is asked has a
deadline, and what comes is checked.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any, NamedTuple

from reactor.errors import ReactorError

from . import wire
from .places import check_private, folders, is_there, numbers_in


class Inspected(NamedTuple):
    """A reactor that answers at path: number counts those of a process."""

    pid: int
    number: int
    path: Path

    def ask(self, *parts: str, seconds: float = 5.0) -> dict[str, Any]:
        """Return what it says of itself, and these parts: "tasks", "stack", "descriptors",
        "timers", "lag". docs/inspecting.md tells what is in them.

        Raises OSError or EndOfStream if it has died, TimeoutError if it does not answer within so
        many seconds, ReactorError with what it says if it refuses.
        """
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(seconds)
            try:
                sock.connect(os.fspath(self.path))
            except BlockingIOError as error:  # it has not taken those who came before
                raise TimeoutError(f"{self.path} takes nobody; ask again") from error
            try:
                wire.send(sock, {"parts": list(parts)}, seconds)
            except BrokenPipeError:
                pass  # it has turned us away, and says why
            answer = wire.receive(sock, wire.ANSWER_BYTES, seconds)
        if "error" in answer:
            raise ReactorError(str(answer["error"]))
        return answer


def inspectable() -> list[Inspected]:
    """Return the reactors of this user that can be looked into, by process and number.

    What dead processes have left behind is removed. Raises ReactorError if a folder where they
    could be is not this user's alone, and there are none elsewhere.
    """
    found: list[Inspected] = []
    wrong: ReactorError | None = None
    for folder in folders():
        try:
            found += _in(folder)
        except ReactorError as error:
            wrong = error
    if wrong is not None and not found:
        raise wrong
    return sorted(one for one in found if _is_alive(one))


def _in(folder: Path) -> list[Inspected]:
    try:
        check_private(folder)
        paths = list(folder.iterdir())
    except FileNotFoundError:
        return []
    named = ((numbers_in(path.name), path) for path in paths)
    return [Inspected(*numbers, path) for numbers, path in named if numbers is not None]


def _is_alive(one: Inspected) -> bool:
    """Tell whether somebody listens there; remove it if its process is gone."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.setblocking(False)
        try:
            sock.connect(os.fspath(one.path))
        except BlockingIOError:
            return True  # there are more who look than it can take just now
        except OSError:
            if not is_there(one.pid):
                one.path.unlink(missing_ok=True)
            return False
    return True
