"""Busy, by callbacks: what goes on for ever without a task, since there is always more.

Law of this file: the task only sees to it that there is always more, and waits.
"""

from __future__ import annotations

import os
from contextlib import suppress

from reactor.net import CallbackListener, Channel, LineChannel
from tests.fairness.stage import Stage, knock
from tests.tasks.parts import drain, for_ever


async def callback_acceptor(stage: Stage) -> None:
    def accepted(fd: int, peer: object) -> None:
        os.close(fd)
        stage.did()
        knock(address)

    door = stage.door()
    address = door.getsockname()
    stage.keep(CallbackListener(stage.reactor, door, accepted))
    await for_ever()


async def channel(stage: Stage) -> None:
    class Fed(Channel):
        def received(self, data: bytes) -> None:
            stage.did()
            self.send(data)
            drain(far)
            far.send(data)

        def ended(self, error: Exception | None) -> None:
            pass

    near, far = stage.sockets()
    stage.keep(Fed(stage.reactor, near))
    far.send(b"x")
    await for_ever()


async def line_channel(stage: Stage) -> None:
    class Fed(LineChannel):
        def received_line(self, line: bytes) -> None:
            stage.did()
            with suppress(BlockingIOError):
                far.send(b"\n" * 100)

        def ended(self, error: Exception | None) -> None:
            pass

    near, far = stage.sockets()
    stage.keep(Fed(stage.reactor, near))
    far.send(b"\n" * 1000)
    await for_ever()


async def caller(stage: Stage) -> None:
    def again() -> None:
        stage.did()
        stage.reactor.call_soon(again)

    again()
    await for_ever()


async def caller_of_timers(stage: Stage) -> None:
    def again() -> None:
        stage.did()
        stage.reactor.call_later(0, again)

    again()
    await for_ever()


async def watcher(stage: Stage) -> None:
    near, far = stage.sockets()
    far.send(b"never read")
    watch = stage.reactor.on_readable(near, stage.did)
    try:
        await for_ever()
    finally:
        watch.cancel()
