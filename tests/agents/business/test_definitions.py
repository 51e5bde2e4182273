"""Calendars as settings: what can be written, what is said of wrong ones, and what a change means."""

from pathlib import Path

import pytest

from agents.__main__ import PRODUCT
from agents.business.calendars import calendars_of
from agents.catalogue import build_catalogue
from agents.definitions import Definitions
from streams.child import told
from streams.errors import ConfigurationError
from streams.moments import DAY, HOUR, parse
from streams.settings import Settings, load
from streams.settings.toml import effective, example

OFFICE = """
[definitions.calendars.office]
zone = "Europe/Berlin"
holidays = ["DE-BY"]
hours.mon-thu = ["08:00-12:00", "13:00-17:00"]
dates.2026-12-24 = ["08:00-10:00"]
"""
VERSIONS = """
[[definitions.calendars.office]]
zone = "UTC"
hours = "24x7"
[[definitions.calendars.office]]
valid_from = 2026-07-01T00:00:00+02:00
zone = "UTC"
hours = { mon-fri = ["09:00-17:00"] }
"""


def settings(toml: str, directory: Path) -> Settings:
    file = directory / "mine.toml"
    file.write_text(toml)
    return load(file, model=PRODUCT.settings)


def definitions(toml: str, directory: Path) -> Definitions:
    found = settings(toml, directory).definitions
    assert isinstance(found, Definitions)
    return found


def test_a_calendar_as_it_is_written(tmp_path: Path) -> None:
    calendars = calendars_of(definitions(OFFICE, tmp_path).calendars)
    clock = calendars.at("office", parse("2026-12-01T00:00:00Z"))
    assert clock.between(parse("2026-12-23T00:00:00Z"), parse("2026-12-24T00:00:00Z")) == 8 * HOUR
    assert clock.between(parse("2026-12-24T00:00:00Z"), parse("2026-12-26T00:00:00Z")) == 2 * HOUR
    assert clock.between(parse("2026-01-06T00:00:00Z"), parse("2026-01-07T00:00:00Z")) == 0


def test_the_version_in_force_at_the_start_counts(tmp_path: Path) -> None:
    calendars = calendars_of(definitions(VERSIONS, tmp_path).calendars)
    turn = parse("2026-06-30T22:00:00Z")
    for start, passed in ((turn - 1, DAY), (turn, 8 * HOUR)):
        clock = calendars.at("office", start)
        assert clock.between(parse("2026-07-06T00:00:00Z"), parse("2026-07-07T00:00:00Z")) == passed


def test_without_a_calendar_and_before_its_first_version_all_time_counts(tmp_path: Path) -> None:
    text = OFFICE.replace("zone", 'valid_from = "2026-07-01T00:00:00Z"\nzone')
    calendars = calendars_of(definitions(text, tmp_path).calendars)
    before, after = parse("2026-06-30T23:59:59Z"), parse("2026-07-01T00:00:00Z")
    assert calendars.at("office", before).between(before, before + 9 * DAY) == 9 * DAY
    assert calendars.at(None, after).between(after, after + 9 * DAY) == 9 * DAY
    assert calendars.at("office", after).between(after, after + 9 * DAY) < 9 * DAY
    with pytest.raises(KeyError):
        calendars.at("shop", after)


WHERE = "definitions.calendars.office"


