"""Panes: the pieces of time that observations are added up in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECONDS = {"minute": 60, "hour": 3600}
KINDS = ("minute", "hour", "day", "month", "total")
PUBLISHED = ("hour", "day", "month", "total")

FINE = 60
"Seconds of the finest pane."

COARSE = 900
"Seconds of what is finest where there are no minute panes: every zone's midnight is on such a bound."

DAY = 86_400

FOREVER = None
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Retention:
    """Seconds for which a pane takes and keeps figures after its end; None is for ever."""

    minute: int | None = 6 * 3600
    hour: int | None = 14 * 86400
    day: int | None = 400 * 86400
    month: int | None = 5 * 366 * 86400
    total: int | None = FOREVER

    def of(self, kind: str) -> int | None:
        seconds: int | None = getattr(self, kind)
        return seconds

    @property
    def longest(self) -> int:
        """For how long after something has happened a pane with it is kept, beside those for ever."""
        kept = {"minute": 60, "hour": 3600, "day": DAY + 3600, "month": 31 * DAY + 3600}
        return max(
            (seconds + length for kind, length in kept.items() if (seconds := self.of(kind)) is not None),
            default=0,
        )

    @property
    def of_labels(self) -> int | None:
        """For how long a label is kept by the hour or the day."""
        return None if self.hour is None or self.day is None else max(self.hour, self.day)

    def at_most(self, limits: Mapping[str, int]) -> "Retention":
        """With panes of these kinds kept no longer than that."""
        kept = {kind: self.of(kind) for kind in limits}
        shorter = {kind: seconds for kind, seconds in limits.items() if (kept[kind] or seconds) >= seconds}
        return replace(self, **shorter)


@dataclass(frozen=True)
class Calendar:
    """Starts and ends of panes, in seconds since 1970; days and months begin at local midnight."""

    zone: ZoneInfo = UTC_ZONE
    _starts: dict[tuple[str, int], int] = field(default_factory=dict, compare=False)

    def start(self, kind: str, second: int) -> int:
        """The start of the pane of a kind that holds a second."""
        if kind == "total":
            return 0
        if (length := SECONDS.get(kind)) is not None:
            return second - second % length
        place = (kind, second - second % COARSE)
        start = self._starts.get(place)
        if start is None:
            if len(self._starts) > 500_000:
                self._starts.clear()
            start = self._starts[place] = self._midnight(kind, second)
        return start

    def end(self, kind: str, start: int) -> int | None:
        """The end of a pane; the total has none."""
        if kind == "total":
            return None
        if (length := SECONDS.get(kind)) is not None:
            return start + length
        local = datetime.fromtimestamp(start, self.zone)
        if kind == "day":
            following = local.date() + timedelta(days=1)
        else:
            following = (local.date().replace(day=1) + timedelta(days=32)).replace(day=1)
        return self._seconds(following.year, following.month, following.day)

    def _midnight(self, kind: str, second: int) -> int:
        local = datetime.fromtimestamp(second, self.zone)
        return self._seconds(local.year, local.month, local.day if kind == "day" else 1)

    def _seconds(self, year: int, month: int, day: int) -> int:
        """Local midnight; where a clock change skips it, the moment of that change."""
        return int(datetime(year, month, day, tzinfo=self.zone).timestamp())


def text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def window(kind: str, start: int, calendar: Calendar) -> Mapping[str, str]:
    """A pane as it is published; the total has neither start nor end."""
    end = calendar.end(kind, start)
    if end is None:
        return {"pane": kind}
    return {"pane": kind, "start": text(start), "end": text(end)}
