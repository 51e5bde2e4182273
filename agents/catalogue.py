"""All that MetricLand measures."""

from collections.abc import Iterator
from dataclasses import replace

from agents.business import public_holidays
from agents.business.calendars import calendars_of
from agents.business.choice import Choice
from agents.calls.agent import CALLS
from agents.calls.metrics import call_metrics
from agents.calls.waiting import waiting_metrics
from agents.customers.agent import CUSTOMERS
from agents.customers.metrics import METRICS as CUSTOMER_METRICS
from agents.definitions import Definitions
from agents.dimensions import TICKET_DIMENSIONS
from agents.sla.catalogue import rules_of, with_service_levels
from agents.sla.metrics import METRICS as SLA_METRICS
from agents.sla.notes import notes as policy_notes
from agents.sla.policies import Policies
from agents.sla.presets import SYSTEMS, PresetLevels
from agents.sla.rules import rules as policy_rules
from agents.surveys.agent import SURVEYS
from agents.surveys.metrics import METRICS as SURVEY_METRICS
from agents.tickets.agent import TICKETS
from agents.tickets.metrics import business, ticket_metrics
from agents.tickets.presets import others as other_metrics
from agents.tickets.state import TimedTicket
from streams.catalogue import Catalogue, Domain, Metric
from streams.outlets.rules import Group, Links


def build_catalogue(definitions: Definitions) -> Catalogue:
    catalogue = Catalogue(
        domains=(_tickets(definitions), CALLS, SURVEYS, CUSTOMERS),
        metrics=(
            *ticket_metrics(definitions.tickets),
            *_in_business_time(definitions),
            *call_metrics(definitions.calls, frozenset(definitions.tickets.session_channels)),
            *waiting_metrics(definitions.calls),
            *SURVEY_METRICS,
            *CUSTOMER_METRICS,
        ),
        revision=3,
        tables=tuple(_tables(definitions)),
    )
    return _with_service_levels(catalogue, definitions) if definitions.sla.policies else catalogue


def notes(definitions: Definitions) -> Iterator[str]:
    """What may not be meant as it is defined."""
    calendars = calendars_of(definitions.calendars)
    return policy_notes(rules_of(definitions.sla, calendars), calendars)


def rules(definitions: Definitions, links: Links) -> tuple[Group, ...]:
    """Prometheus' rules on what definitions promise."""
    return policy_rules(definitions.sla, links)


def under_preset(name: str, definitions: Definitions) -> Catalogue:
    """What another system has otherwise, of the same definitions by its rules."""
    tickets, metrics = _tickets(definitions), other_metrics(name, definitions.tickets)
    if definitions.sla.policies:
        system = SYSTEMS[name]
        theirs = [system.policy(policy) for policy in definitions.sla.all()]
        rules = Policies(theirs, calendars_of(definitions.calendars))
        tickets = PresetLevels(rules, system.counted).domain(tickets)
        metrics = (*metrics, *(metric for metric in SLA_METRICS if metric.name == "sla_compliance"))
    return Catalogue((tickets, CALLS, SURVEYS, CUSTOMERS), metrics)


def _tickets(definitions: Definitions) -> Domain:
    """Business time needs to be told more of a ticket."""
    return replace(TICKETS, state=TimedTicket) if definitions.business_time else TICKETS


def _with_service_levels(catalogue: Catalogue, definitions: Definitions) -> Catalogue:
    rules = rules_of(definitions.sla, calendars_of(definitions.calendars))
    return with_service_levels(catalogue, rules, definitions.calls)


def _in_business_time(definitions: Definitions) -> tuple[Metric, ...]:
    if not definitions.business_time:
        return ()
    calendars = calendars_of(definitions.calendars)
    return business.metrics(Choice(definitions.business_time, calendars, TICKET_DIMENSIONS))


def _tables(definitions: Definitions) -> Iterator[str]:
    if any(version.holidays for versions in definitions.calendars.values() for version in versions):
        yield f"holidays {public_holidays.VERSION}"


CATALOGUE = build_catalogue(Definitions())
"By the definitions' defaults."
