"""Observations at random, and what they add up to when each is added to each of its cells one by one."""

from collections import Counter
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st

from streams.catalogue import Catalogue, Metric, Observation
from streams.windows.labels import Labels
from streams.windows.panes import KINDS, PUBLISHED, Calendar
from streams.windows.series import dimensions_text
from streams.windows.vector import WIDTH
from tests.parcels import WORLD

DAY = 86_400_000_000
START = 20_390 * DAY

VALUES: dict[str, Any] = {
    "count": st.integers(1, 3),
    "ratio": st.booleans(),
    "distribution": st.integers(-5, 10**11),
    "balance": st.sampled_from(["happy", "calm", "sad"]),
    "scores": st.tuples(st.integers(-(10**9), 10**9), st.integers(-5, 5)),
}


def some_value(kind: Any) -> Any:
    """A value that an observation of this kind may have, the largest of its numbers."""
    known = {
        "count": 10**6,
        "ratio": True,
        "distribution": 2**62,
        "balance": getattr(kind, "classes", "x")[-1],
        "scores": (10**15, 10**15),
        "level": 10**6,
        "ages": (1, 2**62),
        "longest": (1, 2**62),
    }
    if kind.name not in known:
        pytest.skip(f"no value of kind {kind.name} is known here")
    return known[kind.name]


class Seen(NamedTuple):
    """One observation of a metric, added (1) or taken back (-1)."""

    metric: Metric
    observation: Observation
    sign: int


@st.composite
def seen(draw: Any, catalogue: Catalogue = WORLD, days: int = 3) -> Seen:
    metric = draw(st.sampled_from(catalogue.metrics))
    time = START + draw(st.integers(0, days * DAY - 1))
    labels = tuple(draw(st.sampled_from([None, "a", "b|=,%"])) for _ in metric.family.dimensions)
    return Seen(
        metric, Observation(time, labels, draw(VALUES[metric.kind.name])), draw(st.sampled_from([1, 1, -1]))
    )


Cells = dict[tuple[str, str, int], dict[int, int]]
"(series, kind of pane, start) -> slots."


def one_by_one(catalogue: Catalogue, many: list[Seen], calendar: Calendar) -> Cells:
    """Every cell that the observations touch, without those in which nothing is left."""
    cells: dict[tuple[str, str, int], Counter[int]] = {}
    labels = Labels()
    for metric, observation, sign in many:
        time, dimensions, value = observation.time, observation.dimensions, observation.value
        family, own = metric.family, catalogue.numbers[metric.name]
        shown, _ = labels(family, dimensions, time // 1_000_000)
        named = dict(zip(family.dimensions, shown, strict=True))
        for names in family.sets:
            series = f"{family.name}|{dimensions_text({name: named[name] for name in names})}"
            for kind in KINDS if family.has_minutes(names) else PUBLISHED:
                place = (series, kind, calendar.start(kind, time // 1_000_000))
                for slot, number in metric.kind.additions(value):
                    cells.setdefault(place, Counter())[slot << WIDTH | own] += sign * number
    left = {place: {slot: n for slot, n in slots.items() if n} for place, slots in cells.items()}
    return {place: slots for place, slots in left.items() if slots}
