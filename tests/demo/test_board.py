"""What the table says, read as text."""

from typing import Any

from rich.console import Console

from agents.catalogue import CATALOGUE
from streams.catalogue import Metric
from streams.demo.board import BARS, Board, bars
from streams.demo.freshness import Freshness
from streams.demo.reading import Figures

SHOWN = ("tickets_created", "backlog", "first_response_time", "csat", "nps")
METRICS: dict[str, Metric] = {metric.name: metric for metric in CATALOGUE.metrics}


class Telling:
    def __init__(self) -> None:
        self.figures = Figures(SHOWN, frozenset(), Freshness(1, 0.0), lambda: 0.0)
        self.board = Board([METRICS[name] for name in SHOWN], self.figures.totals)

    def figure(self, metric: str, pane: str, start: str, **figure: Any) -> None:
        self.figures.totals[metric][pane][start] = figure

    def rows(self, now: float = 0.0, *, width: int = 120, moves: bool = True) -> dict[str, str]:
        console = Console(width=width, color_system=None)
        with console.capture() as captured:
            console.print(self.board.render(now, width, "head", "foot", moves=moves))
        lines = captured.get().splitlines()
        assert (lines[0].strip(), lines[-1].strip()) == ("head", "foot")
        titles = [METRICS[name].title for name in SHOWN]
        return {title: line for title in titles for line in lines if line.startswith(title)}


def test_the_latest_figures_in_words() -> None:
    telling = Telling()
    telling.figure("tickets_created", "total", "", value=1234, count=1234)
    telling.figure("csat", "hour", "2026-11-22T08:00:00Z", value=0.5, count=2)
    telling.figure("csat", "hour", "2026-11-22T09:00:00Z", value=0.8125, count=64)
    telling.figure("first_response_time", "day", "2026-11-22T00:00:00Z", value=9999.0, p50=65.0, count=3)
    telling.figure("nps", "total", "", value=34.5, count=1000)
    rows = telling.rows()
    assert rows["Tickets created"].split() == ["Tickets", "created", "1,234"]
    assert "81.2%" in rows["Customer satisfaction"]
    assert "50.0%" not in rows["Customer satisfaction"]
    assert "1m 5s" in rows["First response time"], "the median"
    assert rows["Net promoter score"].split()[3:] == ["34.50", "points", "1,000"]
    assert telling.board.line() == "tickets created 1,234, net promoter score 34.50 points"


def test_a_level_is_told_as_of_the_last_hour() -> None:
    telling = Telling()
    for hour, backlog in ((8, 40), (9, 55)):
        telling.figure("backlog", "hour", f"2026-11-22T{hour:02}:00:00Z", value=backlog, count=backlog)
    assert telling.board.line() == "backlog 55 tickets"
    assert telling.rows()["Backlog"].split()[:5] == ["Backlog", "55", "tickets", "55", "tickets"]


def test_on_a_narrow_terminal_there_is_less() -> None:
    telling = Telling()
    telling.figure("nps", "hour", "2026-11-22T09:00:00Z", value=-100.0, count=1)
    telling.figure("nps", "total", "", value=-100.0, count=123456)
    telling.figure("nps", "day", "2026-11-22T00:00:00Z", value=50.0, count=3)
    narrow, wide = (telling.rows(width=width)["Net promoter score"] for width in (80, 120))
    assert "123,456" in narrow
    assert "50.00 points" not in narrow
    assert "50.00 points" in wide
    assert not any("…" in line for width in (80, 120) for line in telling.rows(width=width).values())


def test_before_there_are_figures_there_are_rows() -> None:
    assert set(Telling().rows()) == {METRICS[name].title for name in SHOWN}


def test_the_change_in_a_minute_of_this_hour() -> None:
    telling = Telling()
    hour = "2026-11-22T09:00:00Z"
    telling.figure("csat", "hour", hour, value=0.5, count=4)
    telling.rows(100.0, moves=False)
    telling.rows(110.0)
    telling.figure("csat", "hour", hour, value=0.6, count=5)
    assert "▲ 10.0%" in telling.rows(130.0)["Customer satisfaction"]
    assert "▲ 10.0%" in telling.rows(170.0)["Customer satisfaction"]
    assert "▲" not in telling.rows(190.1)["Customer satisfaction"]
    telling.figure("csat", "hour", hour, value=0.6001, count=5)
    assert "▲" not in telling.rows(190.2)["Customer satisfaction"], "too little to be told"
    telling.figure("csat", "hour", "2026-11-22T10:00:00Z", value=0.1, count=1)
    assert "▼" not in telling.rows(191.0)["Customer satisfaction"], "another hour is no change"


def test_bars_reach_from_nothing_to_the_largest() -> None:
    assert bars([0, 1, 2, 4, 8, None]) == f"{BARS[0]}{BARS[1]}{BARS[2]}{BARS[4]}{BARS[7]} "
    assert bars([]) == bars([0, None]) == ""
    assert bars([-5, 10]) == BARS[0] + BARS[7]
