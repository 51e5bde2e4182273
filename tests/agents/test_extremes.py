"""What the fuzz has found, each with the right value: numbers, spans and facts at their ends."""

from typing import Any

import msgspec
import pytest

from agents.business.calendar import Always
from agents.catalogue import CATALOGUE, build_catalogue
from agents.definitions import Definitions
from agents.tickets import fold
from agents.tickets.events import Handled
from agents.tickets.state import Ticket
from streams import moments
from streams.batch import Batch
from streams.events import LATEST, OURS, Event
from streams.signature import Signer
from streams.state.plan import Plan
from streams.state.reached import register_key
from tests.simulated.cluster import Cluster
from tests.simulated.histories import metrics_log

LAST = "9998-12-31T23:59:59.999999Z"
ANSWERED = register_key("surveys", "R1", "csat")
CALLED = register_key("calls", "K1", "ticket")
AT = moments.parse("2026-11-02T09:00:00Z")
RATING = ["answer", "csat", AT, 0, 4_000_000, 1_000_000, 5_000_000]
CALL = ["call", AT, None, AT, [None, None, "ana"], True]
TICKET = ["ticket", AT, "billing", AT, ["email", None, None, None, "ana", "billing"]]


def event(type_: str, time: str, data: Any, *, source: str = "/desk", subject: str = "T1") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{type_} {time}",
        "source": source,
        "type": type_,
        "time": time,
        "subject": subject,
        "data": data,
    }


def put_signed(cluster: Cluster, type_: str, data: dict[str, Any]) -> None:
    """As the group's own."""
    domain = f"{type_.split('.')[0]}s"
    value = msgspec.json.encode(event(type_, moments.text(AT), data, source=OURS))
    signed = Signer(cluster.plan.signing_key).sign(domain, value)
    cluster.log.append(cluster.plan.topic(domain), 0, b"T1", signed, cluster.now)


def told(cluster: Cluster) -> dict[str, Any]:
    return {key: figure["value"] for key, figure in metrics_log(cluster).figures.items()}


@pytest.mark.parametrize(
    ("type_", "changed"),
    [
        ("ticket.rated", {"version": 2**63}),
        ("ticket.rated", {"version": -1}),
        ("ticket.rated", {"key": "no register"}),
        ("ticket.rated", {"key": "surveys 9999999999 R1csat"}),
        ("ticket.rated", {"fact": [*RATING[:3], 2**63, *RATING[4:]]}),
        ("ticket.rated", {"fact": ["answer", "csat", 2**62, *RATING[3:]]}),
        ("ticket.rated", {"fact": ["answer", "csat", AT, 0, 4_000_000, 4_000_000, 4_000_000]}),
        ("ticket.rated", {"fact": ["answer", "csat", AT, 0, 6_000_000, 1_000_000, 5_000_000]}),
        ("ticket.rated", {"fact": ["answer", "csat", AT, 0, 10**18, 0, 10**18]}),
        ("ticket.signalled", {"key": CALLED, "fact": ["call", 2**64, *CALL[2:]]}),
        ("ticket.signalled", {"key": CALLED, "fact": [*CALL[:3], -1, *CALL[4:]]}),
        ("ticket.signalled", {"key": CALLED, "fact": [*CALL[:4], ["ana"], True]}),
        ("customer.signalled", {"fact": ["ticket", LATEST, *TICKET[2:]]}),
        ("customer.signalled", {"fact": [*TICKET[:4], TICKET[4][:5]]}),
    ],
)
def test_a_fact_that_no_entity_could_have_is_refused(type_: str, changed: dict[str, Any]) -> None:
    """Else it would be in a state that can't be written, or that a metric can make nothing of."""
    cluster = Cluster(Plan(CATALOGUE, "v1", 1, "app"))
    put_signed(cluster, type_, {"key": ANSWERED, "version": 1, "fact": None, "application": "app", **changed})
    cluster.drain()
    (letter,) = cluster.letters()
    assert letter["reason"] == "invalid"


def test_facts_that_are_right_are_taken() -> None:
    cluster = Cluster(Plan(CATALOGUE, "v1", 1, "app"))
    for type_, key, fact in (
        ("ticket.rated", ANSWERED, RATING),
        ("ticket.signalled", CALLED, CALL),
        ("customer.signalled", register_key("tickets", "T1", ""), TICKET),
    ):
        data = {"key": key, "version": 2**63 - 1, "fact": fact, "application": "app"}
        put_signed(cluster, type_, data)
    cluster.drain()
    assert cluster.letters() == []
    figures = told(cluster)
    assert (figures["csat||total|"], figures["first_call_resolution||total|"]) == (1, 1)
    assert figures["recontact_rate||total|"] == 0


def test_time_without_end_has_no_deadline_after_the_calendar_s() -> None:
    assert Always().add(LATEST - 2, 1) == LATEST - 1
    assert Always().add(LATEST - 2, 2) is None
    assert Always().add(AT, 10**30) is None


PROMISED = build_catalogue(
    Definitions.model_validate(
        {
            "sla": {"policies": [{"name": "all", "targets": {"default": {"resolution": "1h"}}}]},
            "calls": {"lost_after": "9000y"},
        }
    )
)


def test_a_ticket_of_the_last_hour_has_a_target_without_a_deadline() -> None:
    cluster = Cluster(Plan(PROMISED, "v1", 1, "app"), now=LATEST // 1000)
    cluster.produce([event("ticket.created", LAST, {})])
    cluster.drain(LATEST)
    assert cluster.letters() == []
    (record,) = [each for each in cluster.log.topics["cx.sla", 0] if each.value]
    signal = msgspec.json.decode(record.value or b"")
    assert (signal["type"], signal["data"]["deadline"]) == ("sla.activated", None)
    assert told(cluster)["tickets_created||total|"] == 1


@pytest.mark.parametrize(
    ("time", "changes"), [(moments.text(AT), {}), (LAST, {"9998-12-31T23:00:00Z": 1})], ids=["long", "late"]
)
def test_a_call_that_is_never_lost_waits_until_the_calendar_ends(time: str, changes: dict[str, int]) -> None:
    """Of one that began thousands of years before, the hour of its begin isn't kept any more."""
    batch = Batch(PROMISED)
    batch.take([msgspec.json.encode(event("call.offered", time, {"queue": "sales"}))])
    last = LATEST + 2 * moments.HOUR
    waiting = {
        figure["window"]["start"]: figure["value"]
        for key, figure in batch.figures(last).items()
        if key.startswith("calls_waiting||hour|")
    }
    assert waiting == {**changes, "9999-01-01T00:00:00Z": 0}


def test_seconds_of_work_are_added_up_as_far_as_64_bits_reach() -> None:
    """So many that nobody has worked them, but a state that can't be written would stop all others."""
    ticket = Ticket()
    for number in range(10_000):
        fold.handled(ticket, Event(AT + number, 0, 0, "/desk", str(number), Handled("ana", 1e9)))
    assert ticket.handled == 2**63 - 1
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(ticket), type=Ticket).handled == ticket.handled
