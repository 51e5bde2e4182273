"""What the exporter can emit of all that there is: the real collectors, over a few events."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from streams.kafka.owner import Progress
from streams.outlets.exporter import FigureCollector
from streams.outlets.operations import OperationsCollector
from streams.outlets.tally import Tally
from streams.settings import Settings
from streams.state.plan import Plan
from streams.windows.trailing import Trailing
from tests.oracle.telling import answer, call, reply, survey, ticket
from tests.policies import CATALOGUE, SETTINGS
from tests.simulated.cluster import Cluster

NOW = int(datetime(2026, 11, 2, 9, 4, tzinfo=UTC).timestamp())
DIMENSIONS: dict[str, Any] = {"channel": "email", "priority": "high", "team": "billing", "tier": "gold"}
PROMISED = {**DIMENSIONS, "priority": "urgent", "tier": "enterprise"}
DECIDED = [f"D{number}" for number in range(20)]
"As many as a forecast needs."
EVENTS = (
    ticket("created", "09:00", **DIMENSIONS, topic="invoice", customer_id="C1", agent_id="ana"),
    reply("09:00:30", author="bot"),
    reply("09:01", "ana"),
    reply("09:01:10", author="customer"),
    reply("09:01:30", "ana"),
    ticket("handled", "09:01:40", agent_id="ana", seconds=90),
    ticket("escalated", "09:01:50", to="billing", reason="amount"),
    ticket("resolved", "09:02", agent_id="ana"),
    ticket("closed", "09:03"),
    ticket("created", "09:02", of="T2", **DIMENSIONS, agent_id="ana"),
    answer("09:03", 5, ticket_id="T1", touchpoint="support"),
    answer("09:03", 9, of="R2", survey="nps", ticket_id="T1", touchpoint="support"),
    call("offered", "09:01", queue="returns", team="billing"),
    call("answered", "09:02", agent_id="ana"),
    call("ended", "09:03", talk_seconds=50, resolved=True),
    answer("09:03", 2, of="R3", survey="ces", ticket_id="T1", touchpoint="support"),
    answer("09:03", 4, of="R6", ticket_id="T1", touchpoint="support"),
    answer("09:03", 3, of="R6", survey="ces", ticket_id="T1", touchpoint="support"),
    answer("09:03", 4, of="R4", survey="csa", ticket_id="T1", touchpoint="support"),
    survey("sent", "09:02", of="R5", survey="website"),
    answer("09:03", 4, of="R5", survey="website", scale_min=1, scale_max=10),
    call("offered", "09:03", of="K2", queue="returns", team="billing"),
    ticket("created", "08:40", of="T3", **PROMISED),
    ticket("created", "08:52", of="T4", **PROMISED),
    *(ticket("created", "08:41", of=each, **PROMISED) for each in DECIDED),
    *(reply("08:42", "ana", of=each) for each in DECIDED),
)
Samples = dict[str, list[dict[str, str]]]


def samples() -> Samples:
    """The labels of every sample by its name; a family of the processor's own without samples has none."""
    settings = SETTINGS
    plan = Plan(settings.adjusted(CATALOGUE), version="1", partitions=2, application="exposed")
    cluster = Cluster(plan, now=NOW * 1000)
    cluster.produce(EVENTS)
    cluster.drain(NOW * 1_000_000)
    owned = {partition.number: _windows(plan, settings, partition) for partition in cluster.partitions}
    figures = FigureCollector(plan.catalogue, settings.dimensions.shown, owned)
    return _told(figures) | _told(OperationsCollector(_app(cluster)))


def _windows(plan: Any, settings: Settings, partition: Any) -> Trailing:
    """As `App` keeps them."""
    sets, standing = settings.exported_sets(), partition.standings.standing
    trailing = Trailing(plan.catalogue, plan.calendar, sets, partition.rollup.slots, standing)
    trailing.move(NOW)
    trailing.restore(partition.rollup.series())
    return trailing


def _app(cluster: Cluster) -> Any:
    owners = {
        partition.number: SimpleNamespace(partition=partition, progress=Progress(last_at=0.0))
        for partition in cluster.partitions
    }
    return SimpleNamespace(
        owners=owners,
        parked={},
        tally=Tally(),
        now=lambda: NOW * 1_000_000,
        lag=lambda topic, number: 0,
    )


def _told(collector: Collector) -> Samples:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    told: Samples = {}
    for family in registry.collect():
        told.setdefault(family.name + ("_total" if family.type == "counter" else ""), [])
        for sample in family.samples:
            told.setdefault(sample.name, []).append(sample.labels)
    return told
