"""Thousands of histories of workers that share partitions: however they go, the stream equals the batch.

HISTORIES in the environment asks for another number of them; what hypothesis finds it makes small.
"""

import os
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams import moments
from streams.batch import Batch
from streams.state.checkpoint import Half
from tests.accounting import Account, account
from tests.parcels import event
from tests.promise import Json, is_over, unequal
from tests.simulated.group import Group
from tests.simulated.histories import metrics_log
from tests.simulated.test_levels import DAY, START, lives
from tests.stock import STOCKED, plan

HISTORIES = int(os.environ.get("HISTORIES", "1000"))
"""As many are tried."""

WORKERS = 3
MINUTE = 60_000_000
DAYS = 0.8

STEPS = (
    *("feed",) * 4,
    *("fetch",) * 5,
    *("write", "write_inputs", "write_contributions"),
    *("commit",) * 3,
    *("crash", "move", "move", "give_up", "awake", "idle", "tick", "skew", "resend", "poison"),
)
WRITES = {"write": None, "write_inputs": Half.INPUTS, "write_contributions": Half.CONTRIBUTIONS}
Step = tuple[str, int, int, int]
"""What happens, to which partition, to which worker, and how much of it."""

HISTORY = st.lists(
    st.tuples(
        st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, WORKERS - 1), st.sampled_from((1, 3, 20))
    ),
    min_size=10,
    max_size=70,
)


def notes(chance: random.Random, number: int, parcels: int) -> list[Json]:
    """What people write about parcels, and write otherwise, and erase."""
    found = []
    for page in range(number):
        at = START + timedelta(days=chance.random() * DAYS)
        for _ in range(chance.randint(1, 3)):
            about = {"parcel": f"P{chance.randrange(parcels)}"} if chance.random() < 0.8 else {}
            mood = chance.choice(("happy", "calm", "sad"))
            found.append(written("page.written", at, f"N{page}", mood=mood, **about))
            at += timedelta(hours=chance.random() * 5)
        if chance.random() < 0.3:
            found.append(written("page.erased", at, f"N{page}"))
    return found


def written(kind: str, at: datetime, subject: str, **more: Any) -> Json:
    return event(kind, f"{at:%Y-%m-%d %H:%M:%S}", subject, **more)


def told_events(seed: int) -> list[Json]:
    chance = random.Random(seed)
    parcels = chance.randint(1, 8)
    found = [
        written("parcel.sent", START, "P"),
        *lives(chance, parcels, DAYS),
        *notes(chance, chance.randint(0, 4), parcels),
    ]
    found.sort(key=lambda each: moments.parse(each["time"]) + chance.choice((0, 0, chance.random() * DAY)))
    return found


def play(group: Group, events: list[Json], history: list[Step]) -> int:
    """How many poison records there were."""
    fed = poisoned = 0
    group.clock = moments.parse(events[0]["time"])
    partitions = group.plan.partitions
    for step, place, worker, amount in history:
        number = place % partitions
        if step == "feed":
            group.produce(events[fed : fed + amount])
            fed = min(len(events), fed + amount)
        elif step == "resend":
            group.produce(events[:fed])
        elif step == "poison":
            group.log.append(group.plan.inputs[place % 2], number, b"P1", b"{", group.now)
            poisoned += 1
        elif step == "tick":
            group.clock += amount * 7 * MINUTE
        elif step == "skew":
            group.skews[worker] = (amount - 3) * MINUTE // 10
        elif step == "crash":
            group.crash(worker, (worker + amount) % WORKERS)
        elif step in ("move", "give_up"):
            getattr(group, step)(number, worker)
        elif step in WRITES:
            group.write(number, WRITES[step])
        elif step == "fetch":
            group.fetch(number, amount)
        elif step == "awake":
            group.awake(worker, number, amount)
        else:
            getattr(group, step)(number)
    group.produce(events[fed:])
    return poisoned


def check(group: Group, events: list[Json], poisoned: int, at: int) -> int:
    """How many figures were equal."""
    batch = Batch(STOCKED, group.plan.calendar, group.plan.retention)
    batch.take(map(msgspec.json.encode, events))
    log = metrics_log(group)
    expected = batch.figures(at, log.figures)
    assert log.breaches == []
    figures = {
        key: figure
        for key, figure in log.figures.items()
        if key in expected or not is_over(figure, at, group.plan.retention)
    }
    assert unequal(expected, figures) == []
    _account(group).check()
    letters = Counter((each["topic"], each["partition"], each["offset"]) for each in group.letters())
    assert len(letters) == letters.total() == poisoned
    return len(expected)


def _account(group: Group) -> Account:
    topics, numbers = group.plan.inputs, range(group.plan.partitions)
    produced = (
        record.value for topic in topics for number in numbers for record in group.log.topics[topic, number]
    )
    rows = {
        domain.name: [
            row
            for number in numbers
            for row in group.log.latest(group.plan.changelog(domain.name), number).values()
        ]
        for domain in STOCKED.domains
    }
    return account(STOCKED, produced, rows, len(group.letters()))


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 4), HISTORY)
def test_the_stream_equals_the_batch(seed: int, partitions: int, history: list[Step]) -> None:
    events, group = told_events(seed), Group(plan(partitions), WORKERS)
    poisoned = play(group, events, history)
    at = max(group.clock, *(moments.parse(each["time"]) for each in events)) + 65 * MINUTE
    group.finish(at)
    assert check(group, events, poisoned, at) > 0


def test_histories_do_harm() -> None:
    """Each kind of harm happens, often."""
    harm, chance = Counter[str](), random.Random(3)
    for seed in range(60):
        history = [
            (chance.choice(STEPS), chance.randrange(4), chance.randrange(WORKERS), chance.choice((1, 3, 20)))
            for _ in range(70)
        ]
        group = Group(plan(4), WORKERS)
        play(group, told_events(seed), history)
        harm.update(group.harm)
    assert all(count >= 20 for count in harm.values()), harm


def test_a_zombie_writes_nothing_that_counts() -> None:
    """It has taken what another then takes, and its checkpoint is refused."""
    group = Group(plan(1), WORKERS)
    group.produce([event("parcel.sent", "09:00")])
    group.fetch(0, 10)
    group.write(0)
    group.give_up(0, 1)
    group.awake(0, 0, 10)
    assert group.harm["fenced"] == 1
    group.finish(moments.parse("2026-11-02T10:00:00Z"))
    assert group.values()["parcels_sent||total|"] == 1
