"""System calls that fail, by strace: faults that no code of ours knows of."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.servers import wire
from tests.servers.clients import Client
from tests.servers.harness import Server


def fails(injection: str, folder: Path) -> list[str]:
    """A wrapper under which system calls fail: `calls:error=ERRNO:when=WHICH`, in each thread."""
    calls = injection.partition(":")[0]
    trace = ["-e", f"trace={calls}", "-e", f"inject={injection}"]
    return ["strace", "-DDD", "-f", "-o", str(folder / "calls"), *trace, "--"]


@contextmanager
def attached(threads: Iterable[int], *words: str) -> Iterator[None]:
    """While inside, strace these threads of a server, and none that they start."""
    who = [word for thread in threads for word in ("-p", str(thread))]
    with subprocess.Popen(["strace", *words, *who], stderr=subprocess.PIPE) as tracing:
        assert tracing.stderr is not None
        for _ in who[::2]:
            assert b"attached" in tracing.stderr.readline()
        try:
            yield
        finally:
            tracing.terminate()


def a_send_takes_one_byte(server: Server, client: Client) -> AbstractContextManager[None]:
    """While inside, the next send to client takes one byte, which is lost, in each thread."""
    sock = wire.name(server.port, client.sock.getsockname()[1])
    calls = ["-P", sock, "-e", "trace=write,sendto", "-e", "inject=write,sendto:retval=1:when=1"]
    return attached(server.threads(), *calls)


def accepts_fail(server: Server, error: str) -> AbstractContextManager[None]:
    """While inside, the first accept in each thread that is there now fails."""
    calls = ["-e", "trace=accept,accept4", "-e", f"inject=accept,accept4:error={error}:when=1"]
    return attached(server.threads(), *calls)


def loops_fail(server: Server) -> AbstractContextManager[None]:
    """While inside, there is no descriptor for a loop in threads and processes that it starts."""
    calls = ["-f", "-e", "trace=epoll_create1", "-e", "inject=epoll_create1:error=EMFILE"]
    return attached(server.threads(), *calls)


def receives_fail(server: Server, client: Client) -> AbstractContextManager[None]:
    """While inside, the next receive from client fails, in each thread."""
    sock = wire.name(server.port, client.sock.getsockname()[1])
    calls = ["-P", sock, "-e", "trace=read,recvfrom"]
    return attached(server.threads(), *calls, "-e", "inject=read,recvfrom:error=EIO:when=1")
