"""A recording as a text."""

from __future__ import annotations

import pytest

from reactor.command.view import as_lines
from tests.command import recordings

BEGUN = [
    [0, "place", 1, "talk", "/srv/echo.py", 22, "  receive()\n"],
    [0, "thing", 1, "task", "one", 1],
]


def told(*row: object) -> str:
    """What is said of an event, after its moment, as words with single spaces."""
    *_, line = as_lines([*BEGUN, [1500, *row]])
    assert line.startswith("       1.500 ms  ")
    return " ".join(line.split()[2:])


def test_a_turn_has_a_heading_and_what_happens_in_a_run_stands_further_in() -> None:
    _, rows = recordings.recording()
    text = list(as_lines(rows))

    turn = text.index("turn 3, at 0.144 ms: may sleep for 5.000 ms")
    where = "talk, echo.py:22: data = await client.receive()"
    assert text[turn - 1 : turn + 10] == [
        "",
        "turn 3, at 0.144 ms: may sleep for 5.000 ms",
        "       0.547 ms  poll        fd 6 reading, fd 9 reading",
        "       0.550 ms  wake        client 0",
        "       0.553 ms  wake        client 3",
        f"       0.559 ms  run         client 0                                 {where}",
        "       0.562 ms    cancel    timer timeout of 0",
        "       0.568 ms    schedule  timer timeout of 0 at 60.565 ms",
        "       0.571 ms    watch     fd 6 reading: client 0",
        f"       0.574 ms    park      client 0 on <Side fd=6 reading>          {where}",
        f"       0.577 ms  run         client 3                                 {where}",
    ]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (["poll", []], "poll nothing"),
        (["poll", [[7, "rw"], [8, "x"]]], "poll fd 7 reading, writing, fd 8 x"),
        (["run", 1, 1], "run one talk, echo.py:22: receive()"),
        (["run", 2, None], "run thing 2"),
        (["run", 2, 9], "run thing 2"),
        (["wake", 1], "wake one"),
        (["error", 1, "ValueError: no"], "error one with ValueError: no"),
        (["schedule", 1, 1_500_000], "schedule one at 1,500.000 ms"),
        (["schedule", 1, None], "schedule one never"),
        (["cancel", 1], "cancel one"),
        (["watch", 7, "w", None], "watch fd 7 writing: nobody"),
        (["disarm", 7, "r"], "disarm fd 7 reading"),
        (["forget", 7], "forget fd 7"),
        (["spawn", 1, None], "spawn one"),
        (["spawn", 1, 2], "spawn one in thing 2"),
        (["throw", 1, "Cancelled()"], "throw one with Cancelled()"),
        (["finish", 1, None], "finish one"),
        (["cut", 100], "cut the recording was full after 100 events"),
        (["end"], "end"),
        (["sneeze", 4, "times"], "sneeze 4 times"),
    ],
)
def test_an_event_is_told_by_names(row: list[object], line: str) -> None:
    assert told(*row) == line


@pytest.mark.parametrize(
    ("patience", "said"),
    [
        (None, "may sleep until something happens"),
        (0, "does not sleep"),
        (20, "may sleep for 0.020 ms"),
    ],
)
def test_a_heading_says_how_long_the_turn_may_sleep(patience: int | None, said: str) -> None:
    assert list(as_lines([[7, "turn", patience]])) == ["", f"turn 1, at 0.007 ms: {said}"]


def test_a_name_moves_no_cursor() -> None:
    *_, line = as_lines([[0, "thing", 1, "task", "\x1b[2J\n\u202eé", None], [1, "wake", 1]])

    assert line.endswith(r"wake        \x1b[2J\n\u202eé")


def test_a_place_without_its_line_is_a_place() -> None:
    *_, line = as_lines([[0, "place", 1, "f", "a.py", 3, ""], [1, "run", 2, 1]])

    assert line.endswith("f, a.py:3")


def test_tasks_of_one_name_are_told_apart() -> None:
    introduced: list[list[object]] = [
        [0, "thing", number, "task", "talk", None] for number in (1, 2)
    ]
    *_, line = as_lines([*introduced, [1, "wake", 2]])

    assert line.endswith("wake        talk 2")


def test_who_is_told_by_descriptors_is_told_apart_by_them() -> None:
    events: list[list[object]] = []
    for number in (1, 2):
        events.append([0, "thing", number, "callback", "Channel", None])
        events.append([1, "watch", 6 + number, "r", number])
    *_, line = as_lines([*events, [2, "wake", 2]])

    assert line.endswith("wake        Channel, fd 8")
