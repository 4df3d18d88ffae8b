"""The page of a comparison: whole, alone, and in it what was measured."""

from __future__ import annotations

import json
import platform
import re
from datetime import UTC, datetime

import pytest

from servers.catalog import MODELS, find_model
from servers.compare import Circumstances, Result, as_json, as_page
from servers.compare.loads import Answers
from servers.compare.page.markup import element
from servers.compare.rounds import Load
from tests.servers.nodes import Node, read
from tests.servers.results import CIRCUMSTANCES, results

pytestmark = pytest.mark.once


def page_of(some: list[Result]) -> Node:
    return read(as_page(some, CIRCUMSTANCES))


@pytest.fixture(scope="module")
def page() -> Node:
    return page_of(results())


def test_a_page_is_well_formed_and_names_each_thing_once(page: Node) -> None:
    names = [name for node in page.inside() if (name := node.attributes.get("id"))]
    assert len(names) == len(set(names))
    for node in page.inside():
        for name in (node.attributes.get("aria-labelledby") or "").split():
            assert name in names


def test_a_page_refers_to_nothing_outside_of_it() -> None:
    text = as_page(results(), CIRCUMSTANCES)
    for sign in ("http:", "https:", "//www", "src=", "url(", "@import", "<link", "<iframe", "<img"):
        assert sign not in text
    links = [node.attributes["href"] for node in read(text).all("a")]
    assert all(link is not None and link.startswith("#") for link in links)


def test_the_browser_is_told_to_run_and_load_nothing_else(page: Node) -> None:
    policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.count("sha256-") == 1 + len(page.all("script"))
    assert "unsafe" not in policy
    assert not [node for node in page.inside() if "style" in node.attributes]


def test_what_comes_from_outside_is_text() -> None:
    text = as_page(results(), CIRCUMSTANCES)
    assert CIRCUMSTANCES.system not in text
    assert CIRCUMSTANCES.system in [each.text for each in read(text).all("dd")]


def test_what_is_no_markup_is_escaped_in_content_and_in_attributes() -> None:
    made = element("p", "<b> & ", element("br", "it"), title='"<>"', hidden=True, lang=None)
    assert made == '<p title="&quot;&lt;&gt;&quot;" hidden>&lt;b&gt; &amp; <br>it</br></p>'


def test_the_facts_of_machine_and_run_are_there(page: Node) -> None:
    facts = {each.one("dt").text: each.one("dd").text for each in page.one("dl").all("div")}
    assert facts == {
        "Python": "CPython 3.11.9",
        "System": CIRCUMSTANCES.system,
        "Processors": "2",
        "Poller": "epoll; select in 2 and 8",
        "Rounds": "2, in 61 s",
        "Began": "01 March 2026, 12:30 UTC",
    }
    assert page.one("time").attributes["datetime"] == "2026-03-01T12:30:00+00:00"


def test_circumstances_are_those_of_this_machine() -> None:
    told = Circumstances.since(datetime.now(UTC), rounds=7)
    assert told.python.endswith(platform.python_version())
    assert platform.release() in told.system
    assert told.poller in ("epoll", "kqueue", "poll", "select")
    assert (told.rounds, told.processors > 0, told.seconds >= 0) == (7, True, True)


def test_each_model_is_told_with_its_number_in_a_sentence(page: Node) -> None:
    told = [item.text for item in page.one("ol").all("li")]
    assert len(told) == len(MODELS)
    for model, text in zip(MODELS, told, strict=True):
        assert text.lower().startswith(f"{model}{model.summary}.".lower())


def test_the_table_has_every_fact_exactly(page: Node) -> None:
    rows = page.one("table", id="sheet").one("tbody").all("tr")
    for row, facts in zip(rows, json.loads(as_json(results())), strict=True):
        number, on, *cells = [cell.attributes.get("data-exact") for cell in row.children]
        assert (number, on) == (facts["model"].split()[0], facts["on"])
        named = dict(zip(FACTS, cells, strict=True))
        for name, exact in named.items():
            assert (0 if exact is None else float(exact)) == (facts[name] or 0)


