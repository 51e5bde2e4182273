"""What the demo knows at a time, and how it says it."""

from dataclasses import dataclass

from streams.demo.board import Board
from streams.demo.freshness import Freshness
from streams.demo.ledger import Ledger
from streams.demo.reading import Figures


@dataclass
class State:
    board: Board
    figures: Figures
    ledger: Ledger
    freshness: Freshness
    phase: str = "starting"

    @property
    def counts(self) -> str:
        told = [
            f"{self.ledger.published:,} events published",
            f"{self.ledger.processed:,} processed",
            f"{self.figures.read:,} figures published",
            f"{self.figures.letters:,} dead letters",
        ]
        return ", ".join(told)

    @property
    def fresh(self) -> str:
        found = self.freshness.quantiles()
        if found is None:
            return "freshness: too few samples yet"
        told = f"freshness: median {found.median:.2f} s, 99th percentile {found.high:.2f} s"
        return f"{told} ({found.samples:,} samples)"
