"""A support organisation that never was: canonical events of a realistic kind, the same for the same seed.

Stories (`lives`, `work`, `calls`, `surveys`) are generators that the `agenda` wakes in simulated time; queues
and shifts (`desk`, `staff`) make them wait for each other; the `writer` turns what happens into events.
"""

from agents.simulator.simulation import Simulation
from agents.simulator.writer import Imperfections, Record

__all__ = ["Imperfections", "Record", "Simulation"]
