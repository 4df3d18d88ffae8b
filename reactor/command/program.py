"""Program: a script or a module, run as Python runs it.

Law of this file: the program sees what it would see without us: its words, its folder first on the
path, itself as `__main__`. Its traceback begins where it does.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Final, Self

from .refusal import RefusalError

_OURS: Final = (
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ""),
    runpy.run_path.__code__.co_filename,
)
"""Where the frames stand that are not the program's."""


class Program:
    """A program and its words, not running yet. Made by of_script and of_module, which raise
    RefusalError where there is no such program.
    """

    def __init__(self, words: list[str], folder: str | None, run: Callable[[], object]) -> None:
        self._words = words
        self._folder = folder
        self._run = run

    @classmethod
    def of_script(cls, path: str, *words: str) -> Self:
        """Return a script, or a folder or an archive with a `__main__`."""
        if not os.path.exists(path):
            raise RefusalError(f"cannot run {path}: there is no such file", 2)
        folder = os.path.dirname(os.path.realpath(path))
        return cls([path, *words], folder, partial(runpy.run_path, path, run_name="__main__"))

    @classmethod
    def of_module(cls, name: str, *words: str) -> Self:
        """Return a module, or a package with a `__main__`."""
        if not _is_there(name) or (_is_package(name) and not _is_there(f"{name}.__main__")):
            raise RefusalError(f"cannot run {name}: there is no such module that can be run", 1)
        run = partial(runpy.run_module, name, run_name="__main__", alter_sys=True)
        return cls([name, *words], None, run)

    def run(self) -> None:
        """Run it to its end. Raises what it lets out."""
        sys.argv[:] = self._words
        if self._folder is not None and not sys.flags.safe_path:
            sys.path[0] = self._folder
        sys.excepthook = partial(_without_us, sys.excepthook)
        self._run()


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _is_package(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def _without_us(
    hook: Callable[[type[BaseException], BaseException, TracebackType | None], object],
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Tell of an error without the frames that only led to the program."""
    theirs = trace
    while theirs is not None and theirs.tb_frame.f_code.co_filename.startswith(_OURS):
        theirs = theirs.tb_next
    hook(kind, error.with_traceback(theirs or trace), theirs or trace)
