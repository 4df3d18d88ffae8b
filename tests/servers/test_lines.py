"""What a journal writes on: full, it costs lines, and holds nobody up."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from servers.lines import Lines
from tests.poller.children import in_child
from tests.servers.harness import DEADLINE

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """The two ends of a pipe, reading and writing."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    yield reading, writing
    os.close(reading)
    os.close(writing)


def fill(writing: int) -> None:
    """Write until there is no room."""
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writing, True)


@pytest.mark.skipif(not hasattr(os, "RWF_NOWAIT"), reason="only where a write can be told")
def test_writers_who_race_for_the_last_room_all_come_back(pipe: Pipe) -> None:
    reading, writing = pipe
    lines = Lines(writing)

    def tell() -> None:
        for _ in range(200):
            if lines.have_room():
                lines.write("x" * 2000)

    for _ in range(10):
        threads = [threading.Thread(target=tell, daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)
        assert not any(thread.is_alive() for thread in threads)
        os.read(reading, 1 << 20)


def test_a_child_has_not_lost_what_its_parent_has(pipe: Pipe) -> None:
    reading, writing = pipe
    lines = Lines(writing)
    fill(writing)
    assert [lines.have_room(), lines.have_room()] == [False, False]
    os.read(reading, 1 << 20)

    def child() -> None:
        assert lines.have_room()
        assert lines.take_lost() == 0

    assert in_child(child) == 0
    assert lines.have_room()
    assert lines.take_lost() == 2


def test_who_is_gone_is_written_to_no_more() -> None:
    reading, writing = os.pipe()
    lines = Lines(writing)
    os.close(reading)
    assert lines.have_room()  # which is tried
    lines.write("to nobody")
    assert not lines.have_room()
    os.close(writing)


def test_a_number_that_is_not_open_is_gone() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    lines = Lines(writing)
    assert lines.have_room()
    lines.write("to nobody")
    assert not lines.have_room()
