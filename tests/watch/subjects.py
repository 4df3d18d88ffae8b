"""Subjects: real programs that are looked into, and say when they are where they are wanted.

Law of this file: a program says a line and waits for one; nobody sleeps until it may have come so
far. Whatever a test does, its program ends with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from reactor.watch import Inspected, inspectable
from tests.poller.children import start_child, wait_for

AT_REST = """
import sys
from reactor import *

async def nap():
    await sleep(3600)

async def main():
    async with TaskGroup() as group:
        group.spawn(nap)
        await checkpoint()
        await checkpoint()
        print("there", flush=True)
        await wait_readable(sys.stdin)
        group.cancel()

run(main)
print("end", flush=True)
"""
"""Two tasks, one of which sleeps and one waits for its input to end."""

STUCK = """
import os, sys
from reactor import *

def stuck():
    print("there", flush=True)
    os.read(0, 1)

async def main():
    current_task().reactor.call_soon(stuck)
    await checkpoint()
    await checkpoint()

run(main)
print("end", flush=True)
"""
"""A callback that waits in a system call, until its input ends."""

DEEP = """
import os
from reactor import *

def dig(depth):
    if depth:
        dig(depth - 1)
    else:
        print("there", flush=True)
        os.read(0, 1)

with Reactor() as reactor:
    reactor.call_soon(dig, 300)
    reactor.call_soon(reactor.stop)
    reactor.run()
print("end", flush=True)
"""
"""A callback that waits in a system call, 300 calls further in."""

SPINS = """
import select, sys
from reactor import *

async def spin():
    print("there", flush=True)
    while not select.select([0], [], [], 0)[0]:
        pass

run(spin)
print("end", flush=True)
"""
"""A task that spins, until its input ends."""


SERVES = """
import sys
from reactor import *
from reactor.net import connect, listen
from reactor.serving import Server

echoes = 0

async def talk(connection):
    async for line in connection.lines():
        await connection.send_all(line + b"\\n")

async def pester(address):
    global echoes
    while True:
        with await connect(*address) as connection:
            for _ in range(20):
                await connection.send_all(b"hello\\n")
                await connection.receive_line()
                echoes += 1
                if echoes == 100:
                    print("there", flush=True)

async def main():
    listener = listen("127.0.0.1", 0)
    async with TaskGroup() as group:
        group.spawn(Server(talk, listener).run)
        for _ in range(20):
            group.spawn(pester, listener.getsockname())
        await wait_readable(sys.stdin)
        group.cancel()

run(main)
print(echoes, flush=True)
"""
"""A server that twenty clients keep busy, until its input ends; says how many it has answered."""


class Subject:
    """A program that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.pid = process.pid

    def line(self) -> str:
        """Wait for the next line that it says, and return it; "" if it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def asleep(self) -> Subject:
        """Wait until its loops sleep, as they do just after it has said a line; return this."""
        while any(one.ask()["state"] != "asleep" for one in self.reactors()):
            pass
        return self

    def tell(self, text: str) -> None:
        """Write to its input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def end(self) -> str:
        """End its input, and return what else it says, errors and all."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        said = self.process.stdout.read()
        self.process.wait()
        return said

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def reactors(self) -> list[Inspected]:
        """Return those of its reactors that can be looked into."""
        return [one for one in inspectable() if one.pid == self.pid]


@contextmanager
def running(
    program: str, environment: Mapping[str, str] | None = None, *words: str
) -> Generator[Subject]:
    """Run a program, with REACTOR_INSPECT=1 unless that is given; wait for its first line."""
    around = os.environ | {"REACTOR_INSPECT": "1"} | dict(environment or {})
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=around,
    )
    with process:
        subject = Subject(process)
        try:
            said = subject.line()
            assert said == "there", said + subject.end()
            yield subject
        finally:
            process.kill()


@contextmanager
def of_somebody_else() -> Generator[int]:
    """Have a process of another user, and be somebody who may not touch it; yield its number."""
    if os.geteuid() != 0:
        yield 1
        return
    near, far = os.pipe()
    ready, tell = os.pipe()

    def wait() -> None:
        os.close(far)
        os.setuid(54321)
        os.write(tell, b"x")
        os.read(near, 1)

    child = start_child(wait)
    os.read(ready, 1)
    os.seteuid(12345)
    try:
        yield child
    finally:
        os.seteuid(0)
        for fd in (near, far, ready, tell):
            os.close(fd)
        wait_for(child)
