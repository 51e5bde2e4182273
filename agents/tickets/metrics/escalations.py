"""How often a ticket has to be passed up, where to, and why."""

from agents.dimensions import ESCALATIONS, OPERATIONS
from agents.tickets.labels import of_agent
from agents.tickets.metrics.declared import ticket_metric
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Count, Ratio


def escalation_rate(ticket: Ticket) -> Observations:
    created = ticket.created
    if created is None:
        return NONE
    labels = of_agent(ticket.labels[created.labels], ticket.first_agent)
    return (Observation(created.time, labels, bool(ticket.escalations)),)


def escalations(ticket: Ticket) -> Observations:
    if not ticket.escalations:
        return NONE
    return tuple([Observation(each.time, (each.to, each.reason), 1) for each in ticket.escalations])


METRICS = (
    ticket_metric(
        name="escalation_rate",
        title="Escalation rate",
        formula="tickets escalated at least once / tickets created, in the pane of their creation; "
        "by the agent who had them first",
        unit="ratio",
        kind=Ratio(),
        more_is_better=False,
        reads=("created", "escalations", "first_agent"),
        observe=escalation_rate,
    ),
    Metric(
        name="escalations",
        title="Escalations",
        formula="escalations by where they went and why",
        unit="escalations",
        kind=Count(),
        family=ESCALATIONS,
        windows=OPERATIONS,
        more_is_better=None,
        of="ticket",
        reads=("escalations",),
        observe=escalations,
    ),
)
