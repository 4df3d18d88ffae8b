"""Places: where on this machine the reactors are found that can be looked into.

Law of this file: a socket stands in a folder that nobody but its owner can enter, or not at all.
Its name is the process and a number, one for each reactor there. What the folder says is believed
after it was looked at: somebody else may have made it, or put a link in its place.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from reactor.errors import ReactorError

PRIVATE: Final = 0o700


def folders() -> list[Path]:
    """Return where this user's sockets may be: $XDG_RUNTIME_DIR/reactor, if that is a folder, and
    /tmp/reactor-UID, which is for programs that were started without it.
    """
    user = os.geteuid()
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    of_session = [Path(given, "reactor")] if os.path.isabs(given) and os.path.isdir(given) else []
    return [*of_session, Path(f"/tmp/reactor-{user}")]


def private_folder() -> Path:
    """Return the first of folders(), made if it is missing. Raises as check_private does, and
    OSError as the system does.
    """
    folder = folders()[0]
    try:
        folder.mkdir(PRIVATE)
    except FileExistsError:
        pass
    check_private(folder)
    return folder


def check_private(folder: Path) -> None:
    """Raise ReactorError unless folder is a folder, no link to one, that is this user's alone.
    Raises FileNotFoundError if nothing is there.
    """
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        wrong = "is not a folder"
    elif found.st_uid != os.geteuid():
        wrong = f"belongs to another user, {found.st_uid}"
    elif found.st_mode & 0o077:
        wrong = f"is open to others, by its mode {stat.S_IMODE(found.st_mode):o}"
    else:
        return
    raise ReactorError(f"{folder} {wrong}; remove it, or set XDG_RUNTIME_DIR to a place of yours")


def numbers_in(name: str) -> tuple[int, int] | None:
    """Return the process and the number that a socket has in its name; None if it is another
    file.
    """
    pid, _, number = name.partition(".")
    if pid.isascii() and number.isascii() and pid.isdigit() and number.isdigit():
        return int(pid), int(number)
    return None


def is_there(pid: int) -> bool:
    """Tell whether there is a process with that number, whosever it is."""
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError) as error:
        return isinstance(error, PermissionError)  # it is somebody else's
    return True
