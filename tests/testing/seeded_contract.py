"""The contract of streams in a World of the test's seed: what is promised is promised in any
order, and in any pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from reactor import Reactor
from reactor.testing import StreamContract, World


class SeededStreamContract(StreamContract):
    """Derive from it instead of StreamContract; world is where a test runs."""

    seed: int | None = None

    @pytest.fixture(autouse=True)
    def under(self, seed: int | None) -> None:
        """Take the seed of the test, if there is one."""
        if seed is not None:
            self.seed = seed

    def run(self, main: Callable[[Reactor], Coroutine[Any, Any, None]]) -> None:
        with World(seed=self.seed) as self.world:
            self.world.run(main, self.world.reactor)
