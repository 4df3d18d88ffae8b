"""What strict mypy refuses of the loop."""

from __future__ import annotations

import socket
import time

from reactor import Handle, Reactor, Runnable, Tracer, running
from reactor.loop import Clock, Side
from reactor.testing import World

reactor = Reactor()
sock = socket.socket()


def nothing() -> None: ...
def connect(host: str, port: int) -> None: ...
async def answer(question: str) -> int:
    return len(question)


reactor.call_soon()  # E: call-arg
reactor.call_soon(nothing())  # E: arg-type  # E: func-returns-value
reactor.call_soon("nothing")  # E: arg-type
reactor.call_soon(nothing, 1)  # E: arg-type
reactor.call_soon(connect)  # E: arg-type
reactor.call_soon(connect, "host")  # E: arg-type
reactor.call_soon(connect, "host", "80")  # E: arg-type
reactor.call_soon(connect, 80, "host")  # E: arg-type
reactor.call_soon(connect, "host", 80, True)  # E: arg-type
reactor.call_soon(connect, "host", port=80)  # E: arg-type  # E: call-arg
reactor.call_soon(connect, "host", 80, context={})  # E: arg-type
reactor.call_soon(nothing).function  # E: attr-defined

reactor.call_threadsafe(connect, "host")  # E: arg-type
reactor.call_threadsafe(connect, "host", "80")  # E: arg-type
reactor.call_threadsafe(nothing, 1)  # E: arg-type

reactor.call_later("1", nothing)  # E: arg-type
reactor.call_later(nothing)  # E: arg-type  # E: call-arg
reactor.call_later(1, connect, "host")  # E: arg-type
reactor.call_later(1, connect, "host", "80")  # E: arg-type
reactor.call_later(1, nothing, 1)  # E: arg-type

reactor.call_at(None, nothing)  # E: arg-type
reactor.call_at(1, connect, "host")  # E: arg-type
reactor.call_at(1, connect, "host", "80")  # E: arg-type
reactor.call_at(1, nothing, 1)  # E: arg-type
reactor.call_at(1, nothing).when = "later"  # E: assignment

reactor.on_readable("a name", nothing)  # E: arg-type
reactor.on_readable(sock, connect, "host")  # E: arg-type
reactor.on_readable(sock, connect, "host", "80")  # E: arg-type
reactor.on_readable(sock, nothing, 1)  # E: arg-type
reactor.on_readable(sock)  # E: call-arg

reactor.on_writable(None, nothing)  # E: arg-type
reactor.on_writable(sock, connect, "host")  # E: arg-type
reactor.on_writable(sock, connect, "host", "80")  # E: arg-type
reactor.on_writable(sock, sock.send, "data")  # E: arg-type

reactor.on_signal("TERM", nothing)  # E: arg-type
reactor.on_signal(15, connect, "host")  # E: arg-type
reactor.on_signal(15, connect, "host", "80")  # E: arg-type
reactor.on_signal(15, nothing, 1)  # E: arg-type

reactor.reading("a name")  # E: arg-type
reactor.reading(sock).park(nothing)  # E: arg-type
reactor.reading(sock).fail("no more")  # E: arg-type
reactor.forget("a name")  # E: arg-type
reactor.ready.append(nothing)  # E: arg-type
reactor.run(nothing)  # E: call-arg
running().stop()  # E: union-attr

clock: Clock = time.ctime  # E: assignment

Reactor(sock)  # E: arg-type
Reactor(clock=0.0)  # E: arg-type
Reactor(on_error=nothing)  # E: arg-type
Reactor(on_error=connect)  # E: arg-type
Reactor(tracer=nothing)  # E: arg-type
Reactor(time.monotonic)  # E: arg-type
Reactor(None, time.monotonic)  # E: call-arg

World().run(answer)  # E: arg-type
World().run(answer, 7)  # E: arg-type
World().run(nothing)  # E: arg-type
World().run_until("noon")  # E: arg-type
number: str = World().run(answer, "why")  # E: assignment


class Wrong(Tracer):
    """A hook has its arguments."""

    def run(self, what: Handle) -> None: ...  # E: override
    def turn(self) -> None: ...  # E: override


class Idle(Runnable):
    """A runnable takes no arguments."""

    def run(self, side: Side) -> None: ...  # E: override
