"""The contracts find what is broken: each clause by a mechanism, trap or tracer that breaks it."""

from __future__ import annotations

import gc
import os
import select
from collections.abc import Callable
from typing import Any

import pytest

from reactor import Handle, Runnable, Task, Tracer, Trap, WaitQueue, current_task
from reactor.poller import READ, Mechanism, PollPoller, is_open
from reactor.testing import MechanismContract, TracerContract, TrapContract
from tests.testing.verdicts import verdict

Ready = list[tuple[int, int]]


class Passing:
    """A mechanism that passes everything on to one that keeps the contract."""

    def __init__(self) -> None:
        self.inner = PollPoller()
        self.readable = self.inner.readable
        self.writable = self.inner.writable

    def add(self, fd: int, events: int) -> None:
        self.inner.add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self.inner.change(fd, old, new)

    def drop(self, fd: int, events: int) -> None:
        self.inner.drop(fd, events)

    def wait(self, timeout: float | None) -> Ready:
        return self.inner.wait(timeout)

    def close(self) -> None:
        self.inner.close()


class Inventive(Passing):
    def wait(self, timeout: float | None) -> Ready:
        return [*self.inner.wait(0.0), (0, READ)]


class Verbose(Passing):
    """Says more than that it is readable."""

    def wait(self, timeout: float | None) -> Ready:
        return [(fd, mask | select.POLLPRI) for fd, mask in self.inner.wait(timeout)]


class Mixing(Passing):
    """Takes either side for the other."""

    def __init__(self) -> None:
        super().__init__()
        self.readable = self.writable = ~0


class Splitting(Passing):
    def wait(self, timeout: float | None) -> Ready:
        return [(fd, mask & bit) for fd, mask in self.inner.wait(timeout) for bit in (1, 4)]


class Optimist(Passing):
    """Finds everything ready."""

    def __init__(self) -> None:
        super().__init__()
        self.watched: dict[int, int] = {}

    def add(self, fd: int, events: int) -> None:
        self.watched[fd] = events

    def wait(self, timeout: float | None) -> Ready:
        return [(fd, READ) for fd in self.watched]


class EdgeTriggered(Passing):
    def __init__(self) -> None:
        super().__init__()
        self.told: set[int] = set()

    def wait(self, timeout: float | None) -> Ready:
        new = [(fd, mask) for fd, mask in self.inner.wait(0.0) if fd not in self.told]
        self.told.update(fd for fd, _ in new)
        return new


class Short(Passing):
    def wait(self, timeout: float | None) -> Ready:
        return self.inner.wait(timeout)[:100]


class Stubborn(Passing):
    """Changes nothing once it is told."""

    def change(self, fd: int, old: int, new: int) -> None:
        pass

    def drop(self, fd: int, events: int) -> None:
        pass

    def wait(self, timeout: float | None) -> Ready:
        return self.inner.wait(0.0)


class Exact(Passing):
    """Drops nothing but what it watches and is open."""

    def __init__(self) -> None:
        super().__init__()
        self.watched: set[int] = set()

    def add(self, fd: int, events: int) -> None:
        self.watched.add(fd)
        self.inner.add(fd, events)

    def drop(self, fd: int, events: int) -> None:
        self.watched.remove(fd)
        if not is_open(fd):
            raise OSError("cannot drop what is closed")
        self.inner.drop(fd, events)


class Credulous(Passing):
    def add(self, fd: int, events: int) -> None:
        try:
            self.inner.add(fd, events)
        except OSError:
            pass


class Blind(Passing):
    """Does not see hang-ups and errors."""

    def wait(self, timeout: float | None) -> Ready:
        gone = select.POLLHUP | select.POLLERR
        return [(fd, mask) for fd, mask in self.inner.wait(timeout) if not mask & gone]


class OneSided(Passing):
    """Sees in what it watches to write nothing but that, and the other way."""

    def __init__(self) -> None:
        super().__init__()
        self.readable, self.writable = select.POLLIN, 0


