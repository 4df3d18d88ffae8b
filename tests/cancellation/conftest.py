"""What these tests stand on: a collector that has nothing to go through but what they make."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(autouse=True)
def what_was_there_before_is_set_aside() -> None:
    """Each run asks the collector for what it has left, so what others have made, and what pytest
    keeps of each test, is set aside for good.
    """
    gc.collect()
    gc.freeze()
