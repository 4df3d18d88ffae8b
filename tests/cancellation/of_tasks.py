"""What tasks wait for by themselves, and for each other."""

from __future__ import annotations

import socket
from math import inf

from reactor import (
    TaskGroup,
    WaitQueue,
    all_of,
    breathe,
    checkpoint,
    first_of,
    move_on_after,
    sleep,
    wait,
    wait_readable,
    wait_writable,
)
from reactor.tasks import Started
from tests.cancellation.case import case
from tests.cancellation.trial import Trial
from tests.tasks.parts import drain, fill


class Children:
    """Tasks that sleep, and are counted: nobody may be left who has begun."""

    def __init__(self, goodbye: float = 0.0) -> None:
        self.begun: list[float] = []
        self.ended: list[float] = []
        self._goodbye = goodbye

    async def sleep(self, seconds: float) -> float:
        """Sleep so long, and so long as the goodbye takes in the end, whatever happens."""
        self.begun.append(seconds)
        try:
            await sleep(seconds)
        finally:
            with move_on_after(inf, shield=True):
                await sleep(self._goodbye)
            self.ended.append(seconds)
        return seconds

    def refuse_orphans(self) -> None:
        """Fail if one has begun that has not ended."""
        assert sorted(self.ended) == sorted(self.begun)


@case("sleep")
async def time_passes(trial: Trial) -> None:
    trial.attempt(lambda: sleep(5))
    assert await trial.was_cancelled() or trial.reactor.now() == 5


@case("checkpoint")
async def others_go_first(trial: Trial) -> None:
    trial.attempt(checkpoint)
    await trial.was_cancelled()


@case("breathe", parks=0)
async def a_task_breathes(trial: Trial) -> None:
    async def breathes() -> None:
        for _ in range(100):
            await breathe()

    trial.attempt(breathes)
    await trial.was_cancelled()


@case("wait", parks=2)
async def a_coroutine_is_waited_for(trial: Trial) -> None:
    ends: list[str] = []

    async def twice() -> str:
        try:
            await sleep(1)
            await sleep(1)
        finally:
            ends.append("ended")
        return "done"

    trial.attempt(lambda: wait(twice()))
    assert await trial.was_cancelled() or trial.task.result == "done"
    assert ends == ["ended"]


@case("WaitQueue")
async def a_line_is_stood_in(trial: Trial) -> None:
    queue = WaitQueue[str]()
    async with TaskGroup() as group:
        trial.attempt(lambda: queue)
        await sleep(1)
        behind = group.spawn(lambda: queue)
        await sleep(1)
        queue.wake_one("answer")
        cancelled = await trial.was_cancelled()
        await sleep(1)
        assert (trial.task if not cancelled else behind).result == "answer"
        queue.wake_all("rest")


@case("wait_readable")
async def bytes_come(trial: Trial) -> None:
    near, far = socket.socketpair()
    with near, far:
        trial.attempt(lambda: wait_readable(near))
        await sleep(1)
        far.send(b"here")
        await trial.was_cancelled()
        await wait_readable(near)
        assert near.recv(9) == b"here"
        trial.reactor.forget(near)


@case("wait_writable")
async def room_comes(trial: Trial) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        fill(near)
        trial.attempt(lambda: wait_writable(near))
        await sleep(1)
        drain(far)
        await trial.was_cancelled()
        await wait_writable(near)
        assert near.send(b"here") == 4
        trial.reactor.forget(near)


@case("Task.join")
async def a_task_is_joined(trial: Trial) -> None:
    children = Children()
    async with TaskGroup() as group:
        child = group.spawn(children.sleep, 1.0)
        trial.attempt(child.join)
        assert await trial.was_cancelled() or trial.task.result == 1.0
    assert child.result == 1.0


@case("TaskGroup.run", parks=4, linger=0.5)
async def a_group_runs(trial: Trial) -> None:
    children, group = Children(goodbye=0.5), TaskGroup()

    async def body() -> None:
        group.spawn(children.sleep, 1.0)
        group.spawn(children.sleep, 2.0)
        await sleep(0.5)

    trial.attempt(lambda: group.run(body))
    await trial.was_cancelled()
    children.refuse_orphans()


@case("TaskGroup.run", parks=4, linger=0.5)
async def a_group_is_a_block(trial: Trial) -> None:
    children = Children(goodbye=0.5)

    async def body() -> None:
        async with TaskGroup() as group:
            group.spawn(children.sleep, 1.0)
            group.spawn(children.sleep, 2.0)
            await sleep(0.5)

    trial.attempt(body)
    await trial.was_cancelled()
    children.refuse_orphans()


@case("TaskGroup.start", parks=2)
async def a_task_is_started(trial: Trial) -> None:
    children = Children()

    async def serve(started: Started[str]) -> None:
        await children.sleep(1)
        started("ready")
        await children.sleep(2)

    async with TaskGroup() as group:
        trial.attempt(lambda: group.start(serve))
        if await trial.was_cancelled():
            assert group.members() == ()
        else:
            assert trial.task.result == "ready"
            assert len(group.members()) == 1
    children.refuse_orphans()


@case("all_of", parks=3)
async def all_are_waited_for(trial: Trial) -> None:
    children = Children()
    trial.attempt(lambda: all_of(lambda: children.sleep(1), lambda: children.sleep(2)))
    assert await trial.was_cancelled() or trial.task.result == [1, 2]
    children.refuse_orphans()


@case("first_of", parks=3)
async def the_first_is_waited_for(trial: Trial) -> None:
    children = Children()
    trial.attempt(lambda: first_of(lambda: children.sleep(1), lambda: children.sleep(2)))
    assert await trial.was_cancelled() or trial.task.result == 1
    children.refuse_orphans()
