"""The documents as pages: made once, then read as files and used in a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.page import Page
from tests.browser.parts import in_a_browser
from tests.project.documents import documents
from tests.project.environments import PROJECT
from tests.project.pages import Pages, dead_ends, foreign, is_far, orphans, pages

CHAPTER = Path("docs/book/07-timers.html")

WIDE = """
    const isWide = (each) => each.scrollWidth > each.clientWidth
        || each.getBoundingClientRect().right > innerWidth;
    const moves = (each) => each.tagName != "ARTICLE"
        && (getComputedStyle(each).overflowX == "auto" || moves(each.parentElement));
    const wide = [...document.querySelectorAll("article pre, article table")].filter(isWide);
    return [wide.length > 0, wide.every(moves)];
"""
"""Whether something is wider than its place, and can be moved to be seen whole."""

pytestmark = pytest.mark.once


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, of which Sphinx has no complaints."""
    folder = tmp_path_factory.mktemp("site")
    making = [sys.executable, "-m", "docs.site", str(folder)]
    made = subprocess.run(making, cwd=PROJECT, capture_output=True, check=False, text=True)
    assert (made.returncode, made.stderr) == (0, "")
    return folder


@pytest.fixture(scope="session")
def made(site: Path) -> Pages:
    return pages(site)


def test_every_document_is_a_page(made: Pages) -> None:
    for document in documents(PROJECT):
        assert document.path.with_suffix(".html") in made


def test_every_link_leads_to_something(site: Path, made: Pages) -> None:
    assert dead_ends(site, made) == []


def test_every_page_is_found_from_the_front(made: Pages) -> None:
    assert orphans(made) == []


def test_nothing_is_loaded_from_elsewhere(site: Path, made: Pages) -> None:
    assert foreign(site, made) == []


def test_links_to_elsewhere_are_whole(made: Pages) -> None:
    far = {link for page in made.values() for link in page.links if is_far(link)}

    assert far
    for link in far:
        assert urlsplit(link).scheme == "https"
        assert "." in urlsplit(link).netloc


def test_a_file_that_is_named_is_led_to(made: Pages) -> None:
    reading_order = made[Path("docs/book/index.html")]
    examples = made[Path("docs/examples/README.html")]

    assert "../../source/reactor/poller/mechanism.py.html" in reading_order.links
    assert "../../source/docs/examples/chat.py.html" in examples.links


@pytest.fixture
def wrong_site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text('<a href="b/c.html#there">c</a><a href="b/c.html#no">')
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c.html").write_text('<p id="there"><a href="../index.html">up</a><a href="d">')
    (tmp_path / "b/alone.html").write_text('<script src="https://example.org/x.js"></script>')
    (tmp_path / "b/a.css").write_text("body { background: url('//example.org/x.png') }")
    return tmp_path


def test_what_is_wrong_with_a_site_is_found(wrong_site: Path) -> None:
    made = pages(wrong_site)

    assert dead_ends(wrong_site, made) == [
        "b/c.html: d does not exist",
        "index.html: b/c.html#no has no such anchor",
    ]
    assert orphans(made) == [Path("b/alone.html")]
    assert foreign(wrong_site, made) == [
        "b/alone.html: loads https://example.org/x.js",
        "b/a.css: loads //example.org/x.png",
    ]


@pytest.fixture
def reader(page: Page, site: Path) -> Page:
    page.open(site / CHAPTER)
    return page


class TestInABrowser:
    """What needs one; the rest is asked where there is none too."""

    pytestmark = in_a_browser

    def test_the_front_is_what_the_project_says_of_itself(self, page: Page, site: Path) -> None:
        page.open(site / "index.html")
        page.wait_until("document.title == 'reactor'  && document.querySelector('h1')")

        assert page.find("h1").text.startswith("reactor")

    def test_chapters_follow_one_another(self, reader: Page) -> None:
        reader.find(".next-page").click()
        reader.wait_until("document.readyState == 'complete'")
        assert reader.find("h1").text.startswith("8. Cancellation")

        reader.find(".prev-page").click()
        reader.wait_until("document.readyState == 'complete'")
        assert reader.find("h1").text.startswith("7. Timers")

    def test_a_word_is_searched_for_without_a_server(self, reader: Page) -> None:
        reader.find(".sidebar-search").write("backlog")
        reader.press("Enter")
        # What is found comes in one by one; until it is all here, the summary says "Searching".
        reader.wait_until(
            "document.querySelector('.search-summary')?.innerText.startsWith('Search finished')"
        )

        found = [str(link.attribute("href")) for link in reader.find_all("#search-results li a")]
        assert len(found) > 1
        assert any("docs/book/01-one-server.html" in link for link in found)

    def test_code_is_coloured_whatever_else_its_fence_says(self, reader: Page) -> None:
        keyword = reader.find(".highlight-python .k, .highlight-python .kn")

        assert keyword.style("color") != reader.find(".highlight-python pre").style("color")

    @pytest.mark.parametrize("path", ["docs/servers.html", "docs/cancellation.html", CHAPTER])
    def test_what_is_wide_is_moved_by_itself_on_a_phone(
        self, page: Page, site: Path, path: str
    ) -> None:
        page.resize(390, 844, phone=True)
        page.open(site / path)

        assert page.ask("return document.documentElement.scrollWidth") == 390
        assert page.ask(WIDE) == [True, True]

    def test_the_dark_is_dark(self, page: Page, site: Path) -> None:
        page.prefer("dark")
        page.open(site / CHAPTER)

        red, green, blue = page.find("body").style("background-color")[5:].split(",")[:3]
        assert max(int(red), int(green), int(blue)) < 60
