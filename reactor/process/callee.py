"""Callee: what a fresh interpreter does with a call of in_process.

Law of this file: it imports nothing of reactor, so that it is soon ready; what fn needs comes with
fn. Whatever happens, it answers once, or dies.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any, Final, NamedTuple

MAIN: Final = "__process_main__"
"""What the main module of the program is called here: so that its own `if __name__ == "__main__"`
does not hold.
"""


class Surroundings(NamedTuple):
    """What fn finds as it was: main_name or main_path, either may be empty, is the main module."""

    path: list[str]
    argv: list[str]
    main_name: str
    main_path: str


class _Unpickler(pickle.Unpickler):
    """Runs the main module of the program when something in it is asked for, not before."""

    def __init__(self, data: bytes, surroundings: Surroundings) -> None:
        super().__init__(io.BytesIO(data))
        self._surroundings = surroundings

    def find_class(self, module: str, name: str) -> Any:
        """Find what is called name in module."""
        if module in ("__main__", MAIN) and MAIN not in sys.modules:
            _run_main(self._surroundings)
        return super().find_class(module, name)


def _run_main(surroundings: Surroundings) -> None:
    import runpy

    if not surroundings.main_name and not surroundings.main_path:
        raise pickle.UnpicklingError(
            "the call needs the main module, which is no file; put the function into a module"
        )
    main = types.ModuleType(MAIN)
    if surroundings.main_name:
        found = runpy.run_module(surroundings.main_name, run_name=MAIN, alter_sys=True)
    else:
        found = runpy.run_path(surroundings.main_path, run_name=MAIN)
    main.__dict__.update(found)
    sys.modules["__main__"] = sys.modules[MAIN] = main


def answer(call: bytes) -> bytes:
    """Make a call, and return the answer: whether it went well, what it returned or raised, and in
    words where it was raised.
    """
    try:
        surroundings, inner = pickle.loads(call)
        surroundings = Surroundings(*surroundings)
        sys.path[:], sys.argv[:] = surroundings.path, surroundings.argv
        fn, args = _Unpickler(inner, surroundings).load()
        return pickle.dumps((True, pickle.dumps(fn(*args)), ""))
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        words = "".join(traceback.format_exception(error))
        try:
            packed = pickle.dumps(error)
        except Exception:
            packed = b""
        return pickle.dumps((False, packed, words))


def _ignore(signum: int, frame: types.FrameType | None) -> None:
    """Leave Ctrl-C to the program that waits for the answer: it decides what is to end."""


def main(fd: int, answer: Callable[[bytes], bytes] = answer) -> None:
    """Read a call from fd, make it, and write the answer there."""
    signal.signal(signal.SIGINT, _ignore)
    os.register_at_fork(after_in_child=lambda: os.close(fd))  # or nobody would hear that we died
    with open(fd, "rb", closefd=False) as file:
        call = file.read(int.from_bytes(file.read(8)))
    reply = answer(call)
    with open(fd, "wb") as file:
        file.write(len(reply).to_bytes(8) + reply)


if __name__ == "reactor.process.callee.__main__":  # as in_process runs it
    main(int(sys.argv[1]))