FACTS = (
    *("requests", "requests_per_cpu_second", "p50_seconds", "p99_seconds", "wakeups_per_request"),
    *("p99_seconds_beside_silent", "p99_seconds_beside_slow"),
    *("clients", "clients_per_cpu_second", "client_p99_seconds", "bytes_per_client"),
    *("cpu_ratio_per_request", "cpu_ratio_per_client"),
)


@pytest.mark.parametrize(
    ("key", "fact", "factor"),
    [
        ("reply", "p50_seconds", 1e6),
        ("wakeups", "wakeups_per_request", 1.0),
        ("memory", "bytes_per_client", 1 / 1024),
    ],
)
def test_a_plot_has_a_mark_for_each_fact(page: Node, key: str, fact: str, factor: float) -> None:
    facts = {f"{each['model']} on {each['on']}": each for each in json.loads(as_json(results()))}
    marks = marks_of(page, key)
    assert len(marks) == 16  # all but the two of model 1
    for name, mark in marks.items():
        assert float(mark.attributes["data-exact"] or "") == pytest.approx(
            facts[name][fact] * factor
        )


@pytest.mark.parametrize(
    ("key", "fact"),
    [("request", "requests_per_cpu_second"), ("client", "clients_per_cpu_second")],
)
def test_what_a_request_costs_is_the_microseconds_through_its_rate(
    page: Node, key: str, fact: str
) -> None:
    facts = {f"{each['model']} on {each['on']}": each for each in json.loads(as_json(results()))}
    for name, mark in marks_of(page, key).items():
        assert float(mark.attributes["data-exact"] or "") == pytest.approx(1e6 / facts[name][fact])


def test_a_ratio_is_told_by_model(page: Node) -> None:
    marks = marks_of(page, "ratio-client")
    assert list(marks) == [str(model) for model in MODELS]
    for mark in marks.values():
        assert float(mark.attributes["data-exact"] or "") == pytest.approx(1 / 1.7)
        assert mark.attributes["aria-label"] == (
            f"{mark.attributes['data-name']}: 0.588; 0.588 to 0.588, lowest to highest round"
        )


def test_a_mark_says_in_words_what_it_shows(page: Node) -> None:
    marks = marks_of(page, "request")
    assert marks["3 epoll on reactor"].attributes["aria-label"] == (
        "3 epoll on reactor: 60.0 µs; 30.0 to 90.0, lowest to highest round"
    )
    marks = marks_of(page, "reply")
    assert marks["3 epoll on reactor"].attributes["aria-label"] == (
        "3 epoll on reactor: 15,300 µs; 600 to 30,000, median, 1st to 99th percentile"
    )


def test_marks_stand_in_the_order_of_their_values(page: Node) -> None:
    for figure in page.all("figure"):
        exact = [
            (float(mark.attributes["data-exact"] or ""), x_of(mark))
            for mark in figure.all("g", class_="mark")
        ]
        places = [x for _, x in sorted(exact)]
        assert places == sorted(places)
        assert all(106 <= x <= 304 for x in places)


def test_a_spread_reaches_from_the_lowest_to_the_highest_around_its_mark(page: Node) -> None:
    for figure in page.all("figure"):
        for mark in figure.all("g", class_="mark"):
            for low, high in ends(mark, "spread"):
                assert 106 <= low <= x_of(mark) <= high < 304
    mark = marks_of(page, "request")["3 epoll on reactor"]
    ((low, high),) = ends(mark, "spread")
    assert low < x_of(mark) < high


def test_a_ratio_is_tied_to_1(page: Node) -> None:
    figure = page.one("figure", id="ratio-request")
    one = float(figure.one("line", class_="baseline").attributes["x1"] or "")
    for mark in figure.all("g", class_="mark"):
        assert ends(mark, "stem") == [(one, x_of(mark))]
        assert x_of(mark) < one


def test_what_is_to_be_compared_by_eye_is_on_one_scale(page: Node) -> None:
    for keys in (("reply", "silent", "slow"), ("ratio-request", "ratio-client")):
        axes = [ticks_of(page, key) for key in keys]
        assert axes == axes[:1] * len(keys)


def test_foundations_differ_in_form(page: Node) -> None:
    figure = page.one("figure", id="request")
    for mark in figure.all("g", class_="mark"):
        form = "circle" if mark.attributes["data-on"] == "reactor" else "path"
        assert len(mark.all(form, class_="dot")) == 1


