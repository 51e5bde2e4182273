"""Calendars by their names, each in its versions."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Protocol

from agents.business.calendar import Always, Calendar
from agents.business.definitions import CalendarDefinitions

EVER = -(2**63)
ALWAYS = Always()


class Clock(Protocol):
    """Counts time: all of it, or that of a calendar."""

    def add(self, start: int, duration: int) -> int | None: ...

    def between(self, start: int, end: int) -> int: ...


class Calendars:
    """Before the first version of a calendar is in force, and without a calendar, all time counts."""

    def __init__(self, versions: Mapping[str, Iterable[tuple[int | None, Calendar]]]) -> None:
        self._versions = {name: _in_order(each) for name, each in versions.items()}

    def at(self, name: str | None, time: int) -> Clock:
        """The version that is in force at a time; KeyError where there is no such calendar."""
        if name is None:
            return ALWAYS
        starts, calendars = self._versions[name]
        place = bisect_right(starts, time)
        return calendars[place - 1] if place else ALWAYS


def calendars_of(definitions: CalendarDefinitions) -> Calendars:
    return Calendars(
        {
            name: [(version.valid_from, version.calendar()) for version in versions]
            for name, versions in definitions.items()
        }
    )


def _in_order(versions: Iterable[tuple[int | None, Calendar]]) -> tuple[list[int], list[Calendar]]:
    known = sorted(
        ((EVER if since is None else since), number, each) for number, (since, each) in enumerate(versions)
    )
    return [since for since, _, _ in known], [each for _, _, each in known]
