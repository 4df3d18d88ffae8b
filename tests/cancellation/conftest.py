"""What these tests stand on: a collector that has nothing to go through but what they make."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def what_was_there_before_is_set_aside() -> Iterator[None]:
    """Each run asks the collector for what it has left."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
