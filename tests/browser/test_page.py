"""The tests' own browser: what is seen, pointed at and typed is what a person would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.driver import Browser, BrowserError
from tests.browser.page import Page
from tests.browser.parts import in_a_browser

pytestmark = in_a_browser

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A page</title>
<style>
  :root { color-scheme: light dark; } body { color: rgb(1, 2, 3); }
  @media (prefers-color-scheme: dark) { body { color: rgb(4, 5, 6); } }
  @media (prefers-reduced-motion: no-preference) { .moves { display: none; } }
  p:hover { color: rgb(7, 8, 9); }
</style>
<p class="moves">first</p><p hidden>second</p><noscript><p>no script</p></noscript>
<label>Name <input></label> <button aria-label="Say it">say</button>
<script>
  document.querySelector("button").onclick = () => {
    document.querySelector("p").textContent = document.querySelector("input").value;
  };
</script>
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return path


def test_what_is_hidden_is_not_read(page: Page, written: Path) -> None:
    page.open(written)

    assert [each.is_shown for each in page.find_all("p")] == [True, False]
    assert page.shown("p") == 1
    assert [each.text for each in page.find_all("p")] == ["first", ""]


def test_what_is_typed_and_clicked_arrives(page: Page, written: Path) -> None:
    page.open(written)
    page.find("input").write("hello")
    page.find("button").click()

    assert page.find("p").text == "hello"


def test_keys_go_to_who_is_focused(page: Page, written: Path) -> None:
    page.open(written)
    page.press("Tab", "a", "b", "Home", "c", "Tab")
    assert (page.focused.role, page.focused.label) == ("button", "Say it")

    page.press("Enter", "Shift+Tab")
    assert page.focused.label == "Name"
    assert page.find("p").text == "cab"


def test_what_is_pointed_at_hovers(page: Page, written: Path) -> None:
    page.open(written)
    page.find("p").point()

    assert page.find("p").style("color") == "rgba(7, 8, 9, 1)"


def test_what_somebody_prefers_is_seen_by_the_page(page: Page, written: Path) -> None:
    page.open(written)
    assert page.find("body").style("color") == "rgba(1, 2, 3, 1)"

    page.prefer("dark", reduced_motion=False)
    assert page.find("body").style("color") == "rgba(4, 5, 6, 1)"
    assert not page.find("p").is_shown


def test_a_view_may_be_as_narrow_as_a_phone(page: Page, written: Path) -> None:
    page.resize(360, 640, phone=True)
    page.open(written)

    assert page.ask("return matchMedia('(pointer: coarse)').matches") is True
    assert page.find("body").box()[2] <= 980


def test_a_page_can_be_looked_at_without_its_scripts(page: Page, written: Path) -> None:
    page.stop_scripts()
    page.open(written)
    page.find("button").click()

    assert page.find("noscript p").text == "no script"
    assert page.find("p").text == "first"


def test_a_screenshot_is_a_picture_of_that_size(page: Page, written: Path, tmp_path: Path) -> None:
    page.open(written)
    page.screenshot(tmp_path / "page.png")
    picture = (tmp_path / "page.png").read_bytes()

    assert picture.startswith(b"\x89PNG")
    assert picture[16:24] == (1280).to_bytes(4, "big") + (800).to_bytes(4, "big")


def test_a_screenshot_of_the_whole_has_what_is_out_of_view(page: Page, tmp_path: Path) -> None:
    page.open("data:text/html,<body style='height: 3000px; margin: 0'>")
    page.screenshot(tmp_path / "page.png", whole=True)

    assert (tmp_path / "page.png").read_bytes()[20:24] == (3000).to_bytes(4, "big")


def test_what_takes_a_moment_is_waited_for(page: Page) -> None:
    page.open("data:text/html,<script>setTimeout(() => { document.title = 'now'; }, 50)</script>")
    page.wait_until("document.title === 'now'")

    assert page.ask("return document.title + arguments[0]", "!") == "now!"


def test_what_is_not_there_is_an_error_that_says_so(page: Page) -> None:
    page.open("about:blank")

    with pytest.raises(BrowserError, match="no such element"):
        page.find("h1")


@pytest.mark.parametrize("script", ["throw new Error('oh')", "console.error('oh')"])
def test_a_page_that_complains_fails_its_test(browser: Browser, script: str) -> None:
    with pytest.raises(AssertionError, match="oh"):
        with Page(browser) as page:
            page.open(f"data:text/html,<script>{script}</script>")


def test_a_new_page_knows_nothing_of_the_last(browser: Browser, written: Path) -> None:
    with Page(browser) as last:
        last.prefer("dark", reduced_motion=False)
        last.resize(360, 640, phone=True)
        last.stop_scripts()
    with Page(browser) as page:
        page.open(written)
        page.find("input").write("hello")
        page.find("button").click()

        assert page.find("p").text == "hello"
        assert page.find("body").style("color") == "rgba(1, 2, 3, 1)"
        assert page.ask("return innerWidth") == 1280


def test_nothing_of_a_browser_is_left(tmp_path: Path) -> None:
    with Browser(tmp_path) as browser:
        Page(browser).open("about:blank")
        assert processes_of(tmp_path)

    assert not processes_of(tmp_path)


def processes_of(profile: Path) -> list[str]:
    """The programs that were started with that profile."""
    return [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(profile) in _read(path)
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended
        return ""
