"""What a run's verdict compares, and what it leaves alone."""

from typing import Any

import msgspec

from agents.__main__ import PRODUCT
from streams import moments
from streams.batch import Batch
from streams.settings import load
from tests.faults.feed import recent
from tests.faults.runs import PROMISES
from tests.faults.verdict import LEEWAY, Verdict
from tests.promise import levels_of

SETTINGS = load(None, PROMISES, PRODUCT.settings)
CATALOGUE = PRODUCT.catalogue_of(SETTINGS)
STORIES = recent(5, 10)
EVENTS = [msgspec.json.encode(event) for event in STORIES]
AT = (max(moments.parse(event["time"]) for event in STORIES) // moments.DAY + 3) * moments.DAY - moments.HOUR
"When all deadlines have passed, an hour before a day ends."


class Told:
    """What was told when an hour later had ended."""

    def __init__(self, at: int) -> None:
        batch = Batch(CATALOGUE, SETTINGS.calendar(), SETTINGS.pane_retention())
        batch.take(EVENTS)
        self.log: Any = type("Log", (), {"figures": batch.figures(at)})
        signals = Verdict(EVENTS, CATALOGUE, SETTINGS, at + LEEWAY)._signals
        self.signals: Any = type("Signals", (), {"standing": signals})


def test_an_hour_that_ends_while_one_compares_is_no_difference() -> None:
    """Nor are the levels that are published then: of the day that ends with it."""
    verdict = Verdict(EVENTS, CATALOGUE, SETTINGS, AT + LEEWAY)
    told: Any = Told(AT + moments.HOUR)
    ended = moments.text(AT + moments.HOUR)[:16]
    later = {
        figure["metric"]
        for figure in told.log.figures.values()
        if figure["window"].get("end", "").startswith(ended)
    }
    assert "backlog_age" in later & levels_of(CATALOGUE)
    assert verdict.differences(told) == []
    assert verdict.compared.levels > 100


def test_a_level_of_a_policy_that_differs_is_a_difference() -> None:
    verdict = Verdict(EVENTS, CATALOGUE, SETTINGS, AT + LEEWAY)
    told: Any = Told(AT)
    key = next(key for key in told.log.figures if key.startswith("sla_overdue|"))
    told.log.figures[key] = {**told.log.figures[key], "count": 10_000}
    (difference,) = verdict.differences(told)
    assert difference.startswith(key)


def test_a_level_that_was_published_though_nothing_changed_is_one_of_the_batch_too() -> None:
    """As where what happened in a pane was taken back: it is as it was before, and nothing else."""
    verdict = Verdict(EVENTS, CATALOGUE, SETTINGS, AT + LEEWAY)
    told: Any = Told(AT)
    hours = sorted(key for key in told.log.figures if key.startswith("backlog||hour|"))
    before = told.log.figures[hours[-1]]
    end = before["window"]["end"]
    key = f"backlog||hour|{end}"
    told.log.figures[key] = {**before, "window": {**before["window"], "start": end}}
    assert verdict.differences(told) == []
    told.log.figures[key] = {**told.log.figures[key], "value": before["value"] + 1}
    (difference,) = verdict.differences(told)
    assert difference.startswith(key)
