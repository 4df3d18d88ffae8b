"""What the tests in a browser share."""

from __future__ import annotations

from typing import Final

import pytest

from tests.browser.driver import PROGRAMS

in_a_browser: Final = [pytest.mark.once, pytest.mark.needs(*PROGRAMS)]
"""The marks of such a test: pages are the same on every Python, and need a browser."""
