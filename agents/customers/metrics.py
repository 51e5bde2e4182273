"""What is counted by the customer."""

from agents.dimensions import OPERATIONS, RECONTACTS
from agents.tickets.recontacts import Recontact
from streams.catalogue import Metric, Observation, Observations
from streams.windows.kinds import Ratio


def recontact_rate(recontact: Recontact) -> Observations:
    return (Observation(recontact.time, recontact.labels, recontact.good),)


METRICS = (
    Metric(
        name="recontact_rate",
        title="Recontact rate",
        formula="tickets whose customer created another on the topic within 7 days after their first resolve "
        "/ tickets ever resolved that have a customer and a topic",
        unit="ratio",
        kind=Ratio(),
        family=RECONTACTS,
        windows=OPERATIONS,
        more_is_better=False,
        of="recontact",
        reads=(),
        observe=recontact_rate,
    ),
)
