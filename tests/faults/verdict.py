"""Whether all that a deployment has told is what the batch says at the same moment."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from streams import moments
from streams.batch import Batch
from streams.catalogue import Catalogue, Signal
from streams.events import OURS, Order, envelope
from streams.settings import Settings
from tests.faults.observer import Observer
from tests.promise import Figures, Json, is_over, levels_of, standing, unequal

LEEWAY = 240 * moments.SECOND
"Clocks of workers may be wrong by half of it, and the comparison is made within the other half."


class Compared(NamedTuple):
    """How many there were of each, on both sides alike."""

    sums: int
    levels: int
    signals: int

    def __str__(self) -> str:
        return f"{self.sums} figures, {self.levels} levels and {self.signals} signals"


class Verdict:
    """Of a time by which all deadlines of the events have passed.

    Levels are compared in panes that have ended by any worker's clock, and no figure that may have gone by
    one of them.
    """

    def __init__(self, events: Iterable[bytes], catalogue: Catalogue, settings: Settings, now: int) -> None:
        self._retention = settings.pane_retention()
        self._levels = levels_of(catalogue)
        self._at = (now - LEEWAY) // moments.HOUR * moments.HOUR
        self._over = now + LEEWAY
        self._batch = Batch(catalogue, settings.calendar(), self._retention)
        self._batch.take(events)
        self._known: frozenset[str] = frozenset()
        "Keys that the batch was asked for beside its own."
        self._figures = self._expected()
        self._signals = dict(_told(*signal) for signal in self._batch.signals(self._at))

    def differences(self, observer: Observer) -> list[str]:
        told = dict(self._comparable(observer.log.figures))
        if further := told.keys() - self._figures.keys() - self._known:
            self._known |= further
            self._figures = self._expected()
        return unequal(self._figures, told) + _differ(self._signals, observer.signals.standing)

    @property
    def compared(self) -> Compared:
        figures = standing(self._figures)
        levels = sum(key.split("|")[0] in self._levels for key in figures)
        return Compared(len(figures) - levels, levels, len(self._signals))

    def _expected(self) -> Figures:
        figures = self._batch.figures(self._at, self._known)
        return {
            key: figure
            for key, figure in figures.items()
            if not self._is_over(figure) and not self._is_early(figure)
        }

    def _comparable(self, figures: Figures) -> Iterator[tuple[str, Json]]:
        for key, figure in figures.items():
            if not self._is_early(figure) and (key in self._figures or not self._is_over(figure)):
                yield key, figure

    def _is_early(self, figure: Mapping[str, Any]) -> bool:
        return figure["metric"] in self._levels and moments.parse(figure["window"]["end"]) > self._at

    def _is_over(self, figure: Mapping[str, Any]) -> bool:
        return is_over(figure, self._over, self._retention)


def _told(subject: str, signal: Signal) -> tuple[str, Json]:
    """A signal as the stream tells it, but for when it was found."""
    data = {**signal.data, "dimensions": signal.dimensions} if signal.dimensions else signal.data
    record = envelope(signal.type, subject, Order(signal.time, 0, 0, OURS, signal.id), data)
    return signal.id, msgspec.json.decode(record)


def _differ(expected: Mapping[str, Json], told: Mapping[str, Json]) -> list[str]:
    return [
        f"{key}: {told.get(key)}, expected {expected.get(key)}"
        for key in sorted(expected.keys() | told.keys())
        if expected.get(key) != told.get(key)
    ]
