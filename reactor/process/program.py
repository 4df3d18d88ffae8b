"""Process: a program that runs beside this one, inside a block.

Law of this file: a process does not outlive its block. Left in good order the block waits for its
end; cancelled, or left by an exception, it asks the process to end, and kills it when it does not.
Either way it is reaped and its pipes are closed.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from subprocess import Popen
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar, TypeVarTuple

from reactor.errors import Cancelled, ReactorError
from reactor.loop import Reactor
from reactor.tasks import (
    Operation,
    Scope,
    Steps,
    breathe,
    coroutine,
    current_task,
    move_on_after,
    wait,
)

from .child import Child
from .children import children_of
from .pipe_stream import PipeStream
from .plumbing import NAMES, Plumbing, Stdio

if TYPE_CHECKING:
    from _typeshed import StrOrBytesPath

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

GRACE: Final = 5.0
"""How long a process that is asked to end may take, unless told otherwise, in seconds."""

_BREATH: Final = breathe()


class _Life(NamedTuple):
    """What there is from the start on."""

    reactor: Reactor
    child: Child
    plumbing: Plumbing


class Process:
    """A program and its arguments: `async with Process("sort", stdin=PIPE) as process:`, or `yield
    from process.run(body)`.

    It starts when the block is entered. stdin, stdout and stderr are PIPE, DEVNULL, an open file
    or a descriptor; our own unless given; stderr may be STDOUT. cwd, env, process_group,
    start_new_session and pass_fds are as for subprocess.Popen, which starts it, and whose names
    these are. There is no shell in between.

    At the end of the block our ends of its pipes are closed, and it is waited for. If the block is
    cancelled or left by an exception, it is stopped: see stop, to which it gives grace_seconds.
    Where the block is closed and cannot wait (the loop has ended, an async generator was let go),
    it is killed at once.

    Raises TypeError for what is no command, ValueError for a grace of NaN or less than 0. The block
    raises OSError, which names the program or cwd, where it cannot be started.
    """

    __slots__ = ("_command", "_grace_seconds", "_launch", "_life", "_wanted")

    def __init__(
        self,
        *command: StrOrBytesPath,
        stdin: Stdio = None,
        stdout: Stdio = None,
        stderr: Stdio = None,
        cwd: StrOrBytesPath | None = None,
        env: Mapping[str, str] | None = None,
        process_group: int | None = None,
        start_new_session: bool = False,
        pass_fds: Collection[int] = (),
        grace_seconds: float = GRACE,
    ) -> None:
        if not command or not all(isinstance(part, str | bytes | os.PathLike) for part in command):
            raise TypeError(
                f"{command!r} is no command; give the program, then its arguments one by one"
            )
        if not grace_seconds >= 0:
            raise ValueError(f"a grace of {grace_seconds} seconds cannot be; give 0 or more")
        self._command = command
        self._grace_seconds = grace_seconds
        self._wanted: dict[str, Stdio] = dict(zip(NAMES, (stdin, stdout, stderr), strict=True))
        self._launch: Callable[..., Popen[Any]] = partial(
            Popen,
            command,
            cwd=cwd,
            env=env,
            process_group=process_group,
            start_new_session=start_new_session,
            pass_fds=pass_fds,
        )
        self._life: _Life | None = None

    # -- the block

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    def __aexit__(
        self, kind: object, error: BaseException | None, trace: object
    ) -> Operation[None]:
        return self._leave(error)

    @coroutine
    def run(
        self, body: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts
    ) -> Steps[T]:
        """Start the process, wait for body(*args), then for the process, and return what body
        returned; `async with` for generators.
        """
        yield from self._open()
        try:
            result = yield from wait(body(*args))
        except BaseException as error:
            yield from self._leave(error)
            raise
        yield from self._leave(None)
        return result

    @coroutine
    def _open(self) -> Steps[None]:
        yield _BREATH  # inside a cancelled scope nothing is started
        if self._life is not None:
            raise ReactorError(f"{self!r} was started before; make a new one each time")
        try:
            self._life = self._start(current_task().reactor)
        except OSError as error:
            if error.errno is not None and error.filename is None:  # no descriptor is left, say
                error.filename = self._command[0]
            raise

    def _start(self, reactor: Reactor) -> _Life:
        children = children_of(reactor)
        plumbing = Plumbing(reactor, self._wanted)
        try:
            child = children.start(partial(self._launch, **plumbing.theirs))
        except BaseException:
            plumbing.close_ours()
            raise
        finally:
            plumbing.close_theirs()
        return _Life(reactor, child, plumbing)

    @coroutine
    def _leave(self, error: BaseException | None) -> Steps[None]:
        """Wait for the end, or bring it about, error being how the block ended."""
        _, child, plumbing = self._lived()
        try:
            if error is None:
                plumbing.close_ours()  # or it might wait for us, and we for it
                yield from child.gone()
            elif not isinstance(error, GeneratorExit | KeyboardInterrupt):
                yield from self.stop()
        except Cancelled:
            yield from self.stop()
            raise
        finally:
            try:
                child.put_to_death()
            finally:
                plumbing.close_ours()

    # -- its files

    @property
    def stdin(self) -> PipeStream:
        """Where its standard input is sent. Raises ReactorError if that is no pipe."""
        return self._lived().plumbing.stream("stdin")

    @property
    def stdout(self) -> PipeStream:
        """Where its standard output comes from. Raises ReactorError if that is no pipe."""
        return self._lived().plumbing.stream("stdout")

    @property
    def stderr(self) -> PipeStream:
        """Where its standard error comes from. Raises ReactorError if that is no pipe."""
        return self._lived().plumbing.stream("stderr")

    # -- its end

    @property
    def pid(self) -> int:
        """Its number. Raises ReactorError before it is started."""
        return self._lived().child.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit status, or minus the number of the signal that ended it; None as
        long as that is not known here. Raises ChildProcessError as wait does.
        """
        child = self._lived().child
        if child.ended and child.status is None:
            why = "somebody else has waited for it, or SIGCHLD is ignored; leave it to its block"
            raise ChildProcessError(errno.ECHILD, f"how {self!r} ended is not known: {why}")
        return child.status

    @coroutine
    def wait(self) -> Steps[int]:
        """Wait for its end, without parking if that is past; return the returncode.

        Any number of tasks may wait. Raises ChildProcessError if another part of the program has
        taken its status away: os.wait does that, and so does a SIGCHLD that is ignored. Cancelled:
        the process goes on.
        """
        yield from self._ours().child.gone()
        returncode = self.returncode
        assert returncode is not None
        return returncode

    def send_signal(self, signum: int) -> bool:
        """Send it a signal; return whether that was in time.

        One that has ended gets none, and neither does whoever has its number since. Raises
        ValueError for what is no signal, OSError as the system does.
        """
        return self._ours().child.send(signum)

    def terminate(self) -> bool:
        """Ask it to end: SIGTERM. Return as send_signal does."""
        return self.send_signal(signal.SIGTERM)

    def kill(self) -> bool:
        """Have the system end it: SIGKILL. Return as send_signal does."""
        return self.send_signal(signal.SIGKILL)

    @coroutine
    def stop(self) -> Steps[None]:
        """Ask it to end, see to it that it does, and wait for that.

        It gets SIGTERM, and its stdin is closed, if that is a pipe; SIGKILL when the grace is over.
        No cancellation breaks that off; it raises at the next park. Only the process is stopped:
        what it has started itself hears of nothing. Raises OSError where it cannot be signalled.
        """
        _, child, plumbing = self._ours()
        if child.send(signal.SIGTERM):
            plumbing.close_ours("stdin")  # behind the signal, which is to come first
            with move_on_after(self._grace_seconds, shield=True):
                yield from child.gone()
            child.send(signal.SIGKILL)
            with Scope(shield=True):
                yield from child.gone()

    def _lived(self) -> _Life:
        if self._life is None:
            raise ReactorError(f"{self!r} is not started; enter its block first")
        return self._life

    def _ours(self) -> _Life:
        """Refuse, too, in another thread, in a forked child, and when the reactor has ended."""
        life = self._lived()
        children_of(life.reactor)
        return life

    def __repr__(self) -> str:
        command = " ".join(os.fsdecode(part) for part in self._command)
        if self._life is None:
            return f"<Process {command}, not started>"
        child = self._life.child
        return f"<Process {command}, pid {child.pid}, {child.state}>"
