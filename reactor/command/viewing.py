"""`python -m reactor view`: a recording as a page, a picture, a trace for Perfetto, a text.

Law of this file: a file is written when all that goes into it is there; one that cannot be read or
written is told in a line.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reactor.watch import Recording, RecordingError, read_recording

from .refusal import RefusalError, why
from .view import as_lines, as_page, as_picture, as_trace
from .words import say

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "view",
        help="look at a recording",
        description="Look at a recording: as a page to play it, as a picture, a trace, or a text.",
    )
    parser.add_argument(
        "recordings", type=Path, metavar="RECORDING", nargs="+", help="a file of JSON lines"
    )
    parser.add_argument(
        "-o", dest="page", type=Path, metavar="FILE", help="write a page of HTML that stands alone"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="write a picture in SVG, of one or of several"
    )
    parser.add_argument(
        "--perfetto", type=Path, metavar="FILE", help="write a trace, for ui.perfetto.dev"
    )
    parser.add_argument("--text", action="store_true", help="write a line an event, here")
    parser.set_defaults(carry_out=_carry_out)


def _carry_out(arguments: argparse.Namespace) -> None:
    alone = arguments.page or arguments.perfetto or arguments.text
    if not (alone or arguments.picture):
        raise RefusalError(
            "nothing to write; ask for -o FILE, --picture FILE, --perfetto FILE or --text", 2
        )
    if alone and len(arguments.recordings) > 1:
        raise RefusalError("several recordings make a --picture only; name one", 2)
    for path in (arguments.page, arguments.picture, arguments.perfetto):
        if path and any(path.resolve() == each.resolve() for each in arguments.recordings):
            raise RefusalError(f"{path} is the recording itself; name another file", 2)
    recordings = [_read(path) for path in arguments.recordings]
    if arguments.picture:
        _write(arguments.picture, as_picture(recordings))
    header, events, _ = recordings[0]
    if arguments.page:
        _write(arguments.page, as_page(header, events))
    if arguments.perfetto:
        _write(arguments.perfetto, as_trace(header, events))
    if arguments.text:
        say(as_lines(events))


def _read(path: Path) -> Recording:
    try:
        recording = read_recording(path)
    except RecordingError as error:
        raise RefusalError(str(error)) from error
    except OSError as error:
        raise RefusalError(f"cannot read {path}: {why(error)}; name another file") from error
    if recording.torn:
        sys.stderr.write(f"{path}: its last line is cut in half; that is left out\n")
    return recording


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RefusalError(f"cannot write {path}: {why(error)}; name another file") from error
