"""The entities of one domain in one partition: records in, differences out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from streams.catalogue import Catalogue, Domain, Forward, Signal
from streams.errors import Refused, StateUnknown
from streams.events import Event, Fact, Passed, erasing
from streams.outlets.dead_letters import Record
from streams.signature import Signer
from streams.state.deadlines import Due, Waiting
from streams.state.difference import Difference
from streams.state.entity import EntityRunner
from streams.state.forgetting import Forgetting
from streams.state.forgotten import ERASED as FOR_GOOD
from streams.state.forgotten import Forgotten, Trace
from streams.state.reached import reached, register_key
from streams.state.record import ERASED, FOLDED, FOREIGN, Entity, Outcome
from streams.state.rows import Rows
from streams.state.screening import Limits, Screening, faulty
from streams.windows.leaf import Leaf

AT_ONCE = 32
"Records between two settlings: what their entities are made of stays in the nearer caches until then."

TOGETHER = 1 << 20
"Bytes that these may have, of rows and refused records: more are settled in pieces."

ANY = 1 << 60
"Bytes that nothing comes to."


FATAL = (MemoryError, StateUnknown)
"Nothing that one record is to blame for."

NEVER = -1
"Before all event times."


class Told(NamedTuple):
    """A fact for another entity, or that it no longer holds."""

    forward: Forward
    holds: bool


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
        self.erased = False
        "By an event since then: nothing that comes after it counts."
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
        self._forgotten = forgotten
        self.folded = [0] * len(domain.types)
        self.arrived = 0
        "Events from outside that were folded."
        self.hurried = False
        "Whether an instant has passed that somebody may wait to be told of."
        self._limits = limits
        self._largest = limits.largest_entity
        self._roomy = limits.largest_entity // 2
        self._application = application
        self._partition_of = partition_of
        self._partitions = partitions
        self._screening = Screening(domain, limits, signer, forgotten, number, self._number_of, refuse)
        self.others = self._screening.others
        "Records by type and outcome, besides those folded."
        self._names = self._screening.names
        self._runner = EntityRunner(
            domain.state,
            domain.types,
            keep=limits.kept,
            largest=limits.largest_entity,
            horizon=limits.horizon,
            settled=domain.settled,
        )
        self._difference = Difference(catalogue, domain, leaf)
        self._reach = leaf.reach
        self._decode_row = msgspec.msgpack.Decoder(Entity[domain.state]).decode  # type: ignore[name-defined]
        self._encode = msgspec.msgpack.Encoder().encode
        self._first_ours = sum(not type_.ours for type_ in domain.types)
        self._erasing = erasing(domain.types)
        self._high = NEVER
        self._decode_fact = msgspec.json.Decoder(_facts(domain)).decode
        self._touched: dict[str, Touched] = {}
        self._held = 0
        "Bytes of rows since the last settling."
        self._turned_away: set[int] = set()
        "Offsets of records that were refused since then."
        self._told: dict[tuple[str, str, str], Told] = {}
        self._signals_of = domain.signals
        self._signals: list[tuple[str, Signal]] = []
        self.waiting = Waiting(domain.deadlines, self._state) if domain.deadlines else None
        self._forgetting = Forgetting(domain, rows, forgotten, self.waiting, limits.remembered)

    @property
    def high(self) -> int | None:
        """The highest event time accepted, in microseconds."""
        return None if self._high == NEVER else self._high

    @high.setter
    def high(self, high: int | None) -> None:
        self._high = NEVER if high is None else high

    def take(self, records: Sequence[Record], room: int = ANY) -> int:
        """Fold records in, and settle every few: what an entity is made of is then still at hand.

        How many were taken: not all where rows and dead letters have come to fill so much room (bytes).
        """
        taken, letters = 0, self._screening.refused_bytes
        room += self.rows.laid
        while taken < len(records):
            left = room - self.rows.laid - (self._screening.refused_bytes - letters)
            if left < 0 and taken:
                break
            together = records[taken : taken + AT_ONCE]
            decoded = self._take_together(together, min(TOGETHER, left))
            self._settle(together, decoded)
            taken += len(decoded)
        return taken

    def conclude(self) -> dict[tuple[str, str, str], Told]:
        """The facts to tell other entities, by target (domain and id) and register."""
        if self.high is not None:
            self._forgetting.sweep(self.high - self._limits.disorder)
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
        self._forgotten.restore()
        if self.waiting is not None:
            self.waiting.restore((subject, entity.state) for subject, entity in self.rows.items())

    def _settle(self, records: Sequence[Record], decoded: "Sequence[tuple[str, Event] | Refused]") -> None:
        """Contribute what changed, and put the entities to rest: now all that is still in the caches."""
        failed: list[str] = []
        self._reach(self._high // 1_000_000)
        for subject, touched in self._touched.items():
            if touched.failed:
                failed.append(subject)
            elif touched.changed:
                try:
                    self._contribute(subject, touched)
                except FATAL:
                    raise
                except Exception:  # noqa: BLE001 - whatever a metric raises, the next records are not to blame
                    failed.append(subject)
        self._touched.clear()
        for subject in failed:
            own = [
                (record, each[1])
                for record, each in zip(records, decoded, strict=False)
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
        row = None if touched.erased else self._encode(entity)
        signals: list[tuple[str, Signal]] = []
        if self._signals_of is not None:
            signals = [(subject, signal) for signal in self._signals_of(subject, before, state)]
        if self.waiting is not None:
            self.waiting.look(subject, state)
        for key, forward, holds in self._difference.add(before, state):
            register = register_key(self.domain.name, subject, key)
            self._told[forward.domain, forward.target, register] = Told(forward, holds)
        self._signals += signals
        if row is None:
            self._forgetting.forget(subject, Trace(FOR_GOOD, True))
        else:
            self.rows.lay(subject, row)

    def _take_one_by_one(self, subject: str, own: list[tuple[Record, Event]]) -> None:
        """Begin again from the entity's row; the record that makes a fold or metric fail is refused."""
        own = [(record, event) for record, event in own if record.offset not in self._turned_away]
        if (row := self.rows.at_rest(subject)) is None:
            own = [(record, event) for record, event in own if type(event.data) is not Passed]
        self._count_back(row, own)
        for record, event in own:
            row = self.rows.at_rest(subject)
            touched = self._as_at_rest(row)
            try:
                if row is None and self._passes_by(subject, event):
                    continue
                self._apply(record, subject, event, touched)
                if touched.changed:
                    self._contribute(subject, touched)
            except Refused as refused:
                self._screening.turn_away(record, refused)
            except FATAL:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the entity stays as it was
                if touched.changed:
                    self._count_back_one(event, FOLDED)
                self._look_again(subject)
                self._screening.turn_away(record, faulty(error))

    def _count_back(self, row: bytes | None, own: list[tuple[Record, Event]]) -> None:
        """Take back what was counted of these records: they are counted as they are taken again."""
        touched = self._as_at_rest(row)
        for _, event in own:
            try:
                outcome = self._outcome(event, touched)
            except Exception:  # noqa: BLE001 - here the first attempt ended
                return
            self._count_back_one(event, outcome)

    def _count_back_one(self, event: Event, outcome: Outcome) -> None:
        if outcome is FOLDED:
            self.folded[event.rank] -= 1
            self.arrived -= event.rank < self._first_ours
        else:
            self.others[self._names[event.rank], outcome.value] -= 1

    def _look_again(self, subject: str) -> None:
        if self.waiting is None:
            return
        state = self._state(subject)
        if state is None:
            self.waiting.forget(subject)
        else:
            self.waiting.look(subject, state)

    def _take_together(self, records: Sequence[Record], most: int) -> "list[tuple[str, Event] | Refused]":
        """What was taken, which is not all where rows and dead letters take more than `most` bytes.

        All are decoded first, so that their rows come from memory at the same time.
        """
        letters = self._screening.refused_bytes
        self._held = 0
        decoded = [self._screening.decoded(record) for record in records]
        self.rows.ahead([each[0] for each in decoded if not isinstance(each, Refused)])
        for taken, (record, each) in enumerate(zip(records, decoded, strict=True), 1):
            try:
                if isinstance(each, Refused):
                    raise each
                self._take(record, *each)
            except Refused as refused:
                self._turned_away.add(record.offset)
                self._screening.turn_away(record, refused)
            if self._held + self._screening.refused_bytes - letters > most:
                return decoded[:taken]
        return decoded

    def _take(self, record: Record, subject: str, event: Event) -> None:
        touched = self._touched.get(subject)
        if touched is None or (touched.before is None and not touched.changed):
            row = self.rows.at_rest(subject)
            if row is None and self._passes_by(subject, event):
                return
            touched = self._touched[subject] = self._as_at_rest(row)
        if touched.failed:
            return  # taken one by one when these are settled
        try:
            self._apply(record, subject, event, touched)
        except (Refused, *FATAL):
            raise
        except Exception:  # noqa: BLE001 - found out which record it is when these are settled
            touched.failed = True

    def _passes_by(self, subject: str, event: Event) -> bool:
        """Whether an event of an entity that isn't there changes nothing. Raises Refused."""
        outcome = self._screening.unknown(subject, event, self.high)
        if outcome is None:
            return False
        self.others[self._names[event.rank], outcome.value] += 1
        return True

    def _apply(self, record: Record, subject: str, event: Event, touched: Touched) -> None:
        """Fold one event in and count what became of it. Raises Refused, and whatever a fold raises."""
        outcome = self._outcome(event, touched)
        if outcome is not FOLDED:
            self.others[self._names[event.rank], outcome.value] += 1
            if self.waiting is not None and type(event.data) is Passed and outcome is not FOREIGN:
                self.waiting.look(subject, touched.entity.state)
            return
        external = event.rank < self._first_ours
        touched.changed = True
        size = self._runner.taken if external else len(record.value or b"")
        touched.room -= size
        self._held += size
        touched.unmeasured += 1
        if touched.unmeasured * (self._largest - touched.room) > self._largest:
            self._measure(touched)
        self.folded[event.rank] += 1
        self.arrived += external
        if external and event.time > self._high:
            self._high = event.time

    def _outcome(self, event: Event, touched: Touched) -> Outcome:
        if touched.erased:
            return ERASED
        if event.rank < self._first_ours:
            outcome = self._runner.apply(touched.entity, event, touched.room)
            touched.erased = outcome is FOLDED and event.rank in self._erasing
            return outcome
        if event.data.application != self._application:
            return FOREIGN
        return self._register(touched.entity, event, touched.room)

    def _as_at_rest(self, row: bytes | None) -> Touched:
        if row is None:
            return Touched(self._runner.new(), None, self._largest)
        entity: Entity[Any] = self._decode_row(row)
        self._held += len(row)
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

    def _fact(self, fact: Fact) -> Any:
        try:
            return self._decode_fact(fact.fact)
        except msgspec.MsgspecError as error:
            raise Refused("invalid", f"{error} - in `$.data.fact`") from None

    def _number_of(self, key: bytes) -> int:
        return self._partition_of(key, self._partitions)


def _facts(domain: Domain) -> Any:
    """The union of all kinds of fact, None among them: the absence of one."""
    facts: Any = None
    for kind in domain.facts:
        facts = kind.fact | facts
    return facts
