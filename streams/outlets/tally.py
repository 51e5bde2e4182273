"""What partitions have counted; it outlives them, since a counter may not fall when a partition leaves."""

from collections import Counter
from dataclasses import dataclass, field

from streams.state.partition import Partition


@dataclass
class Tally:
    events: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    "By topic, type and outcome."
    letters: Counter[tuple[str, str]] = field(default_factory=Counter)
    "By topic and reason."
    retractions: Counter[str] = field(default_factory=Counter)
    anomalies: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    "Contributions to panes past their retention, by family."

    def add(self, partition: Partition) -> None:
        for topic, entities in partition.entities.items():
            for type_, number in zip(entities.domain.types, entities.folded, strict=True):
                self.events[topic, type_.name, "folded"] += number
            for (name, outcome), number in entities.others.items():
                self.events[topic, name, outcome] += number
        self.letters.update(partition.refused)
        self.retractions.update(partition.leaf.retractions)
        self.anomalies.update(partition.leaf.anomalies)
        self.late.update(partition.rollup.late)

    def merged(self, other: "Tally") -> "Tally":
        merged = Tally()
        for tally in (self, other):
            merged.events.update(tally.events)
            merged.letters.update(tally.letters)
            merged.retractions.update(tally.retractions)
            merged.anomalies.update(tally.anomalies)
            merged.late.update(tally.late)
        return merged
