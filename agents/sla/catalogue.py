"""Service levels in the catalogue: only where policies are configured, so that others pay nothing."""

from dataclasses import replace

from agents.business.calendars import Calendars
from agents.calls.definitions import CallDefinitions
from agents.sla.calls import CallLevels
from agents.sla.definitions import SlaDefinitions
from agents.sla.forecast import FORECAST_METRICS
from agents.sla.metrics import METRICS
from agents.sla.policies import Policies
from agents.sla.tickets import TicketLevels
from streams.catalogue import Catalogue

KEPT = "service levels 2"
"How they are kept, by a number: what was kept otherwise is to be made anew."


def rules_of(definitions: SlaDefinitions, calendars: Calendars) -> Policies:
    return Policies(definitions.all(), calendars)


def with_service_levels(catalogue: Catalogue, rules: Policies, calls: CallDefinitions) -> Catalogue:
    """The catalogue with what its policies promise."""
    followed = {"tickets": TicketLevels(rules).domain, "calls": CallLevels(rules, calls).domain}
    domains = (
        followed[domain.name](domain) if domain.name in followed else domain for domain in catalogue.domains
    )
    return replace(
        catalogue,
        domains=tuple(domains),
        metrics=(*catalogue.metrics, *METRICS, *FORECAST_METRICS),
        tables=(*catalogue.tables, KEPT),
    )
