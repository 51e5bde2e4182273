"""All that MetricLand measures."""

from agents.definitions import Definitions
from agents.surveys.agent import SURVEYS
from agents.surveys.metrics import METRICS as SURVEY_METRICS
from agents.tickets.agent import TICKETS
from agents.tickets.metrics import ticket_metrics
from streams.catalogue import Catalogue


def build_catalogue(definitions: Definitions) -> Catalogue:
    return Catalogue(
        domains=(TICKETS, SURVEYS),
        metrics=(*ticket_metrics(definitions.tickets), *SURVEY_METRICS),
    )


CATALOGUE = build_catalogue(Definitions())
"By the definitions' defaults."
