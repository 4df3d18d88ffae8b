"""One browser for all tests of this folder, each of which finds it as new.

Law of this file: a page that complains on its console fails its test. A module of tests says
`pytestmark = in_a_browser` (parts.py), by which it is skipped where there is no browser.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.driver import Browser
from tests.browser.page import Page


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The browser for one test, which opens what it wants to see."""
    with Page(browser) as page:
        yield page
