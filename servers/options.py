"""What a server is told before it starts, beside its listening socket and its journal.

Law of this file: an Options that exists is valid, so no server checks one again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

POLLERS: Final = ("select", "poll", "epoll", "kqueue")
"""The mechanisms that can be asked for by name; no system has every one."""

WORKERS: Final = 5
"""How many processes or threads are started ahead, unless told."""

MOST_WORKERS: Final = 1_000
"""More are a slip of the keyboard, and would be the machine's last."""


@dataclass(frozen=True, slots=True)
class Options:
    """How one server shall run. Raises ValueError for a value that means nothing, and says why.

    limit: the most clients at a time; one more is accepted and closed at once. None: no limit.
    workers: how many processes or threads are started ahead. None: WORKERS, where there are any.
    idle_timeout: seconds for which a client may neither send nor take a reply. None: for ever.
    poller: what the server waits with, one of POLLERS. None: the model or the loop chooses.
    """

    limit: int | None = None
    workers: int | None = None
    idle_timeout: float | None = None
    poller: str | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise ValueError(f"a limit of {self.limit} clients serves nobody; give 1 or more")
        if self.workers is not None and not 1 <= self.workers <= MOST_WORKERS:
            raise ValueError(
                f"{self.workers} workers cannot be started; give 1 to {MOST_WORKERS:,}"
            )
        if self.idle_timeout is not None and not 0 < self.idle_timeout < math.inf:
            raise ValueError(
                f"an idle timeout of {self.idle_timeout:g} seconds cannot be kept; "
                "give a number above 0, or leave it out to wait for ever"
            )
        if self.poller is not None and self.poller not in POLLERS:
            raise ValueError(f"unknown poller {self.poller!r}; choose from {', '.join(POLLERS)}")
