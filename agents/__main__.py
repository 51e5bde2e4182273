"""Where everything is put together: the domains of customer experience, and the command line."""

from pathlib import Path

from agents.catalogue import build_catalogue, notes
from agents.definitions import Definitions
from agents.performance import AGENTS
from agents.simulator import Simulation
from streams.cli.main import build
from streams.cli.product import Product

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

PRODUCT = Product(
    build=build_catalogue,
    definitions=Definitions,
    notes=notes,
    module="agents",
    simulator=Simulation,
    counted=frozenset({"ticket.created", "ticket.resolved"}),
    headline=HEADLINE,
    views=(AGENTS,),
    mappings=Path(__file__).with_name("mappings"),
)


def main() -> None:
    build(PRODUCT)()


if __name__ == "__main__":
    main()
