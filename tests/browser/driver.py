"""A browser without a window: Chromium, driven over the W3C WebDriver protocol.

Law of this file: one browser, in a new empty profile, is started and ended by a `with` block, and
speaks to nobody but us; a command that fails raises what the browser says of it. Sources:
https://www.w3.org/TR/webdriver2/ and, for what begins with goog/, chromedriver's own commands.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, Self, cast

PROGRAMS: Final = ("chromium", "chromedriver")
"""What has to be on PATH; Debian's packages are chromium and chromium-driver."""

PATIENCE: Final = 60.0
"""Seconds after which what the browser should have done counts as never."""

OPTIONS: Final = (
    "--headless=new",
    "--no-sandbox",  # with one, it does not start as root; all that it is shown is our own
    "--disable-gpu",
    "--disable-extensions",
    "--in-process-gpu",  # a process less, for what is not there
    "--disable-dev-shm-usage",  # /dev/shm is small in many a container
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


Body = Mapping[str, object]


class BrowserError(Exception):
    """The browser refused a command; the text is its reason."""


class Browser:
    """A running browser. A `with` block ends it."""

    def __init__(self, profile: Path) -> None:
        """Start it; profile is an empty folder, into which goes all that it writes."""
        self._process = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "HOME": str(profile), "TMPDIR": str(profile)},
            start_new_session=True,  # so that all of it is ended by its group
        )
        self._session = ""
        try:
            self._port = self._wait_until_it_listens()
            self._session = self._begin(profile)
            self.command("POST", "/url", {"url": "about:blank"})  # waits for what it began with
        except BaseException:
            self._end()
            raise

    def command(self, method: str, path: str, body: Body | None = None) -> object:
        """Carry out a command of the session and return its value. Raises BrowserError."""
        return self._exchange(method, f"/session/{self._session}{path}", body)

    def devtools(self, name: str, **parameters: object) -> object:
        """Carry out a command of the DevTools protocol, in the tab that is in front."""
        return self.command("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def _wait_until_it_listens(self) -> int:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                return int(found[1])
        raise BrowserError("chromedriver ended before it listened; run it by hand to see why")

    def _begin(self, profile: Path) -> str:
        options = {
            "binary": shutil.which("chromium"),
            "args": [*OPTIONS, f"--user-data-dir={profile / 'data'}"],
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        begun = self._exchange("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        return str(cast("dict[str, object]", begun)["sessionId"])

    def _exchange(self, method: str, path: str, body: Body | None) -> object:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            text = json.dumps(body or {}) if method == "POST" else None
            connection.request(method, path, text)
            with connection.getresponse() as response:
                value: object = json.load(response)["value"]
        finally:
            connection.close()
        if response.status != 200:
            told = cast("dict[str, str]", value)
            raise BrowserError(f"{method} {path}: {told['error']}: {told['message']}")
        return value

    def _end(self) -> None:
        with self._process:
            with suppress(OSError, BrowserError):
                if self._session:
                    self.command("DELETE", "")
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end()
