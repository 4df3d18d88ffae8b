"""Web: a server of HTTP/1.1 over h11, which knows the protocol and leaves the bytes to others.

It sends the files of a directory, which the kernel copies, and sends back what is posted, while it
still comes: a client that does not read is not read from either. Connections are kept between
requests, and requests may be pipelined; one that comes too slowly is refused.

    pip install h11
    python3 docs/examples/web.py docs --port 8000
    curl -i http://127.0.0.1:8000/index.md
    curl -T README.md -X POST http://127.0.0.1:8000/
"""

from __future__ import annotations

import argparse
import os
from email.utils import formatdate
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path
from signal import SIGINT, SIGTERM
from socket import socket
from typing import Final, cast
from urllib.parse import unquote

import checkout
import h11

from reactor import EndOfStream, move_on_after, run
from reactor.net import Connection, listen
from reactor.serving import Server

IDLE_SECONDS: Final = 60  # that nothing may move in the body of a request or of an answer


class Client:
    """A connection, and what h11 knows of the conversation on it."""

    def __init__(self, connection: Connection, server: Server) -> None:
        self.connection = connection
        self.http = h11.Connection(h11.SERVER)
        self._server = server

    async def next(self) -> object:
        """Wait for what the client says next, a request or a part of one."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            self.http.receive_data(await self.connection.receive())
        return event

    async def send(self, event: h11.Event) -> None:
        """Say event to the client."""
        await self.connection.send_all(self.http.send(event) or b"")

    async def begin(
        self, status: HTTPStatus, *headers: tuple[str, str], last: bool = False
    ) -> None:
        """Send the head of an answer; if it tells no length, the body goes out in chunks."""
        more = [("Date", formatdate(usegmt=True))]
        if last or self._server.draining:
            more.append(("Connection", "close"))
        response = h11.Response(status_code=status, headers=[*headers, *more], reason=status.phrase)
        await self.send(response)

    async def tell(self, status: HTTPStatus, *, last: bool = False) -> None:
        """Answer a request with a status and nothing more."""
        await self.begin(status, ("Content-Length", "0"), last=last)
        await self.send(h11.EndOfMessage())

    async def refuse(self, status: HTTPStatus) -> None:
        """Answer what is not to be gone on with, or break off the answer that is under way."""
        if self.http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self.tell(status, last=True)
        else:
            self.connection.abort()

    def begin_anew(self) -> bool:
        """Get ready for another request; return whether there can be one on this connection."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        self.http.start_next_cycle()
        return True


class Site:
    """The files under root, and the server that hands them out."""

    def __init__(self, root: Path, sock: socket, seconds: float) -> None:
        self.server = Server(self._serve, sock, most=1000, idle_seconds=IDLE_SECONDS)
        self._root = root.resolve()
        self._seconds = seconds

    async def _serve(self, connection: Connection) -> None:
        client = Client(connection, self.server)
        try:
            while isinstance(request := await self._request(client), h11.Request):
                await self._answer(client, request)
                if not client.begin_anew():
                    return
        except h11.RemoteProtocolError as error:
            await client.refuse(HTTPStatus(error.error_status_hint))

    async def _request(self, client: Client) -> object:
        if not client.http.trailing_data[0]:
            came = b""
            with self.server.at_rest(), move_on_after(self._seconds):
                came = await client.connection.peek()
            if not came:
                return None
        with move_on_after(self._seconds):
            return await client.next()
        raise h11.RemoteProtocolError("the request came too slowly", error_status_hint=408)

    async def _answer(self, client: Client, request: h11.Request) -> None:
        match request.method:
            case b"GET" | b"HEAD":
                await self._send_file(client, request)
            case b"POST":
                await self._send_back(client)
            case _:
                await client.refuse(HTTPStatus.NOT_IMPLEMENTED)

    async def _send_back(self, client: Client) -> None:
        event = await client.next()  # before anything is sent: this may tell the client to go on
        await client.begin(HTTPStatus.OK)
        while isinstance(event, h11.Data):
            await client.send(event)
            event = await client.next()
        await client.send(h11.EndOfMessage())

    async def _send_file(self, client: Client, request: h11.Request) -> None:
        if not isinstance(await client.next(), h11.EndOfMessage):
            await client.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            path = self._find(request.target)
            file = path.open("rb")
        except (OSError, ValueError):
            await client.tell(HTTPStatus.NOT_FOUND)
            return
        with file:
            size = os.fstat(file.fileno()).st_size
            kind = ("Content-Type", guess_type(path)[0] or "application/octet-stream")
            length = ("Content-Length", str(size))
            await client.begin(HTTPStatus.OK, kind, length)
            if request.method == b"GET":
                body = cast(bytes, range(size))  # h11 asks for nothing but its length
                client.http.send_with_data_passthrough(h11.Data(data=body))
                if await client.connection.send_file(file, 0, size) < size:
                    raise EndOfStream(f"{path} has become shorter than the {size} bytes announced")
            await client.send(h11.EndOfMessage())

    def _find(self, target: bytes) -> Path:
        """Return the file that target means. Raises OSError or ValueError if there is none."""
        name = unquote(target.partition(b"?")[0].decode())
        path = Path(self._root, name.lstrip("/") + "index.html" * name.endswith("/")).resolve()
        if not path.is_relative_to(self._root) or not path.is_file():
            raise FileNotFoundError(f"no file {name} under {self._root}")
        return path


async def main(root: Path, host: str, port: int, seconds: float) -> None:
    """Serve until a signal says to end, and let go of the clients in good order."""
    sock = listen(host, port)
    site = Site(root, sock, seconds)

    def ready() -> None:
        print("listening on {} port {}".format(*sock.getsockname()), flush=True)

    await site.server.run_until(SIGINT, SIGTERM, seconds=5, ready=ready)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--seconds", type=float, default=10, help="to rest, and to make a request")
    given = parser.parse_args()
    run(main, given.root, given.host, given.port, given.seconds)
