"""`python -m reactor record`: a program, with every reactor in it recorded.

Law of this file: the program runs as if Python had started it, and ends as it would have: its exit
code, its traceback and its death are its own. What was recorded is told when all else is done.
"""

from __future__ import annotations

import argparse
import atexit
import os
import sys
from typing import TYPE_CHECKING, Final

from reactor.watch import MOST, Album, Tally

from .amounts import times
from .program import Program
from .refusal import RefusalError, why

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_HEAD: Final = b'{"format": "reactor recording"'  # as docs/recording.md says


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "record",
        usage="%(prog)s [-o FILE] [--most N] (-m MODULE | SCRIPT) [WORDS ...]",
        help="run a program, and record what its reactors do",
        description="Run a program as Python does, and record what its reactors do, a file each.",
    )
    parser.add_argument(
        "-o", dest="path", default="run.jsonl", metavar="FILE", help="where to; run.jsonl"
    )
    parser.add_argument(
        "--most", type=times, default=MOST, metavar="N", help=f"events in a file; {MOST:,}"
    )
    parser.add_argument(
        "-m", dest="module", nargs=argparse.REMAINDER, metavar="MODULE", help="a module, and words"
    )
    parser.add_argument("script", nargs="?", metavar="SCRIPT", help="a file, and words")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WORDS", help="for the program")
    parser.set_defaults(carry_out=_carry_out)


def _carry_out(arguments: argparse.Namespace) -> Program:
    program = _program(arguments)
    album = _album(arguments.path, arguments.most)
    album.ask(os.environ)
    atexit.register(_report, album, os.getpid())
    return program


def _program(arguments: argparse.Namespace) -> Program:
    if arguments.module:
        return Program.of_module(*arguments.module)
    if arguments.script is not None:
        return Program.of_script(arguments.script, *arguments.words)
    raise RefusalError("nothing to record; name a script, or -m MODULE", 2)


def _album(path: str, most: int) -> Album:
    try:
        if not _may_be_emptied(path):
            raise RefusalError(f"{path} is there and is no recording; name another file with -o")
        return Album(path, most)
    except OSError as error:
        raise RefusalError(
            f"cannot write {path}: {why(error)}; name another file with -o"
        ) from error


def _may_be_emptied(path: str) -> bool:
    """Tell whether nothing is lost there but a recording: a slip may have named the program."""
    if not os.path.isfile(path):
        return True  # what else it may be cannot be written
    with open(path, "rb") as file:
        head = file.read(len(_HEAD))
    return head in (b"", _HEAD)


def _report(album: Album, pid: int) -> None:
    if os.getpid() != pid:
        return  # a child that was forked, and ends as its parent would
    lines = [_told(found) for found in album.close()] or [
        "nothing was recorded: the program made no reactor, gave each a tracer, or removed the file"
    ]
    sys.stderr.write("".join(f"python -m reactor record: {line}\n" for line in lines))


def _told(found: Tally) -> str:
    full = ", then it was full" if found.full else ""
    return f"{found.path}: {found.events:,} events in {found.turns:,} turns{full}"
