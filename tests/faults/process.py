"""A process of a worker that can be made to fail, and whose clock can be wrong."""

import os
from pathlib import Path

from agents.__main__ import PRODUCT
from streams.child import begin
from streams.worker import run, wall_clock
from tests.faults.failpoints import Failpoints

CLOCK, FILE = "FAULT_CLOCK", "FAULT_FILE"
"""In the environment: by how many seconds the clock is wrong, and the file that arms failpoints."""


def main() -> None:
    settings = begin(PRODUCT.settings)
    wrong = int(float(os.environ[CLOCK]) * 1e6)
    failpoints = Failpoints(Path(os.environ[FILE]))
    run(PRODUCT.catalogue_of(settings), settings, now=lambda: wall_clock() + wrong, at=failpoints)


if __name__ == "__main__":
    main()
