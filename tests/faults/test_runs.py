"""Which scenarios the checks repeat."""

import re
from pathlib import Path

from tests.faults.faults import FAULTS
from tests.faults.feed import ORDERS
from tests.faults.runs import scenario_of

CHECKS = Path(__file__).parents[2] / ".ci" / "run"


def test_the_checks_have_every_kind_of_fault_and_every_order() -> None:
    asked = re.search(r"make faults ARGS='--runs (\d+) --seed (\d+)", CHECKS.read_text())
    assert asked
    runs, seed = map(int, asked.groups())
    scenarios = [scenario_of(seed + number) for number in range(runs)]
    assert {fault for scenario in scenarios for fault in scenario.faults} == set(FAULTS)
    assert {scenario.order for scenario in scenarios} == set(ORDERS)
