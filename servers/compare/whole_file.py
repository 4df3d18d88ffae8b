"""A file that is there whole, or as it was before.

Law of this file: whether it can be written is known before there is anything to write, and nobody
ever sees a part of it.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self


class CannotWriteError(Exception):
    """A file cannot be written; the text says which, why, and what to do."""


class WholeFile:
    """A place for a text, taken by another file beside it until there is one.

    A `with` block removes that other file in the end. A link stays, and what it leads to is
    replaced. Raises CannotWriteError if path cannot be written, or is there and no regular file.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        with self._errors_told():
            self._target: Final = Path(os.path.realpath(path))
            self._mode: Final = _mode_of(self._target)
            self._beside: Final = self._target.with_name(f".{secrets.token_hex(8)}.part")
            self._file: Final = open(  # noqa: SIM115  # closed by write, or in the end
                self._beside, "x", encoding="utf-8", errors="backslashreplace"
            )

    def write(self, text: str) -> None:
        """Put the file there, with that text in it. Raises CannotWriteError, and then it is not."""
        with self._errors_told():
            with self._file:
                self._file.write(text)
            if self._mode is not None:
                self._beside.chmod(self._mode)
            self._beside.replace(self._target)

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise CannotWriteError(
                f"cannot write {self._path}: {why}; name another file"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._file.close()
        with suppress(FileNotFoundError):  # it has taken its place
            self._beside.unlink()


def _mode_of(target: Path) -> int | None:
    """Return the permissions of a file that may be replaced; None if there is none yet."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError("it is there, and no regular file")
    if not os.access(target, os.W_OK):
        raise PermissionError("it is there, and may not be changed")
    return stat.S_IMODE(mode)
