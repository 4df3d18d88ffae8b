"""Kinds: which servers there are, and what each needs to be here.

Law of this file: nothing of a library is loaded to learn whether it is there. What is missing is
left out of the measurements, with a line that says so.
"""

from __future__ import annotations

import select
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

BACKLOG: Final = 4096
"""How many clients may wait to be accepted; asyncio's servers set it anew."""

HEADER: Final = 4
"""The bytes of a message that say how long the rest is, in network byte order."""

COROUTINES: Final = ("generators", "async")
OURS: Final = ("callbacks", *COROUTINES)
IDLE: Final = tuple(f"{kind}-idle" for kind in OURS)
"""The same with an idle limit on every connection."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to write the server: serve(listener, reply) of a module of this folder, with a
    library.

    variant is handed to serve as well; needs is the library's module. language is what clients
    have to speak: any "bytes", a "line" or a "message" at a time, any bytes over "tls", or
    "datagram"s.
    """

    module: str
    variant: str
    needs: str | None = None
    language: str = "bytes"


_LOOPS: Final = {"asyncio": None, "uvloop": "uvloop"}
"""Those that are measured in all styles, and what each needs."""

_STYLES: Final = {
    "lines": ("line", "echo_served"),
    "messages": ("message", "echo_messages"),
    "datagrams": ("datagram", "echo_datagrams"),
    "tls": ("tls", "echo_served"),
}
"""What is spoken besides any bytes: the language, and the module of our coroutines."""


def _all_kinds() -> dict[str, Kind]:
    kinds = {kind: Kind("echo_ours", kind) for kind in (*OURS, *IDLE)}
    for loop, needs in _LOOPS.items():
        for variant in ("protocol", "streams", "sock"):
            kinds[f"{loop}-{variant}"] = Kind("echo_asyncio", f"{loop}-{variant}", needs)
    kinds["rloop-protocol"] = Kind("echo_asyncio", "rloop-protocol", "rloop")
    for library in ("trio", "gevent", "curio"):
        kinds[library] = Kind("echo_others", library, library)
    kinds["bare"] = Kind("bare_epoll", "bare")
    kinds["c"] = Kind("echo_c", "c")
    kinds["callbacks-messages"] = Kind("echo_messages", "callbacks-messages", language="message")
    for style, (language, module) in _STYLES.items():
        for form in COROUTINES:
            kinds[f"{form}-{style}"] = Kind(module, f"{form}-{style}", None, language)
        for loop, needs in _LOOPS.items():
            kinds[f"{loop}-{style}"] = Kind("echo_asyncio", f"{loop}-{style}", needs, language)
    kinds["trio-datagrams"] = Kind("echo_others", "trio-datagrams", "trio", "datagram")
    kinds["trio-tls"] = Kind("echo_others", "trio-tls", "trio", "tls")
    return kinds


KINDS: Final = _all_kinds()


def speaking(language: str) -> tuple[str, ...]:
    """Return the kinds whose clients speak language."""
    return tuple(name for name, kind in KINDS.items() if kind.language == language)


def missing(kind: str) -> str | None:
    """Return why a server of this kind cannot run here; None if it can."""
    needs = KINDS[kind].needs
    if needs is not None and (why := missing_library(needs)) is not None:
        return why
    if KINDS[kind].language == "tls" and find_spec("trustme") is None:
        return "trustme, which makes certificates, is not installed; it is in the group bench"
    if kind in ("bare", "c") and not hasattr(select, "epoll"):
        return "this system has no epoll"
    if kind == "c" and shutil.which("cc") is None:
        return "there is no C compiler, cc, on PATH"
    return None


def missing_library(name: str) -> str | None:
    """Return why a library cannot be used here; None if it can."""
    if name == "curio" and sys.version_info >= (3, 12):
        return "curio does not import on Python 3.12 and later"
    if find_spec(name) is None:
        return f"{name} is not installed; it is in the dependency group bench"
    return None


def present(
    names: tuple[str, ...],
    tell: Callable[[str], object],
    reason: Callable[[str], str | None] = missing,
) -> list[str]:
    """Return the names of what is here, in order; tell is called with a line for each that is
    not.
    """
    here = []
    for name in names:
        if (why := reason(name)) is None:
            here.append(name)
        else:
            tell(f"left out: {name}: {why}")
    return here
