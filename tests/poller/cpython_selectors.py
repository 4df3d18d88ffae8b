"""CPython's own test_selectors over one mechanism: over our poller, or over the stock selector.

Law of this file: the tests are not touched, and only their SELECTOR is. Where they need to know
what they test, they get the truth: one of them replaces what the stock epoll and poll selectors
are built on, so ours are built on the same attribute here, and bear the stock selector's name.

    python -m tests.poller.cpython_selectors epoll ours
"""

from __future__ import annotations

import builtins
import importlib
import select
import selectors
import sys
import types
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from reactor.poller import EpollPoller, Poller, PollPoller, SelectPoller
from tests.poller.cpython import record
from tests.poller.kqueue_standin import KqueueStandIn
from tests.pollers import kqueue_poller

STOCK_NAMES: Final = {
    "select": "SelectSelector",
    "poll": "PollSelector",
    "epoll": "EpollSelector",
    "kqueue": "KqueueSelector",
}


def main(mechanism: str, whose: str) -> None:
    """Run the tests of mechanism over the "stock" selector or over "ours"; print the outcomes."""
    made = {"stock": stock, "ours": ours}[whose](mechanism)
    record(unittest.defaultTestLoader.loadTestsFromTestCase(case(mechanism, made)))


def case(mechanism: str, selector: Callable[[], object]) -> type[unittest.TestCase]:
    """Return CPython's test case for mechanism, over selector."""
    module = importlib.import_module("test.test_selectors")
    name = STOCK_NAMES[mechanism] + "TestCase"
    # CPython marks a case to be skipped where the stock selector is missing; here is one.
    attributes = {"SELECTOR": staticmethod(selector), "__unittest_skip__": False}
    made: type[unittest.TestCase] = type(name, (getattr(module, name),), attributes)
    return made


def ours(mechanism: str) -> Callable[[], Poller]:
    """Return what makes our poller; its name is that which the tests know it by."""
    makers: dict[str, Callable[[], Poller]] = {
        "select": SelectPoller,
        "poll": lambda: PollPoller(built_on("PollSelector")),
        "epoll": lambda: EpollPoller(built_on("EpollSelector")),
        "kqueue": kqueue_poller,
    }

    def selector() -> Poller:
        return makers[mechanism]()

    selector.__name__ = STOCK_NAMES[mechanism]
    return selector


def built_on(stock_name: str) -> Any:
    """Return what the stock selector is built on now: select.poll, or what a test put there."""
    return vars(getattr(selectors, stock_name))["_selector_cls"]


def stock(mechanism: str) -> Callable[[], selectors.BaseSelector]:
    """Return the standard library's selector; that for kqueue on the stand-in if need be."""
    name = STOCK_NAMES[mechanism]
    found: Callable[[], selectors.BaseSelector] = (
        getattr(selectors, name) if hasattr(selectors, name) else stock_on_the_standin()
    )
    return found


def stock_on_the_standin() -> Callable[[], selectors.BaseSelector]:
    """Return the standard library's KqueueSelector, from its own source, on the stand-in.

    Its class statement runs only where `select` has a kqueue, so the source is run once more with
    a `select` that has. Nothing outside that run sees it.
    """
    source = KqueueStandIn()
    system = types.SimpleNamespace(select=select.select, kqueue=source.kqueue)
    for name in ("kevent", "KQ_FILTER_READ", "KQ_FILTER_WRITE", "KQ_EV_ADD", "KQ_EV_DELETE"):
        setattr(system, name, getattr(source, name))

    def import_there(name: str, *rest: Any) -> Any:
        return system if name == "select" else builtins.__import__(name, *rest)

    scope: dict[str, Any] = {
        "__name__": "selectors_on_the_standin",
        "__builtins__": vars(builtins) | {"__import__": import_there},
    }
    path = Path(str(selectors.__file__))
    exec(compile(path.read_text(), path, "exec"), scope)
    scope["SelectorKey"] = selectors.SelectorKey  # the tests ask for keys of this very class
    made: Callable[[], selectors.BaseSelector] = scope["KqueueSelector"]
    return made


if __name__ == "__main__":
    main(*sys.argv[1:])
