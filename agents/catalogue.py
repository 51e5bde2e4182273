"""All that MetricLand measures."""

from agents.surveys.agent import SURVEYS
from agents.surveys.metrics import METRICS as SURVEY_METRICS
from agents.tickets.agent import TICKETS
from agents.tickets.metrics import METRICS as TICKET_METRICS
from streams.catalogue import Catalogue

CATALOGUE = Catalogue(
    domains=(TICKETS, SURVEYS),
    metrics=(*TICKET_METRICS, *SURVEY_METRICS),
)
