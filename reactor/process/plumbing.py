"""Plumbing: what becomes the standard input, output and error of a process.

Law of this file: of each pipe that is made, one end is the child's, and is closed here as soon as
the child is started or is not; the other is a stream, and is closed with it.
"""

from __future__ import annotations

import os
from subprocess import DEVNULL, PIPE, STDOUT
from typing import TYPE_CHECKING, Final, TypeAlias

from reactor.errors import ReactorError
from reactor.loop import Reactor
from reactor.poller import fd_of

from .pipe_stream import PipeStream

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

Stdio: TypeAlias = "FileDescriptorLike | None"
"""PIPE, DEVNULL, an open file or a descriptor; None is our own; STDOUT, for stderr, the same."""

NAMES: Final = ("stdin", "stdout", "stderr")


class Plumbing:
    """The three standard files of a process: theirs is what it is to have, by name, as Popen takes
    it. `with` it while the process is started, and close_ours at the end.

    Raises ValueError for what is no descriptor, OSError as the system does.
    """

    __slots__ = ("_closing", "_reactor", "_streams", "theirs")

    def __init__(self, reactor: Reactor, wanted: dict[str, Stdio]) -> None:
        self._reactor = reactor
        self._closing: list[int] = []
        self._streams: dict[str, PipeStream] = {}
        self.theirs: dict[str, int | None] = {}
        try:
            for name, what in wanted.items():
                self.theirs[name] = self._lay(name, what)
        except BaseException:
            self.close_theirs()
            self.close_ours()
            raise

    def _lay(self, name: str, what: Stdio) -> int | None:
        if what == PIPE:
            return self._pipe(name)
        if what is None or what == DEVNULL or (what == STDOUT and name == "stderr"):
            return what
        if what == STDOUT:
            raise ValueError(f"{name}=STDOUT makes no sense; only stderr can go where stdout goes")
        return fd_of(what)

    def _pipe(self, name: str) -> int:
        reading, writing = os.pipe()
        theirs, ours = (reading, writing) if name == "stdin" else (writing, reading)
        self._closing.append(theirs)
        if name == "stdin":
            self._streams[name] = PipeStream(self._reactor, sending=ours)
        else:
            self._streams[name] = PipeStream(self._reactor, receiving=ours)
        return theirs

    def stream(self, name: str) -> PipeStream:
        """Return our end of a pipe. Raises ReactorError if that one is none."""
        if name not in self._streams:
            raise ReactorError(f"its {name} is no pipe; start it with {name}=PIPE to use that here")
        return self._streams[name]

    def close_theirs(self) -> None:
        """Close the child's ends: it has them, or is not going to."""
        while self._closing:
            os.close(self._closing.pop())

    def close_ours(self, *names: str) -> None:
        """Close our ends, of those named or of all."""
        for name, stream in self._streams.items():
            if not names or name in names:
                stream.close()
