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
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from servers.arguments import PROGRAM, RefusalError, parser
from servers.catalog import MODELS, Model
from servers.journal import STANDARD_ERROR, Journal
from servers.listening import CannotListenError, listen, make_room_for_descriptors
from servers.options import POLLERS, Options
from servers.talk import TalkError, show, talk

if TYPE_CHECKING:
    from servers.compare import Result


class Room(Protocol):
    """What a room's module offers, on either foundation."""

    def serve(self, listener: socket.socket, options: Options, journal: Journal) -> None:
        """Serve the clients of listener, which it closes; return after SIGTERM or SIGINT."""


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command (that of the process unless words are given) and return its exit code.

    Raises SystemExit for --help, and when a signal ends a server that is not ready or is asked for
    the second time. After a server has stopped, SIGINT and SIGTERM are ignored.
    """
    _keep_standard_descriptors()
    try:
        arguments = parser().parse_args(words)
        if arguments.command == "list":
            _show(_catalog())
        elif arguments.command == "talk":
            _talk(arguments)
        elif arguments.command == "compare":
            _compare(arguments)
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
        try:
            room.serve(listener, options, journal)
        except (OSError, RuntimeError) as error:  # no descriptor, no thread
            if journal.is_ready:
                raise
            raise RefusalError(f"{model} cannot start: {str(error).lower()}", 1) from error
    _on_signals(signal.SIG_IGN)  # the program is about to end, and its exit code is known
    journal.stopped()


def _talk(arguments: argparse.Namespace) -> None:
    _on_signals(_leave)
    try:
        talk(arguments.host, arguments.port)
    except TalkError as error:
        raise RefusalError(str(error), 1) from error


def _compare(arguments: argparse.Namespace) -> None:
    from servers import compare  # a server that runs has no need of it

    _on_signals(_leave)
    if arguments.html is None:
        _measure(arguments)
        return
    began = datetime.now(UTC)
    try:
        with compare.WholeFile(arguments.html) as file:
            results = _measure(arguments)
            circumstances = compare.Circumstances.since(began, arguments.rounds)
            file.write(compare.as_page(results, circumstances))
    except compare.CannotWriteError as error:
        raise RefusalError(str(error), 1) from error


def _measure(arguments: argparse.Namespace) -> list[Result]:
    from servers import compare

    try:
        results = compare.compare(arguments.only or MODELS, arguments.rounds, _progress)
    except compare.CompareError as error:
        raise RefusalError(str(error), 1) from error
    finally:
        _progress("")
    _show(compare.as_json(results) if arguments.json else compare.as_table(results))
    return results


def _show(text: str) -> None:
    try:
        show(f"{text}\n".encode())
    except TalkError as error:
        raise RefusalError(str(error), 1) from error


def _progress(text: str) -> None:
    if os.isatty(STANDARD_ERROR):
        os.write(STANDARD_ERROR, f"\r\033[K{text}".encode())


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
    width = max(len(model.name) for model in MODELS)
    lines = [
        f"{model.number}  {model.name:<{width}}  {model.form:<10}  {model.summary}"
        + (f" (also: {', '.join(model.aliases)})" if model.aliases else "")
        for model in MODELS
    ]
    return "\n".join(lines)
