"""A process of a worker that can be made to fail or be slow, and whose clock can be wrong."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from agents.__main__ import PRODUCT
from streams.child import begin
from streams.kafka.watch import wall_clock
from streams.outlets.dead_letters import Record
from streams.state.partition import Partition
from streams.worker import run
from tests.faults.failpoints import Failpoints

CLOCK, FILE = "FAULT_CLOCK", "FAULT_FILE"
"""In the environment: by how many seconds the clock is wrong, and the file that arms failpoints."""

SLOW = ".slow"
"Suffix of the file that makes it slow while it is there."

PACE = 1000
"Events a second that it takes then."


def main() -> None:
    settings = begin(PRODUCT.settings)
    wrong = int(float(os.environ[CLOCK]) * 1e6)
    file = Path(os.environ[FILE])
    failpoints = Failpoints(file)
    _slow_down(file.with_suffix(SLOW))
    run(PRODUCT.catalogue_of(settings), settings, now=lambda: wall_clock() + wrong, at=failpoints)


def _slow_down(file: Path) -> None:
    """As by a slow processor: nothing else of its loop runs meanwhile."""
    take = Partition.take

    def taken(self: Partition, topic: str, end: int, records: Sequence[Record], most: int) -> int:
        number = take(self, topic, end, records, most)
        if topic in self.entities and file.exists():
            time.sleep(number / PACE)
        return number

    Partition.take = taken  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
