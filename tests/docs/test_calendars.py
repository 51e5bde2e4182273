"""The example of business calendars says what a report says."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from agents.business.definitions import CalendarDefinition
from agents.catalogue import build_catalogue
from agents.definitions import Definitions
from agents.page import DOCS
from agents.tickets.metrics.business import SPANS, WAITS
from streams.batch import Batch
from streams.cli.text import seconds_text

PAGE = (DOCS / "calendars.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def definitions(toml: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = tomllib.loads(toml)["definitions"]
    return found


def test_the_example_is_right() -> None:
    batch = Batch(build_catalogue(Definitions.model_validate(definitions(blocks("toml")[0]))))
    batch.take(line.encode() for line in blocks("json")[0].splitlines())
    figures = batch.figures()
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| ([\w ]+) \|", PAGE, re.M)
    assert len(rows) == 4
    for metric, calendar, business in rows:
        assert seconds_text(figures[f"{metric}||total|"]["value"]) == calendar
        assert seconds_text(figures[f"{metric}_business||total|"]["value"]) == business


def test_all_settings_that_are_shown_can_be_set() -> None:
    berlin, rules, versions = map(definitions, blocks("toml"))
    named = {**berlin["calendars"], **versions["calendars"], "new-york": berlin["calendars"]["berlin"]}
    shown = Definitions.model_validate({"calendars": named, "business_time": rules["business_time"]})
    assert [len(each) for each in shown.calendars.values()] == [1, 2, 1]


def test_all_settings_and_metrics_are_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \| [a-z]", PAGE, re.M)
    assert set(explained) == set(CalendarDefinition.model_fields)
    for metric in (*SPANS, *WAITS):
        assert f"`{metric}`" in PAGE
