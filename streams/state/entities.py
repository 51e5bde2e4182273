"""The entities of one domain in one partition: records in, differences out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from streams.catalogue import Catalogue, Domain, Forward, Signal
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import Event, Fact, Passed, type_of
from streams.outlets.dead_letters import Record
from streams.state.deadlines import Due, Waiting
from streams.state.difference import Difference
from streams.state.entity import EntityRunner
from streams.state.reached import reached, register_key
from streams.state.record import FOLDED, Entity, Outcome
from streams.state.rows import Rows
from streams.windows.leaf import Leaf

SWEPT = 200
"""Entities that a checkpoint looks at for ones to forget."""


AT_ONCE = 32
"Records between two settlings: what their entities are made of stays in the nearer caches until then."


NEVER = -1
"Before all event times."


class Told(NamedTuple):
    """A fact for another entity, or that it no longer holds."""

    forward: Forward
    holds: bool


@dataclass(frozen=True)
class Limits:
    """Bounds on what is taken. Times in microseconds, sizes in bytes."""

    in_future: int = 300_000_000
    disorder: int = 120_000_000
    horizon: int = 400 * 86_400_000_000
    kept: int = 256
    largest_entity: int = 512 << 10
    largest: int = 1 << 20


class Touched:
    """An entity since the last settling: as an object, and as it was before."""

    def __init__(self, entity: Any, before: Any, room: int) -> None:
        self.entity = entity
        self.before = before
        "None where it was not there."
        self.room = room
        "Bytes that its record may still grow by: what was kept since it was measured is taken off."
        self.unmeasured = 0
        "Events since then."
        self.changed = False


class Entities:
    """Folds records into rows and tells the leaf what they change in the contributions."""

    def __init__(
        self,
        catalogue: Catalogue,
        domain: Domain,
        limits: Limits,
        application: str,
        rows: Rows[Entity[Any]],
        leaf: Leaf,
        number: int,
        partitions: int,
        partition_of: Callable[[bytes, int], int],
        refuse: Callable[[Record, Refused], None],
    ) -> None:
        self.domain = domain
        self.rows = rows
        self.folded = [0] * len(domain.types)
        self.arrived = 0
        "Events from outside that were folded."
        self.hurried = False
        "Whether an instant has passed that somebody may wait to be told of."
        self.others: Counter[tuple[str, str]] = Counter()
        "Records by type and outcome, besides those folded."
        self._limits = limits
        self._largest = limits.largest_entity
        self._roomy = limits.largest_entity // 2
        self._application = application
        self._partition_of = partition_of
        self._partitions = partitions
        self._number = number
        self._refuse = refuse
        self._decoder = Decoder(domain.types)
        self._decode = self._decoder.decode
        self._runner = EntityRunner(
            domain.state, domain.types, keep=limits.kept, largest=limits.largest_entity
        )
        self._difference = Difference(catalogue, domain, leaf)
        self._reach = leaf.reach
        self._decode_row = msgspec.msgpack.Decoder(Entity[domain.state]).decode  # type: ignore[name-defined]
        self._encode = msgspec.msgpack.Encoder().encode
        self._first_ours = sum(not type_.ours for type_ in domain.types)
        self._high = NEVER
        self._decode_fact = msgspec.json.Decoder(_facts(domain)).decode
        self._touched: dict[str, Touched] = {}
        self._told: dict[tuple[str, str, str], Told] = {}
        self._signals_of = domain.signals
        self._signals: list[tuple[str, Signal]] = []
        self.waiting = Waiting(domain.deadlines, self._state) if domain.deadlines else None
        self._sweep: Iterator[str] = iter(())
        self._swept: int | None = None

    @property
    def high(self) -> int | None:
        """The highest event time accepted, in microseconds."""
        return None if self._high == NEVER else self._high

    @high.setter
    def high(self, high: int | None) -> None:
        self._high = NEVER if high is None else high

    @property
    def clock(self) -> int | None:
        """Up to when entities have been told what passed, in microseconds."""
        return self.waiting.clock if self.waiting is not None and self.waiting.clock != NEVER else None

    def take(self, records: Sequence[Record]) -> None:
        """Fold records in, and settle every few: what an entity is made of is then still at hand."""
        for start in range(0, len(records), AT_ONCE):
            self._take_together(records[start : start + AT_ONCE])
            self._settle()

    def conclude(self) -> dict[tuple[str, str, str], Told]:
        """The facts to tell other entities, by target (domain and id) and register."""
        self._forget_settled()
        told, self._told = self._told, {}
        return told

    def signals(self) -> list[tuple[str, Signal]]:
        """What is to be told on topics of their own, by subject."""
        signals, self._signals = self._signals, []
        self.hurried = False
        return signals

    def due(self) -> list[Due]:
        """The instants that have passed since the last time."""
        return self.waiting.due() if self.waiting is not None else []

    def reach(self, clock: int) -> bool:
        """It has become so late (microseconds); true if an instant has passed that entities wait for."""
        return self.waiting is not None and self.waiting.reach(clock)

    def restore(self, clock: int | None) -> None:
        """The rows are back; `clock` is how late it was when they were written."""
        if self.waiting is not None:
            states = ((subject, entity.state) for subject, entity in self.rows.items())
            self.waiting.restore(states, NEVER if clock is None else clock)

    def _settle(self) -> None:
        """Contribute what changed, and put the entities to rest: now all that is still in the caches."""
        signals_of = self._signals_of
        self._reach(self._high // 1_000_000)
        for subject, touched in self._touched.items():
            if not touched.changed:
                continue
            entity = touched.entity
            if touched.room < self._roomy:
                self._measure(touched)
            for key, forward, holds in self._difference.add(touched.before, entity.state):
                register = register_key(self.domain.name, subject, key)
                self._told[forward.domain, forward.target, register] = Told(forward, holds)
            if signals_of is not None:
                signals = signals_of(subject, touched.before, entity.state)
                self._signals.extend((subject, signal) for signal in signals)
            if self.waiting is not None:
                self.waiting.look(subject, entity.state)
            self.rows.lay(subject, self._encode(entity))
        self._touched.clear()

    def _take_together(self, records: Sequence[Record]) -> None:
        """All are decoded first, so that their rows come from memory at the same time."""
        decoded = [self._decoded(record) for record in records]
        self.rows.ahead([each[0] for each in decoded if not isinstance(each, Refused)])
        for record, each in zip(records, decoded, strict=True):
            try:
                if isinstance(each, Refused):
                    raise each
                self._take(record, *each)
            except Refused as refused:
                self._turn_away(record, refused)

    def _decoded(self, record: Record) -> tuple[str, Event] | Refused:
        try:
            return self._event(record)
        except Refused as refused:
            return refused

    def _event(self, record: Record) -> tuple[str, Event]:
        """The subject and what happened to it. Raises Refused."""
        value, key = record.value, record.key
        if value is None:
            raise Refused("no_value", "the record has no value, expected an event")
        if len(value) > self._limits.largest:
            raise Refused("too_large", f"{len(value)} bytes, expected at most {self._limits.largest}")
        subject, event = self._decode(value)
        if key is None or key != subject.encode():
            raise Refused("wrong_key", f"the key is {_readable(key)}, expected the subject {subject!r}")
        # Divided, not the timestamp multiplied: mypyc multiplies large numbers as objects.
        if (event.time - self._limits.in_future - 1) // 1000 >= record.timestamp:
            raise Refused("in_future", "more than the allowed time ahead of the record's timestamp")
        return subject, event

    def _take(self, record: Record, subject: str, event: Event) -> None:
        touched = self._touched.get(subject)
        if touched is None or (touched.before is None and not touched.changed):
            if type(event.data) is Passed and subject not in self.rows:
                return
            touched = self._touched[subject] = self._touch(subject, event)
        entity, external = touched.entity, event.rank < self._first_ours
        if external:
            outcome = self._runner.apply(entity, event, touched.room)
            size = self._runner.taken
        elif event.data.application == self._application:
            outcome, size = self._register(entity, event, touched.room), len(record.value or b"")
        else:
            self.others[self._decoder.names[event.rank], "of_another_application"] += 1
            return
        if outcome is not FOLDED:
            self.others[self._decoder.names[event.rank], outcome.value] += 1
            return
        touched.changed = True
        touched.room -= size
        touched.unmeasured += 1
        if touched.unmeasured * (self._largest - touched.room) > self._largest:
            self._measure(touched)
        self.folded[event.rank] += 1
        self.arrived += external
        if external and event.time > self._high:
            self._high = event.time

    def _touch(self, subject: str, event: Event) -> Touched:
        row = self.rows.at_rest(subject)
        if row is None:
            return Touched(self._new(subject, event), None, self._largest)
        entity: Entity[Any] = self._decode_row(row)
        return Touched(entity, entity.state.__copy__(), self._largest - len(row))

    def _measure(self, touched: Touched) -> None:
        """An event may make a state grow by far more than it takes itself: by as much as is there already."""
        touched.room = self._largest - len(self._encode(touched.entity))
        touched.unmeasured = 0
        if touched.room < self._roomy and self.domain.condense is not None:
            self._condense(touched, self.domain.condense)

    def _condense(self, touched: Touched, condense: Callable[[Any, Mapping[str, int]], None]) -> None:
        """Of what folded facts leave to an entity, others may take half before more of them are folded."""
        state = touched.entity.state
        folded = len(self._encode(state.folded))
        if touched.room < (self._largest - folded) // 2:
            condense(state, reached(state.registers, self._number_of, self._partitions))
            touched.room = self._largest - len(self._encode(touched.entity))

    def _register(self, entity: Entity[Any], event: Event, room: int) -> Outcome:
        if type(event.data) is Passed:
            self.hurried = True
            return self._runner.let_pass(entity, event.time)
        return self._runner.register(entity, event.data, self._fact(event.data), event.time, room)

    def _state(self, subject: str) -> Any | None:
        entity = self.rows.peek(subject)
        return entity.state if entity is not None else None

    def _new(self, subject: str, event: Event) -> Entity[Any]:
        if self._number_of(subject.encode()) != self._number:
            raise Refused("wrong_partition", "the key belongs to another partition by murmur2")
        if self.high is not None and event.rank < self._first_ours:
            low = self.high - self._limits.disorder - self._limits.horizon
            if event.time < low:
                raise Refused("too_late", "older than the entity horizon, of an entity that isn't known")
        return self._runner.new()

    def _number_of(self, key: bytes) -> int:
        return self._partition_of(key, self._partitions)

    def _fact(self, fact: Fact) -> Any:
        try:
            return self._decode_fact(fact.fact)
        except msgspec.MsgspecError as error:
            raise Refused("invalid", f"{error} - in `$.data.fact`") from None

    def _turn_away(self, record: Record, refused: Refused) -> None:
        """To the dead letters, but for types of a known family that are not listed: they are skipped."""
        type_ = type_of(record.value) if record.value and refused.reason == "invalid" else None
        if type_ is not None and type_ not in self._decoder.names:
            if type_.startswith(self.domain.kinds):
                self.others[self.domain.kinds[0] + "*", "skipped"] += 1
                return
            refused = Refused("unknown_type", f"{type_[:100]!r} is no type of this topic")
        self.others["*", refused.reason] += 1
        self._refuse(record, refused)

    def _forget_settled(self) -> None:
        """Forget settled entities that nothing has happened to for longer than the horizon."""
        if self.high is None:
            return
        low = self.high - self._limits.disorder - self._limits.horizon
        subjects = list(islice(self._sweep, SWEPT))
        if not subjects and (self._swept is None or low - self._swept > self._limits.horizon // 400):
            self._swept, self._sweep = low, self.rows.walk()
            subjects = list(islice(self._sweep, SWEPT))
        for subject in subjects:
            entity = self.rows.peek(subject)
            if entity is None or not self.domain.settled(entity.state):
                continue
            if self.waiting is not None and subject in self.waiting:
                continue
            if entity.last is not None and entity.last[0] < low:
                self.rows.delete(subject)


def _readable(key: bytes | None) -> str:
    return "missing" if key is None else repr(key.decode(errors="replace")[:300])


def _facts(domain: Domain) -> Any:
    """The union of all kinds of fact, None among them: the absence of one."""
    facts: Any = None
    for kind in domain.facts:
        facts = kind.fact | facts
    return facts
