"""Business time, counted minute by minute: which calendar applies, and how much of a span is open in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .minutes import Dates, Hours, count
from .observations import Dimensions, Observation

SPANS: frozenset[str] = frozenset(
    {
        "first_response_time",
        "first_bot_response_time",
        "next_response_time",
        "resolution_time",
        "first_resolution_time",
    }
)
SUFFIX = "_business"

Span = tuple[int, int]


@dataclass(frozen=True)
class Version:
    """One version of a calendar; `valid_from` in microseconds, None: since ever."""

    zone: str
    hours: Hours
    dates: Dates = field(default_factory=dict)
    valid_from: int | None = None


@dataclass(frozen=True)
class Business:
    """Calendars by name, and which applies: the first rule whose dimensions all have one of the values."""

    calendars: Mapping[str, Sequence[Version]]
    rules: Sequence[tuple[Mapping[str, Sequence[str]], str]]

    def of_span(self, seen: Observation) -> Observation:
        """Of a duration that ends with its observation."""
        assert isinstance(seen.value, int)
        start = seen.time - seen.value
        return self.of_spans(seen, start, [(start, seen.time)])

    def of_spans(self, seen: Observation, started: int, spans: Iterable[Span]) -> Observation:
        version = self.version(seen.dimensions, started)
        value = sum(open_time(version, start, end) for start, end in spans)
        return Observation(seen.metric + SUFFIX, seen.time, seen.dimensions, value)

    def version(self, dimensions: Dimensions, started: int) -> Version | None:
        """The one in force at the start; None where all time counts."""
        for conditions, name in self.rules:
            if all((dimensions.get(each) or "unknown") in allowed for each, allowed in conditions.items()):
                in_force = [each for each in self.calendars[name] if (each.valid_from or 0) <= started]
                return max(in_force, key=lambda version: version.valid_from or 0, default=None)
        return None


def open_time(version: Version | None, start: int, end: int) -> int:
    if version is None:
        return end - start
    return count(version.zone, version.hours, version.dates, start, end)
