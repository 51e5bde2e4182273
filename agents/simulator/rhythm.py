"""When customers turn to support: by channel, weekday and hour of the organisation's own clock."""

from streams.moments import DAY, HOUR, MINUTE

SLOT = 15 * MINUTE
WEEK = 7 * DAY
_SLOTS = WEEK // SLOT
_MONDAY = 4 * DAY
"1970 began on a Thursday."
_TUESDAY, _FRIDAY = 1, 4

SHARES = {"email": 0.37, "chat": 0.26, "phone": 0.15, "web": 0.14, "social": 0.08}
"How much of a week's volume comes in each channel."

# Volume by hour of the day, as heights of one curve; only their proportions count.
_HOURS = {
    "email": (4, 3, 2, 2, 3, 6, 15, 35, 70, 95, 100, 92, 75, 82, 90, 88, 78, 62, 45, 36, 30, 24, 15, 8),
    "chat": (0, 0, 0, 0, 0, 0, 0, 12, 50, 82, 100, 98, 84, 88, 96, 94, 85, 70, 48, 22, 0, 0, 0, 0),
    "phone": (0, 0, 0, 0, 0, 0, 0, 10, 70, 100, 96, 84, 60, 76, 90, 84, 70, 50, 24, 8, 0, 0, 0, 0),
    "web": (6, 4, 3, 3, 4, 8, 18, 38, 66, 88, 96, 94, 80, 84, 88, 84, 76, 66, 58, 54, 50, 40, 24, 12),
    "social": (12, 8, 5, 3, 3, 5, 12, 26, 42, 54, 60, 64, 72, 66, 60, 62, 70, 82, 92, 100, 98, 86, 56, 28),
}
_WEEKDAYS = (1.18, 1.06, 1.0, 0.98, 0.92, 0.34, 0.26)
_WEEKENDS = {"email": 1.0, "chat": 0.7, "phone": 0.5, "web": 1.1, "social": 2.2}
"How much less than the others a channel is quiet at weekends."


def slot(local: int) -> int:
    """The slot of the week of a time on the organisation's clock."""
    return (local - _MONDAY) % WEEK // SLOT


def ahead_for(morning: int) -> int:
    """How far a clock is ahead that shows ten on a working day at that time: the day it is, or a Tuesday."""
    weekday = (morning - _MONDAY) % WEEK // DAY
    return 10 * HOUR - morning % DAY + (_TUESDAY - weekday if weekday > _FRIDAY else 0) * DAY


def _height(channel: str, number: int) -> float:
    """Between the hours the curve is straight; the heights are those of the hours' middles."""
    day, minutes = divmod(number * SLOT // MINUTE + 7.5, 24 * 60)
    hour, part = divmod(minutes / 60 - 0.5, 1.0)
    hours = _HOURS[channel]
    curve = hours[int(hour) % 24] * (1 - part) + hours[int(hour + 1) % 24] * part
    return curve * _WEEKDAYS[int(day)] * (_WEEKENDS[channel] if day >= 5 else 1.0)


def _curve(channel: str) -> tuple[float, ...]:
    heights = [_height(channel, number) for number in range(_SLOTS)]
    mean = sum(heights) / _SLOTS
    return tuple(SHARES[channel] * height / mean for height in heights)


VOLUMES = {channel: _curve(channel) for channel in SHARES}
"Volume by slot of the week, where 1 is the mean of a week over all channels."


def volume(local: int) -> float:
    """Of all channels together."""
    return sum(volumes[slot(local)] for volumes in VOLUMES.values())
