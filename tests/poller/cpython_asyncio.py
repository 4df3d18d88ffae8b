"""CPython's own test_asyncio over our pollers, or over the stock selectors.

Law of this file: the tests are not touched; what the module `selectors` offers them is. Under
"ours" each of its classes is our poller on the same mechanism, and the default, which most tests
use, is the one asked for. So a test that names a mechanism gets that one, ours.

    python -m tests.poller.cpython_asyncio EpollSelector ours test_streams test_sock_lowlevel
"""

from __future__ import annotations

import asyncio
import importlib
import selectors
import sys
import unittest
from contextlib import closing
from typing import Final

from reactor.poller import EpollPoller, KqueuePoller, PollPoller, SelectPoller
from tests.poller.cpython import record

OURS: Final = {
    "EpollSelector": EpollPoller,
    "KqueueSelector": KqueuePoller,
    "PollSelector": PollPoller,
    "SelectSelector": SelectPoller,
}

STOCK: Final = [name for name in OURS if hasattr(selectors, name)]
"""The selectors of the standard library on this system, those that scale first."""

PACKAGE: Final = "test.test_asyncio."


def main(stock_name: str, whose: str, *names: str) -> None:
    """Run modules or tests of test_asyncio, over the "stock" selectors or "ours", and record them.

    stock_name is the selector that is to be the default, or that ours is to stand in for.
    """
    if whose == "ours":
        vars(selectors).update({name: OURS[name] for name in STOCK})
    default = vars(selectors)["DefaultSelector"] = vars(selectors)[stock_name]
    with closing(asyncio.SelectorEventLoop()) as loop:
        assert type(vars(loop)["_selector"]) is default
    vars(importlib.import_module("test.support"))["use_resources"] = ["cpu", "walltime"]
    record(unittest.TestSuite(map(load, names)))


def load(name: str) -> unittest.TestSuite:
    """Return a module or a test of test_asyncio; nothing of a module for other systems."""
    try:
        return unittest.defaultTestLoader.loadTestsFromName(PACKAGE + name)
    except unittest.SkipTest:
        return unittest.TestSuite()


if __name__ == "__main__":
    main(*sys.argv[1:])
