"""The tasks over every poller: real sockets, the real clock, `run` itself.

What is shown elsewhere in a World holds wherever a reactor can run.
"""

from __future__ import annotations

import socket
import threading
import time

import pytest

from reactor import (
    ClosedError,
    Steps,
    TaskGroup,
    WaitQueue,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    run,
    sleep,
    timeout,
    wait_readable,
    wait_writable,
)
from tests.pollers import MakePoller, each_poller
from tests.tasks.parts import Pair, fail_after, for_ever

LONG = 30.0


@coroutine
def send_all(sock: socket.socket, data: bytes) -> Steps[None]:
    view = memoryview(data)
    while view:
        yield from wait_writable(sock)
        view = view[sock.send(view) :]


@coroutine
def receive_exactly(sock: socket.socket, count: int) -> Steps[bytes]:
    data = bytearray()
    while len(data) < count:
        yield from wait_readable(sock)
        data += sock.recv(count - len(data))
    return bytes(data)


@each_poller
def test_bytes_go_there_and_back(make_poller: MakePoller, pair: Pair) -> None:
    near, far = pair
    text = bytes(range(256)) * 4096  # more than a socket holds

    async def echo() -> None:
        await send_all(far, await receive_exactly(far, len(text)))

    async def main() -> bytes:
        with timeout(LONG):
            async with TaskGroup() as group:
                group.spawn(echo)
                await send_all(near, text)
                data = await receive_exactly(near, len(text))
        return data

    assert run(main, poller=make_poller()) == text


@each_poller
def test_many_pairs_are_served_at_once(make_poller: MakePoller) -> None:
    async def play(rounds: int) -> int:
        near, far = socket.socketpair()
        with near, far:
            near.setblocking(False)
            far.setblocking(False)
            for _ in range(rounds):
                await send_all(near, b"ball")
                await receive_exactly(far, 4)
            current_task().reactor.forget(near)
            current_task().reactor.forget(far)
        return rounds

    async def main() -> list[int]:
        with timeout(LONG):
            async with TaskGroup() as group:
                tasks = [group.spawn(play, rounds) for rounds in range(20)]
        return [task.result for task in tasks]

    assert run(main, poller=make_poller()) == list(range(20))


@each_poller
def test_a_deadline_ends_a_wait_and_the_side_can_be_waited_for_again(
    make_poller: MakePoller, pair: Pair
) -> None:
    near, far = pair

    async def main() -> tuple[bool, bytes]:
        with move_on_after(0.01) as scope:
            await wait_readable(near)
        far.send(b"x")
        with timeout(LONG):
            data = await receive_exactly(near, 1)
        return scope.cancelled_caught, data

    assert run(main, poller=make_poller()) == (True, b"x")


@each_poller
def test_sleepers_wake_in_order(make_poller: MakePoller) -> None:
    order: list[float] = []

    async def sleeper(seconds: float) -> None:
        await sleep(seconds)
        order.append(seconds)

    async def main() -> float:
        began = time.monotonic()
        async with TaskGroup() as group:
            for seconds in (0.03, 0.01, 0.02):
                group.spawn(sleeper, seconds)
        return time.monotonic() - began

    assert run(main, poller=make_poller()) >= 0.03
    assert order == [0.01, 0.02, 0.03]


@each_poller
def test_a_failure_cancels_those_who_wait_on_descriptors(
    make_poller: MakePoller, pair: Pair
) -> None:
    near, far = pair

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(receive_exactly, near, 1)
            group.spawn(receive_exactly, far, 1)
            group.spawn(for_ever)
            group.spawn(fail_after, 0.01, ValueError("enough"))

    with pytest.raises(ExceptionGroup):
        run(main, poller=make_poller())


@each_poller
def test_forget_ends_a_wait(make_poller: MakePoller, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        reactor = current_task().reactor
        reactor.call_later(0.01, reactor.forget, near)
        with pytest.raises(ClosedError), timeout(LONG):
            await wait_readable(near)

    run(main, poller=make_poller())


@each_poller
def test_a_byte_and_a_cancellation_in_the_same_turn_lose_nothing(
    make_poller: MakePoller, pair: Pair
) -> None:
    near, far = pair
    log: list[bytes] = []

    async def reader() -> None:
        log.append(await receive_exactly(near, 5))
        await checkpoint()
        log.append(b"not reached")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(reader)
            await checkpoint()
            far.send(b"bytes")
            current_task().reactor.call_soon(group.cancel)

    run(main, poller=make_poller())

    assert log == [b"bytes"]


@each_poller
def test_another_thread_may_wake_a_task(make_poller: MakePoller) -> None:
    queue: WaitQueue[str] = WaitQueue()

    async def main() -> str:
        reactor = current_task().reactor
        thread = threading.Thread(
            target=reactor.call_threadsafe, args=(queue.wake_all, "from a thread")
        )
        reactor.call_soon(thread.start)
        with timeout(LONG):
            answer = await queue
        thread.join()
        return answer

    assert run(main, poller=make_poller()) == "from a thread"
