"""A lock between processes: a record lock on a file without a name.

Law of this file: the lock is the process's, not the file's. So workers that share one open file by
a fork still exclude each other, and the system takes the lock from whoever dies.
"""

from __future__ import annotations

import fcntl
import tempfile


class FileLock:
    """A lock for the processes that inherit it: enter a `with` block to wait for it and have it.

    It has no use between threads, which are one process to it (`man 2 fcntl`, record locks).
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as this is

    def __enter__(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file, with which the lock is gone."""
        self._file.close()
