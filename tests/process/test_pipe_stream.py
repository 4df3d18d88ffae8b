"""PipeStream: the contract of streams over two pipes, and what is peculiar to one way."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from reactor import (
    BusyError,
    ClosedError,
    ForkedError,
    Operation,
    Reactor,
    TaskGroup,
    WrongThreadError,
    checkpoint,
    run_in,
    sleep,
)
from reactor.net import Stream
from reactor.poller import EpollPoller
from reactor.process import PipeStream
from reactor.testing import World
from tests.poller.children import in_child
from tests.tasks.parts import Form, each_form
from tests.testing.seeded_contract import SeededStreamContract

Ends = tuple[int, int]


class TestPipeStream(SeededStreamContract):
    async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
        (there, to_there), (here, to_here) = os.pipe(), os.pipe()
        near = PipeStream(reactor, receiving=here, sending=to_there)
        return near, PipeStream(reactor, receiving=there, sending=to_here)


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps."""
    with World(seed=seed) as made:
        yield made


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The two ends of a pipe; a test may close either."""
    reading, writing = os.pipe()
    yield reading, writing
    for fd in (reading, writing):
        try:
            os.close(fd)
        except OSError:
            pass


@each_form
def test_one_way_is_received_from(form: Form, world: World, ends: Ends) -> None:
    os.write(ends[1], b"hello\nyou")
    os.close(ends[1])
    with PipeStream(world.reactor, receiving=ends[0]) as stream:
        assert world.run(form, stream.receive_until) == b"hello"
        assert world.run(form, stream.receive) == b"you"
        assert world.run(form, stream.receive) == b""


@each_form
def test_the_other_way_is_sent_to(form: Form, world: World, ends: Ends) -> None:
    with PipeStream(world.reactor, sending=ends[1]) as stream:
        world.run(form, lambda: stream.send_all(b"hello"))
        world.run(form, stream.send_end)
    assert os.read(ends[0], 100) == b"hello"
    assert os.read(ends[0], 100) == b""


def test_what_goes_the_other_way_is_told_so(world: World, ends: Ends) -> None:
    receiving = PipeStream(world.reactor, receiving=ends[0])
    sending = PipeStream(world.reactor, sending=ends[1])
    with receiving, sending:
        with pytest.raises(OSError, match="nothing to send to: <PipeStream receiving="):
            world.run(receiving.send_all, b"x")
        with pytest.raises(OSError, match="nothing to receive from: <PipeStream sending="):
            world.run(sending.receive)


def test_where_nothing_is_sent_there_is_no_end_to_send(world: World, ends: Ends) -> None:
    os.write(ends[1], b"x")
    with PipeStream(world.reactor, receiving=ends[0]) as stream:
        world.run(stream.send_end)
        assert world.run(stream.receive) == b"x"


@pytest.mark.parametrize("way", [0, 1], ids=["receiving", "sending"])
def test_one_way_is_finished_as_any_stream_is(way: int, world: World, ends: Ends) -> None:
    name = ("receiving", "sending")[way]
    stream = PipeStream(world.reactor, **{name: ends[way]})
    os.set_blocking(ends[0], False)

    world.run(stream.finish)

    with pytest.raises(ClosedError):
        world.run(stream.send_end)
    assert world.clock.now == (0.25, 0.0)[way]  # it waits for the peer's end, or has none to hear


@each_form
def test_where_there_is_no_room_it_is_waited_for(form: Form, world: World, ends: Ends) -> None:
    async def main() -> None:
        with PipeStream(world.reactor, sending=ends[1]) as stream:
            os.write(ends[1], bytes(1 << 20))  # as much as there is room for
            async with TaskGroup() as group:
                task = group.spawn(form, lambda: stream.send_all(b"x"))
                await checkpoint()
                await checkpoint()
                assert not task.done
                os.read(ends[0], 1 << 20)
        assert os.read(ends[0], 10) == b"x"

    world.run(main)


def test_nobody_sends_into_what_another_sends_also_when_there_is_room(
    world: World, ends: Ends
) -> None:
    async def main() -> bytes:
        sender = PipeStream(world.reactor, sending=ends[1])
        with sender, PipeStream(world.reactor, receiving=ends[0]) as receiver:
            async with TaskGroup() as group:
                group.spawn(sender.send_all, b"a" * (1 << 18))
                await sleep(1)
                first = os.read(ends[0], 1 << 16)  # the sender has not heard of it yet
                with pytest.raises(BusyError, match="has a sender that waits for room"):
                    await sender.send_all(b"b")
                rest = await receiver.receive_exactly((1 << 18) - len(first))
        return first + rest

    assert world.run(main) == b"a" * (1 << 18)


def test_nothing_is_sent_after_the_end(world: World, ends: Ends) -> None:
    with PipeStream(world.reactor, sending=ends[1]) as stream:
        world.run(stream.send_end)
        with pytest.raises(ClosedError, match="has sent its end"):
            world.run(stream.send_all, b"x")


def test_who_waits_to_send_hears_that_the_end_is_sent(world: World, ends: Ends) -> None:
    errors: list[str] = []

    async def send(stream: PipeStream) -> None:
        with pytest.raises(ClosedError) as caught:
            await stream.send_all(bytes(1 << 20))
        errors.append(str(caught.value))

    async def main() -> None:
        with PipeStream(world.reactor, sending=ends[1]) as stream:
            async with TaskGroup() as group:
                group.spawn(send, stream)
                await checkpoint()
                await stream.send_end()

    world.run(main)

    assert len(errors) == 1


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_what_another_process_took_is_waited_for_again(world: World, ends: Ends) -> None:
    async def main() -> bytes:
        with PipeStream(world.reactor, receiving=ends[0]) as stream:
            async with TaskGroup() as group:
                task = group.spawn(stream.receive)
                await checkpoint()
                os.write(ends[1], b"taken")
                world.reactor.call_soon(os.read, ends[0], 5)  # before the receiver has its turn
                await checkpoint()
                await checkpoint()
                assert not task.done
                os.write(ends[1], b"left")
        return task.result

    assert world.run(main) == b"left"


def test_the_peer_that_is_gone_breaks_the_pipe(world: World, ends: Ends) -> None:
    os.close(ends[0])
    with PipeStream(world.reactor, sending=ends[1]) as stream:
        with pytest.raises(BrokenPipeError):
            world.run(stream.send_all, b"x")


def test_a_task_that_waits_to_send_hears_that_the_peer_is_gone(world: World, ends: Ends) -> None:
    async def main() -> None:
        with PipeStream(world.reactor, sending=ends[1]) as stream:
            async with TaskGroup() as group:
                task = group.spawn(caught_by, lambda: stream.send_all(bytes(1 << 20)))
                await checkpoint()
                os.close(ends[0])
        assert isinstance(task.result, BrokenPipeError)

    world.run(main)


async def caught_by(make: Callable[[], Operation[object]]) -> Exception | None:
    try:
        await make()
    except Exception as error:
        return error
    return None


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_who_was_woken_and_then_overtaken_hears_of_the_close(world: World, ends: Ends) -> None:
    """Only the last to wait on a side is told; the one before finds the descriptor gone."""

    async def main() -> None:
        stream = PipeStream(world.reactor, receiving=ends[0])
        async with TaskGroup() as group:
            first = group.spawn(caught_by, stream.receive)
            await checkpoint()
            os.write(ends[1], b"x")
            second = group.spawn(caught_by, stream.receive)
            world.reactor.call_soon(stream.close)
        assert isinstance(first.result, ClosedError)
        assert isinstance(second.result, ClosedError)

    world.run(main)


@pytest.mark.skipif(sys.platform != "linux", reason="only where a terminal ends so")
def test_what_else_goes_wrong_is_told_as_the_system_does() -> None:
    near, far = os.openpty()
    os.close(far)
    with Reactor() as reactor, PipeStream(reactor, receiving=near) as stream:
        with pytest.raises(OSError, match="Input/output error"):
            run_in(reactor, stream.receive)


def test_an_interrupt_in_the_midst_of_a_close_leaves_nothing_open(ends: Ends) -> None:
    class Interrupted(Reactor):
        def forget(self, file: object) -> None:
            raise KeyboardInterrupt

    with Interrupted() as reactor:
        stream = PipeStream(reactor, receiving=ends[0], sending=ends[1])
        with pytest.raises(KeyboardInterrupt):
            stream.close()
        for fd in ends:
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(fd)
        for fd in ends:
            Reactor.forget(reactor, fd)


def test_a_receiver_is_not_disturbed_by_a_second(world: World, ends: Ends) -> None:
    async def main() -> bytes:
        with PipeStream(world.reactor, receiving=ends[0]) as stream:
            async with TaskGroup() as group:
                first = group.spawn(stream.receive)
                await sleep(1)
                with pytest.raises(BusyError):
                    await stream.receive()
                os.write(ends[1], b"x")
        return first.result

    assert world.run(main) == b"x"


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="only where there is an epoll")
def test_a_regular_file_is_refused_where_it_is_waited_for() -> None:
    with Reactor(EpollPoller()) as reactor, open(__file__, "rb") as file:
        with PipeStream(reactor, receiving=os.dup(file.fileno())) as stream:
            with pytest.raises(OSError, match="cannot be watched; give an open pipe or socket"):
                run_in(reactor, stream.receive)


def test_what_is_no_descriptor_is_refused_and_the_other_closed(world: World, ends: Ends) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        PipeStream(world.reactor, receiving=ends[0], sending=9999)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(ends[0])


@pytest.mark.parametrize("fd", [None, 0])
def test_one_descriptor_is_not_for_both_ways(fd: int | None, world: World) -> None:
    with pytest.raises(ValueError, match="for both ways"):
        PipeStream(world.reactor, receiving=fd, sending=fd)


def test_a_reactor_that_is_closed_takes_no_pipe_and_closes_it(world: World, ends: Ends) -> None:
    world.reactor.close()
    with pytest.raises(ClosedError):
        PipeStream(world.reactor, receiving=ends[0])
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(ends[0])


def test_one_that_was_never_closed_is_told_and_closed(world: World, ends: Ends) -> None:
    stream = [PipeStream(world.reactor, receiving=ends[0])]
    with pytest.warns(ResourceWarning, match=r"<PipeStream receiving=.*> was never closed"):
        stream.clear()
    world.run(checkpoint)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(ends[0])


def test_one_that_was_never_closed_is_closed_also_after_its_reactor(
    world: World, ends: Ends
) -> None:
    stream = [PipeStream(world.reactor, sending=ends[1])]
    world.reactor.close()
    with pytest.warns(ResourceWarning, match="was never closed"):
        stream.clear()
    assert os.read(ends[0], 1) == b""


def test_another_thread_cannot_close_it(world: World, ends: Ends) -> None:
    errors: list[Exception] = []

    def close() -> None:
        try:
            stream.close()
        except WrongThreadError as error:
            errors.append(error)

    with PipeStream(world.reactor, receiving=ends[0]) as stream:
        thread = threading.Thread(target=close)
        thread.start()
        thread.join()
        os.fstat(ends[0])

    assert len(errors) == 1


def test_in_a_forked_child_it_can_only_be_closed(world: World, ends: Ends) -> None:
    stream = PipeStream(world.reactor, receiving=ends[0])

    def child() -> None:
        with pytest.raises(ForkedError):
            PipeStream(world.reactor, sending=ends[1])
        stream.close()

    with stream:
        assert in_child(child) == 0
        os.write(ends[1], b"x")
        assert world.run(stream.receive) == b"x"