class Ended(Passing):
    """Takes what can be read for what can be written too."""

    def __init__(self) -> None:
        super().__init__()
        self.writable |= READ


def over(make: Callable[[], Mechanism]) -> type[MechanismContract]:
    """Return the contract over what make makes."""

    class Broken(MechanismContract):
        def make(self) -> Mechanism:
            return make()

    return Broken


@pytest.mark.parametrize(
    ("broken", "test", "told"),
    [
        (Inventive, "nothing_is_watched_at_first", "a new mechanism watches nothing"),
        (Verbose, "readable_and_nothing_else_is_the_mask_read", "and nothing else is told as READ"),
        (Mixing, "readable_and_nothing_else_is_the_mask_read", "no bit of the writable mask"),
        (OneSided, "writable_alone_is_told_by_the_writable_mask", "bits of the writable mask only"),
        (Splitting, "ready_both_ways_is_one_entry", "one entry a descriptor"),
        (
            Optimist,
            "a_full_buffer_is_not_writable_and_an_empty_one_not_readable",
            "what would block is not told",
        ),
        (EdgeTriggered, "it_is_told_again_as_long_as_it_is_ready", "one entry a descriptor"),
        (Optimist, "it_is_told_again_as_long_as_it_is_ready", "ready no more is told no more"),
        (Short, "all_that_is_ready_is_told_at_once", "one wait tells of all that is ready"),
        (Stubborn, "change_watches_for_new_instead_of_old", "change(fd, 1, 2) watches for new"),
        (
            Stubborn,
            "a_dropped_descriptor_is_told_no_more_and_others_are",
            "one entry a descriptor",
        ),
        (Exact, "dropping_what_was_closed_already_is_no_error", "cannot drop what is closed"),
        (
            Stubborn,
            "dropping_a_number_that_is_another_file_by_now_is_no_error",
            "a number that was dropped is told no more",
        ),
        (Exact, "dropping_what_is_not_watched_is_no_error", ""),
        (Credulous, "what_is_not_open_is_refused_at_once", "with OSError (EBADF)"),
        (Blind, "a_closed_peer_counts_as_both", "one entry a descriptor"),
        (Ended, "a_peer_that_finished_sending_is_readable", "is readable, and nothing else"),
        (OneSided, "a_reset_counts_as_both", "a reset counts as both"),
        (OneSided, "a_refused_connection_counts_as_both", "a refused connection counts as both"),
        (Blind, "a_pipe_whose_writer_is_gone_is_readable", ""),
        (Blind, "a_pipe_whose_reader_is_gone_is_writable", ""),
    ],
)
def test_a_mechanism_that_breaks_a_clause_is_told_so(
    broken: Callable[[], Mechanism], test: str, told: str
) -> None:
    said = verdict(over(broken), test)

    assert told in said
    assert said


def test_a_mechanism_that_only_passes_on_breaks_none() -> None:
    whole = over(Passing)
    tests = [name.removeprefix("test_") for name in dir(whole) if name.startswith("test_")]

    assert len(tests) == 19
    assert {verdict(whole, test) for test in tests} == {""}


# -- traps


class Deaf(WaitQueue[None]):
    """Wakes nobody."""

    def wake_all(self, answer: None) -> None:
        pass


class Vague(WaitQueue[None]):
    """Does not say whether it was in time."""

    def abort(self, task: Task[Any]) -> bool:
        super().abort(task)
        return None  # type: ignore[return-value] # as a program would that is not checked


class Clinging(WaitQueue[None]):
    """Keeps who was cancelled."""

    def abort(self, task: Task[Any]) -> bool:
        return super().__len__() > 0


class Late(WaitQueue[None]):
    """Says that it has answered, and does so later."""

    def wake_all(self, answer: None) -> None:
        current_task().reactor.call_later(1, super().wake_all, None)


class Spent(Trap[None]):
    """Is no good any more when one was cancelled."""

    def __init__(self) -> None:
        self.tasks: list[Task[Any]] = []
        self.spent = False

    def park(self, task: Task[Any]) -> None:
        if self.spent:
            raise LookupError("spent")
        self.tasks.append(task)

    def abort(self, task: Task[Any]) -> bool:
        if task not in self.tasks:
            return False
        self.tasks.remove(task)
        self.spent = True
        return True

    def wake_all(self, answer: None) -> None:
        while self.tasks:
            self.tasks.pop().wake()


