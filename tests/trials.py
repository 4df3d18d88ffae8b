"""How many examples a test tries: as many as it asks for, or a quarter under the profile "few".

Law of this file: the examples are new ones each time, on each Python, so a quarter on another
Python adds to what the first has tried, and does not repeat it.
"""

from __future__ import annotations

from typing import Final

from hypothesis import settings

FEW: Final = "few"
"""The name of the profile, for --hypothesis-profile: what fewer examples tell is enough."""

settings.register_profile(FEW, max_examples=25)


def examples(count: int) -> int:
    """Return count, or under another profile the share of it that this has of 100."""
    return max(1, count * settings().max_examples // 100)
