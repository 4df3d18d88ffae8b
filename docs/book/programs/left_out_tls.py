"""TLS: a wish to write that has to read first, and data that no poller sees.

No certificate is needed here: both sides agree on a cipher that proves nothing about anybody. Do
so in a demonstration only.

    python3 -m docs.book.programs.left_out_tls
"""

from __future__ import annotations

import select
import socket
import ssl

from reactor import TaskGroup, run
from reactor.net import Stream, stream_pair, tls_client, tls_server


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    made = []
    for kind in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER):
        context = ssl.SSLContext(kind)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
        made.append(context)
    return made[0], made[1]


def the_bugs() -> list[str]:
    for_client, for_server = contexts()
    near, far = socket.socketpair()
    with (
        for_client.wrap_socket(near, do_handshake_on_connect=False) as client,
        for_server.wrap_socket(far, server_side=True, do_handshake_on_connect=False) as server,
    ):
        client.setblocking(False)
        server.setblocking(False)
        try:
            client.send(b"hello")
            told = ["send: sent"]
        except ssl.SSLWantReadError:
            told = ["send: wants to READ first"]
        shake_hands(client, server)
        client.send(b"0123456789")
        first = server.recv(4).decode()
        readable = select.select([server], [], [], 0)[0]
        told.append(f"recv(4): {first!r}; poller: {'readable' if readable else 'silent'}; ")
        told[-1] += f"still there: {server.pending()} bytes"
    return told


def shake_hands(*sides: ssl.SSLSocket) -> None:
    done: set[ssl.SSLSocket] = set()
    while len(done) < len(sides):
        for side in sides:
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass  # what it waits for comes from the other side, in this same loop


async def ours() -> str:
    for_client, for_server = contexts()
    near, far = stream_pair()
    async with TaskGroup() as group:
        group.spawn(speak, near, for_client)
        with await tls_server(far, for_server) as server:
            parts = []
            while part := await server.receive(4):
                parts.append(part.decode())
    return str(parts)


async def speak(stream: Stream, context: ssl.SSLContext) -> None:
    with await tls_client(stream, context, host="localhost") as client:
        await client.send_all(b"0123456789")
        await client.finish()


def lines() -> list[str]:
    return [*(f"by hand   {bug}" for bug in the_bugs()), f"ours      {run(ours)}"]


if __name__ == "__main__":
    print("\n".join(lines()))
