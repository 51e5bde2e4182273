"""`erase`: the event that erases an entity, and where logs still hold it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer
from msgspec import Struct
from rich.table import Table

from streams import moments
from streams.cli.options import Broker, Config, Json, product_of, settings_of
from streams.cli.output import note, tell, tell_json, tell_table
from streams.cli.progress import progress
from streams.cli.text import printable
from streams.cli.waiting import run
from streams.erasure import Erasure, Holds, Place, places
from streams.errors import MetricLandError, Refused
from streams.events import LONGEST_ID
from streams.intake import Intake
from streams.kafka.admin import Admin
from streams.kafka.produce import publish_dated
from streams.kafka.read import reading
from streams.kafka.watch import wall_clock
from streams.settings import Settings

Subject = Annotated[str, typer.Argument(metavar="ID", help="The id, as events have it; no pattern.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say where it is held; erase nothing.")]


class Held(Struct):
    """Records of a partition that hold the entity."""

    partition: int
    records: int = 0
    first: int = 0
    "Offset of the first of them,"
    last: int = 0
    "and of the last."


class Topic(Struct):
    topic: str
    holds: Holds
    records: int
    partitions: list[Held]
    remedy: str
    "What makes them go."


class Found(Struct):
    """Where an entity is held."""

    held: list[Topic]
    known: bool
    "Whether anything but its erasure was ever written of it."


def erase(
    context: typer.Context,
    subject: Subject,
    dry_run: DryRun = False,
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Erase one entity: it leaves every figure, and its state goes. Then say where logs still hold it.

    What was written stays in the logs until they lose it: each topic is listed with how many of its records
    hold it, the offsets of the first and the last, and what can be done. Nothing of their content is shown.

    \b
    metricland erase --dry-run C-1017
    metricland erase C-1017 --json > held.json
    """
    settings = settings_of(context, config, {"broker": broker})
    product = product_of(context)
    if (erasure := product.erasure) is None:
        raise MetricLandError("nothing can be erased: no event is declared for it")
    catalogue = product.catalogue_of(settings)
    value = event_of(erasure, subject, wall_clock())
    topic = settings.topics.prefix + _checked(Intake(catalogue), value)
    if not dry_run:
        run(settings.bootstrap, lambda: write(settings, topic, erasure, subject))
        note(printable(f"{erasure.type} of {subject} written to {topic}"))
    wanted = list(places(catalogue, erasure, subject, settings.topics.prefix, settings.application))
    found = run(settings.bootstrap, lambda: search(settings, wanted, erasure.event_id(subject)))
    if as_json:
        told = {"id": subject, "type": erasure.type, "topic": topic, "written": not dry_run}
        tell_json(told | msgspec.to_builtins(found))
    else:
        _tell(found)
    if not found.known:
        note(printable(f"Nothing else is known of a {erasure.what} {subject}."))


def event_of(erasure: Erasure, subject: str, at: int) -> bytes:
    """The event that erases it. Raises BadParameter for what can be no id."""
    try:
        size = len(subject.encode())
    except UnicodeEncodeError:
        raise typer.BadParameter("the id is no UTF-8") from None
    if not 0 < size <= LONGEST_ID:
        raise typer.BadParameter(f"the id has {size} bytes, expected 1 to {LONGEST_ID}")
    return erasure.event(subject, at)


async def write(settings: Settings, topic: str, erasure: Erasure, subject: str) -> None:
    """With Kafka's time where this machine's clock is ahead: workers refuse what is of the future."""
    await publish_dated(
        settings.broker,
        topic,
        subject.encode(),
        lambda at: erasure.event(subject, at),
        wall_clock,
        lambda line: note(printable(line)),
    )


async def search(settings: Settings, wanted: list[Place], event_id: str) -> Found:
    """Read all of the topics that there are, what was never committed too: it is in the logs as well.

    `event_id` is that of the event that erases.
    """
    looks: defaultdict[str, list[Place]] = defaultdict(list)
    for place in wanted:
        looks[place.topic].append(place)
    found: defaultdict[Place, dict[int, Held]] = defaultdict(dict)
    latest: dict[Place, int] = {}
    known, mark = False, event_id.encode()
    async with reading(settings.bootstrap, list(looks), committed=False) as logs:
        with progress("reading offsets", logs.left) as advance:
            async for topic, records in logs.batches(advance):
                for place in looks[topic]:
                    for record in records:
                        if place.look(record.key, record.value):
                            _count(found[place], record)
                            latest[place] = max(latest.get(place, 0), record.timestamp)
                            known = known or (record.value is not None and mark not in record.value)
    async with Admin(settings.bootstrap) as admin:
        configs = await admin.configs(list({place.topic for place in found}))
    held = [
        Topic(
            place.topic,
            place.holds,
            sum(each.records for each in partitions.values()),
            [partitions[number] for number in sorted(partitions)],
            remedy(place.holds, configs[place.topic], latest[place]),
        )
        for place in wanted
        if (partitions := found.get(place))
    ]
    return Found(held, known)


def remedy(holds: Holds, config: Mapping[str, str], latest: int) -> str:
    """What makes the records of a topic go; `latest` is the time of the last one, in milliseconds."""
    if "compact" in config.get("cleanup.policy", ""):
        return COMPACTED.get(holds, COMPACTION)
    kept = int(config.get("retention.ms", -1))
    until = (latest + kept) * 1000
    if kept < 0 or until > moments.LAST:
        return f"kept for ever; {APART if holds is Holds.EVENTS else CUT}"
    return f"retention deletes the last of them after {moments.text(until)}; sooner: {CUT}"


CUT = "DeleteRecords deletes everything before an offset, others' records too"
APART = (
    f"{CUT}; to lose these alone, copy the rest to topics with a new prefix, rebuild there, delete this one"
)
COMPACTED = {
    Holds.OWN_STATE: "compaction: the row is deleted once workers have taken the event",
    Holds.OTHER_STATES: (
        "compaction of former rows; the row that stands names it by a field, which an event clears, or by an "
        "event that it keeps, which goes with later ones"
    ),
}
COMPACTION = "compaction, which leaves the last record of each key"


def _count(held: dict[int, Held], record: Any) -> None:
    known = held.setdefault(record.partition, Held(record.partition, first=record.offset))
    known.records += 1
    known.first, known.last = min(known.first, record.offset), max(known.last, record.offset)


def _checked(intake: Intake, value: bytes) -> str:
    """The domain that the event belongs to."""
    try:
        return intake.place(value).domain
    except Refused as refused:
        raise MetricLandError(f"the event that erases would be refused: {refused}") from None


def _tell(found: Found) -> None:
    if not found.held:
        tell("No topic holds it.")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("topic", "holds", "records", "partition: offsets", "what can be done"):
        table.add_column(name, justify="right" if name == "records" else "left", overflow="fold")
    for each in found.held:
        offsets = ", ".join(f"{held.partition}: {_span(held)}" for held in each.partitions)
        table.add_row(each.topic, each.holds, f"{each.records:,}", offsets, each.remedy)
    tell_table(table)


def _span(held: Held) -> str:
    return str(held.first) if held.first == held.last else f"{held.first} to {held.last}"
