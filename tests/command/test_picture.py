"""What top shows in as many lines as there are; figures as a person reads them."""

from __future__ import annotations

from typing import Any

import pytest

from reactor.command.answers import holder, title
from reactor.command.picture import picture
from reactor.command.rates import Rates, rates
from reactor.command.words import counted, printable, share, span, table

STILL = Rates(0.0, 0.0, 0.0)


def answer(tasks: int = 0, descriptors: int = 0, timers: int = 0, left_out: int = 0) -> Any:
    """Return what a reactor says that has so much of everything."""
    stack = [["work", "app.py", 3]]
    return {
        "pid": 7,
        "number": 1,
        "program": ["python", "app.py"],
        "poller": "EpollPoller",
        "state": "asleep",
        "in_this_state": 2.0,
        "task_count": tasks,
        "ready_count": 1,
        "lag": {"seconds": 0.0015},
        "tasks": {
            "rows": [
                {"depth": 0, "text": f"<Task {count}>", "task": "work", "stack": stack}
                for count in range(tasks)
            ],
            "left_out": left_out,
        },
        "descriptors": {
            "rows": [
                {"fd": fd, "side": "reading", "armed": False, "waiter": None}
                for fd in range(descriptors)
            ],
            "left_out": 0,
        },
        "timers": {
            "rows": [{"seconds": None, "text": f"<Timer {count}>"} for count in range(timers)],
            "left_out": 0,
        },
    }


def test_with_room_all_of_it_is_shown() -> None:
    assert picture(answer(1, 1, 1), Rates(1.25, 3.0, 0.5), None) == [
        "reactor 7.1 of app.py: over EpollPoller, asleep for 2.0 s, 1 task",
        "1.2 turns/s, 3.0 events/s, busy 50 %, lag 1.5 ms, 1 call ready",
        "",
        "<Task 0> at work (app.py:3)",
        "",
        "fd  side     armed  who waits",
        "0   reading  no     nobody",
        "",
        "due in  what",
        "never   <Timer 0>",
    ]


@pytest.mark.parametrize("room", range(1, 60))
def test_it_never_has_more_lines_than_room(room: int) -> None:
    assert len(picture(answer(50, 50, 50), STILL, room)) <= room


@pytest.mark.parametrize("room", range(20, 60))
def test_what_there_is_no_room_for_is_counted(room: int) -> None:
    lines = picture(answer(50, 5, 5), STILL, room)

    shown = sum(line.startswith("<Task ") for line in lines)
    assert f"... and {50 - shown} more" in lines


def test_what_was_left_out_of_the_answer_is_said() -> None:
    assert "... and 9 more" in picture(answer(1, left_out=9), STILL, None)


def test_without_tasks_it_says_so() -> None:
    assert "no tasks" in picture(answer(), STILL, None)


def test_a_long_command_line_is_cut() -> None:
    of = answer() | {"program": ["python", "x" * 100]}

    assert f"of {'x' * 57}...: over" in title(of)


def test_an_interpreter_without_words_is_called_python() -> None:
    assert "of python: over" in title(answer() | {"program": ["python"]})


def test_a_loop_that_is_at_work_between_two_calls_says_so() -> None:
    stack = {"runs": None, "places": [["main", "app.py", 9]]}

    assert list(holder(answer() | {"state": "at work", "stack": stack})) == [
        "the loop is at work, for 2.0 s",
        "  it is between two calls",
        "  at main (app.py:9)",
    ]


# -- rates


def test_rates_are_of_the_time_between_two_looks() -> None:
    before = {"turns": 10, "events": 100, "asleep": 1.0, "seconds": 5.0}
    after = {"turns": 30, "events": 110, "asleep": 2.0, "seconds": 7.0}

    assert rates(before, after) == Rates(10.0, 5.0, 0.5)


def test_without_a_look_before_they_are_of_all_the_time() -> None:
    after = {"turns": 30, "events": 10, "asleep": 1.0, "seconds": 2.0}

    assert rates(None, after) == Rates(15.0, 5.0, 0.5)


def test_two_looks_at_the_same_moment_divide_by_nothing() -> None:
    same = {"turns": 30, "events": 10, "asleep": 1.0, "seconds": 2.0}

    assert rates(same, same).turns == 0.0


# -- words


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0.0, "0 us"),
        (0.000_012, "12 us"),
        (0.0015, "1.5 ms"),
        (-0.5, "-500.0 ms"),
        (3.21, "3.2 s"),
        (90.0, "1.5 min"),
        (5400.0, "1.5 h"),
        (129_600.0, "1.5 d"),
    ],
)
def test_a_span_has_the_unit_that_fits(seconds: float | None, shown: str) -> None:
    assert span(seconds) == shown


@pytest.mark.parametrize(
    ("part", "shown"), [(-0.1, "0 %"), (0.0, "0 %"), (0.5, "50 %"), (1.2, "100 %")]
)
def test_a_share_is_of_a_hundred(part: float, shown: str) -> None:
    assert share(part) == shown


def test_one_is_not_many() -> None:
    assert [counted(count, "task") for count in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert printable("a\x1b[2J\n\u202eb") == "a\\x1b[2J\\n\\u202eb"
    assert printable("na\u00efve") == "na\u00efve"


def test_columns_stand_under_their_heads() -> None:
    assert table(("a", "long", "last"), [("123", "x", "much more\n"), ("1", "", "")]) == [
        "a    long  last",
        "123  x     much more\\n",
        "1",
    ]
