"""Business calendars: when work is done, in one time zone. All times in microseconds since 1970 (UTC)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from agents.business.hours import CLOSED, Hours, Week
from agents.business.public_holidays import is_holiday
from agents.business.timeline import Spans, Timeline
from agents.business.zones import LAST, stretches
from streams.moments import DAY

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Calendar:
    """An instant is open if the zone's clocks then show a time within the hours of a day.

    Hours over midnight belong to the day on which they begin. So an hour that clocks show twice counts
    twice, one that they skip not at all, and the night before a holiday is worked to its end.
    """

    zone: ZoneInfo
    week: Week
    holidays: tuple[str, ...] = ()
    "Regions whose public holidays are closed."
    dates: Mapping[date, Hours] = field(default_factory=dict)
    "Hours of single days, before all else; none: closed."
    _timeline: Timeline = field(init=False, repr=False)

    def __post_init__(self) -> None:
        opening = [day for day, hours in self.dates.items() if hours]
        if not any(self.week) and not opening:
            raise ValueError("it is never open")
        # Without weekly hours nothing is open after the last of the single days.
        end = LAST if any(self.week) else _midnight(max(opening)) + 4 * DAY
        object.__setattr__(self, "_timeline", Timeline(self._opens, end))

    def add(self, start: int, duration: int) -> int | None:
        """The first instant at which so much business time has passed since the start; None: never."""
        return self._timeline.add(start, duration)

    def between(self, start: int, end: int) -> int:
        """The business time from start to end; 0 where the end is before the start."""
        return self._timeline.between(start, end)

    def hours(self, day: date) -> Hours:
        own = self.dates.get(day)
        if own is not None:
            return own
        return CLOSED if is_holiday(self.holidays, day) else self.week[day.weekday()]

    def _opens(self, start: int, end: int) -> Spans:
        spans: Spans = []
        for since, until, offset in stretches(self.zone, start, end):
            for opened, closed in self._local(since + offset, until + offset):
                _join(spans, max(opened - offset, since), min(closed - offset, until))
        return spans

    def _local(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What is open of [start, end) by the clocks of the zone, from a day before it on."""
        for number in range(start // DAY - 1, -(-end // DAY)):
            midnight = number * DAY
            for opened, closed in self.hours(EPOCH + timedelta(days=number)):
                yield midnight + opened, midnight + closed


class Always:
    """No calendar: all time counts."""

    def add(self, start: int, duration: int) -> int | None:
        """None where that is after the last time that can be written."""
        end = start + duration if duration > 0 else start
        return end if end < LAST else None

    def between(self, start: int, end: int) -> int:
        return end - start if end > start else 0


def _join(spans: Spans, opened: int, closed: int) -> None:
    """Add a span that begins no earlier than the last one; what overlaps counts once."""
    if spans and opened <= spans[-1][1]:
        start, end = spans[-1]
        spans[-1] = (start, max(end, closed))
    elif opened < closed:
        spans.append((opened, closed))


def _midnight(day: date) -> int:
    return (day - EPOCH).days * DAY
