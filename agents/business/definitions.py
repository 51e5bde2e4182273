"""What can be set of business time: the calendars, and by which of them tickets are measured."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, model_validator

from agents.business.calendar import Calendar
from agents.business.hours import ALWAYS, Hours, Week, hours, week
from agents.business.public_holidays import check_region
from streams.settings.sections import Section
from streams.settings.values import Allowed, Moment, Name, Names, Wrong, Zone

ROUND_THE_CLOCK = "24x7"
Spans = tuple[str, ...]


def _week(written: Mapping[str, Iterable[str]] | str) -> Week:
    return (ALWAYS,) * 7 if isinstance(written, str) else week(written)


def _dates(written: Mapping[str, Iterable[str]]) -> dict[date, Hours]:
    found: dict[date, Hours] = {}
    for text, spans in written.items():
        day = _day(text)
        try:
            found[day] = hours(spans)
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
    return found


def _day(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise ValueError(f'"{text}" is not a date')


def _spans(value: Any) -> Any:
    """A table of lists of texts, as it is written."""
    if not isinstance(value, Mapping) or not all(isinstance(spans, list | tuple) for spans in value.values()):
        raise ValueError("not a table of lists")
    if not all(isinstance(span, str) for spans in value.values() for span in spans):
        raise ValueError("not a table of lists of texts")
    return {str(name): tuple(spans) for name, spans in value.items()}


def _checked_hours(value: Any) -> Any:
    if value == ROUND_THE_CLOCK:
        return value
    written = _spans(value)
    _told(_week, written)
    return written


def _checked_dates(value: Any) -> Any:
    written = _spans(value)
    _told(_dates, written)
    return written


def _regions(value: tuple[str, ...]) -> tuple[str, ...]:
    for region in value:
        _told(check_region, region)
    return value


def _told(check: Callable[[Any], object], value: Any) -> None:
    """What is wrong within a value is for its reader."""
    try:
        check(value)
    except ValueError as error:
        raise Wrong(str(error)) from None


class CalendarDefinition(Section):
    """When work is done. An hour that the clocks show counts, one over midnight with its first day."""

    valid_from: Moment | None = None
    "From when on this version is in force; what began before stays with the one before."
    zone: Zone
    "Whose clocks the hours are read from."
    hours: Annotated[
        dict[str, Spans] | str,
        BeforeValidator(_checked_hours),
        Allowed('hours by weekday such as { mon-fri = ["09:00-12:30", "13:00-17:00"] }, or "24x7"'),
    ] = {}
    "By weekday; on others it is closed. An end before its start is on the next day."
    holidays: Annotated[
        Names,
        AfterValidator(_regions),
        Allowed('a list of countries or their subdivisions such as ["FR", "DE-BY"]'),
    ] = ()
    "Public holidays on which it is closed."
    dates: Annotated[
        dict[str, Spans],
        BeforeValidator(_checked_dates),
        Allowed('hours by date such as { 2026-12-24 = ["09:00-12:00"], 2026-12-31 = [] }'),
    ] = {}
    "Days with hours of their own, before all else; none: closed."

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if not any(_week(self.hours)) and not any(self.dates.values()):
            raise ValueError("hours, or dates with hours: it is never open")
        return self

    def calendar(self) -> Calendar:
        return Calendar(ZoneInfo(self.zone), _week(self.hours), self.holidays, _dates(self.dates))


def _one_or_several(value: Any) -> Any:
    return [value] if isinstance(value, Mapping) else value


def _apart(versions: tuple[CalendarDefinition, ...]) -> tuple[CalendarDefinition, ...]:
    if len({version.valid_from for version in versions}) < len(versions):
        raise ValueError("versions with different valid_from")
    if not versions:
        raise ValueError("at least one version")
    return versions


Versions = Annotated[tuple[CalendarDefinition, ...], BeforeValidator(_one_or_several), AfterValidator(_apart)]
"One table, or an array of them with different `valid_from`."
CalendarDefinitions = dict[Name, Versions]
OFFICE = {
    "zone": "Europe/Berlin",
    "hours": {"mon-thu": ["08:00-12:00", "13:00-17:30"], "fri": ["08:00-14:00"]},
    "holidays": ["DE-BY"],
    "dates": {"2026-12-24": ["08:00-12:00"], "2026-12-31": []},
}
"An example."


class BusinessTime(Section):
    """A calendar, and what must hold of a ticket to be measured by it: of each that is named, one value."""

    calendar: Name
    "One of the calendars."
    channel: Names | None = None
    priority: Names | None = None
    team: Names | None = None
    tier: Names | None = None
    topic: Names | None = None

    def conditions(self) -> dict[str, frozenset[str]]:
        named = ((name, getattr(self, name)) for name in type(self).model_fields if name != "calendar")
        return {name: frozenset(values) for name, values in named if values is not None}