def test_the_numbers_of_a_plot_are_in_a_table_below_it(page: Node) -> None:
    for figure in page.all("figure"):
        title = figure.one("h3").text
        assert figure.one("caption").text == title
        marks = marks_of(page, figure.attributes["id"] or "")
        rows = {row.one("th").text: row for row in figure.one("tbody").all("tr")}
        assert set(marks) <= set(rows)
        for name, row in rows.items():
            value, spread = (cell.text for cell in row.all("td"))
            if name not in marks:
                assert (value, spread) == ("-", "-")
            else:
                told = marks[name].attributes
                assert told["data-value"] in (value, f"{value} µs", f"{value} KiB")
                assert (told["data-spread"] or "-").startswith(spread)


def test_what_was_not_measured_is_said_so_and_has_no_mark(page: Node) -> None:
    row = page.one("figure", id="request").all("g", class_="row")[0]
    assert row.text == "1 simplenot measured"
    assert not row.all("g", class_="mark")


def test_a_model_without_a_twin_has_no_ratio_and_no_headline() -> None:
    page = page_of(results(find_model("epoll"))[:1])
    assert page.one("h1").text == "1 of nine servers, each twice"
    assert not page.all("p", class_="headline")
    assert not marks_of(page, "ratio-request")
    assert list(marks_of(page, "request")) == ["3 epoll on reactor"]


def test_the_headlines_are_the_geometric_means_of_the_ratios() -> None:
    some = results(find_model("epoll"), find_model("fork"))
    for each, cpu in zip(some, (1.0, 4.0, 1.0, 1.0), strict=True):
        each.ping_pong = Load(Answers([0.001]), cpu)
    request, client = page_of(some).all("p", class_="headline")
    assert request.text == "0.50of what a request costs on asyncio; 0.25 to 1.00 by model"
    assert client.text == "0.59of what a client costs on asyncio; 0.59 to 0.59 by model"


def test_nothing_at_all_is_a_page_too() -> None:
    assert page_of([]).one("h1").text == "0 of nine servers, each twice"


def test_a_load_that_cost_less_than_a_tick_of_the_clock_stands_at_the_edge() -> None:
    free = Result(find_model("epoll"), "reactor")
    free.ping_pong.add(Answers([0.001]), 0.0)
    dear = Result(find_model("epoll"), "asyncio", ping_pong=Load(Answers([0.001]), 1.0, [1.0]))
    marks = marks_of(page_of([free, dear]), "request")
    assert x_of(marks["3 epoll on reactor"]) == 106
    assert marks["3 epoll on reactor"].attributes["data-value"] == "0 µs"


def test_every_label_is_in_the_drawing(page: Node) -> None:
    for text in page.all("text"):
        assert 0 <= float(text.attributes.get("x") or 0) <= 360
    for plot in page.all("svg", class_="plot"):
        _, _, _, height = map(float, (plot.attributes["viewbox"] or "").split())
        last = plot.all("g", class_="row")[-1]
        (top,) = re.findall(r"translate\(0 (\d+)\)", last.attributes["transform"] or "")
        assert float(top) + float(last.attributes["data-height"] or "") <= height + 4


def marks_of(page: Node, key: str) -> dict[str, Node]:
    marks = page.one("figure", id=key).all("g", class_="mark")
    return {mark.attributes["data-name"] or "": mark for mark in marks}


def ticks_of(page: Node, key: str) -> list[tuple[str, str | None]]:
    ticks = page.one("figure", id=key).all("text", class_="tick")
    return [(tick.text, tick.attributes["x"]) for tick in ticks]


def ends(mark: Node, kind: str) -> list[tuple[float, float]]:
    return [
        (float(line.attributes["x1"] or ""), float(line.attributes["x2"] or ""))
        for line in mark.all("line", class_=kind)
    ]


def x_of(mark: Node) -> float:
    for dot in mark.all("circle"):
        return float(dot.attributes["cx"] or "")
    (dot,) = mark.all("path")
    (x,) = re.findall(r"translate\(([\d.]+) 0\)", dot.attributes["transform"] or "")
    return float(x)
