"""Recording: what a reactor told, read from a file of JSON lines.

Law of this file: a recording is read whole or refused in one sentence that says why. Of a process
that was killed the last line may be cut in half: all before it counts, and the reader is told. What
is unknown is passed over, so that older readers read newer recordings.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from types import NoneType
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, TypedDict, cast

from reactor.errors import ReactorError

FORMAT: Final = "reactor recording"
VERSION: Final = 1

Event: TypeAlias = list[object]
"""A line of a recording: when, in microseconds, which kind of event, and what that kind tells."""


class Header(TypedDict):
    """The first line of a recording: of what it is."""

    format: str
    version: int
    program: list[str]
    python: str
    poller: str
    pid: int
    thread: str
    began: float


class Recording(NamedTuple):
    """A recording that was read. torn says whether its last line was cut in half, and left out."""

    header: Header
    events: list[Event]
    torn: bool


class RecordingError(ReactorError):
    """A file is no recording, or none that can be read here."""


def read_recording(path: str | os.PathLike[str]) -> Recording:
    """Return the recording in a file, without events of kinds that are not known here.

    Raises RecordingError for what is none, OSError as the system does.
    """
    with open(path, "rb") as file:
        return _Reader(os.fspath(path)).read(file)


class Tally(NamedTuple):
    """How much is in the file of a recording. full says whether it ends with a cut."""

    path: str
    events: int
    turns: int
    full: bool


def tally(path: str) -> Tally:
    """Count what is in the file of a recording, without a close look. Raises OSError as the system
    does.
    """
    kinds: Counter[bytes] = Counter()
    with open(path, "rb") as file:
        next(file, None)  # the header
        for line in file:
            kinds[line.split(b'"', 2)[1] if line.count(b'"') > 1 else b""] += 1
    cuts = kinds.pop(b"cut", 0)
    return Tally(path, kinds.total(), kinds[b"turn"], cuts > 0)


_NUMBER: Final = (int, float)
_MAYBE: Final = (int, float, NoneType)
_THING: Final = (int, NoneType)
_TEXT: Final = (str, NoneType)

_HEADER: Final[dict[str, Any]] = {
    "program": list,
    "python": str,
    "poller": str,
    "pid": int,
    "thread": str,
    "began": _NUMBER,
}

_SHAPES: Final[dict[str, tuple[Any, ...]]] = {
    "place": (int, str, str, int, str),
    "thing": (int, str, str, _THING),
    "turn": (_MAYBE,),
    "poll": (list,),
    "wake": (int,),
    "run": (int, _THING),
    "error": (int, str),
    "schedule": (int, _MAYBE),
    "cancel": (int,),
    "watch": (int, str, _THING),
    "disarm": (int, str),
    "forget": (int,),
    "spawn": (int, _THING),
    "throw": (int, str),
    "park": (int, str, _THING),
    "finish": (int, _TEXT),
    "cut": (int,),
    "end": (),
}
"""What stands behind the kind of an event. The types are alternatives, as isinstance takes them."""


class _Reader:
    """Reads one file, whose name is for the messages."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, lines: Iterable[bytes]) -> Recording:
        header: Header | None = None
        events: list[Event] = []
        for number, line in enumerate(lines, 1):
            try:
                told = json.loads(line, parse_constant=_no_number)
            except (ValueError, RecursionError):
                if not line.endswith(b"\n") and header is not None:
                    return Recording(header, events, torn=True)
                raise self._refusal(f"line {number} is no JSON", line) from None
            if header is None:
                header = self._header(told)
            elif self._is_known(told, number):
                events.append(told)
        if header is None:
            raise self._refusal("the file is empty")
        return Recording(header, events, torn=False)

    def _header(self, told: object) -> Header:
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            raise self._refusal("its first line is no header of one", told)
        if (version := told.get("version")) != VERSION:
            raise RecordingError(
                f"{self._name} is a recording of version {version!r}, and this reads {VERSION}; "
                "take the version of reactor that has recorded it"
            )
        for key, types in _HEADER.items():
            if not isinstance(told.get(key), types):
                raise self._refusal(f"its header has no {key}", told)
        return cast("Header", told)

    def _is_known(self, told: object, number: int) -> bool:
        match told:
            case [int() | float(), str(kind), *rest]:
                shape = _SHAPES.get(kind)
                if shape is None or _fits(rest, shape):
                    return shape is not None
            case _:
                pass
        raise self._refusal(f"line {number} is no event", told)

    def _refusal(self, why: str, found: object = None) -> RecordingError:
        what = "" if found is None else f": {repr(found)[:60]}"
        return RecordingError(
            f"{self._name} is no recording: {why}{what}; `python -m reactor record` makes one"
        )


def _fits(rest: list[object], shape: tuple[Any, ...]) -> bool:
    return len(rest) == len(shape) and all(map(isinstance, rest, shape))


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
