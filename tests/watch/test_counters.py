"""Counters: what a loop counts, and how Prometheus reads it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from reactor import Reactor, TaskGroup, checkpoint, current_task, run, sleep
from reactor.net import Connection, connect, listen
from reactor.serving import Server
from reactor.testing import World
from reactor.watch import LAGS, Counters, Pulse, Steps
from tests.watch.exposed import read


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    with Reactor() as made:
        yield made


def value(text: str, name: str, suffix: str = "", **labels: str) -> float:
    return read(text)[name].samples[suffix, tuple(sorted(labels.items()))]


# -- the pulse


def test_turns_and_what_they_find_are_counted(world: World) -> None:
    pulse = world.reactor.belonging(Pulse)
    for _ in range(3):
        world.reactor.call_soon(int)
        world.reactor.turn()
    world.reactor.call_threadsafe(int)
    world.reactor.turn()

    assert (pulse.turns, pulse.events) == (4, 1)


def test_sleep_and_work_add_up_to_the_time_that_has_passed(world: World) -> None:
    pulse = world.reactor.belonging(Pulse)
    world.reactor.call_later(3, world.clock.advance, 0.015)
    world.reactor.call_later(5, int)
    world.run_until(7)

    assert pulse.asleep == pytest.approx(7 - 0.015)
    assert pulse.at_work == pytest.approx(0.015)
    assert pulse.since - pulse.began == pytest.approx(7)


def test_a_turn_is_counted_by_how_long_it_was_at_work(world: World) -> None:
    pulse = world.reactor.belonging(Pulse)
    for moment, seconds in ((1, 0.0019), (2, 0.0021), (3, 4000.0)):
        world.reactor.call_at(moment, world.clock.advance, seconds)
    world.run_until(5000)

    counts = dict(zip((*LAGS, math.inf), pulse.lags, strict=True))
    assert (counts[0.002], counts[0.005], counts[math.inf]) == (1, 1, 1)
    assert sum(pulse.lags) == pulse.turns


def test_all_who_ask_for_the_pulse_share_one(world: World) -> None:
    assert world.reactor.belonging(Pulse) is Counters(world.reactor).pulse


# -- what runs


def test_steps_tell_tasks_timers_and_callbacks_apart() -> None:
    steps = Steps()

    async def main() -> None:
        current_task().reactor.call_soon(int)
        await checkpoint()
        await checkpoint()
        current_task().reactor.call_later(0.0, int)
        await sleep(0.001)

    run(main, tracer=steps)

    assert (steps.tasks, steps.timers) == (4, 2)
    assert steps.callbacks >= 1


# -- Prometheus


def test_all_of_it_reads_as_the_format_says() -> None:
    steps = Steps()

    async def main() -> str:
        counters = Counters(current_task().reactor, steps=steps)
        for _ in range(2):
            await sleep(0.001)
        text = counters.prometheus()
        assert read(text).keys() >= {"reactor_turns_total", "reactor_asleep_seconds_total"}
        assert value(text, "reactor_turns_total") == counters.pulse.turns
        return text

    text = run(main, tracer=steps)

    assert value(text, "reactor_task_steps_total") == 3
    assert value(text, "reactor_timers_total") == 2
    assert value(text, "reactor_turn_seconds", "_bucket", le="+Inf") == 2
    assert read(text)["reactor_turn_seconds"].kind == "histogram"


def test_without_a_tracer_no_steps_are_told(reactor: Reactor) -> None:
    assert "reactor_task_steps" not in Counters(reactor).prometheus()


def test_a_gauge_is_asked_for_when_it_is_read(reactor: Reactor) -> None:
    counters = Counters(reactor)
    level = [1.5]
    counters.gauge("level", lambda: level[0], "How high it is.")
    level[0] = -2.5

    metric = read(counters.prometheus())["level"]

    assert (metric.kind, metric.text) == ("gauge", "How high it is.")
    assert list(metric.samples.values()) == [-2.5]
    assert counters.snapshot()["level"] == -2.5


def test_one_name_has_several_figures_by_their_labels(reactor: Reactor) -> None:
    counters = Counters(reactor)
    counters.counter("seen", lambda: 1, "By colour.", colour="red")
    counters.counter("other", lambda: 0, "Between.")
    counters.counter("seen", lambda: 2, "By colour.", colour="blue", size="big")

    text = counters.prometheus()

    assert value(text, "seen_total", colour="red") == 1
    assert value(text, "seen_total", colour="blue", size="big") == 2
    assert counters.snapshot()['seen_total{colour="red"}'] == 1


@pytest.mark.parametrize("text", ["a\nb", "a\\b", 'a"b', "\\n", "ü€"])
def test_any_text_comes_back_as_it_was(reactor: Reactor, text: str) -> None:
    counters = Counters(reactor)
    counters.gauge("level", lambda: 1, text, label=text)

    metric = read(counters.prometheus())["level"]

    assert metric.text == text
    assert metric.samples == {("", (("label", text),)): 1}


@pytest.mark.parametrize("number", [math.inf, -math.inf, 0.1, 1e300, 1e-300, 12345678901234])
def test_any_number_comes_back_as_it_was(reactor: Reactor, number: float) -> None:
    counters = Counters(reactor)
    counters.gauge("level", lambda: number, "A number.")

    assert value(counters.prometheus(), "level") == number


def test_what_is_no_number_is_written_so(reactor: Reactor) -> None:
    counters = Counters(reactor)
    counters.gauge("level", lambda: math.nan, "No number.")

    assert math.isnan(value(counters.prometheus(), "level"))


@pytest.mark.parametrize(
    "wrong",
    [lambda: 1 / 0, lambda: None, lambda: "many", lambda: 10**400],
    ids=["raises", "nothing", "text", "too large"],
)
def test_a_figure_that_fails_is_logged_and_all_others_are_told(
    reactor: Reactor, wrong: Callable[[], float], caplog: pytest.LogCaptureFixture
) -> None:
    counters = Counters(reactor)
    counters.gauge("level", wrong, "It fails.", colour="red")
    counters.gauge("level", lambda: 2, "It fails.", colour="blue")

    assert read(counters.prometheus())["level"].samples == {("", (("colour", "blue"),)): 2}
    assert caplog.messages == ['level{colour="red"} cannot be told, and is left out']
    assert 'level{colour="red"}' not in counters.snapshot()


@pytest.mark.parametrize(("figure", "told"), [(True, "1"), (Fraction(1, 4), "0.25")])
def test_what_stands_for_a_number_is_told_as_one(
    reactor: Reactor, figure: float, told: str
) -> None:
    counters = Counters(reactor)
    counters.gauge("level", lambda: figure, "A number.")

    assert f"level {told}" in counters.prometheus().splitlines()


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "ü"])
def test_a_name_that_the_format_does_not_know_is_refused(reactor: Reactor, name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a metric"):
        Counters(reactor).gauge(name, lambda: 1, "A name.")


@pytest.mark.parametrize("label", ["1st", "a-b", "__reserved", "ü"])
def test_a_label_that_the_format_does_not_know_is_refused(reactor: Reactor, label: str) -> None:
    with pytest.raises(ValueError, match="is no name of a label"):
        Counters(reactor).gauge("level", lambda: 1, "A label.", **{label: "x"})


def test_a_figure_that_is_there_already_is_refused(reactor: Reactor) -> None:
    counters = Counters(reactor)
    counters.gauge("level", lambda: 1, "Once.", colour="red")

    with pytest.raises(ValueError, match=r'level\{colour="red"\} is there already'):
        counters.gauge("level", lambda: 2, "Twice.", colour="red")


@pytest.mark.parametrize("name", ["reactor_turn_seconds", "reactor_turn_seconds_count"])
def test_the_name_of_the_histogram_is_taken(reactor: Reactor, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} belongs to the histogram reactor_turn_seconds"):
        Counters(reactor).gauge(name, lambda: 1, "A gauge.")


def test_a_figure_may_add_others_when_it_is_asked_for(reactor: Reactor) -> None:
    counters = Counters(reactor)
    asked: list[object] = []

    def level() -> float:
        asked.append(None)
        counters.gauge("level", lambda: 2, "Levels.", look=f"{len(asked)}")
        counters.gauge(f"more_{len(asked)}", lambda: 3, "More.")
        return 1

    counters.gauge("level", level, "Levels.")
    counters.snapshot()
    counters.prometheus()

    figures = counters.snapshot()
    assert (figures['level{look="2"}'], figures["more_2"]) == (2, 3)


def test_a_name_is_of_one_kind(reactor: Reactor) -> None:
    counters = Counters(reactor)
    counters.gauge("level_total", lambda: 1, "A gauge.")

    with pytest.raises(ValueError, match="level_total is a gauge already"):
        counters.counter("level", lambda: 1, "A counter.")


# -- servers


def test_a_server_is_counted_under_a_name_of_its_own() -> None:
    async def talk(connection: Connection) -> None:
        await connection.receive()

    async def main() -> tuple[str, str]:
        counters = Counters(current_task().reactor)
        door = listen("127.0.0.1", 0)
        host, port = door.getsockname()
        server = Server(talk, door)
        counters.server(server, "door")
        async with TaskGroup() as group:
            group.spawn(server.run)
            with await connect(host, port) as client:
                await client.send_all(b"x")
                while not server.clients:
                    await checkpoint()
                during = counters.prometheus()
            await server.drain(seconds=1)
        return during, counters.prometheus()

    during, after = run(main)

    assert value(during, "reactor_connections", server="door") == 1
    assert value(after, "reactor_connections", server="door") == 0
    assert value(after, "reactor_connections_accepted_total", server="door") == 1
    assert value(after, "reactor_connections_failed_total", server="door") == 0
