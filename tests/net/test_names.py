"""resolve: which addresses a host has, and that the loop goes on meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from reactor import Reactor, Scope, TaskGroup, checkpoint
from reactor.net import Place, connect, resolve
from reactor.tasks import run_in
from reactor.testing import World
from reactor.workers import in_thread, pool_of
from tests.net.peers import DEADLINE
from tests.net.played_attempts import four, six
from tests.net.test_listen import only_with_ipv6
from tests.tasks.parts import Form, each_form

Info = tuple[int, int, int, str, tuple[object, ...]]


def info(place: Place) -> Info:
    """Return place as getaddrinfo does."""
    return (place.family, socket.SOCK_STREAM, 6, "", place.address)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the system answer look-ups of names with places, or with an error."""

    def play(*answers: Place | Exception, wait_for: threading.Event | None = None) -> None:
        ask = socket.getaddrinfo

        def played(host: str, port: int, **hints: int) -> object:
            if "flags" in hints:
                return ask(host, port, **hints)
            if wait_for is not None:
                assert wait_for.wait(DEADLINE)
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
            return [info(answer) for answer in answers if isinstance(answer, Place)]

        monkeypatch.setattr(socket, "getaddrinfo", played)

    return play


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """What a look-up waits for, at the longest until the test has ended."""
    event = threading.Event()
    yield event
    event.set()


@each_form
@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("192.0.2.1", Place(socket.AF_INET, ("192.0.2.1", 443))),
        pytest.param(
            "2001:db8::1",
            Place(socket.AF_INET6, ("2001:db8::1", 443, 0, 0)),
            marks=only_with_ipv6,
        ),
    ],
)
def test_an_address_is_its_own_answer_and_needs_no_thread(
    world: World, form: Form, host: str, place: Place
) -> None:
    async def main() -> list[Place]:
        return await form(lambda: resolve(host, 443))

    assert world.run(main) == [place]  # in a world, where nobody waits for a thread


@each_form
def test_a_name_has_the_addresses_that_the_system_knows_in_its_order(
    real: Reactor, form: Form, answer: Callable[..., None]
) -> None:
    places = [six("2001:db8::2"), four("192.0.2.1"), six("2001:db8::1")]
    answer(*places)

    async def main() -> list[Place]:
        return await form(lambda: resolve("host.example", 80))

    assert run_in(real, main) == places


def test_the_systems_own_look_up_knows_this_machine(real: Reactor) -> None:
    async def main() -> list[Place]:
        return await resolve("localhost", 80)

    found = run_in(real, main)
    assert {place.address[0] for place in found} <= {"127.0.0.1", "::1"}
    assert {place.address[1] for place in found} == {80}
    assert len(set(found)) == len(found) > 0


def test_the_loop_goes_on_while_a_name_is_looked_up(
    real: Reactor, answer: Callable[..., None], held: threading.Event
) -> None:
    answer(four("192.0.2.1"), wait_for=held)

    async def main() -> list[Place]:
        async with TaskGroup() as group:
            task = group.spawn(resolve, "host.example", 80)
            for _ in range(10):
                await checkpoint()
            assert not task.done
            held.set()
        return task.result

    assert run_in(real, main) == [four("192.0.2.1")]


def test_who_is_cancelled_does_not_wait_for_the_answer(
    real: Reactor, answer: Callable[..., None], held: threading.Event
) -> None:
    answer(four("192.0.2.1"), wait_for=held)

    async def main() -> bool:
        with Scope() as scope:
            real.call_soon(scope.cancel)
            await resolve("host.example", 80)
        assert not held.is_set()
        return scope.cancelled_caught

    assert run_in(real, main)


def test_an_error_that_comes_after_its_task_has_left_is_reported_to_nobody(
    real: Reactor, answer: Callable[..., None], held: threading.Event
) -> None:
    """The reactor's on_error would raise it out of the loop."""
    answer(socket.gaierror(socket.EAI_AGAIN, "nobody can be asked"), wait_for=held)

    async def main() -> None:
        with Scope() as scope:
            real.call_soon(scope.cancel)
            await resolve("host.example", 80)
        held.set()
        await in_thread(int)  # which has to stand in line until the look-up has ended

    pool_of(real).most = 1
    run_in(real, main)


def test_inside_a_cancelled_scope_nobody_is_asked(world: World) -> None:
    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            await resolve("127.0.0.1", 80)
        return scope.cancelled_caught

    assert world.run(main)


@only_with_ipv6
def test_the_zone_of_an_address_becomes_a_number(world: World) -> None:
    index, zone = socket.if_nameindex()[0]

    async def main() -> list[Place]:
        return await resolve(f"fe80::1%{zone}", 80)

    assert world.run(main) == [Place(socket.AF_INET6, ("fe80::1", 80, 0, index))]


def test_a_name_that_nobody_has_is_an_error_that_names_it(
    real: Reactor, answer: Callable[..., None]
) -> None:
    answer(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))

    async def main() -> None:
        with pytest.raises(socket.gaierror) as caught:
            await connect("nobody.example", 80)
        assert caught.value.errno == socket.EAI_NONAME
        assert caught.value.strerror == (
            "Name or service not known: 'nobody.example'; give another host"
        )

    run_in(real, main)


def test_other_errors_of_a_look_up_come_out_as_they_are(
    real: Reactor, answer: Callable[..., None]
) -> None:
    answer(MemoryError())

    async def main() -> None:
        with pytest.raises(MemoryError):
            await resolve("host.example", 80)

    run_in(real, main)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "é" * 64, ".example"])
def test_what_cannot_be_a_name_is_a_name_that_nobody_has(real: Reactor, host: str) -> None:
    async def main() -> None:
        with pytest.raises(socket.gaierror, match=r"No host can have this name: .*$") as caught:
            await resolve(host, 80)
        assert caught.value.errno == socket.EAI_NONAME

    run_in(real, main)


@pytest.mark.parametrize("host", ["", "127.0.0.1\0.example", "\0"])
def test_an_empty_name_and_one_with_a_nul_are_refused_without_a_look_up(
    world: World, host: str
) -> None:
    async def main() -> None:
        with pytest.raises(socket.gaierror, match=r"No host can have this name: .*$") as caught:
            await resolve(host, 80)
        assert caught.value.errno == socket.EAI_NONAME

    world.run(main)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_refused(world: World, port: int) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match=rf"^there is no port {port}; give 0 to 65535$"):
            await resolve("127.0.0.1", port)

    world.run(main)


def test_an_address_that_comes_twice_is_tried_once(world: World) -> None:
    tried: list[Place] = []

    async def look_up(host: str, port: int) -> list[Place]:
        return [four("192.0.2.1"), four("192.0.2.1"), six("2001:db8::1"), four("192.0.2.1")]

    async def attempt(place: Place) -> socket.socket:
        tried.append(place)
        raise OSError("refused")

    async def main() -> None:
        with pytest.raises(OSError, match="no connection"):
            await connect("host", 80, resolver=look_up, attempt=attempt)

    world.run(main)

    assert tried == [four("192.0.2.1"), six("2001:db8::1")]
