"""Replay: one seed is one run, to the byte, on this machine as on another; another is another."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.project.environments import PROJECT
from tests.testing.village import HOOKS, trace


def in_a_process(seed: int, hash_seed: str) -> bytes:
    """Return the trace of a process of its own, which hashes in its own way."""
    return subprocess.run(
        [sys.executable, "-m", "tests.testing.village", str(seed)],
        capture_output=True,
        check=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    ).stdout


def test_a_village_lives_and_does_the_same_again(seed: int | None) -> None:
    mine = 0 if seed is None else seed

    assert trace(mine) == trace(mine)


def test_the_same_seed_is_the_same_to_the_byte_in_every_process() -> None:
    first, *others = (in_a_process(7, hash_seed) for hash_seed in ("0", "1", "4711"))

    assert first.count(b"\n") > 1000
    assert others == [first, first]


def test_another_seed_is_another_run() -> None:
    assert len({trace(seed) for seed in range(20)}) == 20


@pytest.mark.parametrize("hook", sorted({*HOOKS} - {"begin", "error", "disarm"}))
def test_there_is_something_of_everything_in_it(hook: str) -> None:
    assert any(line.split()[0] == hook for line in trace(7).splitlines())


def test_connections_are_lost_and_guests_give_up_or_hear_all() -> None:
    text = "".join(trace(seed) for seed in range(5))

    for line in ("host ConnectionResetError", r"guest \d+ True", r"guest \d+ False"):
        assert re.search(f"(?m)^{line}", text)