def around(made: Callable[[], Any]) -> type[TrapContract[Any]]:
    """Return the contract around what made makes."""

    class Broken(TrapContract[Any]):
        def make(self) -> Any:
            return made()

        def answer(self, trap: Any) -> bool:
            trap.wake_all(None)
            return True

    return Broken


@pytest.mark.parametrize(
    ("broken", "test", "told"),
    [
        (Deaf, "a_task_goes_on_when_it_is_answered", "nothing can happen any more"),
        (Vague, "who_does_not_wait_cannot_be_taken_out", "that does not wait there, not None"),
        (
            Clinging,
            "a_park_has_one_answer_in_whatever_turns_it_is_answered_and_cancelled",
            "",
        ),
        (
            Late,
            "what_has_been_answered_is_not_cancelled_in_the_same_turn",
            "an answer that is on its way is delivered, though <Scope, cancelled> was cancelled",
        ),
        (Spent, "one_that_is_cancelled_leaves_its_place_to_the_next", "spent"),
    ],
)
def test_a_trap_that_breaks_a_clause_is_told_so(
    broken: Callable[[], object], test: str, told: str
) -> None:
    said = verdict(around(broken), test)

    assert told in said
    assert said


# -- tracers


class FailsIn(Tracer):
    """Fails in the hook of that name."""

    def __init__(self, name: str) -> None:
        setattr(self, name, self.fail)

    def fail(self, *args: object) -> None:
        raise LookupError("cannot")

    def __repr__(self) -> str:
        return "<FailsIn>"


class Meddling(Tracer):
    """Calls off what it is told of."""

    def run(self, what: Runnable) -> None:
        if type(what) is Handle:
            what.cancel()


def watching(make: Callable[[], Tracer]) -> type[TracerContract]:
    """Return the contract for what make makes."""

    class Broken(TracerContract):
        def make(self) -> Tracer:
            return make()

    return Broken


@pytest.mark.parametrize("name", ["turn", "wake", "run", "park", "finish"])
def test_a_tracer_that_fails_is_told_so(name: str) -> None:
    said = verdict(watching(lambda: FailsIn(name)), "it_fails_in_no_hook")

    assert said.startswith("a tracer raises nothing, on one reactor after the other: it is told of")


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("it_changes_nothing", "what happens is the same, in the same order, when watched"),
        ("it_lets_interrupts_through", "what is no Exception leaves the loop, watched or not"),
    ],
)
def test_a_tracer_that_meddles_is_told_so(test: str, told: str) -> None:
    assert verdict(watching(Meddling), test) == told


# -- what is not written


@pytest.mark.parametrize(
    ("made", "test", "told"),
    [
        (MechanismContract, "nothing_is_watched_at_first", "has no make(), so there is nothing"),
        (TrapContract, "who_does_not_wait_cannot_be_taken_out", "has no make(), so there is no"),
        (TracerContract, "it_changes_nothing", "has no make(), so there is nothing to try; write"),
    ],
)
def test_without_a_part_there_is_nothing_to_try(
    made: Callable[[], object], test: str, told: str
) -> None:
    assert told in verdict(made, test)


def test_without_an_answer_no_wait_ends() -> None:
    class Half(TrapContract[WaitQueue[None]]):
        def make(self) -> WaitQueue[None]:
            return WaitQueue()

    said = verdict(Half, "a_task_goes_on_when_it_is_answered")

    assert said.endswith("has no answer(trap), so no wait ends; write it")


def test_what_a_contract_opens_it_closes() -> None:
    gc.collect()  # or what an earlier test has left may be let go meanwhile
    before = os.listdir("/dev/fd")
    verdict(over(Passing), "all_that_is_ready_is_told_at_once")
    assert len(os.listdir("/dev/fd")) == len(before)
