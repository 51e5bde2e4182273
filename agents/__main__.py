"""Where everything is put together: the domains of customer experience, and the command line."""

from functools import partial
from pathlib import Path

from agents.catalogue import build_catalogue, notes, rules, under_preset
from agents.definitions import Definitions
from agents.performance import AGENTS
from agents.simulator import Simulation
from agents.sla.presets import SYSTEMS
from agents.tickets.presets import OTHERS
from streams.cli.main import build
from streams.cli.product import Preset, Product
from streams.erasure import Erasure

HEADLINE = (
    "tickets_created",
    "tickets_resolved",
    "backlog",
    "first_response_time",
    "resolution_time",
    "first_contact_resolution",
    "service_level",
    "csat",
    "nps",
)

CUSTOMERS = Erasure(
    domain="customers",
    type="customer.removed",
    what="customer",
    fields={
        "tickets": ("customer_id",),
        "calls": ("customer_id",),
        "surveys": ("customer_id",),
        "customers": ("into", "referred_by"),
    },
    states={"tickets": ("customer",), "calls": ("customer",)},
)

PRODUCT = Product(
    build=build_catalogue,
    definitions=Definitions,
    notes=notes,
    rules=rules,
    module="agents",
    simulator=Simulation,
    counted=frozenset({"ticket.created", "ticket.resolved"}),
    headline=HEADLINE,
    views=(AGENTS,),
    presets={
        name: Preset(
            partial(under_preset, name), (*system.told, *(other.told for other in OTHERS[name].values()))
        )
        for name, system in SYSTEMS.items()
    },
    erasure=CUSTOMERS,
    mappings=Path(__file__).with_name("mappings"),
)


def main() -> None:
    build(PRODUCT)()


if __name__ == "__main__":
    main()
