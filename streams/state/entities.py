"""The entities of one domain in one partition: records in, differences out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from traceback import extract_tb
from typing import Any, NamedTuple

import msgspec

from streams import moments
from streams.catalogue import Catalogue, Domain, Forward, Signal
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import OURS, Event, Fact, Passed, source_of, type_of
from streams.outlets.dead_letters import Record
from streams.signature import Signer
from streams.state.deadlines import Due, Waiting
from streams.state.difference import Difference
from streams.state.entity import EntityRunner
from streams.state.forgotten import ERASED as FOR_GOOD
from streams.state.forgotten import Forgotten, Trace
from streams.state.reached import reached, register_key
from streams.state.record import ERASED, FOLDED, OLD, Entity, Outcome
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
    remembered: int = 1861 * 86_400_000_000
    "How long after its newest time a settled entity is remembered: as long as panes that it counts in are kept."
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
        self.failed = False
        "A fold has failed and left the entity half changed."


class Entities:
    """Folds records into rows and tells the leaf what they change in the contributions."""

    def __init__(
        self,
        catalogue: Catalogue,
        domain: Domain,
        limits: Limits,
        application: str,
        rows: Rows[Entity[Any]],
        forgotten: Forgotten,
        signer: Signer,
        leaf: Leaf,
        number: int,
        partitions: int,
        partition_of: Callable[[bytes, int], int],
        refuse: Callable[[Record, Refused], None],
    ) -> None:
        self.domain = domain
        self.rows = rows
        self.forgotten = forgotten
        self._signer = signer
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
            domain.state,
            domain.types,
            keep=limits.kept,
            largest=limits.largest_entity,
            horizon=limits.horizon,
            settled=domain.settled,
        )
        self._difference = Difference(catalogue, domain, leaf)
        self._decode_row = msgspec.msgpack.Decoder(Entity[domain.state]).decode  # type: ignore[name-defined]
        self._encode = msgspec.msgpack.Encoder().encode
        self._first_ours = sum(not type_.ours for type_ in domain.types)
        self._high = NEVER
        self._decode_fact = msgspec.json.Decoder(_facts(domain)).decode
        self._touched: dict[str, Touched] = {}
        self._turned_away: set[int] = set()
        "Offsets of records that were refused since the last settling."
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

    def take(self, records: Sequence[Record]) -> None:
        """Fold records in, and settle every few: what an entity is made of is then still at hand."""
        for start in range(0, len(records), AT_ONCE):
            together = records[start : start + AT_ONCE]
            decoded = self._take_together(together)
            self._settle(together, decoded)

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

    def restore(self) -> None:
        """The rows are back."""
        self.forgotten.restore()
        if self.waiting is not None:
            self.waiting.restore((subject, entity.state) for subject, entity in self.rows.items())

    def _settle(self, records: Sequence[Record], decoded: "Sequence[tuple[str, Event] | Refused]") -> None:
        """Contribute what changed, and put the entities to rest: now all that is still in the caches."""
        failed: dict[str, Touched] = {}
        for subject, touched in self._touched.items():
            if touched.failed:
                failed[subject] = touched
            elif touched.changed:
                try:
                    self._contribute(subject, touched)
                except MemoryError:
                    raise
                except Exception:  # noqa: BLE001 - whatever a metric raises, the next records are not to blame
                    failed[subject] = touched
        self._touched.clear()
        for subject in failed:
            own = [
                (record, each[1])
                for record, each in zip(records, decoded, strict=True)
                if not isinstance(each, Refused) and each[0] == subject
            ]
            self._take_one_by_one(subject, own)
        self._turned_away.clear()

    def _contribute(self, subject: str, touched: Touched) -> None:
        """All of it or, where something raises, nothing but what waiting entities are looked at for."""
        entity, before = touched.entity, touched.before
        if touched.room < self._roomy:
            self._measure(touched)
        state = entity.state
        row = self._encode(entity)
        signals: list[tuple[str, Signal]] = []
        if self._signals_of is not None:
            signals = [(subject, signal) for signal in self._signals_of(subject, before, state)]
        if self.waiting is not None:
            self.waiting.look(subject, state)
        for key, forward, holds in self._difference.add(before, state):
            register = register_key(self.domain.name, subject, key)
            self._told[forward.domain, forward.target, register] = Told(forward, holds)
        self._signals += signals
        if self.domain.erased is not None and self.domain.erased(state):
            self._forget(subject, Trace(FOR_GOOD, True))
        else:
            self.rows.lay(subject, row)

    def _take_one_by_one(self, subject: str, own: list[tuple[Record, Event]]) -> None:
        """Begin again from the entity's row; of the records the one that makes a fold or metric fail is refused."""
        own = [(record, event) for record, event in own if record.offset not in self._turned_away]
        if (row := self.rows.at_rest(subject)) is None:
            own = [(record, event) for record, event in own if type(event.data) is not Passed]
        self._count_back(row, own)
        for record, event in own:
            touched = self._as_at_rest(self.rows.at_rest(subject))
            try:
                self._apply(record, subject, event, touched)
                if touched.changed:
                    self._contribute(subject, touched)
            except Refused as refused:
                self._turn_away(record, refused)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the entity stays as it was
                self._look_again(subject)
                self._turn_away(record, faulty(error))

    def _count_back(self, row: bytes | None, own: list[tuple[Record, Event]]) -> None:
        """Take back what was counted of these records: they are counted as they are taken again."""
        touched = self._as_at_rest(row)
        for record, event in own:
            try:
                outcome = self._outcome(record, event, touched)
            except Exception:  # noqa: BLE001 - here the first attempt ended
                return
            external = event.rank < self._first_ours
            if outcome is FOLDED:
                self.folded[event.rank] -= 1
                self.arrived -= external
            elif outcome is not None:
                self.others[self._decoder.names[event.rank], outcome.value] -= 1

    def _look_again(self, subject: str) -> None:
        if self.waiting is None:
            return
        state = self._state(subject)
        if state is None:
            self.waiting.forget(subject)
        else:
            self.waiting.look(subject, state)

    def _take_together(self, records: Sequence[Record]) -> "list[tuple[str, Event] | Refused]":
        """All are decoded first, so that their rows come from memory at the same time."""
        decoded = [self._decoded(record) for record in records]
        self.rows.ahead([each[0] for each in decoded if not isinstance(each, Refused)])
        for record, each in zip(records, decoded, strict=True):
            try:
                if isinstance(each, Refused):
                    raise each
                self._take(record, *each)
            except Refused as refused:
                self._turned_away.add(record.offset)
                self._turn_away(record, refused)
        return decoded

    def _decoded(self, record: Record) -> tuple[str, Event] | Refused:
        try:
            return self._event(record)
        except Refused as refused:
            return refused
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a check of a domain is a fault of ours, not of the next records
            return faulty(error)

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
        if event.rank >= self._first_ours:
            # Of its own clock nobody is the judge: a deadline of a fast one would be lost for good.
            if not self._signer.verifies(self.domain.name, value):
                raise Refused("reserved", f"source {OURS!r} is the processor's own, and this is not signed by it")
            return subject, event
        # Divided, not the timestamp multiplied: mypyc multiplies large numbers as objects.
        if (event.time - self._limits.in_future - 1) // 1000 >= record.timestamp:
            raise Refused("in_future", "more than the allowed time ahead of the record's timestamp")
        return subject, event

    def _take(self, record: Record, subject: str, event: Event) -> None:
        touched = self._touched.get(subject)
        if touched is None or (touched.before is None and not touched.changed):
            row = self.rows.at_rest(subject)
            if row is None and (outcome := self._unknown(subject, event)) is not None:
                self.others[self._decoder.names[event.rank], outcome.value] += 1
                return
            touched = self._touched[subject] = self._as_at_rest(row)
        if touched.failed:
            return  # taken one by one when these are settled
        try:
            self._apply(record, subject, event, touched)
        except (Refused, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - found out which record it is when these are settled
            touched.failed = True

    def _apply(self, record: Record, subject: str, event: Event, touched: Touched) -> None:
        """Fold one event in and count what became of it. Raises Refused, and whatever a fold raises."""
        outcome = self._outcome(record, event, touched)
        external = event.rank < self._first_ours
        if outcome is None:
            self.others[self._decoder.names[event.rank], "of_another_application"] += 1
            return
        if outcome is not FOLDED:
            self.others[self._decoder.names[event.rank], outcome.value] += 1
            if self.waiting is not None and type(event.data) is Passed:
                self.waiting.look(subject, touched.entity.state)
            return
        touched.changed = True
        touched.room -= self._runner.taken if external else len(record.value or b"")
        touched.unmeasured += 1
        if touched.unmeasured * (self._largest - touched.room) > self._largest:
            self._measure(touched)
        self.folded[event.rank] += 1
        self.arrived += external
        if external and event.time > self._high:
            self._high = event.time

    def _outcome(self, record: Record, event: Event, touched: Touched) -> Outcome | None:
        """None for what another application wrote."""
        if event.rank < self._first_ours:
            return self._runner.apply(touched.entity, event, touched.room)
        if event.data.application != self._application:
            return None
        return self._register(touched.entity, event, touched.room)

    def _unknown(self, subject: str, event: Event) -> Outcome | None:
        """What becomes of an event of an entity that isn't there; None where the event may begin one.

        Raises Refused.
        """
        if self._number_of(subject.encode()) != self._number:
            raise Refused("wrong_partition", "the key belongs to another partition by murmur2")
        own = event.rank >= self._first_ours
        if (trace := self.forgotten.find(subject)) is not None:
            if trace.newest == FOR_GOOD:
                return ERASED
            if not own and trace.by_events and event.time <= trace.newest:
                return OLD
            if trace.by_events or event.time <= trace.newest:
                raise Refused(
                    "too_late", f"its entity was forgotten, as of {moments.text(trace.newest)}", alone=True
                )
        if own:
            return OLD if type(event.data) is Passed else None
        if self.high is not None and event.time < self.high - self._limits.disorder - self._limits.horizon:
            raise Refused("too_late", "older than the entity horizon, of an entity that isn't known")
        return None

    def _as_at_rest(self, row: bytes | None) -> Touched:
        if row is None:
            return Touched(self._runner.new(), None, self._largest)
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

    def _number_of(self, key: bytes) -> int:
        return self._partition_of(key, self._partitions)

    def _fact(self, fact: Fact) -> Any:
        try:
            return self._decode_fact(fact.fact)
        except msgspec.MsgspecError as error:
            raise Refused("invalid", f"{error} - in `$.data.fact`") from None

    def _turn_away(self, record: Record, refused: Refused) -> None:
        """To the dead letters, but for types of a known family that are not listed: they are skipped."""
        if refused.reason != "reserved" and self._is_forged(record):
            refused = Refused("reserved", f"source {OURS!r} is the processor's own", alone=True)
        type_ = type_of(record.value) if record.value and refused.reason == "invalid" else None
        if type_ is not None and type_ not in self._decoder.names:
            if type_.startswith(self.domain.kinds):
                self.others[self.domain.kinds[0] + "*", "skipped"] += 1
                return
            refused = Refused("unknown_type", f"{type_[:100]!r} is no type of this topic")
        self.others["*", refused.reason] += 1
        self._refuse(record, refused)

    def _is_forged(self, record: Record) -> bool:
        value = record.value
        return (
            value is not None
            and len(value) <= self._limits.largest
            and source_of(value) == OURS
            and not self._signer.verifies(self.domain.name, value)
        )

    def _forget(self, subject: str, trace: Trace) -> None:
        self.rows.delete(subject)
        self.forgotten.add(subject, trace)
        if self.waiting is not None:
            self.waiting.forget(subject)

    def _forget_settled(self) -> None:
        """Forget settled entities when the panes that they count in are gone: nothing is taken back any more."""
        if self.high is None:
            return
        low = self.high - self._limits.disorder - self._limits.remembered
        subjects = list(islice(self._sweep, SWEPT))
        if not subjects and (self._swept is None or low - self._swept > self._limits.remembered // 400):
            self._swept, self._sweep = low, self.rows.walk()
            subjects = list(islice(self._sweep, SWEPT))
        for subject in subjects:
            entity = self.rows.peek(subject)
            if entity is None or entity.newest >= low:
                continue
            if self.waiting is not None and subject in self.waiting:
                continue
            if entity.last is None or self.domain.settled(entity.state):
                self._forget(subject, Trace(entity.newest, entity.last is not None))


def faulty(error: Exception) -> Refused:
    """A record that makes our own code fail: says what, and where."""
    frames = extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return Refused("fault", f"{type(error).__name__}: {str(error)[:500]}{place}")


def _readable(key: bytes | None) -> str:
    return "missing" if key is None else repr(key.decode(errors="replace")[:300])


def _facts(domain: Domain) -> Any:
    """The union of all kinds of fact, None among them: the absence of one."""
    facts: Any = None
    for kind in domain.facts:
        facts = kind.fact | facts
    return facts
