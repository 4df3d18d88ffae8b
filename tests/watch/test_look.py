"""What an inspector says: of tasks, of what runs, of descriptors and timers, and how late it is."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from contextvars import Context
from math import inf
from pathlib import Path
from typing import Any, TypeVarTuple

import pytest

from reactor import (
    ClosedError,
    Reactor,
    ReactorError,
    TaskGroup,
    Trap,
    current_task,
    run,
    sleep,
)
from reactor.loop import Handle, Sight
from reactor.tasks import Task, run_in, spawn_in
from reactor.watch import Inspected, Inspector, Pulse
from reactor.watch.explanation import steadily
from tests.loop.parts import nothing
from tests.threads import in_thread
from tests.watch.subjects import AT_REST, DEEP, SERVES, SPINS, STUCK, running

Ts = TypeVarTuple("Ts")


def of(reactor: Reactor) -> Inspected:
    path = reactor.belonging(Inspector).path
    assert path is not None
    return Inspected(os.getpid(), 1, path)


def rows(reactor: Reactor, part: str) -> list[Any]:
    """Return the rows of a part."""
    found: list[Any] = of(reactor).ask(part)[part]["rows"]
    return found


# -- a program at rest, and programs that are stuck


def test_a_program_tells_what_its_tasks_wait_for(home: Path) -> None:
    with running(AT_REST) as subject:
        (one,) = subject.asleep().reactors()
        answer = one.ask("tasks")

        shown = [(row["depth"], row["text"], row.get("task")) for row in answer["tasks"]["rows"]]
        assert shown == [
            (0, "<Task main, waits on <Side fd=0 reading>>", "main"),
            (1, "<TaskGroup>", None),
            (2, "<Task nap, waits on <Sleep 3600 s>>", "nap"),
        ]
        assert answer["tasks"]["rows"][2]["stack"][0] == ["nap", "<string>", 6]
        assert (answer["state"], answer["task_count"], answer["pid"]) == ("asleep", 2, subject.pid)
        assert subject.end() == "end\n"
        assert subject.reactors() == []


def test_a_callback_that_holds_the_loop_is_named_with_its_line(home: Path) -> None:
    with running(STUCK) as subject:
        (one,) = subject.reactors()
        answer = one.ask("stack", "lag")

        assert answer["state"] == "at work"
        assert answer["stack"]["runs"] == "<Handle stuck (<string>:5)>"
        assert answer["stack"]["places"][-1][:2] == ["stuck", "<string>"]
        assert answer["lag"] == {"seconds": None}
        assert subject.end() == "end\n"


def test_the_program_says_which_lines_are_the_frameworks_and_leaves_them_out(home: Path) -> None:
    with running(AT_REST) as subject:
        (one,) = subject.asleep().reactors()
        answer = one.ask("stack", "tasks")

        stacks = [row["stack"] for row in answer["tasks"]["rows"] if "task" in row]
        stacks.append(answer["stack"]["places"])
        assert [[name for name, _, _ in stack] for stack in stacks] == [
            ["main"],
            ["nap"],
            ["<module>"],
        ]


def test_of_a_deep_stack_the_innermost_lines_are_told(home: Path) -> None:
    with running(DEEP) as subject:
        (one,) = subject.reactors()
        places = one.ask("stack")["stack"]["places"]

        assert [name for name, _, _ in places] == ["dig"] * 100
        assert subject.end() == "end\n"


def test_a_task_that_spins_is_named_too(home: Path) -> None:
    with running(SPINS) as subject:
        (one,) = subject.reactors()
        answer = one.ask("stack", "tasks")

        assert answer["state"] == "at work"
        assert answer["stack"]["runs"] == "<Task spin, running>"
        assert answer["stack"]["places"][-1][:2] == ["spin", "<string>"]
        assert answer["tasks"]["rows"][0]["text"] == "<Task spin, running>"
        assert subject.end() == "end\n"


def test_a_server_under_load_is_looked_at_and_goes_on(home: Path) -> None:
    with running(SERVES) as subject:
        (one,) = subject.reactors()
        turns: list[int] = []
        for _ in range(30):
            answer = one.ask("tasks", "stack", "descriptors", "timers", "lag", seconds=60)
            turns.append(answer["turns"])
            names = [row["task"] for row in answer["tasks"]["rows"] if "task" in row]
            assert names.count("pester") == 20
            assert "main" in names

        assert turns == sorted(turns)
        assert turns[0] < turns[-1]
        assert int(subject.end()) > 100


# -- each part


def test_without_parts_it_says_who_it_is(inspected: Reactor) -> None:
    answer = of(inspected).ask()

    assert answer["state"] == "at rest"
    assert (answer["turns"], answer["events"], answer["asleep"]) == (0, 0, 0.0)
    assert (answer["task_count"], answer["ready_count"]) == (0, 0)
    assert answer["poller"] in {"EpollPoller", "KqueuePoller"}
    assert answer["thread"] == threading.current_thread().name
    assert answer["seconds"] >= answer["in_this_state"] >= 0.0


def test_the_pulse_goes_on(inspected: Reactor) -> None:
    inspected.call_soon(nothing)
    inspected.turn()

    answer = of(inspected).ask()

    assert (answer["turns"], answer["state"]) == (1, "at rest")


def test_tasks_of_callbacks_are_among_the_others(inspected: Reactor) -> None:
    spawn_in(inspected, sleep, 1)
    spawn_in(inspected, sleep, 2)

    assert [row["task"] for row in rows(inspected, "tasks")] == ["Sleep", "Sleep"]


def test_descriptors_have_their_sides_and_who_waits(inspected: Reactor) -> None:
    near, far = socket.socketpair()
    with near, far:
        inspected.on_readable(near, nothing)
        inspected.on_writable(near, nothing).cancel()
        found = [row for row in rows(inspected, "descriptors") if row["fd"] == near.fileno()]

        assert [(row["side"], row["armed"]) for row in found] == [
            ("reading", True),
            ("writing", True),
        ]
        assert found[0]["waiter"].startswith("<Watch nothing (")
        assert found[1]["waiter"] is None
        inspected.forget(near)


def test_timers_come_the_nearest_first_and_never_last(inspected: Reactor) -> None:
    inspected.call_at(inf, nothing)
    inspected.call_later(1000, nothing)
    inspected.call_later(-1000, nothing)

    found = rows(inspected, "timers")

    assert [row["seconds"] is None for row in found] == [False, False, True]
    assert found[0]["seconds"] < -999 < 999 < found[1]["seconds"]
    assert found[0]["text"].startswith("<Timer nothing (")


def test_how_late_a_loop_is_shows_when_it_turns(inspected: Reactor) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.append(of_path.ask("lag", seconds=60))
        inspected.call_threadsafe(inspected.stop)

    of_path = of(inspected)
    thread = threading.Thread(target=ask)
    inspected.call_soon(thread.start)
    inspected.run()
    thread.join()

    assert answers[0]["lag"]["seconds"] >= 0.0


def test_a_reactor_that_does_not_run_shows_no_lag_and_is_not_asked(inspected: Reactor) -> None:
    assert of(inspected).ask("lag")["lag"] == {"seconds": None}

    inspected.call_soon(nothing)
    inspected.turn()
    assert inspected.belonging(Pulse).events == 0


class Broken(Trap[None]):
    """Nobody can say what it is."""

    def park(self, task: Task[Any]) -> None:
        pass

    def abort(self, task: Task[Any]) -> bool:
        return True

    def __repr__(self) -> str:
        raise LookupError("no name")


def test_a_repr_that_fails_is_told_and_the_rest_goes_on(home: Path) -> None:
    async def broken() -> None:
        await Broken()

    async def main() -> list[str]:
        async with TaskGroup() as group:
            group.spawn(broken)
            group.spawn(sleep, 3600)
            await sleep(0)
            texts = [row["text"] for row in rows(current_task().reactor, "tasks")]
            group.cancel()
        return texts

    assert run(main, inspect=True)[-2:] == [
        "<Task, whose repr raises LookupError>",
        "<Task Sleep, waits on <Sleep 3600 s>>",
    ]


class Long(Broken):
    """Has much to say."""

    def __repr__(self) -> str:
        return "x" * 10_000


def test_what_is_long_is_cut(home: Path) -> None:
    async def main() -> str:
        async with TaskGroup() as group:
            group.spawn(Long)
            await sleep(0)
            text: str = rows(current_task().reactor, "tasks")[-1]["text"]
            group.cancel()
        return text

    text = run(main, inspect=True)
    assert len(text) == 400
    assert text.endswith("x...")


def test_beyond_ten_thousand_rows_the_rest_is_counted(inspected: Reactor) -> None:
    for _ in range(10_003):
        inspected.call_later(1000, nothing)

    part = of(inspected).ask("timers", seconds=60)["timers"]

    assert (len(part["rows"]), part["left_out"]) == (10_000, 3)


def test_it_may_be_looked_at_while_everything_changes(home: Path) -> None:
    """Tasks come and go as fast as they can, while another thread looks as often as it can."""
    over = threading.Event()
    seen: list[int] = []

    def look(one: Inspected) -> None:
        try:
            for _ in range(100):
                answer = one.ask("tasks", "descriptors", "timers", "stack", seconds=60)
                seen.append(len(answer["tasks"]["rows"]))
        finally:
            over.set()

    async def child(depth: int) -> None:
        async with TaskGroup() as group:
            if depth:
                group.spawn(child, depth - 1)
            await sleep(0)

    async def main() -> None:
        thread = threading.Thread(target=look, args=(of(current_task().reactor),))
        thread.start()
        while not over.is_set():
            async with TaskGroup() as group:
                for _ in range(20):
                    group.spawn(child, 3)
        thread.join()

    run(main, inspect=True)
    assert len(seen) == 100
    assert max(seen) > 1


# -- what changes while it is gone through


def test_what_changed_in_the_middle_is_looked_at_again() -> None:
    failures: list[Exception] = [RuntimeError("changed size"), AttributeError("parent")]

    def look(what: str) -> list[str]:
        if failures:
            raise failures.pop()
        return [what]

    assert steadily(look, "it") == ["it"]


def test_what_never_stands_still_is_not_seen() -> None:
    def look() -> list[str]:
        raise RuntimeError("changed size")

    assert list(steadily(look, times=3)) == []


class Restless(Reactor):
    """Changes whenever somebody looks, and is closed when it is asked for anything."""

    restless = True

    def sight(self) -> Sight:
        if self.restless:
            raise RuntimeError("changed size")
        return super().sight()

    def call_threadsafe(
        self, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        raise ClosedError("closed a moment ago")


def test_a_reactor_that_never_stands_still_is_told(home: Path) -> None:
    with Restless(inspect=True) as reactor, pytest.raises(ReactorError, match="changes too fast"):
        of(reactor).ask()


def test_one_that_is_closed_meanwhile_shows_no_lag(home: Path) -> None:
    with Restless(inspect=True) as reactor:
        reactor.restless = False
        answers: list[Any] = []
        one = of(reactor)
        reactor.call_soon(in_thread, lambda: answers.append(one.ask("lag")))
        reactor.turn()

    assert answers[0]["lag"] == {"seconds": None}


def test_a_reactor_may_have_run_before(home: Path) -> None:
    with Reactor(inspect=True) as reactor:
        run_in(reactor, sleep, 0)
        assert of(reactor).ask()["task_count"] == 0


def test_an_answer_is_one_line_of_json(inspected: Reactor) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(os.fspath(of(inspected).path))
        sock.sendall(b'{"reactor": 1, "parts": ["stack", "tasks", "stack"]}\n')
        text = sock.makefile().read()

    assert text.count("\n") == 1
    assert list(json.loads(text))[-2:] == ["stack", "tasks"]
