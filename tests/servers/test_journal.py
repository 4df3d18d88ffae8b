"""The journal, line by line."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Callable, Iterator

import pytest

from servers.journal import SHOWN, Journal, Process, Thread

RESET = ConnectionResetError(104, "Connection reset by peer")

V6 = ("fe80::1%lo", 7, 0, 1)


class Lines:
    """Where a journal writes to: each write arrives as a message of its own."""

    def __init__(self) -> None:
        self._reading, self._writing = socket.socketpair(type=socket.SOCK_DGRAM)

    def journal(self, *, quiet: bool = False, as_json: bool = False) -> Journal:
        return Journal(
            quiet=quiet, as_json=as_json, fd=self._writing.fileno(), clock=lambda: 1234.5
        )

    def close(self) -> None:
        self._writing.close()
        self._reading.close()

    def next(self) -> str:
        return self._reading.recv(65536, socket.MSG_DONTWAIT).decode()


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines()
    yield lines
    lines.close()


EVENTS: list[tuple[Callable[[Journal], None], str, dict[str, object]]] = [
    (lambda j: j.running(7777), "Server Run Port:7777", {"event": "running", "port": 7777}),
    (lambda j: j.ready(), "Ready For Accept", {"event": "ready"}),
    (
        lambda j: j.accept(3, ("127.0.0.1", 50000)),
        "[FD:3]Accept:127.0.0.1:50000",
        {"event": "accept", "fd": 3, "host": "127.0.0.1", "port": 50000},
    ),
    (
        lambda j: j.accept(3, None),
        "[FD:3]Accept:?",
        {"event": "accept", "fd": 3, "host": None, "port": None},
    ),
    (
        lambda j: j.client(Process(11), ("::1", 5, 0, 0)),
        "[PID:11]Client:[::1]:5",
        {"event": "client", "pid": 11, "host": "::1", "port": 5},
    ),
    (
        lambda j: j.client(Thread(12), V6),
        "<12>Client:[fe80::1%lo]:7",
        {"event": "client", "thread": 12, "host": "fe80::1%lo", "port": 7},
    ),
    (
        lambda j: j.received(7, b"\xe9\n"),
        "[FD:7]Recv:b'\\xe9\\n'",
        {"event": "received", "fd": 7, "data": "\xe9\n"},
    ),
    (lambda j: j.end(7), "[FD:7]Recv:EOF", {"event": "end", "fd": 7}),
    (lambda j: j.descriptors(2), "Descriptor Count:2", {"event": "descriptors", "count": 2}),
    (
        lambda j: j.over_limit(7, 20),
        "[FD:7]Over Limit:20",
        {"event": "over_limit", "fd": 7, "limit": 20},
    ),
    (
        lambda j: j.lost(7, RESET),
        "[FD:7]Lost:connection reset by peer (ECONNRESET)",
        {"event": "lost", "fd": 7, "error": "connection reset by peer (ECONNRESET)"},
    ),
    (
        lambda j: j.lost(7, OSError("Something Else")),
        "[FD:7]Lost:something else",
        {"event": "lost", "fd": 7, "error": "something else"},
    ),
    (lambda j: j.idle(7), "[FD:7]Idle Timeout", {"event": "idle", "fd": 7}),
    (lambda j: j.cut(7), "[FD:7]Cut", {"event": "cut", "fd": 7}),
    (
        lambda j: j.shortage(OSError(24, "Too many open files")),
        "Accept Paused:too many open files (EMFILE)",
        {"event": "accept_paused", "error": "too many open files (EMFILE)"},
    ),
    (lambda j: j.shortage(None), "Accept Resumed", {"event": "accept_resumed"}),
    (
        lambda j: j.stopping(signal.SIGTERM),
        "Server Stop:SIGTERM",
        {"event": "stopping", "signal": "SIGTERM"},
    ),
    (lambda j: j.stopped(), "Server Stopped", {"event": "stopped"}),
]

NAMES = [text for _, text, _ in EVENTS]


@pytest.mark.parametrize(("tell", "text", "facts"), EVENTS, ids=NAMES)
def test_an_event_is_one_line_in_one_write(
    lines: Lines, tell: Callable[[Journal], None], text: str, facts: dict[str, object]
) -> None:
    tell(lines.journal())
    assert lines.next() == text + "\n"


@pytest.mark.parametrize(("tell", "text", "facts"), EVENTS, ids=NAMES)
def test_an_event_is_one_object_in_json(
    lines: Lines, tell: Callable[[Journal], None], text: str, facts: dict[str, object]
) -> None:
    tell(lines.journal(as_json=True))
    line = lines.next()
    assert line.endswith("}\n")
    assert json.loads(line) == {"time": 1234.5, **facts}


@pytest.mark.parametrize(("tell", "text", "facts"), EVENTS, ids=NAMES)
def test_a_quiet_journal_says_nothing(
    lines: Lines, tell: Callable[[Journal], None], text: str, facts: dict[str, object]
) -> None:
    tell(lines.journal(quiet=True))
    with pytest.raises(BlockingIOError):
        lines.next()


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_no_byte_of_a_client_begins_a_line_of_its_own_or_does_not_fit(
    lines: Lines, *, as_json: bool
) -> None:
    journal = lines.journal(as_json=as_json)
    journal.received(7, bytes(range(256)) * 2)
    journal.received(7, b"\xff" * 512)
    for _ in range(2):
        line = lines.next()
        assert line[:-1].isascii()
        assert line.count("\n") == 1
        assert len(line) <= 4096  # PIPE_BUF on Linux: what a pipe takes in one piece


def test_a_pipe_that_nobody_reads_any_more_costs_only_lines() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    journal = Journal(fd=writing)
    journal.ready()
    journal.ready()
    os.close(writing)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only where there is a /dev/full")
def test_a_disk_that_is_full_costs_only_lines() -> None:
    reading, writing = os.pipe()
    full = os.open("/dev/full", os.O_WRONLY)
    journal = Journal(fd=full)
    journal.ready()
    os.dup2(writing, full)  # there is room again
    journal.ready()
    for fd in (writing, full):
        os.close(fd)
    assert os.read(reading, 100) == b"Ready For Accept\n"
    os.close(reading)


def test_a_journal_that_failed_for_good_does_not_write_to_who_has_its_number_now() -> None:
    reading, writing = os.pipe()
    number = os.dup(writing)
    journal = Journal(fd=number)
    os.close(number)
    journal.ready()
    os.dup2(writing, number)
    journal.ready()
    os.close(number)
    os.close(writing)
    assert os.read(reading, 1) == b""
    os.close(reading)


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_a_pipe_that_is_full_costs_lines_and_says_how_many_when_there_is_room(
    *, as_json: bool
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, bytes(1 << 20))  # as much of it as there is room for
    os.set_blocking(writing, True)
    journal = Journal(fd=writing, as_json=as_json, clock=lambda: 1234.5)
    journal.ready()
    journal.end(7)
    assert set(os.read(reading, 1 << 20)) == {0}
    journal.stopped()
    journal.stopped()
    told = os.read(reading, 1 << 20).decode().splitlines()
    if as_json:
        assert [json.loads(line) for line in told] == [
            {"time": 1234.5, "event": "lines_lost", "count": 2},
            {"time": 1234.5, "event": "stopped"},
            {"time": 1234.5, "event": "stopped"},
        ]
    else:
        assert told == ["Lines Lost:2", "Server Stopped", "Server Stopped"]
    os.close(writing)
    os.close(reading)


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_what_is_too_long_for_one_piece_is_cut_and_says_so(lines: Lines, *, as_json: bool) -> None:
    journal = lines.journal(as_json=as_json)
    journal.received(7, b"\xff" * SHOWN)
    journal.received(7, b"\xff" * (SHOWN + 1))
    whole, cut = lines.next(), lines.next()

    assert max(len(whole), len(cut)) <= select.PIPE_BUF
    if as_json:
        assert "size" not in json.loads(whole)
        assert json.loads(cut)["size"] == SHOWN + 1
        assert len(json.loads(cut)["data"]) == SHOWN
    else:
        assert whole == f"[FD:7]Recv:{bytes([255] * SHOWN)!r}\n"
        assert cut == f"[FD:7]Recv:{bytes([255] * SHOWN)!r}... of {SHOWN + 1}\n"
