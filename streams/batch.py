"""The batch that every stream figure equals: all events at once, in order, without an engine."""

from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any, NamedTuple, TypeVar

from streams import moments
from streams.catalogue import Catalogue, Domain, Metric, Observations, Signal
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import OURS, Event, source_of, type_of
from streams.outlets.publisher import PaneNames, data
from streams.state.difference import observations
from streams.state.reached import register_key
from streams.state.record import State
from streams.state.screening import Limits, faulty
from streams.windows.cells import Pane, Part, Parts, Series, SeriesNames, expand, split
from streams.windows.kinds import NOTHING, Figure
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf, Panes
from streams.windows.levels import RUNNING, Level
from streams.windows.panes import PUBLISHED, Calendar, Retention
from streams.windows.pseudonyms import Pseudonyms
from streams.windows.series import figure_key
from streams.windows.steps import Totals, add_up

T = TypeVar("T")

Found = tuple[Metric, Pane, Figure]

Places = Mapping[tuple[str, str, str], Set[int]]
"Starts of panes by metric, dimensions and kind."


class Fold(NamedTuple):
    """An entity after its events, and the time of the last of them (None: it has none of its own)."""

    state: State
    last: int | None
    late: int = 0
    "How many of them came too late."


class Contributed(NamedTuple):
    """An entity and what it contributes."""

    domain: Domain
    subject: str
    state: State
    observations: list[tuple[Metric, Observations]]
    signals: list[tuple[str, Signal]]


class Failed(Exception):
    """What is computed of this entity (domain and subject) raises something."""

    def __init__(self, *entity: str) -> None:
        super().__init__(*entity)
        self.entity = entity


