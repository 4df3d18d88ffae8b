"""Wire: what goes over the socket of an inspector, a line each way.

Law of this file: a line is one JSON object, with a key "reactor" whose value is the version of
this protocol. A line has an end, in bytes and in seconds, whatever the peer does.

A request says which parts are wanted: `{"reactor": 1, "parts": ["tasks", "lag"]}`. The answer is
`{"reactor": 1, "pid": ..., ...}`, or `{"reactor": 1, "error": "a line that says why not"}`, and the
connection ends. Keys that are not known are passed over.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Final

from reactor.errors import EndOfStream, LimitError, ReactorError

VERSION: Final = 1
REQUEST_BYTES: Final = 4096
ANSWER_BYTES: Final = 64 * 1024 * 1024
_AT_ONCE: Final = 65536


def send(sock: socket.socket, message: dict[str, Any], seconds: float) -> None:
    """Send message, in so many seconds. Raises TimeoutError, and OSError as the socket does."""
    line = json.dumps({"reactor": VERSION, **message}, allow_nan=False)
    sock.settimeout(seconds)
    sock.sendall(line.encode() + b"\n")


def receive(sock: socket.socket, limit: int, seconds: float) -> dict[str, Any]:
    """Return the message that comes, of at most limit bytes, in so many seconds.

    Raises TimeoutError, LimitError, EndOfStream if the peer ends within it, ReactorError if it is
    no message of this version, and OSError as the socket does. The first three have in partial
    what came, where they have one.
    """
    line = _line(sock, limit, time.monotonic() + seconds)
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ReactorError(
            f"{line[:40]!r} is no JSON: {error}; send one object in a line"
        ) from None
    except RecursionError:
        raise ReactorError(f"{line[:40]!r} nests too deep; send one flat object") from None
    if not isinstance(message, dict) or message.get("reactor") != VERSION:
        raise ReactorError(f'{line[:40]!r} has no "reactor": {VERSION}; use the same version of it')
    return message


def _line(sock: socket.socket, limit: int, deadline: float) -> bytes:
    came = bytearray()
    while b"\n" not in came[-_AT_ONCE:]:
        if len(came) > limit:
            raise LimitError(f"a message has more than {limit} bytes; send less", bytes(came))
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("a message has not come whole in time")
        sock.settimeout(left)
        data = sock.recv(_AT_ONCE)
        if not data:
            raise EndOfStream("the peer has ended within a message", bytes(came))
        came += data
    return bytes(came[: came.index(b"\n")])
