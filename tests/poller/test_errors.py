"""The framework's errors: one family, and Cancelled, which is no error."""

from __future__ import annotations

import inspect

import pytest

from reactor import errors
from reactor.errors import Cancelled, EndOfStream, ReactorError

EVERY_ERROR = [
    thing
    for thing in vars(errors).values()
    if inspect.isclass(thing) and thing.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", [e for e in EVERY_ERROR if e is not Cancelled])
def test_every_error_is_a_reactor_error(error: type[BaseException]) -> None:
    assert issubclass(error, ReactorError)
    assert issubclass(error, Exception)


def test_cancelled_is_no_exception_so_that_except_exception_lets_it_pass() -> None:
    assert issubclass(Cancelled, BaseException)
    assert not issubclass(Cancelled, Exception)


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_every_error_says_what_it_was_told(error: type[BaseException]) -> None:
    assert str(error("what failed, what to do")) == "what failed, what to do"


def test_what_arrived_before_the_end_of_a_stream_is_kept() -> None:
    early = EndOfStream("the peer finished", b"half")

    assert str(early) == "the peer finished"
    assert early.partial == b"half"
    assert EndOfStream("the peer finished").partial == b""
