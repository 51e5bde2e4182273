"""How soon a worker is ready with many open tickets in its tables, and another has taken over.

    python -m bench.recovery [--tickets 1000000] [--json]

One worker consumes the tickets' events and is killed. Another starts under the same name: from its start to
the 200 of its /health/ready. Then a second one joins and the first is killed: from the kill until the second
has read the state of what the first one owned, which begins when the session of the dead one has run out.
Meanwhile the backlog is read as Prometheus would read it, summed over the workers that answer.
"""

import argparse
import asyncio
import json
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.request import urlopen

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.catalogue import CATALOGUE
from bench.events import open_tickets
from streams.child import Child, module_command
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import publish
from streams.kafka.topics import apply
from streams.settings import Settings, load
from streams.topics import specs
from streams.windows.contributions import MARK

PORT = 26_166
SESSION = 10.0
WATCHED = 5.0
"Seconds for which the backlog is still looked at in the end."
READY = re.compile(r" ready .*partitions=(\[[^]]*\]) rows=(\{[^}]*\}) seconds=([\d.]+)")


class Worker:
    def __init__(self, settings: Settings, number: int) -> None:
        self.port = PORT + number
        self.said: list[str] = []
        self.reasons: set[str] = set()
        "Why it was not ready, as it said."
        web = settings.web.model_copy(update={"port": self.port})
        command, environment = module_command("agents", "worker", "--process", "0")
        self.started = time.monotonic()
        self._child = Child(command, settings.model_copy(update={"web": web}), self.said.append, environment)

    async def ready(self) -> float:
        """Seconds from its start."""
        while not await asyncio.to_thread(self._asked):
            self.check()
            await asyncio.sleep(0.05)
        return time.monotonic() - self.started

    async def owns(self, partitions: int) -> tuple[int, float]:
        """Rows of its tables and seconds that it read their state, once it has so many partitions."""
        while not (found := self._last()) or len(json.loads(found[1])) != partitions:
            self.check()
            await asyncio.sleep(0.05)
        return sum(map(int, re.findall(r": (\d+)", found[2]))), float(found[3])

    def check(self) -> None:
        """It still runs."""
        assert self._child.exit_code() is None, self._child.reason()

    def kill(self) -> None:
        self._child.signal(signal.SIGKILL)

    def _last(self) -> re.Match[str] | None:
        return next(filter(None, map(READY.search, reversed(self.said))), None)

    def _asked(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return bool(json.load(answer)["ready"])
        except HTTPError as error:
            self.reasons.add(json.load(error)["reason"])
        except OSError:
            pass
        return False


async def main() -> None:
    options = _options()
    async with EmbeddedBroker() as broker:
        settings = load(
            overrides={"broker": f"kafka://{broker.bootstrap}", "consumer.session_timeout": SESSION}
        )
        await apply(broker.bootstrap, specs(CATALOGUE, settings))
        events = open_tickets(options.tickets, time.time_ns() // 1000)
        written = await publish(broker.bootstrap, (("cx.tickets", key, value) for key, value in events))
        first = Worker(settings, 0)
        await first.ready()
        await _consumed(settings, first, written)
        first.kill()
        told = await _recover(settings)
    told["tickets"] = options.tickets
    _tell(told, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


async def _consumed(settings: Settings, worker: Worker, events: int) -> None:
    """Until it has folded so many events, and all that came of them is added up, written and committed."""
    async with AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        group_id=settings.application,
        isolation_level="read_committed",
        enable_auto_commit=False,
    ) as consumer:
        while True:
            worker.check()
            lines = (await asyncio.to_thread(_metrics, worker.port)).splitlines()
            folded = _sum(lines, "cx_events_total{", 'outcome="folded"')
            if (
                folded >= events
                and not _sum(lines, "cx_unwritten_records{")
                and not await _uncommitted(consumer, settings)
            ):
                return
            await asyncio.sleep(0.5)


async def _uncommitted(consumer: AIOKafkaConsumer, settings: Settings) -> bool:
    """Whether there is a record, other than a watermark, that the group has not committed."""
    names = (*(domain.name for domain in CATALOGUE.domains), "contributions")
    tps = [
        TopicPartition(f"{settings.topics.prefix}{name}", number)
        for name in names
        for number in range(settings.topics.partitions)
    ]
    consumer.assign(tps)
    for tp in tps:
        consumer.seek(tp, await consumer.committed(tp) or 0)
    ends = await consumer.end_offsets(tps)
    while any([await consumer.position(tp) < end for tp, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            if any(record.key != MARK for record in records):
                return True
    return False


def _metrics(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def _sum(lines: list[str], name: str, label: str = "") -> float:
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and label in line)


@dataclass
class Backlog:
    """What all workers together show as the backlog, at any moment at which one of them shows it."""

    workers: list[Worker] = field(default_factory=list)
    seen: set[float] = field(default_factory=set)

    async def watch(self) -> None:
        while True:
            asked = [asyncio.to_thread(_backlog, worker.port) for worker in self.workers]
            shown = [backlog for backlog in await asyncio.gather(*asked) if backlog is not None]
            if shown:
                self.seen.add(sum(shown))
            await asyncio.sleep(0.2)


def _backlog(port: int) -> float | None:
    try:
        lines = _metrics(port).splitlines()
    except OSError:
        return None
    shown = [line for line in lines if line.startswith("cx_backlog{") and 'by=""' in line]
    return float(shown[0].rpartition(" ")[2]) if shown else None


async def _recover(settings: Settings) -> dict[str, float | str]:
    backlog = Backlog()
    watching = asyncio.create_task(backlog.watch())
    try:
        told = await _take_over(settings, backlog.workers)
    finally:
        watching.cancel()
    return told | {"backlog_shown": ", ".join(f"{each:,.0f}" for each in sorted(backlog.seen))}


async def _take_over(settings: Settings, workers: list[Worker]) -> dict[str, float | str]:
    second = Worker(settings, 1)
    workers.append(second)
    ready = await second.ready()
    rows, reading = await second.owns(settings.topics.partitions)
    third = Worker(settings, 2)
    workers.append(third)
    await third.owns(settings.topics.partitions // 2)
    second.kill()
    killed = time.monotonic()
    await third.owns(settings.topics.partitions)
    takeover = time.monotonic() - killed
    await asyncio.sleep(WATCHED)
    third.kill()
    return {
        "rows": rows,
        "ready_seconds": round(ready, 1),
        "reading_seconds": reading,
        "rows_per_second": round(rows / reading),
        "takeover_seconds_beyond_session": round(takeover - SESSION, 1),
        "not_ready_reasons": "; ".join(sorted(second.reasons)),
    }


def _tell(told: dict[str, float | str], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
        return
    for name, value in told.items():
        sys.stdout.write(f"{name.replace('_', ' '):32} {value if isinstance(value, str) else f'{value:,}'}\n")


if __name__ == "__main__":
    asyncio.run(main())
