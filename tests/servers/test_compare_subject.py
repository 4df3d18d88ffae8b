"""A server that is measured: it ends in good order, or that is told; nobody is left."""

from __future__ import annotations

import os

import pytest

from servers.catalog import find_model
from servers.compare import CompareError
from servers.compare.subject import Subject
from tests.servers.harness import wait_until


def test_a_server_that_does_not_start_is_told_of() -> None:
    nobody = find_model("epoll")
    with pytest.raises(CompareError, match="did not start"):
        Subject(nobody, "nothing", seats=1)


def test_a_server_that_is_killed_meanwhile_is_told_of() -> None:
    with (
        pytest.raises(CompareError, match="ended with exit code -9"),
        Subject(find_model("epoll"), "reactor", seats=1) as subject,
    ):
        os.kill(subject.group, 9)


def test_a_server_is_gone_when_its_measuring_fails() -> None:
    with pytest.raises(KeyError), Subject(find_model("prefork"), "reactor", seats=3) as subject:
        raise KeyError

    def is_gone() -> bool:
        try:
            os.killpg(subject.group, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(is_gone)
