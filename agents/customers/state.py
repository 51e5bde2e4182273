"""What is known of a customer after its events."""

from agents.calls.outcomes import CallFact
from agents.folded import FoldedFacts
from agents.tickets.recontacts import TicketFact
from streams.state.record import State


class Customer(State):
    """The fold of a customer's events; `registers` holds its tickets and its calls."""

    registers: dict[str, tuple[int, TicketFact | CallFact | None]] = {}
    folded: FoldedFacts | None = None
    gone: bool = False
    "Merged or removed: for good."
    removed: bool = False
    "Nothing may be kept of it."
