"""Calling: a function in a process of its own.

Law of this file: each call has a fresh interpreter, which lives for that call and is killed with
it. It is started, not forked: a fork of a program with threads copies their locks, and nobody who
would open them; and it would take along every descriptor and every task of the reactor.
"""

from __future__ import annotations

import io
import os
import pickle
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from subprocess import DEVNULL
from typing import Any, Final, TypeVar, TypeVarTuple

from reactor.errors import EndOfStream, ExitError, ReactorError
from reactor.loop import describe
from reactor.net import Connection
from reactor.tasks import Operation, Steps, coroutine, current_task, move_on_after

from .callee import MAIN, Surroundings
from .child import end_of
from .children import children_of
from .program import GRACE, Process

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_CALLEE: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "callee.py")

_FLAGS: Final = {
    "isolated": "-I",
    "ignore_environment": "-E",
    "no_user_site": "-s",
    "no_site": "-S",
    "optimize": "-O",
    "bytes_warning": "-b",
    "dont_write_bytecode": "-B",
}
"""What an interpreter was told, by its name in sys.flags, and how another one is told so."""


def in_process(fn: Callable[[*Ts], T], *args: *Ts) -> Operation[T]:
    """Call fn(*args) in a fresh interpreter, and wait for what it returns or raises.

    fn, its arguments and its result are pickled: a function of a module will do, a lambda will
    not. What fn raises is raised here, with a note that says where there. Cancelled: the process
    is stopped as Process.stop does it, in the midst of whatever it does; an answer that has come is
    kept. Where as many calls are under way as may be (see Children.calls), it waits in line.

    Raises ExitError if the process ends without an answer; what pickle raises if there is
    something that it cannot send, ReactorError if what fn raised cannot be; TypeError for an fn
    that cannot be called; OSError where no process can be started.
    """
    if not callable(fn):
        raise TypeError(f"{fn!r} cannot be called; give the function, not its call")
    return _in_process(fn, args)


@coroutine
def _in_process(fn: Callable[..., T], args: tuple[Any, ...]) -> Steps[T]:
    reactor = current_task().reactor
    call = _packed(fn, args)
    with (yield from children_of(reactor).calls.acquire()):
        near, far = _pair(fn)
        with far, Connection(reactor, near) as connection:
            fd = far.fileno()
            process = Process(*_command(fd), stdin=DEVNULL, pass_fds=[fd])
            reply = yield from process.run(_ask, fn, process, connection, far, call)
    answer: T = _opened(fn, reply)
    return answer


def _pair(fn: Callable[..., object]) -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:
        what = f"{error.strerror}: there can be no process for {describe(fn)}"
        raise OSError(error.errno, what) from None


@coroutine
def _ask(
    fn: Callable[..., object],
    process: Process,
    connection: Connection,
    far: socket.socket,
    call: bytes,
) -> Steps[bytes]:
    """Send call to process, and return its answer when it has ended too."""
    far.close()  # or there would be no end to hear of
    try:
        yield from connection.send_all(len(call).to_bytes(8) + call)
        size = int.from_bytes((yield from connection.receive_exactly(8)))
        reply = yield from connection.receive_exactly(size)
    except (EndOfStream, ConnectionError):
        returncode = yield from process.wait()
        raise ExitError(
            f"{describe(fn)} gave no answer: its process, {process.pid}, {end_of(returncode)}; see "
            "what it has said on stderr",
            returncode,
        ) from None
    with suppress(ChildProcessError), move_on_after(GRACE, shield=True):
        yield from process.wait()  # it may have to clean up, or wait for threads
    yield from process.stop()
    return reply


def _packed(fn: Callable[..., object], args: tuple[object, ...]) -> bytes:
    """Return a call as it is sent. Raises as pickle does."""
    main = sys.modules["__main__"]
    if sys.modules.get(MAIN, main) is not main:
        raise ReactorError(
            "in_process was called while the main module was imported by such a process; what "
            'starts the program has to stand under `if __name__ == "__main__"`'
        )
    name = getattr(getattr(main, "__spec__", None), "name", "")
    path = getattr(main, "__file__", None)
    surroundings = Surroundings(sys.path, sys.argv, name, os.path.abspath(path) if path else "")
    try:
        inner = pickle.dumps((fn, args))
    except Exception as error:
        error.add_note(f"in_process sends {describe(fn)} and its arguments to another interpreter")
        raise
    return pickle.dumps((tuple(surroundings), inner))


class _Unpickler(pickle.Unpickler):
    """Finds in our main module what was made in the callee's."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class("__main__" if module == MAIN else module, name)


def _opened(fn: Callable[..., object], reply: bytes) -> Any:
    """Return what fn has returned, or raise what it has raised."""
    well, packed, words = pickle.loads(reply)
    try:
        what = _Unpickler(io.BytesIO(packed)).load()
    except Exception as error:
        what = ReactorError(f"the answer of {describe(fn)} cannot be brought here: {error!r}")
        what.__cause__, well = error, False
    if well:
        return what
    what.add_note(f"in its process:\n{words}")
    try:
        raise what
    finally:
        del what  # its traceback leads here


def _command(fd: int) -> list[str]:
    """Return the command of an interpreter like this one, which finds its call behind fd."""
    flags = [flag for name, flag in _FLAGS.items() for _ in range(getattr(sys.flags, name))]
    warnings = [f"-W{option}" for option in sys.warnoptions]
    program = (
        "from runpy import run_path; run_path({!r}, run_name='reactor.process.callee.__main__')"
    )
    return [sys.executable, "-P", *flags, *warnings, "-c", program.format(_CALLEE), str(fd)]
