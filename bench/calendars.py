"""Look-ups a second in a business calendar: `between` and `add`, over two years of times.

    python -m bench.calendars [--calls 300000] [--json]

Lunch breaks, a night shift, public holidays, a zone with daylight saving. The median of five runs.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from agents.business.calendar import Calendar
from agents.business.hours import week
from streams.moments import DAY, HOUR, SECOND

START = 1_760_000_000 * SECOND
RUNS = 5
HOURS = {"mon-thu": ["08:00-12:00", "13:00-17:30"], "fri": ["08:00-14:00", "22:00-02:00"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=300_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    calls = options.calls
    calendar = Calendar(ZoneInfo("Europe/Berlin"), week(HOURS), ("DE-BY",))
    rng = random.Random(7)
    starts = [START + rng.randrange(730 * DAY) for _ in range(calls)]
    ends = [start + rng.randrange(14 * DAY) for start in starts]
    durations = [rng.randrange(60 * HOUR) for _ in starts]
    found = {
        "between": _rate(calendar.between, starts, ends),
        "add": _rate(calendar.add, starts, durations),
    }
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    for name, rate in found.items():
        sys.stdout.write(f"{rate:>12,.0f} {name}/s\n")


def _rate(call: Callable[[int, int], int | None], first: Sequence[int], second: Sequence[int]) -> float:
    rates = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        for one, other in zip(first, second, strict=True):
            call(one, other)
        rates.append(len(first) / (time.perf_counter() - begun))
    return statistics.median(rates)


if __name__ == "__main__":
    main()
