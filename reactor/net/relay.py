"""Relay: what comes over one stream goes out over another, both ways.

Law of this file: a send waits until the other side has taken what came, and nothing is received
meanwhile. That is all there is to back-pressure.
"""

from __future__ import annotations

from functools import partial

from reactor.tasks import Steps, all_of, coroutine

from .stream import Stream


@coroutine
def relay(one: Stream, other: Stream) -> Steps[None]:
    """Send what comes over either stream on over the other, until both have ended.

    An end in good order is passed on, by send_end, while the other way goes on. Raises an
    ExceptionGroup of what either stream raises. Cancelled, or failed: what was on its way may be
    lost, so nothing more can be said on either. Closing both is left to whoever owns them.
    """
    yield from all_of(partial(_carry, one, other), partial(_carry, other, one))


@coroutine
def _carry(source: Stream, target: Stream) -> Steps[None]:
    while data := (yield from source.receive()):
        yield from target.send_all(data)
    yield from target.send_end()
