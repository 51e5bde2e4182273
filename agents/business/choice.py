"""By which calendar an entity is measured: the first whose conditions hold."""

from collections.abc import Sequence

from agents.business.calendars import Calendars, Clock
from agents.business.definitions import BusinessTime
from agents.dimensions import Labels
from streams.catalogue import UNKNOWN


class Choice:
    """Conditions are on the labels of an observation; where none hold all time counts."""

    def __init__(
        self, rules: Sequence[BusinessTime], calendars: Calendars, dimensions: Sequence[str]
    ) -> None:
        self._calendars = calendars
        self._rules = tuple((rule.calendar, _by_place(rule, dimensions)) for rule in rules)

    def clock(self, labels: Labels, started: int) -> Clock:
        """The calendar in the version that was in force at the start."""
        for name, conditions in self._rules:
            if all((labels[place] or UNKNOWN) in allowed for place, allowed in conditions):
                return self._calendars.at(name, started)
        return self._calendars.at(None, started)


def _by_place(rule: BusinessTime, dimensions: Sequence[str]) -> tuple[tuple[int, frozenset[str]], ...]:
    return tuple((dimensions.index(name), allowed) for name, allowed in rule.conditions().items())
