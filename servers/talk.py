"""A client, for trying the servers by hand: lines go out, replies are shown as they come.

Law of this file: neither direction waits for the other. What the server says is shown while nobody
types, a server that does not read stops the reading of our input and nothing else, and what was
typed is sent to the last byte before we half-close.
"""

from __future__ import annotations

import os
import select
import socket
from typing import Final

STANDARD_INPUT: Final = 0
STANDARD_OUTPUT: Final = 1
STANDARD_ERROR: Final = 2

CHUNK: Final = 64 * 1024
"""The most that is read at a time, and may wait to be sent before more is read, in bytes."""

PATIENCE: Final = 10.0
"""How long connecting may take, in seconds."""


class TalkError(Exception):
    """The conversation could not begin, or broke off; the text says why and what to do."""


def talk(host: str, port: int) -> None:
    """Send standard input to the server at host and port, and show its replies.

    Returns when the server has closed and all input is sent, or nobody takes our output any more.
    Raises TalkError if there is no server, or if it ends with input left.
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        sock = socket.create_connection((host, port), PATIENCE)
    except (OSError, UnicodeError) as error:
        advice = "is a server running there? python3 -m servers run epoll starts one"
        raise TalkError(f"cannot connect to {where}: {_reason(error)}; {advice}") from error
    with sock:
        sock.setblocking(False)
        if os.isatty(STANDARD_INPUT):
            _tell(f"connected to {where}; Ctrl-D ends the conversation")
        _Talk(sock, where).run()


class _Talk:
    def __init__(self, sock: socket.socket, where: str) -> None:
        self._sock = sock
        self._where = where
        self._unsent = b""
        self._input_ended = False
        self._over = False

    def run(self) -> None:
        while not self._over:
            ready = self._wait()
            if STANDARD_INPUT in ready:
                self._read_input()
            if self._unsent:
                self._send()
            if self._sock.fileno() in ready:
                self._receive()

    def _wait(self) -> set[int]:
        waiting = select.poll()
        waiting.register(self._sock, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        if not self._input_ended and len(self._unsent) < CHUNK:
            waiting.register(STANDARD_INPUT, select.POLLIN)
        return {fd for fd, _ in waiting.poll()}

    def _read_input(self) -> None:
        try:
            data = os.read(STANDARD_INPUT, CHUNK)
        except OSError as error:
            raise TalkError(f"cannot read standard input: {_reason(error)}") from error
        self._unsent += data
        self._input_ended = not data
        self._end_input()

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[self._sock.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            return  # receiving says what happened, and may have something for us before that
        self._end_input()

    def _end_input(self) -> None:
        if self._input_ended and not self._unsent:
            try:
                self._sock.shutdown(socket.SHUT_WR)
            except OSError:
                return  # as above

    def _receive(self) -> None:
        try:
            data = self._sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            raise TalkError(f"{self._where} broke off: {_reason(error)}") from error
        if data:
            self._over = not show(data)
            return
        if self._unsent:
            raise TalkError(f"{self._where} has closed with {len(self._unsent)} bytes left to send")
        if not self._input_ended:
            _tell(f"{self._where} has closed")
        self._over = True


def show(data: bytes) -> bool:
    """Write data to standard output, and tell whether anybody still takes it.

    Raises TalkError if that fails, on a full disk for instance.
    """
    while data:
        try:
            data = data[os.write(STANDARD_OUTPUT, data) :]
        except BlockingIOError:
            select.select([], [STANDARD_OUTPUT], [])
        except BrokenPipeError:
            return False
        except OSError as error:
            raise TalkError(f"cannot write to standard output: {_reason(error)}") from error
    return True


def _tell(text: str) -> None:
    os.write(STANDARD_ERROR, f"{text}\n".encode(errors="backslashreplace"))


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
