"""Options that exist are valid."""

from __future__ import annotations

import math
from typing import Any

import pytest

from servers.options import POLLERS, Options


def test_nothing_is_limited_unless_told() -> None:
    assert Options() == Options(limit=None, workers=None, idle_timeout=None, poller=None)


@pytest.mark.parametrize("poller", POLLERS)
def test_whatever_makes_sense_is_taken(poller: str) -> None:
    assert Options(limit=1, idle_timeout=0.1, poller=poller).limit == 1


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"limit": 0}, "a limit of 0 clients serves nobody; give 1 or more"),
        ({"limit": -3}, "a limit of -3 clients"),
        ({"workers": 0}, "0 workers cannot be started; give 1 to 1,000"),
        ({"workers": 1001}, "1001 workers cannot be started"),
        ({"idle_timeout": 0}, "an idle timeout of 0 seconds cannot be kept; give a number above 0"),
        ({"idle_timeout": -0.5}, "an idle timeout of -0.5 seconds"),
        ({"idle_timeout": math.nan}, "an idle timeout of nan seconds"),
        ({"idle_timeout": math.inf}, "an idle timeout of inf seconds"),
        ({"poller": "devpoll"}, "unknown poller 'devpoll'; choose from select, poll, epoll, kq"),
    ],
    ids=str,
)
def test_whatever_makes_none_is_refused_by_name(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Options(**wrong)
