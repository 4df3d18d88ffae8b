"""Program: a script or a module, run as Python runs it.

Law of this file: the program sees what it would see without us: its words, its folder first on the
path, itself as `__main__`, also in what its threads and its exit still do. Its traceback begins
where it does.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import runpy
import sys
from collections.abc import Callable
from functools import partial
from importlib.machinery import (
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pkgutil import get_importer
from types import CodeType, ModuleType, TracebackType
from typing import Any, Final, Self

from .refusal import RefusalError

MAIN: Final = "__main__"

_OURS: Final = (
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ""),
    runpy.run_path.__code__.co_filename,
    "<frozen importlib",
)
"""Where the frames stand that are not the program's."""


class Program:
    """A program and its words, not running yet: code() makes what runs, names are what it finds
    beside itself, folder what is first on the path. Made by of_script and of_module, which raise
    RefusalError where there is no such program.
    """

    def __init__(
        self,
        words: list[str],
        code: Callable[[], CodeType | None],
        names: dict[str, Any],
        *,
        folder: str = "",
    ) -> None:
        self._words = words
        self._code = code
        self._names = names
        self._folder = folder

    @classmethod
    def of_script(cls, path: str, *words: str) -> Self:
        """Return a script, or a folder or an archive with a `__main__`."""
        if not os.path.exists(path):
            raise RefusalError(f"cannot run {path}: there is no such file", 2)
        whole = os.path.join(os.getcwd(), path)
        if get_importer(whole) is None:
            folder = "" if sys.flags.safe_path else os.path.dirname(os.path.realpath(path))
            return cls([path, *words], *_script(whole), folder=folder)
        spec = PathFinder.find_spec(MAIN, [whole])
        if spec is None:
            raise RefusalError(f"cannot run {path}: there is no {MAIN} in it", 1)
        return cls([path, *words], *_found(spec), folder=whole)

    @classmethod
    def of_module(cls, name: str, *words: str) -> Self:
        """Return a module, or a package with a `__main__`."""
        spec = _spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = _spec(f"{name}.{MAIN}")
        if spec is None:
            raise RefusalError(f"cannot run {name}: there is no such module that can be run", 1)
        return cls([str(spec.origin), *words], *_found(spec))

    def run(self) -> None:
        """Run it to its end. Raises what it lets out."""
        sys.argv[:] = self._words
        if self._folder:
            sys.path[: not sys.flags.safe_path] = [self._folder]  # what is first is ours, but by -P
        sys.excepthook = partial(_without_us, sys.excepthook)
        code = self._code()
        if code is None:
            raise ImportError(f"no code for Python is in {self._words[0]}")
        main = ModuleType(MAIN)
        vars(main).update(self._names, __builtins__=builtins)
        sys.modules[MAIN] = main  # for good: threads and the exit of the program come later
        exec(code, vars(main))


def _script(path: str) -> tuple[Callable[[], CodeType | None], dict[str, Any]]:
    """Return the code of a script, and what it finds beside itself."""
    names = {"__file__": path, "__cached__": None, "__package__": None}
    if path.endswith(".pyc"):
        compiled = SourcelessFileLoader(MAIN, path)
        return partial(compiled.get_code, MAIN), {**names, "__loader__": compiled}
    loader = SourceFileLoader(MAIN, path)

    def code() -> CodeType:
        return loader.source_to_code(loader.get_data(path), path)  # and leaves no .pyc

    return code, {**names, "__loader__": loader}


def _found(spec: ModuleSpec) -> tuple[Callable[[], CodeType | None], dict[str, Any]]:
    """Return the code of a module that was found, and what it finds beside itself."""
    loader: Any = spec.loader
    names = {"__file__": spec.origin, "__cached__": spec.cached, "__package__": spec.parent}
    return partial(loader.get_code, spec.name), {**names, "__loader__": loader, "__spec__": spec}


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None


def _without_us(
    hook: Callable[[type[BaseException], BaseException, TracebackType | None], object],
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Tell of an error without the frames that only led to the program. One that came before it
    began, such as its syntax, has none.
    """
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    hook(kind, error.with_traceback(trace), trace)
