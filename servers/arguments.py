"""The words of a command: what there is to say, and what is wrong with what was said.

Law of this file: a word that makes no sense is answered with one line that says why.
"""

from __future__ import annotations

import argparse
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from servers.catalog import FOUNDATIONS, Model, find_model
from servers.options import POLLERS, WORKERS

PROGRAM = "python3 -m servers"

DESCRIPTION = """\
Small TCP servers, each a classic model of input and output, to be read and run. All of them
hold one conversation: every receive of at most 512 bytes is answered with OK and a line feed, until
the client closes. Each is there twice, on this project's reactor and on the standard library's
asyncio, so that the two can be read side by side.
"""

EPILOG = """\
an example:
  $ python3 -m servers run epoll
  Server Run Port:7777
  Ready For Accept

  and in another terminal:
  $ python3 -m servers talk
  hello
  OK

  Ctrl-C stops the server: replies in hand still go out, and a second Ctrl-C does not wait for them.

exit codes:
  0    stopped by SIGINT (Ctrl-C) or SIGTERM, in good order
  1    could not listen or connect, or this system lacks what the model needs
  2    the command makes no sense; one line says why
  130  left at once, at a second SIGINT, or at the first before it was ready
  143  the same for SIGTERM
"""

TALK_EPILOG = """\
examples:
  $ python3 -m servers talk                      (Ctrl-D ends it)
  $ printf hello | python3 -m servers talk --port 7778

exit codes:
  0    the server has closed, and all input was sent
  1    there is no server, or it ended with input left
  130  Ctrl-C
"""


COMPARE_DESCRIPTION = """\
Run the models, each on the reactor and on asyncio in turn, under the same loads, and show what a
request and a client cost. Every reply is checked. All of it takes about two minutes.
"""

COMPARE_EPILOG = """\
examples:
  $ python3 -m servers compare --only epoll coroutines
  $ python3 -m servers compare --json > results.json
  $ python3 -m servers compare --html results.html

exit codes:
  0    all was measured
  1    a server did something wrong, this system cannot measure, or FILE cannot be written; one line
       says what
  130  Ctrl-C
"""


class RefusalError(Exception):
    """Why a command is not carried out, in one line, and the exit code that says so."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RefusalError(f"{message}; --help tells more", 2)


def parser() -> argparse.ArgumentParser:
    """Return what reads a command; it raises RefusalError."""
    reading = _Parser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = reading.add_subparsers(
        dest="command", required=True, metavar="list | run | talk | compare"
    )
    commands.add_parser(
        "list", help="show the models: number, name, how ours is written, what it is"
    )
    run = commands.add_parser(
        "run",
        help="run a model, by name or number (run --help shows its options)",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_run_options(run)
    client = commands.add_parser(
        "talk",
        help="talk to a server: send lines, show replies (talk --help shows its options)",
        description="Send standard input to a server and show what it says, until it closes.",
        epilog=TALK_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    client.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    client.add_argument("--port", type=_port, default=7777, help="default: %(default)s")
    _add_compare(commands)
    return reading


def _add_compare(commands: argparse._SubParsersAction[_Parser]) -> None:
    comparing = commands.add_parser(
        "compare",
        help="measure the models under the same loads (compare --help shows its options)",
        description=COMPARE_DESCRIPTION,
        epilog=COMPARE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = comparing.add_argument
    add("--only", type=_model, nargs="+", metavar="MODEL", help="names or numbers; default: all")
    add("--rounds", type=_rounds, default=3, metavar="N", help="default: %(default)s")
    add("--json", action="store_true", help="print JSON and no table")
    add("--html", type=Path, metavar="FILE", help="also write it as a page with plots")


def _add_run_options(run: argparse.ArgumentParser) -> None:
    add = run.add_argument
    add("model", type=_model, metavar="MODEL", help="a name or a number that `list` shows")
    add("--on", choices=FOUNDATIONS, default=FOUNDATIONS[0], help="default: %(default)s")
    add("--host", default="127.0.0.1", help="name or address to listen on; default: %(default)s")
    add("--port", type=_port, default=7777, help="0 takes a free one; default: %(default)s")
    add(
        "--backlog",
        type=_backlog,
        default=socket.SOMAXCONN,
        metavar="N",
        help="how many clients may wait to be accepted; default: %(default)s",
    )
    _add_bounds(add)
    add("--poller", choices=POLLERS, help="what to wait with, in 9; default: the best here")
    add("--quiet", action="store_true", help="log nothing")
    add(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="how to log to standard error; default: %(default)s",
    )


def _add_bounds(add: Callable[..., object]) -> None:
    add(
        "--limit",
        type=_whole,
        metavar="N",
        help="how many clients are served at a time; one more is closed at once; default: all "
        "(not for 1, 6, 7, which have as many seats as workers)",
    )
    add(
        "--workers",
        type=_whole,
        metavar="N",
        help=f"how many processes or threads are started ahead, in 6, 7, 8; default: {WORKERS}",
    )
    add(
        "--idle-timeout",
        type=_seconds,
        metavar="SECONDS",
        help="close a client that neither sends nor takes a reply for so long; default: never",
    )


def _model(text: str) -> Model:
    try:
        return find_model(text)
    except LookupError as error:
        raise argparse.ArgumentTypeError(error.args[0]) from error


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None


def _rounds(text: str) -> int:
    rounds = _whole(text)
    if not 1 <= rounds <= 1_000:
        raise argparse.ArgumentTypeError(f"{rounds} rounds measure nothing; give 1 to 1,000")
    return rounds


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None


def _port(text: str) -> int:
    port = _whole(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is no port; give 0 to 65535")
    return port


def _backlog(text: str) -> int:
    backlog = _whole(text)
    if not 1 <= backlog <= 0x7FFF_FFFF:
        raise argparse.ArgumentTypeError(f"{backlog} clients cannot wait; give 1 or more")
    return backlog
