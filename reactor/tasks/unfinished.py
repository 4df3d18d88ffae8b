"""Unfinished: async generators that are let go before their end, by a `break` for instance.

Law of this file: nobody waits for one any more, so its `finally` run on the spot, as far as they
need not wait, and what goes beyond that, or fails, is reported. Who wants one ended in order says
`async with contextlib.aclosing(...)`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

from reactor.errors import ReactorError
from reactor.loop import Failure, Reactor


@contextmanager
def reported_to(reactor: Reactor) -> Generator[None]:
    """While inside, have reactor hear what becomes of the async generators that begin here."""
    before = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=partial(_end, reactor))
    try:
        yield
    finally:
        sys.set_asyncgen_hooks(*before)


def _end(reactor: Reactor, generator: AsyncGenerator[Any, Any]) -> None:
    closing: Any = generator.aclose()
    try:
        closing.send(None)
        closing.close()
        raise ReactorError(
            f"{generator!r} was let go before its end, and waits in its `finally`; "
            "use contextlib.aclosing"
        )
    except StopIteration:
        pass
    except Exception as error:
        reactor.call_threadsafe(Failure(repr(generator), error).run)
