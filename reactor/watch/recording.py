"""Recording: what a reactor told, read from a file of JSON lines.

Law of this file: a recording is read whole or refused in one sentence that says why. Of a process
that was killed the last line may be cut in half: all before it counts, and the reader is told. What
is unknown is passed over, so that older readers read newer recordings.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, NoReturn, TypeAlias, TypedDict, cast

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


_EXACT: Final = 1 << 53
"""Numbers up to this one are the same to all who read JSON."""


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(cast("float", value)) <= _EXACT


def _is_whole(value: object) -> bool:
    return type(value) is int and abs(value) <= _EXACT


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number_or_none(value: object) -> bool:
    return value is None or _is_number(value)


def _is_whole_or_none(value: object) -> bool:
    return value is None or _is_whole(value)


def _is_text_or_none(value: object) -> bool:
    return value is None or _is_text(value)


def _is_side(value: object) -> bool:
    return value in ("r", "w", "rw")


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_sides(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, list) and _fits(each, (_is_whole, _is_side)) for each in value
    )


_Check: TypeAlias = Callable[[object], bool]

_HEADER: Final[dict[str, _Check]] = {
    "program": _are_words,
    "python": _is_text,
    "poller": _is_text,
    "pid": _is_whole,
    "thread": _is_text,
    "began": _is_number,
}

_SHAPES: Final[dict[str, tuple[_Check, ...]]] = {
    "place": (_is_whole, _is_text, _is_text, _is_whole, _is_text),
    "thing": (_is_whole, _is_text, _is_text, _is_whole_or_none),
    "turn": (_is_number_or_none,),
    "poll": (_are_sides,),
    "wake": (_is_whole,),
    "run": (_is_whole, _is_whole_or_none),
    "error": (_is_whole, _is_text),
    "schedule": (_is_whole, _is_number_or_none),
    "cancel": (_is_whole,),
    "watch": (_is_whole, _is_side, _is_whole_or_none),
    "disarm": (_is_whole, _is_side),
    "forget": (_is_whole,),
    "spawn": (_is_whole, _is_whole_or_none),
    "throw": (_is_whole, _is_text),
    "park": (_is_whole, _is_text, _is_whole_or_none),
    "finish": (_is_whole, _is_text_or_none),
    "cut": (_is_whole,),
    "end": (),
}
"""What stands behind the kind of an event."""


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
                f"{self._name} is a recording of version {repr(version)[:60]}, "
                f"and this reads {VERSION}; "
                "take the version of reactor that has recorded it"
            )
        for key, check in _HEADER.items():
            if not check(told.get(key)):
                raise self._refusal(f"its header has no {key}", told)
        return cast("Header", told)

    def _is_known(self, told: object, number: int) -> bool:
        match told:
            case [time, str(kind), *rest] if _is_number(time):
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


def _fits(rest: list[object], shape: tuple[_Check, ...]) -> bool:
    return len(rest) == len(shape) and all(
        check(each) for check, each in zip(shape, rest, strict=True)
    )


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
