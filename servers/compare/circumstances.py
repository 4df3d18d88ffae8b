"""The circumstances: on what, and how, it was measured.

Law of this file: figures without it belong to nobody, so a page of results begins with it.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from reactor.poller import default_poller


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run depends on.

    python: implementation and version. system: kernel, release and machine. processors: how many.
    poller: what loops wait with where the model does not say. began: when. seconds: how long it
    took.
    """

    python: str
    system: str
    processors: int
    poller: str
    rounds: int
    began: datetime
    seconds: float

    @classmethod
    def since(cls, began: datetime, rounds: int) -> Self:
        """Return those of a run on this machine that began then and has just ended."""
        with default_poller() as poller:
            mechanism = type(poller).__name__.removesuffix("Poller").lower()
        return cls(
            python=f"{platform.python_implementation()} {platform.python_version()}",
            system=f"{platform.system()} {platform.release()}, {platform.machine()}",
            processors=os.cpu_count() or 1,
            poller=mechanism,
            rounds=rounds,
            began=began,
            seconds=(datetime.now(UTC) - began).total_seconds(),
        )
