"""Cast: who and what occurs in a recording, each with a number and told when it first occurs.

Law of this file: a number belongs to one thing for good, and keeps nothing alive: a thing is found
by its id, and is the same one only if a weak reference to it says so. What a program gives as names
and errors may fail when it is asked for its text; then another text stands there.
"""

from __future__ import annotations

import linecache
import os
import weakref
from collections.abc import Callable
from json import dumps
from types import CodeType, FunctionType
from typing import Any, Final

from reactor.loop import Failure, Handle, Runnable, SignalWatch, Timer, Watch, unwrapped
from reactor.tasks import Task

from .explanation import PACKAGE

LONGEST: Final = 200
"""So many characters of a text are kept."""


class Member:
    """A thing that occurs: its number, and the number of the place where it stands, if known."""

    __slots__ = ("number", "place", "what")

    def __init__(self, what: Runnable, number: int) -> None:
        self.what: weakref.ref[Runnable] = weakref.ref(what)
        self.number: int = number
        self.place: int | None = None


class Cast:
    """Those who occur in one recording; put notes an event there."""

    def __init__(self, put: Callable[[str], object]) -> None:
        self._put = put
        self._members: dict[int, Member] = {}  # by the id of what they are
        self._places: dict[tuple[str, str, int], int] = {}
        self._count = 0

    def known(self, what: Runnable) -> Member | None:
        """Return who what is; None if it has not occurred."""
        member = self._members.get(id(what))
        return member if member is not None and member.what() is what else None

    def member(self, what: Runnable) -> Member:
        """Return who what is, telling of it if it has not occurred before."""
        member = self._members.get(id(what))
        if member is None or member.what() is not what:
            member = self._introduce(what)
        return member

    def place(self, function: str, file: str, line: int) -> int:
        """Return the number of a place, telling of it if it has not occurred before."""
        key = function, file, line
        number = self._places.get(key)
        if number is None:
            number = len(self._places) + 1
            text = quoted(_line(file, line))
            where = f"{quoted(function)},{quoted(file)},{line},{text}"
            self._put(f'"place",{number},{where}')
            self._places[key] = number
        return number

    def _introduce(self, what: Runnable) -> Member:
        kind = _kind_of(what)
        try:
            name, code = _name_of(what)
            name = quoted(name)
        except Exception:
            name, code = quoted(_unspeakable(what)), None
        place = None if code is None else self._beginning(code)
        self._count += 1
        member = Member(what, self._count)
        self._put(f'"thing",{member.number},"{kind}",{name},{number_or_null(place)}')
        self._members[id(what)] = member
        return member

    def _beginning(self, code: CodeType) -> int:
        return self.place(code.co_qualname, code.co_filename, code.co_firstlineno)


def _kind_of(what: Runnable) -> str:
    if isinstance(what, Task):
        return "task"
    if isinstance(what, Timer):
        return "timer"
    return "watch" if isinstance(what, Watch | SignalWatch) else "callback"


def _name_of(what: Runnable) -> tuple[str, CodeType | None]:
    """Return the name of what, and what it runs."""
    if isinstance(what, Task):
        return what.name, _code_of(what.steps)
    if not isinstance(what, Handle):
        return (repr(what) if isinstance(what, Failure) else type(what).__qualname__), _own(what)
    if not what.live:
        return "cancelled", None
    fn = unwrapped(what.fn)
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, Task):
        return owner.name, _code_of(owner.steps)
    name = getattr(fn, "__qualname__", None)
    return (name if isinstance(name, str) else repr(fn)), _code_of(fn)


def _code_of(what: object) -> CodeType | None:
    for attribute in ("__code__", "cr_code", "gi_code", "ag_code"):
        if isinstance(code := getattr(what, attribute, None), CodeType):
            return code
    return None


def _own(what: Runnable) -> CodeType | None:
    """Return what a program has written first in the class of what: of a channel, for instance,
    what it does with data.
    """
    for kind in type(what).__mro__:
        codes = [each.__code__ for each in vars(kind).values() if isinstance(each, FunctionType)]
        own = [code for code in codes if not code.co_filename.startswith(PACKAGE)]
        if own:
            return min(own, key=_first_line)
    return None


def _first_line(code: CodeType) -> tuple[bool, int]:
    return code.co_name.startswith("__"), code.co_firstlineno


def quoted(text: str) -> str:
    """Return text as JSON, not too long."""
    return dumps(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def number_or_null(number: float | None) -> str:
    """Return a number as JSON."""
    return "null" if number is None else str(number)


def text_of(door: object) -> str:
    """Return what something says of itself, as JSON."""
    try:
        return quoted(repr(door))
    except Exception:
        return quoted(_unspeakable(door))


def text_of_error(error: BaseException) -> str:
    """Return the kind of an error and what it says, as JSON."""
    try:
        said = str(error)
    except Exception:
        said = "which cannot be said"
    return quoted(f"{type(error).__name__}: {said}" if said else type(error).__name__)


def _line(file: str, line: int) -> str:
    """Return a line of a source, nothing if it cannot be read."""
    if os.path.exists(file) and not os.path.isfile(file):
        return ""  # a pipe, which would have to be waited for
    return linecache.getline(file, line).strip()


def _unspeakable(what: Any) -> str:
    return f"<{type(what).__name__}, whose name fails>"
