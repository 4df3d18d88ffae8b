"""The page of a comparison as it is seen, pointed at, typed to and heard."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from servers.catalog import MODELS
from servers.compare import as_page
from tests.browser.colours import contrast
from tests.browser.page import Element, Page
from tests.browser.parts import in_a_browser
from tests.servers.results import CIRCUMSTANCES, results

pytestmark = in_a_browser


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of four models; that is enough to choose from."""
    path = tmp_path_factory.mktemp("page") / "results.html"
    path.write_text(as_page(results(*MODELS[:4]), CIRCUMSTANCES), encoding="utf-8")
    return path


def mark(page: Page, chart: str, name: str) -> Element:
    return page.find(f"#{chart} .mark[data-name='{name}']")


def tip(page: Page) -> str:
    return " | ".join(page.find("#tip").text.splitlines())


def column(page: Page, number: int) -> list[str]:
    asked = "return [...document.querySelectorAll('#sheet tbody tr')].map(row =>"
    texts = page.ask(f"{asked} row.children[arguments[0]].textContent)", number)
    return cast("list[str]", texts)


def test_a_page_loads_nothing(page: Page, written: Path) -> None:
    page.open(written)

    assert page.ask("return performance.getEntriesByType('resource').length") == 0


def test_a_page_is_never_wider_than_the_view(page: Page, written: Path) -> None:
    page.open(written)

    for width in (320, 375, 768, 1280, 2560):
        page.resize(width, 800, phone=width < 500)
        assert page.ask("return document.documentElement.scrollWidth") == width


def test_text_in_plots_is_as_large_on_a_phone_as_it_can_be_read(page: Page, written: Path) -> None:
    page.resize(375, 800, phone=True)
    page.open(written)

    _, _, _, height = page.find("#request text.model").box()
    assert height >= 11


def test_words_and_plots_stand_side_by_side_where_there_is_room(page: Page, written: Path) -> None:
    page.resize(1440, 900)
    page.open(written)

    tops = {page.find(f"#{each}").box()[1] for each in ("request", "reply")}
    assert tops == {page.find("#asks-heading").box()[1]}


def test_what_is_to_be_read_stands_out_by_day_and_by_night(page: Page, written: Path) -> None:
    page.open(written)

    for dark in (False, True):
        page.prefer("dark" if dark else "light")
        for selector in ("h1", ".lead", ".headline strong", ".legend .asyncio"):
            assert contrast(page.find(selector), page.find("body")) >= 4.5


def test_the_button_turns_light_into_dark_and_back(page: Page, written: Path) -> None:
    page.open(written)
    button, body = page.find("#theme"), page.find("body")
    light = body.style("background-color")
    assert (button.role, button.label) == ("button", "Dark colours")

    button.click()
    dark = body.style("background-color")
    assert (dark != light, button.label) == (True, "Light colours")

    button.click()
    assert body.style("background-color") == light
    page.prefer("dark")
    assert body.style("background-color") == light


def test_until_then_it_is_as_somebody_prefers(page: Page, written: Path) -> None:
    page.prefer("dark")
    page.open(written)
    assert page.find("#theme").label == "Light colours"

    page.prefer("light")
    page.wait_until("document.querySelector('#theme').textContent === 'Dark'")


def test_a_mark_that_is_pointed_at_tells_its_value(page: Page, written: Path) -> None:
    page.open(written)
    assert not page.find("#tip").is_shown

    mark(page, "request", "3 epoll on asyncio").point()
    assert tip(page) == "3 epoll on asyncio | 102 µs | 51.0 to 153, lowest to highest round"
    lit = [row.attribute("data-model") for row in page.find_all(".row.lit")]
    assert set(lit) == {"3"}

    page.find("h2").point()
    assert not page.find("#tip").is_shown
    assert not page.find_all(".row.lit")


def test_the_tip_is_in_the_view_on_a_phone(page: Page, written: Path) -> None:
    page.resize(320, 600, phone=True)
    page.open(written)
    mark(page, "client", "4 fork on asyncio").click()

    left, _, width, _ = page.find("#tip").box()
    assert left >= 0
    assert left + width <= 320


def test_a_plot_is_one_stop_of_the_tab_key_and_arrows_go_on_in_it(
    page: Page, written: Path
) -> None:
    page.open(written)
    page.find("#ratio-client summary").click()
    page.find("#ratio-client summary").click()
    stops: list[str | None] = []
    while not stops or stops[-1] != "2 select on reactor":
        page.press("Tab")
        stops.append(page.focused.attribute("data-name"))
    assert len(stops) == 4 + 2 + 1 + 1  # models, foundations, the button, this one

    page.press("Down")
    assert tip(page).startswith("2 select on asyncio | ")
    page.press("End", "Left")
    assert tip(page).startswith("4 fork on reactor | ")
    page.press("Home", "Up")
    assert tip(page).startswith("2 select on reactor | ")
    page.press("Escape")
    assert not page.find("#tip").is_shown


def test_the_tip_stays_with_its_mark_when_the_page_scrolls_to_it(page: Page, written: Path) -> None:
    page.resize(1280, 160)
    page.open(written)
    mark(page, "request", "2 select on reactor").click()
    page.press("End")
    page.ask("return new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")

    assert tip(page).startswith("4 fork on asyncio | ")
    left, top, width, height = page.find("#tip").box()
    x, y, _, _ = mark(page, "request", "4 fork on asyncio").find(".dot").box()
    assert left < x < left + width
    assert min(abs(top + height - y), abs(top - y)) < 30


