"""What the tests of processes stand on: a reactor in real time, a look at what was left behind."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from reactor import Reactor
from reactor.process import children_of
from tests.process.parts import LONG, can_have_pidfds
from tests.tasks.parts import Heard


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Every test closes what it opened, and reaps whom it started."""
    before = _open_descriptors()
    yield
    if _open_descriptors() != before:
        gc.collect()  # an error that a test has caught may keep what it was raised in
    assert _open_descriptors() == before
    with pytest.raises(ChildProcessError):  # no child: none that lives, and none that is dead
        os.waitpid(-1, os.WNOHANG)


def _open_descriptors() -> set[str]:
    return set(os.listdir("/dev/fd")) if Path("/dev/fd").exists() else set()


@pytest.fixture
def heard() -> Heard:
    """What was reported because nobody could receive it."""
    return Heard()


@pytest.fixture
def reactor(heard: Heard) -> Iterator[Reactor]:
    """A real reactor, whose every turn fails after half a minute. A test may close it."""
    with Reactor(on_error=heard) as made:
        made.call_later(LONG, _too_late)
        yield made
    assert heard.errors == []


@pytest.fixture(params=["pidfd", "SIGCHLD"])
def each_way(request: pytest.FixtureRequest, reactor: Reactor) -> Reactor:
    """The reactor, which hears of the end of a process in either way."""
    if request.param == "SIGCHLD":
        children_of(reactor).by_signal = True
    elif not can_have_pidfds():
        pytest.skip("only where there is a pidfd")
    return reactor


class TooLate(BaseException):
    """Half a minute has passed."""


def _too_late() -> NoReturn:
    raise TooLate("half a minute has passed, and what the test waits for has not come")
