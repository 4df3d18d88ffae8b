"""The journal: what a server tells about itself, line by line, on standard error.

Law of this file: a line is one write, so that lines of several threads and forked processes never
mix; what a client sent is shown escaped, so that nobody can forge a line; and a standard error
that is full, closed or gone costs lines, never a client and never the time of a stop.

Whoever takes the lines through a pipe and is slow holds up the server, as everywhere, but not for
long: when a full pipe stays full for PATIENCE, lines are lost from then on until there is room
again, and then it is told how many.

A text line is for people; a JSON line (one object, no line breaks in it) is for programs, and has
"time" (seconds since 1970) and "event" beside what stands here:

    text                             event              and
    Server Run Port:7777             "running"          port
    Ready For Accept                 "ready"
    [FD:3]Accept:127.0.0.1:50000     "accept"           who, host, port
    [FD:7]Client:127.0.0.1:50000     "client"           who, host, port
    [FD:7]Recv:b'...'                "received"         who, data (a character a byte: latin-1)
    [FD:7]Recv:b'...'... of 9000     "received"         who, data, size (what was cut off, in all)
    [FD:7]Recv:EOF                   "end"              who
    Descriptor Count:1               "descriptors"      count
    [FD:8]Over Limit:20              "over_limit"       who, limit
    [FD:7]Lost:why                   "lost"             who, error
    [FD:7]Idle Timeout               "idle"             who
    [FD:7]Cut                        "cut"              who
    [FD:7]Refused:why                "refused"          who, error
    [PID:9]Get Start                 "started"          who
    [PID:9]Get Lock                  "locked"           who
    [PID:9]Unlock                    "unlocked"         who
    [PID:9]Worker Ended:why          "worker_ended"     who, why
    Worker Refused:why               "worker_refused"   error
    Accept Paused:why                "accept_paused"    error
    Accept Resumed                   "accept_resumed"
    Server Stop:SIGTERM              "stopping"         signal
    Server Stopped                   "stopped"
    Lines Lost:12                    "lines_lost"       count

who is a descriptor, a process, a thread, or a descriptor in the hands of a thread: `[FD:7]`,
`[PID:9]`, `<11>` or `[FD:7]<11>` in text; "fd", "pid" and "thread" with a number in JSON. Threads
say Start and Release Lock instead of Get Start and Unlock.
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from servers.lines import Lines

STANDARD_ERROR: Final = 2

SHOWN: Final = (select.PIPE_BUF - 128) // 6
"""How much of what a client sent is shown, in bytes, each of which may become six characters.

So every line fits into PIPE_BUF, which a pipe that is writable takes whole and in one piece (man 7
pipe, man 3 select). On Linux it is more than the servers receive at a time.
"""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, by its number; one of those who can speak in a journal."""

    pid: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread, by `threading.get_ident()`; one of those who can speak in a journal."""

    ident: int


@dataclass(frozen=True, slots=True)
class Hand:
    """A descriptor in the hands of one of several threads."""

    fd: int
    ident: int


Who: TypeAlias = int | Process | Thread | Hand
"""Whom a line is about. A plain int is a descriptor; keep it, for a closed socket has none."""

Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | str | bytes | None
"""What `accept` gave: IPv4, IPv6, a Unix socket's path, None where the system no longer knew."""


