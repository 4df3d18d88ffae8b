"""A page: what somebody who looks at it, points and types can do.

Law of this file: it acts as people do, by pointer and keys, and sees what they see. A script is
run only to ask.
"""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Final, Literal, Self, cast

from tests.browser.driver import Browser

ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which the protocol hands out an element."""

KEYS: Final = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Escape": "\ue00c",
    "End": "\ue010",
    "Home": "\ue011",
    "Left": "\ue012",
    "Up": "\ue013",
    "Right": "\ue014",
    "Down": "\ue015",
}
"""Keys by name; every other key is what it types, as "a" or " "."""


class Element:
    """Something on a page."""

    def __init__(self, browser: Browser, known_as: str) -> None:
        self._browser = browser
        self._known_as = known_as

    @property
    def text(self) -> str:
        """What can be read in it: nothing of what is hidden."""
        return str(self._get("text"))

    @property
    def role(self) -> str:
        """What it is to those who hear the page: `button`, `img`."""
        return str(self._get("computedrole"))

    @property
    def label(self) -> str:
        """What it is called to those who hear the page."""
        return str(self._get("computedlabel"))

    @property
    def is_shown(self) -> bool:
        """Whether there is anything of it to see."""
        return bool(self._get("displayed"))

    def attribute(self, name: str) -> str | None:
        """Return an attribute as it is now; None if it has none of that name."""
        return cast("str | None", self._get(f"attribute/{name}"))

    def style(self, name: str) -> str:
        """Return a property of CSS as it comes out: a colour is `rgba(r, g, b, a)`."""
        return str(self._get(f"css/{name}"))

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, width and height on the page, in CSS pixels."""
        rect = cast("dict[str, float]", self._get("rect"))
        return rect["x"], rect["y"], rect["width"], rect["height"]

    def find(self, selector: str) -> Element:
        """Return the first in it that a CSS selector selects. Raises BrowserError if none is."""
        return _find(self._browser, selector, f"/element/{self._known_as}")

    def find_all(self, selector: str) -> list[Element]:
        """Return all in it that a CSS selector selects, in the order of the page."""
        return _find_all(self._browser, selector, f"/element/{self._known_as}")

    def click(self) -> None:
        """Scroll there and click in its middle. Raises BrowserError if something covers it."""
        self._browser.command("POST", f"/element/{self._known_as}/click")

    def write(self, text: str) -> None:
        """Go there and type text."""
        self._browser.command("POST", f"/element/{self._known_as}/value", {"text": text})

    def point(self) -> None:
        """Scroll there and point at its middle."""
        _point(self._browser, {ELEMENT: self._known_as})

    def _get(self, what: str) -> object:
        return self._browser.command("GET", f"/element/{self._known_as}/{what}")


class Page:
    """What the browser shows in its one tab, to somebody whose wishes are the usual ones again.

    That is 1280 by 800 pixels, light, and no motion, which tests would have to wait for. Leaving a
    `with` block raises AssertionError if the console complained in it.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._run_scripts(True)
        self.resize(1280, 800)
        self.prefer()
        _point(self._browser, "viewport")
        self.complaints()

    def open(self, what: Path | str) -> None:
        """Open a file, or an address, and wait until it is loaded."""
        address = what.as_uri() if isinstance(what, Path) else what
        self._browser.command("POST", "/url", {"url": address})

    def find(self, selector: str) -> Element:
        """Return the first that a CSS selector selects. Raises BrowserError if none is."""
        return _find(self._browser, selector)

    def find_all(self, selector: str) -> list[Element]:
        """Return all that a CSS selector selects, in the order of the page."""
        return _find_all(self._browser, selector)

    def shown(self, selector: str) -> int:
        """Return how many of those that a CSS selector selects there is anything to see of."""
        script = """
            const found = [...document.querySelectorAll(arguments[0])];
            const isShown = (each) => each.checkVisibility() && each.getClientRects().length > 0;
            return found.filter(isShown).length;
        """
        return cast("int", self.ask(script, selector))

    @property
    def focused(self) -> Element:
        """Who gets the keys."""
        return _element(self._browser, self._browser.command("GET", "/element/active"))

    def press(self, *keys: str) -> None:
        """Press keys one after the other; "Shift+Tab" is both at a time."""
        presses = [press for key in keys for press in _presses(key.split("+") if key[1:] else key)]
        keyboard = {"type": "key", "id": "keyboard", "actions": presses}
        self._browser.command("POST", "/actions", {"actions": [keyboard]})

    def ask(self, script: str, *arguments: object) -> object:
        """Return what the body of a function of JavaScript returns; a promise is waited for."""
        asked = {"script": script, "args": list(arguments)}
        return self._browser.command("POST", "/execute/sync", asked)

    def wait_until(self, expression: str) -> None:
        """Return when an expression of JavaScript is true; BrowserError if it takes 30 seconds."""
        self.ask(
            "return new Promise(resolve => { const look = () => "
            f"({expression}) ? resolve() : setTimeout(look, 10); look(); }})"
        )

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Make the view so large, in CSS pixels; phone: as one shows it, touched by fingers."""
        self._browser.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        self._browser.devtools("Emulation.setTouchEmulationEnabled", enabled=phone)

    def prefer(
        self, scheme: Literal["light", "dark"] = "light", *, reduced_motion: bool = True
    ) -> None:
        """Prefer what somebody may have set for all pages."""
        motion = "reduce" if reduced_motion else "no-preference"
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": motion}
        self._browser.devtools(
            "Emulation.setEmulatedMedia",
            features=[{"name": name, "value": value} for name, value in features.items()],
        )

    def stop_scripts(self) -> None:
        """Run none in pages that are opened from now on."""
        self._run_scripts(False)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen as PNG, or the whole page with what would have to be scrolled to."""
        taken = self._browser.devtools("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(b64decode(cast("dict[str, str]", taken)["data"]))

    def complaints(self) -> list[str]:
        """Return what the console has said of errors and warnings, and forget it."""
        entries = self._browser.command("POST", "/se/log", {"type": "browser"})
        return [
            entry["message"]
            for entry in cast("list[dict[str, str]]", entries)
            if entry["level"] in ("SEVERE", "WARNING")
        ]

    def _run_scripts(self, wanted: bool) -> None:
        self._browser.devtools("Emulation.setScriptExecutionDisabled", value=not wanted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            complaints = self.complaints()
            assert not complaints, "\n".join(complaints)


def _find(browser: Browser, selector: str, within: str = "") -> Element:
    by = {"using": "css selector", "value": selector}
    return _element(browser, browser.command("POST", f"{within}/element", by))


def _find_all(browser: Browser, selector: str, within: str = "") -> list[Element]:
    by = {"using": "css selector", "value": selector}
    found = browser.command("POST", f"{within}/elements", by)
    return [_element(browser, reference) for reference in cast("list[object]", found)]


def _element(browser: Browser, reference: object) -> Element:
    return Element(browser, cast("dict[str, str]", reference)[ELEMENT])


def _presses(keys: list[str] | str) -> list[dict[str, str]]:
    values = [KEYS.get(key, key) for key in keys]
    return [{"type": "keyDown", "value": value} for value in values] + [
        {"type": "keyUp", "value": value} for value in reversed(values)
    ]


def _point(browser: Browser, origin: dict[str, str] | str) -> None:
    mouse = {
        "type": "pointer",
        "id": "mouse",
        "actions": [{"type": "pointerMove", "origin": origin, "x": 0, "y": 0}],
    }
    browser.command("POST", "/actions", {"actions": [mouse]})
