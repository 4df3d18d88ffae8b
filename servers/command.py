"""The command: read the words, open the socket, run the room.

Law of this file: whatever a person can get wrong is answered by one line that says what to do, and
by an exit code; a traceback is a bug of ours.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import os
import select
import signal
import socket
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn, Protocol

from servers.catalog import FOUNDATIONS, MODELS, Model, find_model
from servers.journal import STANDARD_ERROR, Journal
from servers.listening import CannotListenError, listen, make_room_for_descriptors
from servers.options import POLLERS, WORKERS, Options

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
  $ nc 127.0.0.1 7777            (or: telnet 127.0.0.1 7777)
  hello
  OK

  Ctrl-C stops the server: replies in hand still go out, and a second Ctrl-C does not wait for them.

exit codes:
  0    stopped by SIGINT (Ctrl-C) or SIGTERM, in good order
  1    could not listen, or this system lacks what the model needs
  2    the command makes no sense; one line says why
  130  left at once, at a second SIGINT
  143  left at once, at a second SIGTERM
"""


class Room(Protocol):
    """What a room's module offers, on either foundation."""

    def serve(self, listener: socket.socket, options: Options, journal: Journal) -> None:
        """Serve the clients of listener, which it closes; return after SIGTERM or SIGINT."""


class RefusalError(Exception):
    """Why a command is not carried out, in one line, and the exit code that says so."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command (that of the process unless words are given) and return its exit code.

    Raises SystemExit for --help, and when a signal ends a server that is not ready or is asked for
    the second time. After a server has stopped, SIGINT and SIGTERM are ignored.
    """
    _keep_standard_descriptors()
    try:
        arguments = _parser().parse_args(words)
        if arguments.command == "list":
            print(_catalog())
        else:
            _run(arguments)
    except RefusalError as refusal:
        with contextlib.suppress(OSError):
            os.write(STANDARD_ERROR, f"{PROGRAM}: {refusal}\n".encode(errors="backslashreplace"))
        return refusal.code
    return 0


def _run(arguments: argparse.Namespace) -> None:
    model: Model = arguments.model
    options = _options(model, arguments)
    room = _room(model, arguments.on)
    journal = Journal(quiet=arguments.quiet, as_json=arguments.log_format == "json")
    make_room_for_descriptors(options.poller)
    _on_signals(_leave)
    try:
        listener = listen(arguments.host, arguments.port, arguments.backlog)
    except CannotListenError as error:
        raise RefusalError(str(error), 1) from error
    with listener:
        journal.running(listener.getsockname()[1])
        room.serve(listener, options, journal)
    _on_signals(signal.SIG_IGN)  # the program is about to end, and its exit code is known
    journal.stopped()


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, handler)


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


def _room(model: Model, foundation: str) -> Room:
    if foundation not in model.foundations():
        others = " or ".join(f"--on {each}" for each in model.foundations())
        raise RefusalError(f"{model} is not there on {foundation} yet; run it {others}", 2)
    room: Room = importlib.import_module(model.module(foundation))
    return room


def _options(model: Model, arguments: argparse.Namespace) -> Options:
    try:
        options = Options(
            **{field.name: getattr(arguments, field.name) for field in dataclasses.fields(Options)}
        )
    except ValueError as error:
        raise RefusalError(str(error), 2) from error
    return fit_options(model, options, system=select)


def fit_options(model: Model, options: Options, *, system: object) -> Options:
    """Return options as model can use them on a system, which has what the module `select` has.

    Raises RefusalError if the model has no use for one that was given, if the poller is another
    than the one that the model is about, or if the system lacks it.
    """
    for field in dataclasses.fields(options):
        if field.name not in model.uses and getattr(options, field.name) is not None:
            flag = field.name.replace("_", "-")
            raise RefusalError(f"{model} has no use for --{flag}; leave it out", 2)
    pinned, poller = model.pinned_poller, options.poller
    if pinned is not None and poller not in (None, pinned):
        raise RefusalError(
            f"{model} waits with {pinned}, that is the model; leave --poller {poller} out", 2
        )
    poller = poller or pinned
    if poller is not None and not hasattr(system, poller):
        there = ", ".join(each for each in POLLERS if hasattr(system, each))
        raise RefusalError(f"this system has no {poller}, only {there}; run another model", 1)
    return dataclasses.replace(options, poller=poller)


def _keep_standard_descriptors() -> None:
    # With standard error closed (2>&-), its number would go to the listener or to a client, who
    # would then be sent the log.
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is fd


def _catalog() -> str:
    lines = [
        f"{model.number}  {model.name:<11} {model.form:<11} {model.summary}"
        + (f" (also: {', '.join(model.aliases)})" if model.aliases else "")
        for model in MODELS
    ]
    return "\n".join(lines)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RefusalError(f"{message}; --help tells more", 2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="list | run")
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
    return parser


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
    add(
        "--limit",
        type=_whole,
        metavar="N",
        help="how many clients are served at a time; one more is closed at once; default: all",
    )
    add(
        "--workers",
        type=_whole,
        metavar="N",
        help=f"how many processes or threads are started ahead; default: {WORKERS}",
    )
    add(
        "--idle-timeout",
        type=_seconds,
        metavar="SECONDS",
        help="close a client that neither sends nor takes a reply for so long; default: never",
    )
    add("--poller", choices=POLLERS, help="what to wait with; default: the model's or the best")
    add("--quiet", action="store_true", help="log nothing")
    add(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="how to log to standard error; default: %(default)s",
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