class Journal:
    """Writes one line for each event; each kind of event has its method, and none ever raises.

    quiet: say nothing. as_json: JSON lines instead of text. fd: the descriptor to write to, which
    stays the caller's. clock: gives the "time" of JSON lines, in seconds since 1970. is_ready:
    whether that has been told.
    """

    __slots__ = ("_as_json", "_clock", "_lines", "_quiet", "is_ready")

    def __init__(
        self,
        *,
        quiet: bool = False,
        as_json: bool = False,
        fd: int = STANDARD_ERROR,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._quiet = quiet
        self._as_json = as_json
        self._clock = clock
        self.is_ready = False
        self._lines = Lines(fd)

    def running(self, port: int) -> None:
        """The listening socket is bound to port."""
        self._write(f"Server Run Port:{port}", "running", None, port=port)

    def ready(self) -> None:
        """The server accepts, and a signal will stop it in good order."""
        self.is_ready = True
        self._write("Ready For Accept", "ready", None)

    def accept(self, who: Who, address: Address) -> None:
        """The client at address was accepted by who: the listener, or the worker that has it."""
        host, port = _endpoint(address)
        self._write(f"Accept:{_shown(address)}", "accept", who, host=host, port=port)

    def client(self, who: Who, address: Address) -> None:
        """The client at address is served by who from now on."""
        host, port = _endpoint(address)
        self._write(f"Client:{_shown(address)}", "client", who, host=host, port=port)

    def received(self, who: Who, data: bytes) -> None:
        """The client of who sent data, which is owed a reply."""
        if not self._quiet:  # showing data is most of the work of a line
            shown, size = data[:SHOWN], len(data)
            rest, facts = (f"... of {size}", {"size": size}) if size > SHOWN else ("", {})
            text = f"Recv:{shown!r}{rest}"
            self._write(text, "received", who, data=shown.decode("latin-1"), **facts)

    def end(self, who: Who) -> None:
        """The client of who sent its last byte and closed its side."""
        self._write("Recv:EOF", "end", who)

    def descriptors(self, count: int) -> None:
        """The number of client descriptors that are watched has become count."""
        self._write(f"Descriptor Count:{count}", "descriptors", None, count=count)

    def over_limit(self, who: Who, limit: int) -> None:
        """The client who is closed at once: limit others are being served."""
        self._write(f"Over Limit:{limit}", "over_limit", who, limit=limit)

    def lost(self, who: Who, error: OSError) -> None:
        """The client of who is gone without a farewell: a reset, or the network failed."""
        reason = _reason(error)
        self._write(f"Lost:{reason}", "lost", who, error=reason)

    def idle(self, who: Who) -> None:
        """The client of who neither sent nor took its reply in the idle timeout, and is closed."""
        self._write("Idle Timeout", "idle", who)

    def cut(self, who: Who) -> None:
        """The client of who does not take its reply in the time of a stop, and is cut off."""
        self._write("Cut", "cut", who)

    def refused(self, who: Who, error: BaseException) -> None:
        """The client of who is closed: there is no process or thread, or no descriptor, for it."""
        reason = _reason(error)
        self._write(f"Refused:{reason}", "refused", who, error=reason)

    def started(self, who: Who) -> None:
        """The worker who begins, and will wait for the lock."""
        self._write("Start" if isinstance(who, Thread) else "Get Start", "started", who)

    def locked(self, who: Who) -> None:
        """The worker who has the lock: from now on it alone accepts."""
        self._write("Get Lock", "locked", who)

    def unlocked(self, who: Who) -> None:
        """The worker who is about to give the lock back."""
        self._write("Release Lock" if isinstance(who, Thread) else "Unlock", "unlocked", who)

    def worker_ended(self, who: Who, why: str) -> None:
        """The worker who has ended, though nobody asked it to."""
        self._write(f"Worker Ended:{why}", "worker_ended", who, why=why)

    def worker_refused(self, error: Exception) -> None:
        """No worker could be started; it is tried again in a while."""
        reason = _reason(error)
        self._write(f"Worker Refused:{reason}", "worker_refused", None, error=reason)

    def shortage(self, error: OSError | None) -> None:
        """Nobody can be accepted, for want of descriptors or memory; None: it works again."""
        if error is None:
            self._write("Accept Resumed", "accept_resumed", None)
        else:
            reason = _reason(error)
            self._write(f"Accept Paused:{reason}", "accept_paused", None, error=reason)

    def stopping(self, signum: int) -> None:
        """The signal signum came: nobody else is accepted, and those who are in are seen off."""
        name = signal.Signals(signum).name
        self._write(f"Server Stop:{name}", "stopping", None, signal=name)

    def stopped(self) -> None:
        """Nothing of the server is left."""
        self._write("Server Stopped", "stopped", None)

    def _write(self, text: str, event: str, who: Who | None, **facts: str | int | None) -> None:
        if self._quiet or not self._lines.have_room():
            return
        if lost := self._lines.take_lost():
            self._write(f"Lines Lost:{lost}", "lines_lost", None, count=lost)
        if self._as_json:
            line = json.dumps({"time": self._clock(), "event": event, **_key(who), **facts})
        else:
            line = _tag(who) + text
        self._lines.write(line)


def _tag(who: Who | None) -> str:
    match who:
        case None:
            return ""
        case Process(pid):
            return f"[PID:{pid}]"
        case Thread(ident):
            return f"<{ident}>"
        case Hand(fd, ident):
            return f"[FD:{fd}]<{ident}>"
        case int():
            return f"[FD:{who}]"


def _key(who: Who | None) -> dict[str, int]:
    match who:
        case None:
            return {}
        case Process(pid):
            return {"pid": pid}
        case Thread(ident):
            return {"thread": ident}
        case Hand(fd, ident):
            return {"fd": fd, "thread": ident}
        case int():
            return {"fd": who}


def _endpoint(address: Address) -> tuple[str | None, int | None]:
    return (address[0], address[1]) if isinstance(address, tuple) else (None, None)


def _shown(address: Address) -> str:
    if not isinstance(address, tuple):
        return "?"  # a Unix socket's client has no address, and another may be gone already
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _reason(error: BaseException) -> str:
    if not isinstance(error, OSError) or error.errno is None:
        return str(error).lower()
    name = errno.errorcode.get(error.errno, "unknown")
    return f"{os.strerror(error.errno).lower()} ({name})"
