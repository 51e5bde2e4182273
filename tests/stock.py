"""Parcels under way, and awaited: a world with levels, to test the road with."""

from dataclasses import replace
from typing import Any, NamedTuple

from streams.catalogue import NONE, Catalogue, Family, Metric, Observation, Observations, Subject
from streams.state.plan import Plan
from streams.windows.levels import Ages, Level, Longest
from tests.parcels import PAGES, PARCELS, WORLD, Labels, Parcel, Post, counted

SECOND = 1_000_000

AWAITED = 3 * 3600 * SECOND
"For so long somebody waits for a parcel."


class Step(NamedTuple):
    """A parcel comes (1) or is no longer under way (-1)."""

    time: int
    number: int
    since: int
    labels: Labels


def steps(parcel: Parcel) -> tuple[Step, ...]:
    if not counted(parcel):
        return ()
    assert parcel.sent_at is not None
    sent = Step(parcel.sent_at, 1, parcel.sent_at, (parcel.size, None))
    if parcel.delivery is None:
        return (sent,)
    return sent, Step(parcel.delivery.time, -1, parcel.sent_at, (parcel.size, None))


def under_way(step: Step) -> Observations:
    return (Observation(step.time, step.labels, step.number),)


def time_under_way(step: Step) -> Observations:
    return (Observation(step.time, step.labels, (step.number, step.since)),)


def longest_under_way(step: Step) -> Observations:
    return (Observation(step.time, step.labels, (step.number, step.since)),)


def awaited(parcel: Parcel) -> Observations:
    """Its end is known beforehand."""
    assert parcel.sent_at is not None
    until, labels = parcel.sent_at + AWAITED, (parcel.size, None)
    if parcel.delivery is not None:
        until = min(until, parcel.delivery.time)
    if until <= parcel.sent_at:
        return NONE
    return Observation(parcel.sent_at, labels, 1), Observation(until, labels, -1)


SETS = ((), ("size",))
STOCK = Family("stock", ("size", "hub"), SETS, minutes=frozenset())
STOCK_AGES = Family("stock_ages", ("size", "hub"), SETS, minutes=frozenset(), kept={"day": 35 * 86400})
WAITED_FOR = Family("waited_for", ("size", "hub"), SETS)


def metric(kind: Any, observe: Any, family: Family = STOCK, unit: str = "") -> Metric:
    name = observe.__name__
    return Metric(name, name.title(), name, unit, kind, family, (), None, "step", (), observe)


UNDER_WAY = metric(Level(), under_way)
LONGEST_UNDER_WAY = metric(Longest(), longest_under_way, unit="seconds")
TIME_UNDER_WAY = metric(Ages("day"), time_under_way, STOCK_AGES, unit="seconds")
WAITING_FOR = replace(
    metric(Level(), awaited, WAITED_FOR), of="parcel", reads=("sent_at", "size", "delivery")
)
LEVELS = (UNDER_WAY, LONGEST_UNDER_WAY, TIME_UNDER_WAY, WAITING_FOR)

STOCKED = Catalogue(
    domains=(
        replace(
            PARCELS,
            subjects=(
                *PARCELS.subjects,
                Subject("step", steps, reads=("sent_at", "size", "delivery", "lost")),
            ),
        ),
        PAGES,
    ),
    metrics=(*WORLD.metrics, *LEVELS),
)


def plan(partitions: int = 1, **more: Any) -> Plan:
    return Plan(STOCKED, "v1", partitions, "stock", **more)


class Store(Post):
    """A cluster that this world happens on."""

    def levels(self, text: str = "", metric: str = "under_way") -> dict[str, Any]:
        """A series' level by kind of pane and its end; None where it was taken back."""
        found = {}
        for key, record in self.figures().items():
            name, of, kind, _ = key.split("|")
            if (name, of) == (metric, text):
                found[f"{kind} {record['data']['window']['end'][5:16]}"] = record["data"]["value"]
        return found


__all__ = [
    "LEVELS",
    "LONGEST_UNDER_WAY",
    "STOCK",
    "STOCKED",
    "TIME_UNDER_WAY",
    "UNDER_WAY",
    "WAITING_FOR",
    "Step",
    "Store",
    "plan",
]
