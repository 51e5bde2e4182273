"""The promise, as tests see it: what a log of the metrics topic must be, and which figures it must tell."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from agents.catalogue import CATALOGUE
from agents.page import DOCUMENTED
from streams import moments
from streams.catalogue import Catalogue
from streams.windows.panes import Retention
from tests.oracle.compare import Key, differences
from tests.stock import STOCKED

Json = dict[str, Any]
Figures = dict[str, Json]


def levels_of(catalogue: Catalogue) -> frozenset[str]:
    """Metrics of an instant: in which panes the stream has published them depends on its clock."""
    return frozenset(each.name for each in catalogue.metrics if each.family.name in catalogue.levels)


LEVELS = levels_of(CATALOGUE)
"Without policies of service levels, which have levels of their own."

EVERY_LEVEL = levels_of(DOCUMENTED) | levels_of(STOCKED)
KEPT = {metric.name: metric.family.kept for metric in (*DOCUMENTED.metrics, *STOCKED.metrics)}
"Seconds for which panes of a metric are kept at most, by their kind."

OUTSIDE = frozenset({"metric", "dimensions", "unit", "window", "final", "revision", "watermark"})
"What a record tells of a figure beside its value."


class MetricsLog:
    """Reads the metrics topic record by record; each breach of its rules is kept in words."""

    def __init__(self) -> None:
        self.records = 0
        self.tombstones = 0
        self.latest: dict[str, Json] = {}
        self.breaches: list[str] = []
        self._owners: dict[str, int] = {}
        self._gone: set[str] = set()

    def take(self, partition: int, key: bytes | None, value: bytes | None) -> None:
        assert key is not None
        name = key.decode()
        self.records += 1
        if self._owners.setdefault(name, partition) != partition:
            self.breaches.append(f"{name} has two owners: {self._owners[name]} and {partition}")
        if value is None:
            self.tombstones += 1
            self._gone.add(name)
            if self.latest.pop(name, None) is None:
                self.breaches.append(f"{name} is gone though it wasn't there")
            return
        self._take(name, msgspec.json.decode(value))

    def _take(self, name: str, record: Json) -> None:
        data = record["data"]
        before = self.latest.get(name)
        revision = before["data"]["revision"] + 1 if before else 1
        if data["revision"] != revision:
            self.breaches.append(f"{name} has revision {data['revision']}, expected {revision}")
        if before and before["data"]["final"] and not data["final"]:
            self.breaches.append(f"{name} was final and no longer is (revision {revision})")
        if name in self._gone:
            self.breaches.append(f"{name} has come back (revision {revision})")
        if record["subject"] != name or record["id"] != f"{name}|r{data['revision']}":
            self.breaches.append(f"{name} calls itself {record['subject']} and {record['id']}")
        self.latest[name] = record

    @property
    def figures(self) -> Figures:
        return {name: record["data"] for name, record in self.latest.items()}


class SignalsLog:
    """Reads a topic of signals: which of them stand, and each breach of its rules in words."""

    def __init__(self) -> None:
        self.standing: dict[str, Json] = {}
        "By their ids, without when they were found."
        self.breaches: list[str] = []

    def take(self, value: bytes) -> None:
        record = msgspec.json.decode(value)
        if record["data"].pop("detected_at", None) is None:
            self.breaches.append(f"{record['id']} doesn't say when it was found")
        before = self.standing.pop(record["id"], None)
        if record["type"].endswith(".retracted"):
            if before is None:
                self.breaches.append(f"{record['id']} is taken back though it didn't stand")
            return
        if before == record:
            self.breaches.append(f"{record['id']} is told twice")
        self.standing[record["id"]] = record


def promised(figure: Mapping[str, Any]) -> Json:
    return {name: value for name, value in figure.items() if name not in OUTSIDE}


def sums(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of all metrics but levels."""
    return {key: figure for key, figure in figures.items() if key.split("|")[0] not in LEVELS}


def standing(figures: Mapping[str, Mapping[str, Any]]) -> Figures:
    """What is promised of each figure; one with count 0 equals an absent one, but of levels."""
    return {
        key: promised(figure)
        for key, figure in figures.items()
        if figure["count"] or key.split("|")[0] in EVERY_LEVEL
    }


def by_parts(figures: Mapping[str, Mapping[str, Any]], panes: Iterable[str] = ()) -> dict[Key, Json]:
    """The figures of some kinds of pane (all where none are named) by the parts of their key."""
    wanted = set(panes)
    parts = ((tuple(key.split("|")), figure) for key, figure in figures.items())
    return {key: promised(figure) for key, figure in parts if not wanted or key[2] in wanted}  # type: ignore[misc]


def unequal(expected: Mapping[str, Json], actual: Mapping[str, Json]) -> list[str]:
    """The differences of stream and batch, to the last digit; a comparison of nothing raises.

    Levels may have been published in panes whose steps were taken back since. The batch gives these too, by
    the keys that the stream has beside its own; but it knows nothing of series that are all taken back.
    """
    should, does = standing(expected), standing(actual)
    if not should and not does:
        raise ValueError("nothing to compare: no figures on either side")
    keys = sorted(should.keys() | {key for key, figure in actual.items() if figure["count"]})
    return [
        f"{key}: {does.get(key)}, expected {should.get(key)}"
        for key in keys
        if should.get(key) != does.get(key)
    ]


def is_over(figure: Mapping[str, Any], latest: int, retention: Retention) -> bool:
    """Whether a figure's pane may have gone: its retention was over at the latest event, or nearly.

    The batch looks back from the latest event (in microseconds), the stream from its slowest partition.
    """
    kept = retention.at_most(KEPT.get(figure["metric"], {})).of(figure["window"]["pane"])
    end = figure["window"].get("end")
    if kept is None or end is None:
        return False
    return moments.parse(end) + (kept - 60) * moments.SECOND <= latest


__all__ = [
    "EVERY_LEVEL",
    "LEVELS",
    "Figures",
    "Json",
    "MetricsLog",
    "SignalsLog",
    "by_parts",
    "differences",
    "is_over",
    "levels_of",
    "promised",
    "standing",
    "sums",
    "unequal",
]
