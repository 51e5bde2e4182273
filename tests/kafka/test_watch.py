"""What the watch over Kafka says and when it looks, by a clock of the test."""

import asyncio
from datetime import UTC, datetime

import pytest

from streams.kafka.watch import AGAIN, PAUSES, WELL, News, Outage, Watch, sentence

NINE = int(datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp())
GONE, SLOW = "connection refused", "no answer within 5 s"


class World:
    """Kafka answers or not, as a list says look by look, and then as it did last."""

    def __init__(self, *answers: str | None) -> None:
        self.now = 0.0
        self.answers = list(answers)
        self.looks: list[float] = []
        self.said: list[tuple[float, str]] = []
        self.watch = Watch(
            "k:9092",
            self._tell,
            probe=self._probe,
            clock=lambda: self.now,
            wall=lambda: int((NINE + self.now) * 1e6),
            rest=self._rest,
        )

    def _tell(self, news: News, outage: Outage) -> None:
        self.said.append((self.now, sentence(news, outage)))

    async def _probe(self) -> str | None:
        self.looks.append(self.now)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def _rest(self, seconds: float, event: asyncio.Event) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    async def until(self, seconds: float) -> None:
        watching = asyncio.create_task(self.watch.run())
        while self.now < seconds:  # noqa: ASYNC110
            await asyncio.sleep(0)
        watching.cancel()


async def test_while_all_is_well_nothing_is_said() -> None:
    world = World(None)
    assert not world.watch.there, "nobody has looked yet"
    await world.until(100)
    assert (world.said, world.watch.there) == ([], True)
    assert world.looks[:3] == [0, WELL, 2 * WELL]


async def test_lost_still_away_and_back() -> None:
    world = World(None, None, *[GONE] * 13, None)
    await world.until(1000)
    lost = WELL * 2 + PAUSES[0]
    assert [text for _, text in world.said] == [
        "lost Kafka at k:9092, waiting for it: connection refused",
        "still waiting for Kafka at k:9092 after 33 s: connection refused",
        "still waiting for Kafka at k:9092 after 63 s: connection refused",
        "Kafka at k:9092 is back after 93 s",
    ]
    assert [at for at, _ in world.said[:3]] == [lost, lost + AGAIN, lost + 2 * AGAIN]
    assert world.watch.back_at == world.said[-1][0]


async def test_one_look_without_an_answer_is_no_outage() -> None:
    """As of a broker that has just come back, and for a moment knows of none."""
    world = World(None, GONE, None, SLOW, None)
    await world.until(100)
    assert (world.said, world.watch.back_at) == ([], None)


async def test_nothing_is_known_by_a_look_that_is_in_doubt() -> None:
    world = World(None, GONE, GONE)
    await world.watch.look()
    number = world.watch.ask()
    await world.watch.look()
    assert not world.watch.known(number) and not world.watch.there
    await world.watch.look()
    assert world.watch.known(number) and world.watch.away is not None


async def test_pauses_grow_up_to_ten_seconds_without_end() -> None:
    assert list(PAUSES) == sorted(PAUSES) and PAUSES[-1] == 10
    world = World(GONE)
    await world.until(86_400)
    pauses = [after - before for before, after in zip(world.looks, world.looks[1:], strict=False)]
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert max(pauses) == 10
    assert len(world.said) == pytest.approx(86_400 / AGAIN, abs=2), "a line each half a minute"


async def test_each_outage_has_short_pauses_at_first() -> None:
    world = World(GONE, GONE, GONE, None, GONE)
    await world.until(30)
    assert world.looks[:7] == [0, 1, 3, 7, 9, 10, 11]


async def test_a_first_start_without_kafka() -> None:
    world = World(SLOW, SLOW, None)
    await world.until(4)
    assert [text for _, text in world.said] == [
        "waiting for Kafka at k:9092: no answer within 5 s",
        "Kafka at k:9092 answers after 3 s",
    ]


async def test_since_when_it_has_not_answered() -> None:
    world = World(None, None, GONE)
    assert world.watch.silence == "no answer from Kafka since 2026-11-22T09:00:00Z"
    await world.until(50)
    assert world.watch.away is not None
    assert world.watch.away.silence == "no answer from Kafka since 2026-11-22T09:00:02Z"
    assert world.watch.silence == world.watch.away.silence


async def test_patience_that_ends() -> None:
    world = World(None, GONE)
    with pytest.raises(TimeoutError):
        await world.watch.run(patience=15)
    assert world.now == pytest.approx(15)


async def test_what_began_before_it_was_asked_for_is_no_answer() -> None:
    world = World(None)
    started, answer = asyncio.Event(), asyncio.Event()

    async def probe() -> str | None:
        started.set()
        await answer.wait()
        return None

    world.watch._probe = probe
    looking = asyncio.create_task(world.watch.look())
    await started.wait()
    number = world.watch.ask()
    answer.set()
    await looking
    assert not world.watch.known(number)
    await world.watch.look()
    assert world.watch.known(number)


async def test_who_asks_is_not_kept_waiting() -> None:
    """For the look after the pause of a day without events."""
    watch = Watch("k:9092", lambda news, outage: None, probe=World(None)._probe)
    watching = asyncio.create_task(watch.run())
    async with asyncio.timeout(60):
        for _ in range(100):  # a pause each would take minutes
            await watch.until_there()
    watching.cancel()
