"""System calls that fail, by strace: faults that no code of ours knows of."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.harness import Server


def fails(injection: str, folder: Path) -> list[str]:
    """A wrapper under which system calls fail: `calls:error=ERRNO:when=WHICH`, in each thread."""
    calls = injection.partition(":")[0]
    trace = ["-e", f"trace={calls}", "-e", f"inject={injection}"]
    return ["strace", "-DDD", "-f", "-o", str(folder / "calls"), *trace, "--"]


@contextmanager
def receives_fail(server: Server, but: int | None) -> Iterator[None]:
    """While inside, the first receive in each of its threads fails, but for one thread."""
    threads = set(server.threads()) - {but}
    who = [word for thread in threads for word in ("-p", str(thread))]
    calls = ["-e", "trace=read,recvfrom", "-e", "inject=read,recvfrom:error=EIO:when=1"]
    with subprocess.Popen(["strace", *calls, *who], stderr=subprocess.PIPE) as tracing:
        assert tracing.stderr is not None
        for _ in threads:
            assert b"attached" in tracing.stderr.readline()
        yield
        tracing.terminate()
