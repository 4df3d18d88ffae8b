"""relay: what comes over one stream goes out over another, until both have ended."""

from __future__ import annotations

import pytest

from reactor import TaskGroup, move_on_after, sleep
from reactor.net import Stream, relay
from reactor.testing import Network, World
from tests.tasks.parts import Form, each_form

MUCH = bytes(range(256)) * 64


class Between:
    """Two peers, and the streams between them that are relayed."""

    def __init__(self, world: World) -> None:
        network = Network(world, buffer=1000)
        self.client, self.near = network.stream_pair()
        self.far, self.backend = network.stream_pair()

    def close(self) -> None:
        for stream in (self.client, self.near, self.far, self.backend):
            stream.close()


async def talk(stream: Stream, data: bytes) -> bytes:
    """Say data and the end, and return what the other says until its own."""
    async with TaskGroup() as group:
        group.spawn(say, stream, data)
        heard = group.spawn(read_to_end, stream)
    return heard.result


async def say(stream: Stream, data: bytes) -> None:
    await stream.send_all(data)
    await stream.send_end()


async def read_to_end(stream: Stream) -> bytes:
    data = b""
    while some := await stream.receive():
        data += some
    return data


@each_form
def test_bytes_go_both_ways_at_once_until_both_have_ended(world: World, form: Form) -> None:
    between = Between(world)

    async def main() -> tuple[bytes, bytes]:
        async with TaskGroup() as group:
            relaying = group.spawn(form, lambda: relay(between.near, between.far))
            one = group.spawn(talk, between.client, MUCH)
            other = group.spawn(talk, between.backend, MUCH[::-1])
            await relaying.join()
        return one.result, other.result

    assert world.run(main) == (MUCH[::-1], MUCH)
    between.close()


def test_an_end_is_passed_on_while_the_other_way_goes_on(world: World) -> None:
    between = Between(world)

    async def main() -> bytes:
        async with TaskGroup() as group:
            relaying = group.spawn(relay, between.near, between.far)
            await between.client.send_end()
            assert await between.backend.receive() == b""
            await sleep(1)
            assert not relaying.done
            await say(between.backend, b"late")
            heard = group.spawn(read_to_end, between.client)
        return heard.result

    assert world.run(main) == b"late"
    between.close()


def test_what_one_side_fails_with_ends_both_ways_and_closes_none(world: World) -> None:
    between = Between(world)

    async def main() -> bytes:
        between.client.abort()
        with pytest.raises(ExceptionGroup) as caught:
            await relay(between.near, between.far)
        assert [type(error) for error in caught.value.exceptions] == [ConnectionResetError]
        await between.backend.send_all(b"still there")
        return await between.far.receive_exactly(len(b"still there"))

    assert world.run(main) == b"still there"
    between.close()


@pytest.mark.parametrize("sends", [False, True], ids=["receiving", "sending"])
def test_a_cancelled_relay_leaves_the_streams_to_their_owner(world: World, sends: bool) -> None:
    between = Between(world)

    async def main() -> bytes:
        async with TaskGroup() as group:
            if sends:
                group.spawn(between.client.send_all, MUCH)
            with move_on_after(1) as scope:
                await relay(between.near, between.far)
            assert scope.cancelled_caught
            group.cancel()
        await between.backend.send_all(b"still there")
        return await between.far.receive_exactly(len(b"still there"))

    assert world.run(main) == b"still there"
    between.close()
