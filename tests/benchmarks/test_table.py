"""Tables and plots, of known figures."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.aims import AIMS, Aim
from tests.benchmarks.axes import AXES, Axis
from tests.benchmarks.growth import Curve, Panel
from tests.benchmarks.plot import as_svg, as_text
from tests.benchmarks.system_calls import parsed
from tests.benchmarks.table import aims_table, costs_table

pytestmark = pytest.mark.once

ECHO = Aim("echo", "ours", "theirs", 0.9, 1.1)
BYTES = Aim("memory", "ours", None, 600, 300, less=True)
COUNT = Aim("instructions", "ours", "bare", 1.9, None, less=True)


@pytest.mark.parametrize(
    ("aim", "value", "verdict"),
    [
        (ECHO, 0.89, "NOT MET"),
        (ECHO, 0.9, "floor met"),
        (ECHO, 1.1, "aim met"),
        (BYTES, 601, "NOT MET"),
        (BYTES, 600, "floor met"),
        (BYTES, 300, "aim met"),
        (COUNT, 1.91, "NOT MET"),
        (COUNT, 1.0, "floor met"),
    ],
)
def test_a_figure_is_judged(aim: Aim, value: float, verdict: str) -> None:
    assert aim.verdict(value) == verdict


def test_aims_are_shown_with_what_is_reached_of_them_and_how_sure_that_is() -> None:
    results = {
        "echo": {"ours": [1.0, 2.0, 1.0], "theirs": [1.0, 2.0, 1.2]},
        "memory": {"ours": [1_500.0]},
        "instructions": {"ours": [150.0], "bare": [100.0]},
    }

    assert aims_table(results, [ECHO, BYTES, COUNT]) == (
        "axis          kind  beside  figure        interval    floor     aim\n"
        "echo          ours  theirs    1.00    1.00 .. 1.20     0.90    1.10  floor met ?\n"
        "memory        ours  -        1,500  1,500 .. 1,500   <= 600  <= 300      NOT MET\n"
        "instructions  ours  bare      1.50    1.50 .. 1.50  <= 1.90       -    floor met"
    )


def test_what_was_not_measured_is_not_judged() -> None:
    assert aims_table({"echo": {"ours": [1.0]}}, [ECHO]).count("\n") == 0


def test_costs_are_shown_in_their_unit_and_beside_the_base() -> None:
    axis = Axis("an echo", ("ours", "base"), "base", lambda names, rounds, tell: {})

    assert costs_table(axis, {"ours": [1e-6, 3e-6], "base": [2e-6, 3e-6]}) == (
        "an echo    us      interval  x base      interval\n"
        "ours     2.00  1.00 .. 3.00    1.50  1.00 .. 2.00\n"
        "base     2.50  2.00 .. 3.00    1.00  1.00 .. 1.00"
    )


def test_every_aim_is_about_what_is_measured() -> None:
    for aim in AIMS:
        if aim.axis != "nine":
            assert {aim.ours, aim.peer or aim.ours} <= set(AXES[aim.axis].names), aim


PANEL = Panel(
    "a <thing>",
    "things",
    (
        Curve("flat", ((10, 1e-6), (100, 1e-6), (1000, 1.1e-6))),
        Curve("steep", ((10, 1e-6), (100, 1e-5), (1000, 1e-4))),
    ),
)


def test_growth_is_shown_as_text() -> None:
    assert as_text(PANEL).splitlines() == [
        "a <thing>, microseconds; things: 10, 100, 1,000",
        "  flat              ▁▁▁        1.00     1.00     1.10   x 1.10",
        "  steep             ▁██        1.00    10.00   100.00   x 100.00",
    ]


def test_growth_is_drawn_as_svg_in_which_in_proportion_is_a_straight_line() -> None:
    root = ET.fromstring(as_svg([PANEL, PANEL]))

    lines = list(root.iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == 4
    (x1, y1), (x2, y2), (x3, y3) = (
        map(float, point.split(",")) for point in lines[1].attrib["points"].split()
    )
    assert (x2 - x1, y2 - y1) == pytest.approx((x3 - x2, y3 - y2), abs=0.2)


def test_system_calls_are_read_from_what_strace_writes() -> None:
    table = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ------------------
 60.00    0.000120           1       120           read
 40.00    0.000080           1        80         3 openat
------ ----------- ----------- --------- --------- ------------------
100.00    0.000200           1       200         3 total
"""

    assert parsed(table) == {"read": 120, "openat": 80}
