"""Opening hours of a day as they are written, "09:00-17:30": microseconds from the day's midnight."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from streams.moments import DAY, HOUR, MINUTE

Hours = tuple[tuple[int, int], ...]
"Times at which a day's work begins and ends, in order; an end after midnight is more than a day."
Week = tuple[Hours, ...]
"From Monday to Sunday."

CLOSED: Hours = ()
ALWAYS: Hours = ((0, DAY),)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)", re.ASCII)


def hours(written: Iterable[str]) -> Hours:
    """Raises ValueError with the text that is wrong."""
    found = tuple(sorted(map(_span, written)))
    for earlier, later in pairwise(found):
        if later[0] < earlier[1]:
            raise ValueError(f"{text(earlier)} and {text(later)} overlap")
    return found


def week(written: Mapping[str, Iterable[str]]) -> Week:
    """Of hours by weekday ("mon") or from one to another ("mon-fri"); other days are closed."""
    days: list[Hours | None] = [None] * 7
    for name, spans in written.items():
        of_day = hours(spans)
        for day in _days(name):
            if days[day] is not None:
                raise ValueError(f"{WEEKDAYS[day]} has hours twice")
            days[day] = of_day
    found = tuple(day or CLOSED for day in days)
    for number, of_day in enumerate(found):
        _check_morning(number, of_day, found[(number + 1) % 7])
    return found


def text(span: tuple[int, int]) -> str:
    """As it is written: an end at midnight is 24:00, one after it a time of the next day."""
    start, end = span
    return f"{_clock(start)}-{_clock(end - DAY if end > DAY else end)}"


def _span(written: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(written.strip())
    start, end = (_at(*found.group(1, 2)), _at(*found.group(3, 4))) if found else (DAY, DAY)
    if start >= DAY or end > DAY:
        raise ValueError(f'"{written}" is not a span of time')
    if start == end:
        raise ValueError(f'"{written}" is empty; a whole day is "00:00-24:00"')
    return start, end if end > start else end + DAY


def _at(hour: str, minute: str) -> int:
    """More than a day where there is no such time."""
    return int(hour) * HOUR + int(minute) * MINUTE if int(minute) < 60 else 2 * DAY


def _clock(at: int) -> str:
    return f"{at // HOUR:02}:{at % HOUR // MINUTE:02}"


def _days(name: str) -> Iterator[int]:
    first, *others = name.strip().lower().split("-")
    last = others[-1] if others else first
    if len(others) > 1 or first not in WEEKDAYS or last not in WEEKDAYS:
        raise ValueError(f'"{name}" is not a weekday')
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return iter([day % 7 for day in range(start, start + (end - start) % 7 + 1)])


def _check_morning(number: int, today: Hours, tomorrow: Hours) -> None:
    """A night's work ends before the next day's begins."""
    if today and tomorrow and today[-1][1] - DAY > tomorrow[0][0]:
        names = WEEKDAYS[number], WEEKDAYS[(number + 1) % 7]
        raise ValueError(f"{names[0]} {text(today[-1])} and {names[1]} {text(tomorrow[0])} overlap")
