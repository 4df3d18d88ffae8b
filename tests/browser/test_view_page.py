"""The page of a recording as it is seen, pointed at, typed to and heard."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

import pytest

from reactor.command.view import as_page
from tests.browser.colours import contrast
from tests.browser.page import Page
from tests.browser.parts import in_a_browser
from tests.command import recordings

pytestmark = in_a_browser

HARM = "</script><img src=x onerror=document.title='harm'>"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of four clients, whose server has a name that would like to be more than text."""
    path = tmp_path_factory.mktemp("page") / "run.html"
    path.write_text(as_page(*recordings.recording(tricky=HARM)), encoding="utf-8")
    return path


@pytest.fixture
def shown(page: Page, written: Path) -> Page:
    page.open(written)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until what was asked for is shown."""
    page.ask("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def present(page: Page) -> int:
    settle(page)
    return int(cast("str", page.ask("return document.documentElement.dataset.event")))


def click(page: Page, selector: str) -> int:
    """Click there, and return which event is the present one then."""
    page.find(selector).click()
    return present(page)


def press(page: Page, *keys: str) -> int:
    page.press(*keys)
    return present(page)


def text(page: Page, selector: str) -> str:
    return " ".join(page.find(selector).text.split())


def write(page: Page, selector: str, value: str) -> int:
    """Write in a field what it shall say, and finish it."""
    page.ask("document.querySelector(arguments[0]).select()", selector)
    page.find(selector).write(value)
    return press(page, "Enter")


def value(page: Page, selector: str) -> object:
    return page.ask("return document.querySelector(arguments[0]).value", selector)


def go(page: Page, event: int) -> None:
    page.ask(
        "const slider = document.querySelector('#slider');"
        "slider.value = arguments[0]; slider.dispatchEvent(new Event('input'))",
        event,
    )
    assert present(page) == event


def test_the_page_loads_nothing_and_what_is_recorded_is_text(shown: Page) -> None:
    assert shown.ask("return performance.getEntriesByType('resource').length") == 0
    assert shown.ask("return document.images.length") == 0
    assert shown.ask("return document.title") == "servers run coroutines: a recording"
    assert text(shown, "#labels li:nth-child(2) .name") == f"serve{HARM}"


def test_at_the_beginning_it_says_what_is_to_be_seen(shown: Page) -> None:
    assert text(shown, "h1") == "servers run coroutines"
    assert text(shown, "#summary") == (
        "One loop, in MainThread, waits with EpollPoller. 5 tasks, 0 watches, 6 callbacks, "
        "16 timers; 16 turns, 153 events, 62.9 ms, asleep for 99 %. Python 3.12.1."
    )
    assert text(shown, "#said") == f"serve{HARM} sets out"
    assert present(shown) == 0


def test_buttons_go_by_event_and_by_turn_and_to_the_ends(shown: Page) -> None:
    assert click(shown, "#on") == 1
    assert click(shown, "#turn-on") == 2
    assert click(shown, "#turn-on") == 15
    assert click(shown, "#on") == 16
    assert click(shown, "#back") == 15
    assert click(shown, "#on") == 16
    assert click(shown, "#turn-back") == 15  # first to the beginning of the turn
    assert click(shown, "#turn-back") == 2
    assert click(shown, "#last") == 152
    assert click(shown, "#on") == 152
    assert click(shown, "#first") == 0
    assert click(shown, "#back") == 0


def test_keys_do_what_buttons_do(shown: Page) -> None:
    assert press(shown, "Right", "Right", "Left") == 1
    assert press(shown, "Shift+Right", "Shift+Right") == 15
    assert press(shown, "Shift+Left") == 2
    assert press(shown, "End") == 152
    assert press(shown, "Home") == 0


def test_a_turn_and_a_moment_can_be_sought(shown: Page) -> None:
    assert write(shown, "#turn", "3") == 33
    assert write(shown, "#time", "0.55") == 35
    assert write(shown, "#turn", "far") == 35  # no number: nothing changes
    assert write(shown, "#turn", "999") == 152
    assert value(shown, "#turn") == "16"


def test_the_slider_goes_anywhere_by_keys_too(shown: Page) -> None:
    go(shown, 100)
    shown.ask("document.querySelector('#slider').focus()")
    assert press(shown, "Left") == 99
    assert press(shown, "Home") == 0
    slider = shown.find("#slider")
    assert (slider.role, slider.label) == ("slider", "Event")
    assert slider.attribute("aria-valuetext") == "event 1, turn 0, 0.021 ms"


def test_it_plays_until_it_is_stopped_or_at_the_end(shown: Page) -> None:
    shown.press(">", ">", ">", ">")
    assert value(shown, "#speed") == "1000"
    click(shown, "#play")
    shown.wait_until("document.documentElement.dataset.event === '152'")
    assert shown.find("#play").attribute("aria-pressed") == "false"

    shown.press("<", "<", "<", "<")
    assert value(shown, "#speed") == "1"
    shown.find("h1").click()
    press(shown, " ")
    assert shown.find("#play").text == "Stop"
    shown.wait_until("document.documentElement.dataset.event >= 1")
    shown.find("#play").click()
    assert shown.find("#play").text == "Play"


@pytest.mark.parametrize(
    ("event", "step", "says"),
    [
        (33, "wait", "may sleep for 5.00 ms asks for 5 descriptors"),
        (36, "wake", "fd 6 r fd 9 r client 0 client 3"),
        (143, "expire", "timer timeout of 0"),
        (37, "run", "client 0 then 1 more in this turn"),
    ],
)
def test_the_step_of_the_turn_is_lit_and_says_what_it_does(
    shown: Page, event: int, step: str, says: str
) -> None:
    go(shown, event)

    assert [lit.attribute("id") for lit in shown.find_all("#steps [aria-current=step]")] == [step]
    assert text(shown, f"#{step} div") == says


def test_the_line_that_runs_is_shown(shown: Page) -> None:
    go(shown, 37)
    assert text(shown, "#said") == "client 0 runs"
    assert text(shown, "#source") == "data = await client.receive() talk, echo.py:22"

    go(shown, 33)
    assert text(shown, "#source") == "no line of the program runs"


def test_the_ready_queue_is_shown_in_its_order(shown: Page) -> None:
    go(shown, 36)
    assert text(shown, "#ready") == "client 0 task client 3 task"

    go(shown, 146)
    assert text(shown, "#ready") == "client 0 task"
    go(shown, 147)
    go(shown, 33)
    assert text(shown, "#ready") == "Nothing is ready."


def test_what_is_queued_in_a_turn_stands_below_a_line(shown: Page) -> None:
    go(shown, 8)
    assert [item.attribute("class") for item in shown.find_all("#ready li")] == ["later", "later"]


def test_timers_are_a_tree_whose_root_is_due_next(shown: Page) -> None:
    go(shown, 32)

    assert shown.find("#heap svg").label == (
        "timeout of 0 in 59.9 ms; timeout of 3 in 120 ms; timeout of 2 in 300 ms; "
        "timeout of 1 in 180 ms"
    )
    assert len(shown.find_all("#heap line")) == 3
    go(shown, 142)
    assert text(shown, "#heap-count") == "4"
    go(shown, 143)
    assert text(shown, "#heap-count") == "3"
    go(shown, 0)
    assert text(shown, "#heap") == "No timer is set."


def test_descriptors_are_a_table_of_who_is_told(shown: Page) -> None:
    go(shown, 36)

    rows = [row.text for row in shown.find_all("#sides tbody tr")]
    assert rows[1:4] == ["6 read client 0", "7 read client 1", "8 read client 2"]
    assert [row.attribute("class") for row in shown.find_all("#sides tbody tr")].count(
        "polled"
    ) == 2


def test_lanes_say_what_each_waits_for_in_the_tree_of_their_parents(shown: Page) -> None:
    go(shown, 37)

    lanes = [lane.text.splitlines() for lane in shown.find_all("#labels li")]
    assert lanes[0] == ["the loop", "run"]
    assert lanes[2:5] == [
        ["client 0", "runs"],
        ["client 1", "<Side fd=7 reading>"],
        ["client 2", "<Side fd=8 reading>"],
    ]
    assert lanes[5] == ["client 3", "is ready"]
    names = shown.find_all("#labels .name")
    assert names[1].style("padding-left") == "0px"
    assert names[2].style("padding-left") > "0px"


def painted(page: Page) -> str:
    return cast("str", page.ask("return document.querySelector('canvas').toDataURL()"))


def test_lanes_are_painted_over_events_or_time_and_closer(shown: Page) -> None:
    pictures = [painted(shown)]
    for keys in ("s", "e", "+", "-", "0"):
        press(shown, keys)
        pictures.append(painted(shown))
    whole, over_time, over_events, closer, further, again = pictures

    assert whole == over_events == further == again
    assert len({whole, over_time, closer}) == 3
    shown.find("label:has([value=time])").click()
    settle(shown)
    assert painted(shown) == over_time
    click(shown, "#closer")
    click(shown, "#further")
    click(shown, "#whole")
    assert painted(shown) == over_time


def test_a_click_on_a_lane_goes_to_that_event(shown: Page) -> None:
    assert abs(click(shown, "canvas") - 76) <= 1


def test_one_kind_of_event_can_be_looked_for(shown: Page) -> None:
    shown.ask(
        "const kind = document.querySelector('#kind');"
        "kind.value = 'poll'; kind.dispatchEvent(new Event('change'))"
    )
    assert click(shown, "#found-on") == 3
    assert text(shown, "#found") == "16 events"
    assert [kind.text for kind in shown.find_all("#events i")] == ["poll"] * 13


def test_what_is_looked_for_is_found(shown: Page) -> None:
    press(shown, "/")
    shown.press(*"client 3")
    settle(shown)
    assert text(shown, "#found") == "17 events"
    assert [lane.text for lane in shown.find_all("#labels .name")] == ["client 3"]
    assert press(shown, "Enter", "Enter") == 12
    shown.find("h1").click()
    assert press(shown, "n", "n", "p") == 29
    assert click(shown, "#found-on") == 31
    assert click(shown, "#found-back") == 29


def test_nothing_found_is_said(shown: Page) -> None:
    shown.find("#find").write("nobody is called so")
    settle(shown)

    assert text(shown, "#events") == "Nothing like that has happened."
    assert click(shown, "#found-on") == 0


def test_a_line_of_the_log_can_be_gone_to(shown: Page) -> None:
    assert [time.text for time in shown.find_all("#events [aria-current] time")] == ["0.021 ms"]
    assert click(shown, "#events li:nth-child(5) button") == 4
    assert text(shown, "#events [aria-current]") == f"0.033 ms run serve{HARM} runs"


def test_a_key_that_a_button_has_a_use_for_is_left_to_it(shown: Page) -> None:
    shown.ask("document.querySelector('#on').focus()")
    assert press(shown, " ") == 1
    assert shown.find("#play").text == "Play"


def test_who_has_ended_leaves_the_lanes_when_the_end_is_out_of_sight(
    page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "run.html"
    late: list[list[object]] = [[100_030 + each, "forget", each] for each in range(200)]
    events = [*recordings.NAP[:-1], *late]
    path.write_text(as_page(recordings.HEADER, events), encoding="utf-8")
    page.open(path)
    press(page, "End")
    assert page.shown("#labels .task") == 1

    press(page, "+", "+", "+")
    assert page.shown("#labels .task") == 0


def test_help_says_the_keys(shown: Page) -> None:
    press(shown, "?")
    assert shown.find("#help").is_shown
    assert "an event back, on" in text(shown, "#help")
    assert press(shown, "Right") == 0  # they rest meanwhile
    press(shown, "Escape")
    assert not shown.find("#help").is_shown

    click(shown, "#help-button")
    click(shown, "#help form button")
    assert not shown.find("#help").is_shown


def test_g_goes_to_the_field_of_turns(shown: Page) -> None:
    press(shown, "g")
    assert shown.focused.label == "Turn"


def test_every_control_has_a_name_of_its_own(shown: Page) -> None:
    controls = shown.find_all("button:not(#events button, #help button), input, select")
    names = [control.label for control in controls]

    assert "" not in names
    assert len(set(names)) == len(names) == 22


def test_a_page_has_no_more_nodes_for_more_events(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    path.write_text(as_page(*recordings.recording(clients=300, rounds=5500)), encoding="utf-8")
    page.open(path)
    go(page, 100_000)

    count = page.ask("return document.querySelectorAll('*').length")
    assert isinstance(count, int)
    assert 300 < count < 800
    assert page.find("#sides-count").text == "301"
    assert text(page, "#sides tbody tr:last-child") == "and 261 more"
    assert text(page, "#heap .more") == "and 285 more below"
    page.ask("document.querySelector('#rows').scrollTop = 1e6")
    settle(page)
    assert page.find_all("#labels .name")[-1].text == "callbacks"
    assert press(page, "Left", "Shift+Left") < 100_000


def test_the_page_is_never_wider_than_the_view(shown: Page) -> None:
    for width in (320, 375, 768, 1280, 2560):
        shown.resize(width, 800, phone=width < 500)
        settle(shown)
        assert shown.ask("return document.documentElement.scrollWidth") == width


def test_it_is_dark_for_who_prefers_that_or_asks_for_it(shown: Page) -> None:
    light, light_lanes = shown.find("body").style("background-color"), painted(shown)
    shown.prefer("dark")
    settle(shown)
    dark, dark_lanes = shown.find("body").style("background-color"), painted(shown)
    assert light != dark
    assert light_lanes != dark_lanes
    assert shown.find("#theme").label == "Light colours"

    click(shown, "#theme")
    assert shown.find("body").style("background-color") == light
    assert painted(shown) == light_lanes


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_told_from_its_ground(shown: Page, scheme: Literal["light", "dark"]) -> None:
    shown.prefer(scheme)
    go(shown, 37)
    paper, card = shown.find("body"), shown.find("#log")

    for text_on_paper in ("h1", "#summary", "#said", "#source small", "#position"):
        assert contrast(shown.find(text_on_paper), paper) >= 4.5
    for text_on_card in (".law", ".legend", "#labels .does", "#ready small", "#events i"):
        assert contrast(shown.find(text_on_card), card) >= 4.5
    for own in ("#play", ".chip.running"):
        assert contrast(shown.find(own), shown.find(own)) >= 4.5
    assert contrast(shown.find("#run h2"), shown.find("#run")) >= 4.5


def test_who_comes_by_keys_may_skip_to_what_happens(shown: Page) -> None:
    shown.press("Tab")
    assert shown.focused.text == "Skip to what happens"
    shown.press("Enter")
    assert shown.focused.attribute("id") == "now"


def test_a_recording_of_nothing_is_a_page_too(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "nothing.html"
    path.write_text(as_page({**recordings.HEADER, "program": []}, []), encoding="utf-8")
    page.open(path)
    for key in ("s", "+", "0", "e", "End", "Shift+Right", "n", " ", "Home"):
        press(page, key)

    assert text(page, "h1") == "A reactor"
    assert text(page, "#said") == "nothing has been recorded"
    assert text(page, "#labels") == "the loop"
