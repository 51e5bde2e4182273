"""The batch that every stream figure equals: all events at once, in order, without an engine."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from streams import moments
from streams.catalogue import Catalogue, Domain, Metric, Signal
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import OURS, Event, type_of
from streams.outlets.publisher import PaneNames, data
from streams.state.difference import observations
from streams.state.reached import register_key
from streams.state.record import State
from streams.windows.cells import Pane, Part, Parts, Series, SeriesNames, expand, split
from streams.windows.kinds import NOTHING, Figure
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf, Panes
from streams.windows.levels import RUNNING, Level
from streams.windows.panes import PUBLISHED, Calendar, Retention
from streams.windows.pseudonyms import Pseudonyms
from streams.windows.series import figure_key
from streams.windows.steps import Totals, add_up

Found = tuple[Metric, Pane, Figure]

Places = Mapping[tuple[str, str, str], Set[int]]
"Starts of panes by metric, dimensions and kind."


@dataclass
class Batch:
    """Collects events, then says every figure.

    `refused` are the records that broke a rule, with their number in the input.
    """

    catalogue: Catalogue
    calendar: Calendar = field(default_factory=Calendar)
    retention: Retention = field(default_factory=Retention)
    pseudonyms: Pseudonyms | None = None
    refused: list[tuple[int, Refused]] = field(default_factory=list)
    skipped: int = 0

    def __post_init__(self) -> None:
        self._decoders = {domain.name: Decoder(domain.types) for domain in self.catalogue.domains}
        self._domains = {type_.name: domain for domain in self.catalogue.domains for type_ in domain.types}
        self._retentions = {each.name: self.retention.at_most(each.kept) for each in self.catalogue.families}
        self._events: dict[tuple[str, str], dict[tuple[str, str], Event]] = {}
        self._latest: int | None = None

    def take(self, records: Iterable[bytes], first: int = 1) -> None:
        """Take records in the order of their log: of two with the same source and id the first counts."""
        for number, record in enumerate(records, first):
            try:
                self._take(record)
            except Refused as refused:
                self.refused.append((number, refused))

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
        """What is told of each subject on topics of its own, and holds at `at`."""
        for domain, subject, state in self._entities(self._latest if at is None else at):
            if domain.signals is not None:
                yield from ((subject, signal) for signal in domain.signals(subject, None, state))

    def states(self, now: int | None = None) -> Iterator[tuple[Domain, State]]:
        """Every entity after all its events up to `now`, with what others forward to it."""
        return ((domain, state) for domain, _, state in self._entities(now))

    def _entities(self, now: int | None) -> Iterator[tuple[Domain, str, State]]:
        states = {
            entity: self._fold(self.catalogue.domain(entity[0]), events, now)
            for entity, events in self._events.items()
        }
        for (name, subject), state in list(states.items()):
            self._forward(self.catalogue.domain(name), subject, state, states)
        for (name, subject), state in states.items():
            yield self.catalogue.domain(name), subject, state

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

    def _fold(self, domain: Domain, events: Mapping[Any, Event], now: int | None) -> State:
        state = domain.state()
        for event in sorted(events.values()):
            if now is None or event.time <= now:
                domain.types[event.rank].fold(state, event)
        if domain.deadlines is not None and now is not None:
            state.passed = now
        return state

    def _forward(
        self, domain: Domain, subject: str, state: State, states: dict[tuple[str, str], State]
    ) -> None:
        if domain.forwards is None:
            return
        for key, forward in domain.forwards(state).items():
            place = (forward.domain, forward.target)
            target = states.setdefault(place, self.catalogue.domain(forward.domain).state())
            target.registers = {
                **target.registers,
                register_key(domain.name, subject, key): (0, forward.fact),
            }

    def _series(self, now: int | None) -> Iterator[tuple[Series, Panes]]:
        """All series with what was contributed to their finest panes."""
        leaf, names = Leaf(self.catalogue, Labels(pseudonyms=self.pseudonyms)), SeriesNames(self.catalogue)
        for domain, state in self.states(now):
            for metric, found in observations(self.catalogue, domain, state):
                leaf.add(metric, found, 1)
        return ((names.read(name), panes) for name, panes in leaf.project().items())

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


def _level(metric: Metric) -> Level:
    assert isinstance(metric.kind, Level)
    return metric.kind