@dataclass
class Batch:
    """Collects events, then says every figure.

    `refused` are the records that broke a rule, with their number in the input. `too_late` and `faults` are
    found when figures are computed: events more than the `horizon` (microseconds) after the newest one of a
    settled entity, or before one that has come sooner, and those that make a fold or a metric fail.
    """

    catalogue: Catalogue
    calendar: Calendar = field(default_factory=Calendar)
    retention: Retention = field(default_factory=Retention)
    pseudonyms: Pseudonyms | None = None
    horizon: int = Limits().horizon
    refused: list[tuple[int, Refused]] = field(default_factory=list)
    skipped: int = 0

    def __post_init__(self) -> None:
        self._decoders = {domain.name: Decoder(domain.types) for domain in self.catalogue.domains}
        self._domains = {type_.name: domain for domain in self.catalogue.domains for type_ in domain.types}
        self._retentions = {each.name: self.retention.at_most(each.kept) for each in self.catalogue.families}
        self._events: dict[tuple[str, str], dict[tuple[str, str], Event]] = {}
        self._latest: int | None = None
        self.too_late = 0
        self.faults = 0
        self._suspects: set[tuple[str, ...]] = set()
        "Entities of which something has failed: what they have is tried one by one."

    def take(self, records: Iterable[bytes], first: int = 1) -> None:
        """Take records in the order of their log: of two with the same source and id the first counts."""
        for number, record in enumerate(records, first):
            try:
                self._take(record)
            except Refused as refused:
                if source_of(record) != OURS:
                    self.refused.append((number, refused))
            except Exception as error:  # noqa: BLE001 - a check of a domain that fails is a fault of ours
                self.refused.append((number, faulty(error)))

    @property
    def latest(self) -> int | None:
        """The highest event time."""
        return self._latest

    def figures(self, at: int | None = None, beside: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
        """Every figure at `at` (default: the highest event time), by its key; later events are left out.

        Levels are there in panes in which they changed, and under the keys `beside` these: the stream may
        have published panes whose steps were taken back since.
        """
        return dict(self._told(self._latest if at is None else at, frozenset(beside)))

    def parts(self, at: int | None = None) -> Iterator[Part]:
        """What figures are made of, beside levels: what a metric adds up to in each pane of each series."""
        now = self._latest if at is None else at
        for series, panes in self._series(now):
            if not self._is_level(series):
                yield from self._parts(series, panes, now)

    def signals(self, at: int | None = None) -> Iterator[tuple[str, Signal]]:
        """What is published of each subject on topics of its own, and holds at `at`."""
        now = self._latest if at is None else at
        return iter(
            self._without_faults(lambda: [each for entity in self._each(now) for each in entity.signals])
        )

    def states(self, now: int | None = None) -> Iterator[tuple[Domain, State]]:
        """Every entity after all its events up to `now`, with what others forward to it."""
        return iter(self._without_faults(lambda: [(each.domain, each.state) for each in self._each(now)]))

    def _without_faults(self, compute: Callable[[], T]) -> T:
        """Begin again where something has failed: then it is left out."""
        while True:
            try:
                return compute()
            except Failed as failed:
                self._suspects.add(failed.entity)

    def _each(self, now: int | None) -> Iterator[Contributed]:
        """All entities and what they contribute. Raises Failed."""
        for domain, subject, state in self._entities(now):
            try:
                contributed = Contributed(
                    domain, subject, state, *_all_of(self.catalogue, domain, subject, state)
                )
            except Exception as error:
                raise Failed(domain.name, subject) from error
            yield contributed

    def _entities(self, now: int | None) -> Iterator[tuple[Domain, str, State]]:
        self.too_late = self.faults = 0
        folds = {
            entity: self._fold(self.catalogue.domain(entity[0]), entity[1], events, now)
            for entity, events in self._events.items()
        }
        for (name, subject), fold in list(folds.items()):
            self._forward(self.catalogue.domain(name), subject, fold.state, folds)
        self.too_late += sum(fold.late for fold in folds.values())
        for (name, subject), fold in folds.items():
            yield self.catalogue.domain(name), subject, fold.state

    def _take(self, record: bytes) -> None:
        type_ = type_of(record)
        domain = self._domains.get(type_ or "")
        if domain is None:
            if type_ and type_.startswith(tuple(k for d in self.catalogue.domains for k in d.kinds)):
                self.skipped += 1
                return
            domain = self.catalogue.domains[0]
        subject, event = self._decoders[domain.name].decode(record)
        if event.source == OURS:
            return
        known = self._events.setdefault((domain.name, subject), {})
        known.setdefault((event.source, event.id), event)
        self._latest = max(event.time, self._latest or event.time)

    def _fold(self, domain: Domain, subject: str, events: Mapping[Any, Event], now: int | None) -> Fold:
        wanted = [event for event in events.values() if now is None or event.time <= now]
        if (domain.name, subject) not in self._suspects:
            try:
                return self._folded(domain, wanted, now)
            except Exception as error:
                raise Failed(domain.name, subject) from error
        sound: list[Event] = []
        for event in wanted:
            try:
                state = self._folded(domain, [*sound, event], now).state
                _check_all_of(self.catalogue, domain, subject, state)
                sound.append(event)
            except Exception:  # noqa: BLE001 - whatever it raises, it is left out
                self.faults += 1
        return self._folded(domain, sound, now)

    def _folded(self, domain: Domain, arrived: list[Event], now: int | None) -> Fold:
        taken = self._in_time(domain, arrived)
        state = _state_after(domain, taken)
        if domain.deadlines is not None and now is not None:
            state.passed = now
        return Fold(state, taken[-1].time if taken else None, len(arrived) - len(taken))

    def _in_time(self, domain: Domain, arrived: list[Event]) -> list[Event]:
        """Those that are taken, in order: where there is a gap of more than the horizon, the one that comes
        first decides. What is after it is too late for an entity that was settled then, and what is before it
        where the entity would have been settled with it.
        """
        ordered = sorted(arrived)
        if not any(self._is_long_after(event.time, later.time) for event, later in pairwise(ordered)):
            return ordered
        taken: list[Event] = []
        for event in arrived:
            place = bisect(taken, event)
            taken.insert(place, event)
            end = min(place + 1, len(taken) - 1)  # the next event's place, or that of the last one itself
            before = taken[:end]
            if domain.types[event.rank].erases or not before:
                continue
            is_gap = self._is_long_after(before[-1].time, taken[end].time)
            if is_gap and domain.settled(_state_after(domain, before)):
                del taken[place]
        return taken

    def _is_long_after(self, last: int, time: int) -> bool:
        """By more than the horizon: of an entity that is settled by then, too late."""
        return time - last > self.horizon

    def _forward(
        self, domain: Domain, subject: str, state: State, folds: dict[tuple[str, str], Fold]
    ) -> None:
        if domain.forwards is None:
            return
        for key, forward in domain.forwards(state).items():
            place = (forward.domain, forward.target)
            receiver = self.catalogue.domain(forward.domain)
            target, last, _ = folds.setdefault(place, Fold(receiver.state(), None))
            if last is not None and self._is_long_after(last, forward.time) and receiver.settled(target):
                self.too_late += 1
                continue
            before = target.registers
            target.registers = {**before, register_key(domain.name, subject, key): (0, forward.fact)}
            if place in self._suspects:
                try:
                    _check_all_of(self.catalogue, receiver, forward.target, target)
                except Exception:  # noqa: BLE001 - whatever it raises, it is left out
                    self.faults += 1
                    target.registers = before

    def _series(self, now: int | None) -> Iterator[tuple[Series, Panes]]:
        """All series with what was contributed to their finest panes."""
        names, projected = SeriesNames(self.catalogue), self._without_faults(lambda: self._projected(now))
        return ((names.read(name), panes) for name, panes in projected.items())

    def _projected(self, now: int | None) -> Mapping[str, Panes]:
        leaf = Leaf(self.catalogue, Labels(pseudonyms=self.pseudonyms))
        for entity in self._each(now):
            try:
                for metric, found in entity.observations:
                    leaf.add(metric, found, 1)
            except Exception as error:
                raise Failed(entity.domain.name, entity.subject) from error
        return leaf.project()

    def _told(self, now: int | None, beside: Set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        told = PaneNames(self.calendar)
        places = self._places(beside)
        for series, panes in self._series(now):
            found = (
                self._levels(series, panes, now, places)
                if self._is_level(series)
                else self._sums(series, panes, now)
            )
            for metric, pane, figure in found:
                start, window = told[pane]
                key = figure_key(metric.name, series.text, pane[0], start)
                yield key, data(metric.name, series.dimensions, metric.unit, window, figure)

    def _places(self, keys: Set[str]) -> Places:
        """The panes of levels that these keys are of."""
        places: dict[tuple[str, str, str], set[int]] = {}
        levels = {metric.name for metric in self.catalogue.metrics if isinstance(metric.kind, Level)}
        for key in keys:
            metric, dimensions, kind, start = key.split("|")
            if metric in levels:
                second = moments.parse(start) // moments.SECOND
                places.setdefault((metric, dimensions, kind), set()).add(second)
        return places

    def _is_level(self, series: Series) -> bool:
        return series.family.name in self.catalogue.levels

    def _sums(self, series: Series, panes: Panes, now: int | None) -> Iterator[Found]:
        for metric, _, pane, slots in self._parts(series, panes, now):
            if (figure := metric.kind.figure(slots)) is not NOTHING:
                yield metric, pane, figure

    def _parts(self, series: Series, panes: Panes, now: int | None) -> Iterator[Part]:
        metrics, second = self.catalogue.of_family(series.family), (now or 0) // 1_000_000
        for pane, slots in expand(panes, PUBLISHED, self.calendar).items():
            if not self._gone(series, pane, second):
                for number, own in split(slots).items():
                    yield Part(metrics[number], series, pane, own)

    def _levels(self, series: Series, panes: Panes, now: int | None, beside: Places) -> Iterator[Found]:
        second = (now or 0) // 1_000_000
        if "minute" in series.kinds:
            panes = {start: slots for start, slots in panes.items() if start <= second}
        expanded = expand(panes, series.kinds, self.calendar)
        for kind in self.catalogue.levels[series.family.name]:
            steps = {start: split(slots) for (of, start), slots in expanded.items() if of == kind}
            yield from self._course(series, kind, steps, second, beside)

    def _course(
        self, series: Series, kind: str, steps: Mapping[int, Parts], second: int, beside: Places
    ) -> Iterator[Found]:
        """The figures of a level in the panes of a kind that have ended, and the running hour's."""
        metrics, total = self.catalogue.of_family(series.family), Totals()
        known = {metric.name: beside.get((metric.name, series.text, kind), set()) for metric in metrics}
        starts = {*steps, *chain.from_iterable(known.values())}
        if any(_level(metric).always for metric in metrics):
            starts.update(self._ended(series, kind, min(starts, default=second), second))
        for start in sorted(starts):
            end, own = self.calendar.end(kind, start) or 0, steps.get(start, {})
            add_up(total, own)
            is_open = end <= second or (kind == RUNNING and start <= second)
            if not is_open or self._gone(series, (kind, start), second):
                continue
            for number, metric in enumerate(metrics):
                level, part, is_known = _level(metric), own.get(number, {}), start in known[metric.name]
                if (part or is_known or level.always) and (level.live or end <= second):
                    slots = total.get(number, {})
                    figure = level.figure_of(part, slots, start, end, known=is_known)
                    if figure is not None:
                        yield metric, (kind, start), figure

    def _ended(self, series: Series, kind: str, start: int, second: int) -> Iterator[int]:
        """The panes from a start on that have ended and are kept."""
        kept = self._retentions[series.family.name].of(kind)
        if kept is not None:
            start = max(start, self.calendar.start(kind, second - kept))
        while (end := self.calendar.end(kind, start) or 0) <= second:
            yield start
            start = end

    def _gone(self, series: Series, pane: Pane, second: int) -> bool:
        end, kept = self.calendar.end(*pane), self._retentions[series.family.name].of(pane[0])
        return end is not None and kept is not None and end + kept <= second


def _state_after(domain: Domain, events: Iterable[Event]) -> State:
    state = domain.state()
    for event in events:
        domain.types[event.rank].fold(state, event)
    return state


def _all_of(
    catalogue: Catalogue, domain: Domain, subject: str, state: State
) -> tuple[list[tuple[Metric, Observations]], list[tuple[str, Signal]]]:
    """What a state contributes, and its signals; raises what a metric raises."""
    found = [(metric, tuple(seen)) for metric, seen in observations(catalogue, domain, state)]
    signals = domain.signals(subject, None, state) if domain.signals is not None else ()
    if domain.forwards is not None:
        domain.forwards(state)
    if domain.deadlines is not None:
        deque(domain.deadlines(state, state.passed), maxlen=0)
    return found, [(subject, signal) for signal in signals]


def _check_all_of(catalogue: Catalogue, domain: Domain, subject: str, state: State) -> None:
    """Raises what a metric raises, or the kind of its figure."""
    for metric, found in _all_of(catalogue, domain, subject, state)[0]:
        for seen in found:
            metric.kind.additions(seen.value)


def _level(metric: Metric) -> Level:
    assert isinstance(metric.kind, Level)
    return metric.kind
