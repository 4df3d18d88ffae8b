"""Capture: run a program to its end, and take what it wrote.

Law of this file: all of its pipes are served at once, so that neither side waits for the other for
ever, and no more is kept than the limit allows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict, Unpack

from reactor.errors import ExitError, LimitError
from reactor.tasks import Steps, TaskGroup, coroutine

from .plumbing import Stdio
from .program import Process

if TYPE_CHECKING:
    from _typeshed import StrOrBytesPath

LIMIT: Final = 16 * 1024 * 1024
"""How much of each output of a program is kept, unless another limit is given, in bytes."""


class Completed(NamedTuple):
    """What came of a program: returncode as subprocess counts it, and what was captured."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Options(TypedDict, total=False):
    """What run_process hands on to Process."""

    cwd: StrOrBytesPath | None
    env: Mapping[str, str] | None
    process_group: int | None
    start_new_session: bool
    pass_fds: Collection[int]
    grace_seconds: float


@coroutine
def run_process(
    *command: StrOrBytesPath,
    stdin: bytes | bytearray | memoryview | Stdio = DEVNULL,
    stdout: Stdio = PIPE,
    stderr: Stdio = PIPE,
    limit: float = LIMIT,
    check: bool = True,
    **options: Unpack[Options],
) -> Steps[Completed]:
    """Run a program to its end, and return its returncode and what it wrote.

    stdin is the bytes that it is to read, or as for Process; an output that is not captured, as
    stdout or stderr says where else it goes, is b"". All options are those of Process.

    It is over when the program has ended and so have its outputs: a process that it leaves behind
    may hold them open. What it does not read of its input is thrown away. With check, a returncode
    other than 0 raises ExitError, which has what was captured. More than limit bytes from one
    output raise LimitError, with these in partial, and stop the program. Cancelled: it is stopped
    (see Process.stop), and what it wrote is lost. Raises as Process does, and ValueError for a
    stdin of PIPE, or a limit below 0.
    """
    data: bytes | bytearray | memoryview | None = None
    if isinstance(stdin, bytes | bytearray | memoryview):
        data, stdin = stdin, PIPE
    elif stdin == PIPE:
        raise ValueError("nobody would send to a stdin of PIPE; give the bytes, or use Process")
    if not limit >= 0:
        raise ValueError(f"a limit of {limit} bytes cannot be kept; give 0 or more")
    process = Process(*command, stdin=stdin, stdout=stdout, stderr=stderr, **options)
    talk = _Talk(process, limit)
    names = [name for name, what in (("stdout", stdout), ("stderr", stderr)) if what == PIPE]
    returncode = yield from process.run(talk.steps, data, names)
    completed = Completed(returncode, talk.kept("stdout"), talk.kept("stderr"))
    if check and returncode:
        raise ExitError(f"{process!r}; what it wrote is in this error", *completed)
    return completed


class _Talk:
    """Sends and receives, all at once, as long as process has anything open."""

    def __init__(self, process: Process, limit: float) -> None:
        self._process = process
        self._limit = limit
        self._group = TaskGroup()
        self._kept: dict[str, bytearray] = {}
        self._over = ""  # which output is more than the limit

    def kept(self, name: str) -> bytes:
        """Return what came from an output."""
        return bytes(self._kept.get(name, b""))

    @coroutine
    def steps(self, data: bytes | bytearray | memoryview | None, names: list[str]) -> Steps[int]:
        """Talk to the end, and return how the process ended. Raises LimitError."""
        yield from self._group.run(self._begin, data, names)
        if self._over:
            raise LimitError(
                f"more than {self._limit} bytes came as {self._over} of {self._process!r}; "
                "they are in partial: give a higher limit, or a file to write to",
                self.kept(self._over),
            )
        return (yield from self._process.wait())

    async def _begin(self, data: bytes | bytearray | memoryview | None, names: list[str]) -> None:
        if data is not None:
            self._group.spawn(self._feed, data)
        for name in names:
            self._group.spawn(self._gather, name)

    @coroutine
    def _feed(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        stdin = self._process.stdin
        try:
            yield from stdin.send_all(data)
            yield from stdin.send_end()
        except BrokenPipeError:
            pass  # it does not want to know

    @coroutine
    def _gather(self, name: str) -> Steps[None]:
        stream = self._process.stdout if name == "stdout" else self._process.stderr
        kept = self._kept[name] = bytearray()
        while piece := (yield from stream.receive()):
            kept += piece
            if len(kept) > self._limit:
                self._over = name
                self._group.cancel()
                return
