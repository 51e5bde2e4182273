"""What the declarations of most metrics of tickets have in common."""

from functools import partial

from agents.dimensions import OPERATIONS, TICKETS
from streams.catalogue import Metric

ticket_metric = partial(Metric, family=TICKETS, windows=OPERATIONS, of="ticket")
