"""Parcels under way: a world with levels, to test the road with."""

from dataclasses import replace
from typing import Any, NamedTuple

from streams.catalogue import Catalogue, Family, Metric, Observation, Observations, Subject
from streams.state.plan import Plan
from streams.windows.levels import Ages, Level
from tests.parcels import PAGES, PARCELS, WORLD, Labels, Parcel, Post, counted

SECOND = 1_000_000


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


STOCK = Family("stock", ("size", "hub"), ((), ("size",)), minutes=frozenset())


def metric(kind: Any, observe: Any, unit: str = "") -> Metric:
    name = observe.__name__
    return Metric(name, name.title(), name, unit, kind, STOCK, (), None, "step", (), observe)


UNDER_WAY = metric(Level("hour", "day"), under_way)
TIME_UNDER_WAY = metric(Ages("hour", "day"), time_under_way, unit="seconds")

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
    metrics=(*WORLD.metrics, UNDER_WAY, TIME_UNDER_WAY),
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


__all__ = ["STOCK", "STOCKED", "TIME_UNDER_WAY", "UNDER_WAY", "Step", "Store", "plan"]
