"""A leader that doesn't see all topics deals nothing out."""

from types import SimpleNamespace
from typing import Any

import pytest
from faust.assignor.partition_assignor import PartitionAssignor

from streams.kafka import assignor
from streams.kafka.assignor import Assignor


class Ended(Exception):
    pass


def assigned(monkeypatch: pytest.MonkeyPatch, seen: dict[str, int]) -> Any:
    """What two members with a view of the cluster are told."""

    def crash(reason: str) -> None:
        raise Ended(reason)

    monkeypatch.setattr(assignor, "crash", crash)
    monkeypatch.setattr(PartitionAssignor, "_perform_assignment", lambda *_: "dealt out")
    one: Any = object.__new__(Assignor)
    one.app = SimpleNamespace(plan=SimpleNamespace(partitions=4))
    cluster = SimpleNamespace(partitions_for_topic=lambda topic: set(range(seen[topic])) or None)
    members = {name: SimpleNamespace(subscription=["cx.calls", "cx.tickets"]) for name in ("a", "b")}
    return one._perform_assignment(cluster, members)


def test_all_topics_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert assigned(monkeypatch, {"cx.calls": 4, "cx.tickets": 4}) == "dealt out"


@pytest.mark.parametrize("number", [0, 3])
def test_a_topic_is_missing_or_not_whole(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a restart of the broker: Faust would leave it out, and no worker would ever read it."""
    with pytest.raises(Ended, match=rf"4 of each topic are expected; known are {{'cx.tickets': {number}}}"):
        assigned(monkeypatch, {"cx.calls": 4, "cx.tickets": number})