@pytest.mark.parametrize(
    ("toml", "wrong"),
    [
        ('zone = "Mars"', f'{WHERE}.zone is "Mars" (mine.toml), expected a time zone such as "UTC" or'),
        ("hours = '24x7'", f"{WHERE}.zone is missing (mine.toml), expected a time zone such as"),
        ('zon = "UTC"', f"{WHERE}.zon is unknown (mine.toml), expected zone?"),
        ("hours = 5", f"{WHERE}.hours is 5 (mine.toml), expected hours by weekday such as {{"),
        ('hours = "never"', f'{WHERE}.hours is "never" (mine.toml), expected hours by weekday such as'),
        ("hours.mon = 5", f'{WHERE}.hours is {{"mon": 5}} (mine.toml), expected hours by weekday such as'),
        (
            'hours.mon = ["09:00-12:00", "11:00-14:00"]',
            f'{WHERE}.hours is {{"mon": ["09:00-12:00", "11:00-14:00"]}} (mine.toml): '
            "09:00-12:00 and 11:00-14:00 overlap, expected hours by weekday such as",
        ),
        (
            'hours.mon = ["9-12"]',
            f'{WHERE}.hours is {{"mon": ["9-12"]}} (mine.toml): "9-12" is not a span of time, expected hours',
        ),
        (
            'hours.mon = ["09:00-12:00"]\nholidays = ["DE-XX"]',
            f'{WHERE}.holidays is ["DE-XX"] (mine.toml): "XX" is not a subdivision of DE, which has ',
        ),
        (
            'hours.mon = ["09:00-12:00"]\nholidays = ["Atlantis"]',
            f'{WHERE}.holidays is ["Atlantis"] (mine.toml): "Atlantis" is not a country whose holidays are',
        ),
        (
            "dates.2026-02-30 = []",
            f'{WHERE}.dates is {{"2026-02-30": []}} (mine.toml): "2026-02-30" is not a date, expected hours',
        ),
        (
            'dates.2026-02-03 = ["9"]',
            f'{WHERE}.dates is {{"2026-02-03": ["9"]}} (mine.toml): 2026-02-03: "9" is not a span of time, ',
        ),
        (
            'zone = "UTC"\ndates.2026-02-03 = []',
            f"[{WHERE}] is inconsistent (mine.toml), expected hours, or dates with hours: it is never open",
        ),
        (
            'valid_from = 2026-07-01T00:00:00\nhours = "24x7"',
            f'{WHERE}.valid_from is "2026-07-01 00:00:00" (mine.toml), expected a time with an',
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(toml: str, wrong: str, tmp_path: Path) -> None:
    has_zone = "zon" in toml or "missing" in wrong
    with pytest.raises(ConfigurationError) as caught:
        definitions(
            "\n".join(("[definitions.calendars.office]", "" if has_zone else "zone = 'UTC'", toml)), tmp_path
        )
    lines = [line.strip().replace(f"{tmp_path}/", "") for line in str(caught.value).splitlines()]
    assert any(line.startswith(wrong) for line in lines), lines


def test_of_several_versions_the_one_that_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        definitions(VERSIONS.replace("09:00-17:00", "09:00"), tmp_path)
    assert str(caught.value).startswith('definitions.calendars.office.1.hours is {"mon-fri": ["09:00"]} (')
    with pytest.raises(ConfigurationError, match="expected versions with different valid_from"):
        definitions(VERSIONS.replace("valid_from = 2026-07-01T00:00:00+02:00", ""), tmp_path)


def test_a_rule_needs_its_calendar_and_has_to_be_reached(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'shop' of business_time to be one of calendars: office"):
        definitions(OFFICE + '[[definitions.business_time]]\ncalendar = "shop"', tmp_path)
    rules = '[[definitions.business_time]]\ncalendar = "office"\n'
    with pytest.raises(ConfigurationError, match="'office' of business_time last, as it holds always"):
        definitions(OFFICE + rules + rules + 'team = ["emea"]\n', tmp_path)


def test_what_is_in_effect_can_be_loaded_again_by_processes_too(tmp_path: Path) -> None:
    rules = '[[definitions.business_time]]\ncalendar = "office"\nteam = ["emea"]\n'
    for toml in (OFFICE + rules, VERSIONS + rules, ""):
        loaded = settings(toml, tmp_path)
        assert settings(effective(loaded), tmp_path) == loaded
        assert PRODUCT.settings.model_validate_json(told(loaded)) == loaded


def test_the_example_is_right_when_it_is_uncommented(tmp_path: Path) -> None:
    _, shown = example(PRODUCT.settings).split("# Business calendars by name")
    lines = [line.removeprefix("# ") for line in shown.splitlines() if "=" in line or "[definitions" in line]
    loaded = definitions("\n".join(lines), tmp_path)
    assert [rule.calendar for rule in loaded.business_time] == list(loaded.calendars) == ["office"]


def test_a_change_of_a_calendar_or_of_the_holidays_is_a_change_of_the_definitions(tmp_path: Path) -> None:
    def version(toml: str) -> str:
        loaded = settings(toml, tmp_path)
        return PRODUCT.catalogue_of(loaded).version(loaded.defining())

    changed = (OFFICE, OFFICE.replace("13:00", "13:30"), OFFICE.replace("DE-BY", "DE"), VERSIONS, "")
    assert len({version(toml) for toml in changed}) == len(changed)
    catalogue = build_catalogue(definitions(OFFICE, tmp_path))
    assert [table.split()[0] for table in catalogue.tables] == ["holidays"]
    assert not build_catalogue(definitions(VERSIONS, tmp_path)).tables
