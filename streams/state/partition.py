"""All that one partition number is: its entities, its rollup, its place in the inputs."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from hashlib import blake2b
from itertools import chain
from typing import Any

import msgspec

from streams import moments
from streams.errors import Refused
from streams.events import DEADLINE, OURS, Fact, Order, Passed, envelope
from streams.outlets.dead_letters import LARGEST_KEY, Record, dead_letter
from streams.outlets.publisher import Publisher
from streams.signature import Signer
from streams.state.checkpoint import Half, Left, Output, read_metadata
from streams.state.entities import ANY, Entities, Told
from streams.state.forgotten import Forgotten
from streams.state.plan import CELLS, FORGOTTEN, LABELS, LEVELS, MARKS, ROLLED_UP, Plan, source_name
from streams.state.refusals import Refusals
from streams.state.rows import Rows
from streams.windows.contributions import MARK, Contributions
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.pseudonyms import shown
from streams.windows.rollup import Rollup
from streams.windows.standings import Standings
from streams.windows.watermarks import Marks

CONTRIBUTED = 128
"Bytes that a record contributes, roughly: those of many are netted."

ROLLED = 2048
"Bytes of a changed cell with its figures, roughly."


class Partition:
    """One partition number: what it takes changes its rows at once, what it has to say waits."""

    def __init__(
        self,
        plan: Plan,
        number: int,
        rows: Callable[[str], Rows[Any]],
        partition_of: Callable[[bytes, int], int],
    ) -> None:
        self.plan = plan
        self.number = number
        self._partition_of = partition_of
        self.next: dict[str, int] = {}
        "Topic -> offset to read next; it moves with the state."
        self.unwritten_of = dict.fromkeys(Half, 0)
        "Records taken since a checkpoint of that half."
        self.refused: Counter[tuple[str, str]] = Counter()
        self.published = 0
        self.rows = {table: rows(table) for table in plan.tables}
        self.labels = Labels(plan.admitted, self.rows[LABELS].put, plan.pseudonyms, plan.retention.of_labels)
        self.leaf = Leaf(plan.catalogue, self.labels)
        self._signer = Signer(plan.signing_key)
        names = [domain.name for domain in plan.catalogue.domains]
        self.entities = {plan.topic(name): self._entities(name) for name in names}
        marks = Marks(self.rows[MARKS], plan.sources())
        self.rollup = Rollup(
            plan.catalogue, plan.calendar, plan.retention, plan.published, self.rows[CELLS], marks
        )
        self.standings = Standings(
            plan.catalogue,
            plan.calendar,
            plan.retention,
            plan.limits.disorder // 1_000_000,
            self.rollup,
            self.rows[LEVELS],
        )
        self._publisher = Publisher(plan.calendar)
        self._letters: list[tuple[bytes | None, bytes]] = []
        self._letters_size = 0
        self._refusals = {topic: Refusals(f"{topic}/{number}", plan.refusals) for topic in plan.inputs}
        self._refused: list[tuple[int, str]] = []
        self._told: dict[str, tuple[int | None, int | None]] = {}
        self._clocks: dict[str, int | None] = {}
        self._left: dict[str, tuple[int, str]] = {}
        "Topic -> what is committed with all that was written."
        self._contributed = Contributions(plan.application)
        self._state_id = plan.state_id

    @property
    def unwritten(self) -> int:
        """Records taken that no checkpoint has written yet."""
        return sum(self.unwritten_of.values())

    @property
    def unwritten_bytes(self) -> int:
        """What no checkpoint has written yet: of rows of entities and dead letters; of all else roughly."""
        size = self._letters_size + CONTRIBUTED * self.unwritten_of[Half.INPUTS]
        for table, rows in self.rows.items():
            size += ROLLED * rows.touched if table in ROLLED_UP else rows.laid
        return size

    def take(self, topic: str, end: int, records: Sequence[Record], most: int = ANY) -> int:
        """Take what comes next of a topic, up to `end`; how many of the records.

        Those that are left come with the next call: by then, or by one record, there are `most` bytes that
        are not yet written. Raises TooManyRefused.
        """
        taken = len(records)
        half = Half.CONTRIBUTIONS if topic == self.plan.contributions else Half.INPUTS
        if half is Half.CONTRIBUTIONS:
            if self._contributed.take(records, self.rollup.marks):
                self._add_up()
        else:
            entities = self.entities[topic]
            arrived = entities.arrived
            taken = entities.take(records, most - self.unwritten_bytes)
            refused, self._refused = self._refused, []
            self._refusals[topic].took(records[:taken], refused)
            if entities.arrived != arrived:
                self._clocks[topic] = None
            if entities.high is not None:
                entities.reach(entities.high - self.plan.limits.disorder)
        self.next[topic] = end if taken == len(records) else records[taken].offset
        self.unwritten_of[half] += max(1, taken)
        return taken

    def announce(self) -> None:
        """Write the marks of all sources with the next checkpoint, also where nothing has changed."""
        self._told.clear()
        self.unwritten_of[Half.INPUTS] += 1

    def idle(self, topic: str, clock: int) -> None:
        """A topic is caught up and no event comes from outside: its watermark moves with the clock.

        What entities are told by others is no reason to wait: a topic may get nothing else. (Microseconds.)
        """
        self._clocks[topic] = (clock - self.plan.limits.disorder) // 1_000_000
        if self._mark(topic) != self._told.get(topic):
            self.unwritten_of[Half.INPUTS] += 1

    def tick(self, topic: str, clock: int) -> bool:
        """A topic is caught up: instants pass by the clock (microseconds). True if any is to be written."""
        due = self.entities[topic].reach(clock)
        self.unwritten_of[Half.INPUTS] += due
        return due

    def reached(self, wall: int) -> int:
        """`now` in seconds: the wall clock when all is caught up, else the event time that was reached."""
        disorder = self.plan.limits.disorder // 1_000_000
        marks = self.rollup.marks.all()
        known = [at for mark in marks for at in (mark.reached, mark.clock) if at is not None]
        return min(wall, max(known) + disorder) if known else wall

    def watermark(self, topic: str) -> int | None:
        """Up to when all of an input is expected to be here, in seconds."""
        reached, clock = self._mark(topic)
        return max((at for at in (reached, clock) if at is not None), default=None)

    @property
    def hurried(self) -> bool:
        """Whether an instant has passed that somebody may wait to be told of."""
        return any(entities.hurried for entities in self.entities.values())

    def write(self, out: Output, now: int, only: Half | None = None) -> dict[str, tuple[int, str]]:
        """Write what has changed, or a half of it; the offsets to commit with it, each with its metadata.

        Nothing may be taken meanwhile: what is written is of one offset. `now` is in microseconds. All
        offsets are committed each time, those of a half that is not written as they were when it was: so the
        first time all is written.
        """
        first = not self._left
        if first or only is not Half.CONTRIBUTIONS:
            self._write_inputs(out, now)
        if first or only is not Half.INPUTS:
            self._write_rollup(out, now)
        return dict(self._left)

    def _write_inputs(self, out: Output, now: int) -> None:
        self._write_contributions(out)
        self._write_deadlines(out)
        self._write_signals(out, now)
        letters, self._letters, self._letters_size = self._letters, [], 0
        refuse = out.to(self.plan.topic("dead-letters"), self.number)
        for key, value in letters:
            refuse(key, value)
        self._write_tables(out, self.rows.keys() - ROLLED_UP)
        self._leave(self.next.keys() - {self.plan.contributions})
        self.unwritten_of[Half.INPUTS] = 0

    def _write_rollup(self, out: Output, now: int) -> None:
        self._add_up()
        self.published += self._publisher.publish(
            chain(self.rollup.conclude(), self.standings.conclude()),
            now,
            self.rollup.marks.final,
            out.to(self.plan.topic("metrics"), self.number),
        )
        self._write_tables(out, ROLLED_UP)
        self._leave(self.next.keys() & {self.plan.contributions})
        self.unwritten_of[Half.CONTRIBUTIONS] = self._unfinished

    @property
    def _unfinished(self) -> int:
        """1 where there is more to publish than the last checkpoint had room for."""
        return int(self.standings.unfinished or self.rollup.unfinished)

    def _leave(self, topics: Set[str]) -> None:
        self._left.update({topic: (self.next[topic], self._metadata(topic)) for topic in topics})

    def committed(self) -> None:
        """What was written last is committed."""
        for rows in self.rows.values():
            rows.committed()

    def restore(self, table: str, records: dict[str, bytes | None]) -> None:
        """Take rows of a table back as they were written; None is a deletion."""
        self.rows[table].restore(records)

    def resume(self, offsets: Mapping[str, tuple[int, str]]) -> None:
        """Go on where a checkpoint left off."""
        for topic, (offset, metadata) in offsets.items():
            self.next[topic] = offset
            if (entities := self.entities.get(topic)) is not None and metadata:
                left = read_metadata(metadata)
                entities.high = left.high
                self._refusals[topic].count = left.refusals

    def restored(self) -> None:
        """All tables are back."""
        for key, row in self.rows[LABELS].items():
            self.labels.restore(key, row)
        self.standings.restore()
        self.rollup.restore()
        self.unwritten_of[Half.CONTRIBUTIONS] += self._unfinished
        for entities in self.entities.values():
            entities.restore()
            if entities.high is not None:
                self.leaf.reach(entities.high // 1_000_000)

    def _entities(self, name: str) -> Entities:
        domain, topic = self.plan.catalogue.domain(name), self.plan.topic(name)
        return Entities(
            self.plan.catalogue,
            domain,
            self.plan.limits,
            self.plan.application,
            self.rows[name],
            Forgotten(name, self.rows[FORGOTTEN], self.plan.signing_key),
            self._signer,
            self.leaf,
            self.number,
            self.plan.partitions,
            self._partition_of,
            lambda record, refused: self._refuse(topic, record, refused),
        )

    def _refuse(self, topic: str, record: Record, refused: Refused) -> None:
        self.refused[topic, refused.reason] += 1
        if not refused.alone:
            self._refused.append((record.offset, str(refused)))
        key = record.key if len(record.key or b"") <= LARGEST_KEY else None
        letter = dead_letter(topic, self.number, record, refused)
        self._letters.append((key, letter))
        self._letters_size += len(letter)

    def _add_up(self) -> None:
        """Add what contributions have come to the cells of their series."""
        for key, panes in self._contributed.netted().items():
            name = key.decode()
            (self.standings if self.standings.has(name) else self.rollup).add(name, panes)

    def _write_contributions(self, out: Output) -> None:
        for topic, entities in self.entities.items():
            for (_, _, register), told in entities.conclude().items():
                self._forward(out, topic, register, told)
        contributions = self.plan.contributions
        for name, panes in self.leaf.project().items():
            series = name.encode()
            number = self._partition_of(series, self.plan.partitions)
            out.to(contributions, number)(series, self._contributed.told(panes))
        for topic, entities in self.entities.items():
            mark = self._mark(topic)
            if mark != self._told.get(topic):
                self._told[topic] = mark
                source = source_name(entities.domain.name, self.number)
                value = self._contributed.told_mark(source, *mark)
                for number in range(self.plan.partitions):
                    out.to(contributions, number)(MARK, value)

    def _forward(self, out: Output, topic: str, register: str, told: Told) -> None:
        """Tell another entity a fact; the offset that it rests on is its version."""
        forward, version = told.forward, self.next[topic]
        kind = self.plan.catalogue.fact_type(forward)
        content = msgspec.Raw(msgspec.json.encode(forward.fact if told.holds else None))
        id_ = f"{topic}/{self.number}/{version}/{blake2b(register.encode(), digest_size=8).hexdigest()}"
        cause = Order(forward.time, forward.sequence, 0, OURS, id_)
        type_ = kind.told if told.holds else kind.gone
        fact = Fact(register, version, content, self.plan.application)
        value = self._signer.sign(forward.domain, envelope(type_, forward.target, cause, fact))
        target = forward.target.encode()
        number = self._partition_of(target, self.plan.partitions)
        out.to(self.plan.topic(forward.domain), number)(target, value)

    def _write_deadlines(self, out: Output) -> None:
        """Tell entities of instants that have passed, on their own topic: nothing but events changes them."""
        for topic, entities in self.entities.items():
            tell = out.to(topic, self.number)
            for subject, (time, target) in entities.due():
                told = f"{self.plan.application}\0{subject}\0{target}\0{time}"
                id_ = blake2b(told.encode(), digest_size=16).hexdigest()
                passed = Passed(target, self.plan.application)
                value = envelope(DEADLINE.name, subject, Order(time, 0, 0, OURS, id_), passed)
                tell(subject.encode(), self._signer.sign(entities.domain.name, value))

    def _write_signals(self, out: Output, now: int) -> None:
        for entities in self.entities.values():
            for subject, signal in entities.signals():
                data = dict(signal.data)
                if signal.dimensions:
                    data["dimensions"] = shown(signal.dimensions, self.plan.hidden, self.plan.pseudonyms)
                if signal.stamped:
                    data[signal.stamped] = moments.text(now)
                cause = Order(signal.time, 0, 0, OURS, signal.id)
                value = envelope(signal.type, subject, cause, data)
                out.to(self.plan.topic(signal.topic), self.number)(subject.encode(), value)

    def _mark(self, topic: str) -> tuple[int | None, int | None]:
        high = self.entities[topic].high
        reached = None if high is None else (high - self.plan.limits.disorder) // 1_000_000
        return reached, self._clocks.get(topic)

    def _write_tables(self, out: Output, tables: Set[str]) -> None:
        for table, rows in self.rows.items():
            if table in tables:
                rows.write(out.to(self.plan.changelog(table), self.number))

    def _metadata(self, topic: str) -> str:
        left = Left(
            self.plan.version,
            None,
            self.plan.topic_ids.get(topic),
            state_id=self._state_id,
            key_id=self._signer.fingerprint,
        )
        if (entities := self.entities.get(topic)) is not None:
            left = left._replace(high=entities.high, refusals=self._refusals[topic].count)
        return msgspec.json.encode(left).decode()