def test_a_mark_that_is_left_by_keys_is_silent(page: Page, written: Path) -> None:
    page.open(written)
    mark(page, "request", "2 select on reactor").click()
    page.press("End")
    assert page.find("#tip").is_shown

    page.press("Tab")
    assert page.focused.text == "Numbers"
    assert not page.find("#tip").is_shown


def test_a_mark_is_heard_as_a_picture_with_its_words(page: Page, written: Path) -> None:
    page.open(written)
    heard = mark(page, "reply", "2 select on reactor")

    assert heard.role in ("img", "image")
    assert heard.label == (
        "2 select on reactor: 10,200 µs; 400 to 20,000, median, 1st to 99th percentile"
    )


def test_the_table_is_sorted_up_and_down_and_what_is_missing_comes_last(
    page: Page, written: Path
) -> None:
    page.open(written)
    heading = page.find_all("#sheet .sorts")[3]
    heading.find("button").click()
    assert heading.attribute("aria-sort") == "ascending"
    up = column(page, 3)
    assert up[-2:] == ["-", "-"]
    values = [float(text.replace(",", "")) for text in up[:-2]]
    assert values == sorted(values)

    heading.find("button").click()
    assert heading.attribute("aria-sort") == "descending"
    assert column(page, 3) == [*reversed(up[:-2]), "-", "-"]


def test_sorting_by_another_column_forgets_the_first(page: Page, written: Path) -> None:
    page.open(written)
    before = column(page, 0)
    on, model = page.find_all("#sheet .sorts")[1], page.find_all("#sheet .sorts")[0]
    on.find("button").click()
    assert column(page, 1) == ["asyncio"] * 4 + ["reactor"] * 4
    model.find("button").click()

    assert on.attribute("aria-sort") is None
    assert column(page, 0) == before


def choose(page: Page, value: str) -> None:
    page.find(f"#choices label:has([value='{value}'])").click()


def test_a_model_that_is_not_chosen_leaves_plots_and_tables(page: Page, written: Path) -> None:
    page.open(written)
    page.find("#request summary").click()
    assert page.shown("[data-model='3']") == 10 + 2 + 2  # in plots, the table, the numbers
    _, _, _, height = page.find("#request .plot").box()
    _, third, _, _ = page.find("#request [data-model='3'] .model").box()
    choose(page, "3")

    assert page.find("#count").text == "6 of 8 shown"
    assert page.shown("[data-model='3']") == 0
    assert page.find("#request .plot").box()[3] < height
    assert page.find("#request [data-model='4'] .model").box()[1] < third + 5

    choose(page, "3")
    assert page.find("#count").text == "8 of 8 shown"
    assert page.find("#request .plot").box()[3] == height
    assert page.find("#request [data-model='3'] .model").box()[1] == third


def test_a_foundation_that_is_not_chosen_leaves_but_the_ratios_stay(
    page: Page, written: Path
) -> None:
    page.open(written)
    choose(page, "asyncio")

    assert page.find("#count").text == "4 of 8 shown"
    assert page.shown(".mark.asyncio, tr.asyncio") == 0
    assert page.shown("#request .mark") == 3
    assert page.shown("#ratio-client .mark") == 4


def test_keys_choose_and_arrows_pass_over_what_is_not_shown(page: Page, written: Path) -> None:
    page.open(written)
    page.ask("document.querySelector('#choices [value=\"2\"]').focus()")
    page.press(" ")
    assert page.find("#count").text == "6 of 8 shown"
    choose(page, "asyncio")
    page.ask("document.querySelector('#choices button').focus()")
    page.press("Tab")
    assert tip(page).startswith("3 epoll on reactor | ")

    page.press("Down")

    assert tip(page).startswith("4 fork on reactor | ")


def test_all_is_shown_again_by_a_button(page: Page, written: Path) -> None:
    page.open(written)
    for value in ("1", "3", "reactor"):
        choose(page, value)
    assert page.find("#count").text == "2 of 8 shown"

    page.find("#choices button").click()
    page.wait_until("document.querySelector('#count').textContent === '8 of 8 shown'")
    assert mark(page, "request", "3 epoll on reactor").is_shown


def test_nothing_moves_for_who_wants_no_motion(page: Page, written: Path) -> None:
    page.open(written)
    assert page.find(".row").style("transition-duration") == "0s"

    page.prefer(reduced_motion=False)
    assert page.find(".row").style("transition-duration") == "0.25s"


def test_the_numbers_of_a_plot_are_one_key_away(page: Page, written: Path) -> None:
    page.open(written)
    assert not page.find("#request table").is_shown

    page.ask("document.querySelector('#request summary').focus()")
    page.press("Enter")
    row = page.find_all("#request tbody tr")[4]
    assert row.text.split() == ["3", "epoll", "on", "reactor", "60.0", "30.0", "to", "90.0"]


def test_who_comes_by_keys_may_skip_to_the_table(page: Page, written: Path) -> None:
    page.open(written)
    page.press("Tab")
    assert page.focused.text == "Skip to the table"

    page.press("Enter")
    page.wait_until("document.querySelector('#sheet').getBoundingClientRect().top < innerHeight")


def test_without_scripts_all_is_there_but_what_they_would_move(page: Page, written: Path) -> None:
    page.stop_scripts()
    page.open(written)

    assert mark(page, "request", "3 epoll on asyncio").label.startswith("3 epoll on asyncio: 102")
    assert page.find("#sheet").is_shown
    assert not page.find("#choices").is_shown
    assert not page.find("#theme").is_shown
    page.find("#request summary").click()
    assert page.find("#request table").is_shown
