"""What the tests of the workers stand on: a reactor in real time, as threads are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import pytest

from reactor import Reactor
from tests.tasks.parts import Heard
from tests.workers.parts import LONG, Attentive, Held


@pytest.fixture
def heard() -> Heard:
    """What was reported because nobody could receive it."""
    return Heard()


@pytest.fixture
def reactor(heard: Heard) -> Iterator[Attentive]:
    """A real reactor, whose every turn fails after half a minute. A test may close it."""
    with Attentive(heard) as made:
        made.call_later(LONG, _too_late)
        yield made


@pytest.fixture
def held(reactor: Reactor) -> Iterator[Held]:
    """A call that a thread makes; it ends with the test at the latest."""
    made = Held(reactor)
    yield made
    made.release()


class TooLate(BaseException):
    """Half a minute has passed."""


def _too_late() -> NoReturn:
    raise TooLate("half a minute has passed, and what the test waits for has not come")
