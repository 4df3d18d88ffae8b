"""connect: what it says when nobody is reached."""

from __future__ import annotations

import errno
import gc
import os
import re
import socket
import weakref
from contextlib import suppress
from math import inf, nan

import pytest

from reactor.net import Place, connect
from reactor.testing import World
from tests.net.played_attempts import (
    ONE,
    REFUSED,
    TWO,
    UNREACHABLE,
    A,
    B,
    attempts,
    over,
)


def test_if_all_answer_alike_the_error_is_theirs_and_says_who_was_asked(world: World) -> None:
    refused = os.strerror(errno.ECONNREFUSED)
    text = f"no connection to 'host' port 80: {ONE}: {refused}; {TWO}: {refused}"
    with attempts(world, {A: (0, REFUSED), B: (1, REFUSED)}) as played:
        with pytest.raises(ConnectionRefusedError, match=re.escape(text)) as caught:
            world.run(over, played)

    assert caught.value.errno == errno.ECONNREFUSED
    assert isinstance(caught.value.__cause__, ExceptionGroup)
    assert caught.value.__cause__.exceptions == (REFUSED, REFUSED)
    assert str(caught.value.__cause__) == (
        "what the addresses of 'host' port 80 answered (2 sub-exceptions)"
    )


def test_if_they_answer_differently_the_error_is_of_no_kind_and_says_what_each_did(
    world: World,
) -> None:
    with attempts(world, {A: (0, UNREACHABLE), B: (0, OSError("odd"))}) as played:
        with pytest.raises(OSError, match=r"^no connection") as caught:
            world.run(over, played)

    assert type(caught.value) is OSError
    assert caught.value.errno is None
    assert str(caught.value) == (
        f"no connection to 'host' port 80: {ONE}: {UNREACHABLE.strerror}; {TWO}: odd"
    )


def test_what_an_attempt_held_is_let_go_with_the_error(world: World) -> None:
    """Without the garbage collector, for it may have been a descriptor."""

    class Held:
        pass

    held: list[weakref.ref[Held]] = []

    async def look_up(host: str, port: int) -> list[Place]:
        return [A, B]

    async def attempt(place: Place) -> socket.socket:
        thing = Held()
        held.append(weakref.ref(thing))
        raise OSError("odd")

    async def main() -> None:
        with suppress(OSError):
            await connect("host", 80, resolver=look_up, attempt=attempt)

    gc.disable()
    try:
        world.run(main)
        assert [ref() for ref in held] == [None, None]
    finally:
        gc.enable()


def test_an_answer_without_a_number_is_passed_on_without_one(world: World) -> None:
    with attempts(world, {A: (0, OSError("odd"))}) as played:
        with pytest.raises(OSError, match=f"^no connection to 'host' port 80: {ONE}: odd$"):
            world.run(over, played)


def test_a_host_without_addresses_is_an_error(world: World) -> None:
    with attempts(world, {}) as played:
        with pytest.raises(OSError, match=r"'host' port 80: no address is known$") as caught:
            world.run(over, played)

    assert caught.value.__cause__ is None


def test_when_time_is_up_it_says_what_each_has_answered_so_far(world: World) -> None:
    with attempts(world, {A: (0, REFUSED), B: (inf, None)}) as played:
        with pytest.raises(TimeoutError) as caught:
            world.run(lambda: over(played, seconds=5))

    assert world.clock.now == 5
    assert str(caught.value) == (
        f"no connection to 'host' port 80 within 5 seconds: {ONE}: {REFUSED.strerror}; "
        f"{TWO}: no answer"
    )
    assert isinstance(caught.value.__cause__, ExceptionGroup)


def test_the_time_for_the_look_up_counts(world: World) -> None:
    with attempts(world, {A: (2, None)}) as played:
        played.look_up_seconds = 4
        with pytest.raises(TimeoutError, match=f"within 5 seconds: {ONE}: no answer$"):
            world.run(lambda: over(played, seconds=5))
        assert world.clock.now == 5

        played.look_up_seconds = inf
        with pytest.raises(TimeoutError, match=r"within 5 seconds: no address is known$"):
            world.run(lambda: over(played, seconds=5))


def test_what_the_look_up_raises_comes_out_as_it_is(world: World) -> None:
    wrong = socket.gaierror(socket.EAI_NONAME, "nobody")

    async def look_up(host: str, port: int) -> list[Place]:
        raise wrong

    async def main() -> None:
        with pytest.raises(socket.gaierror) as caught:
            await connect("host", 80, resolver=look_up)
        assert caught.value is wrong

    world.run(main)


def test_an_attempt_that_fails_otherwise_ends_them_all(world: World) -> None:
    async def look_up(host: str, port: int) -> list[Place]:
        return [A, B]

    async def attempt(place: Place) -> socket.socket:
        raise ZeroDivisionError

    async def main() -> None:
        await connect("host", 80, resolver=look_up, attempt=attempt)

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_refused(world: World, port: int) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match=f"^there is no port {port}; give 0 to 65535$"):
            await connect("127.0.0.1", port)
        with pytest.raises(ValueError, match=f"^there is no port {port}; give 0 to 65535$"):
            await connect("127.0.0.1", 80, local=("127.0.0.1", port))

    world.run(main)


def test_a_limit_that_is_no_number_is_refused(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="seconds are NaN"):
            await connect("127.0.0.1", 80, seconds=nan)

    world.run(main)
