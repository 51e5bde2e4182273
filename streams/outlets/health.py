"""Live and ready, and the reason when not."""

from typing import Any, NamedTuple


class Health(NamedTuple):
    ready: bool
    reason: str


def health_of(app: Any) -> Health:
    """In the order in which they end: an outage of Kafka, starting, joining, rebalancing, recovering."""
    if app.should_stop:
        return Health(False, "stopping")
    if (silence := app.silence) is not None:
        return Health(False, silence)
    if not app.started:
        return Health(False, "starting")
    if app.opening:
        return Health(False, f"recovering the state of partitions {sorted(app.opening)}")
    if app.rebalancing:
        return Health(False, "rebalancing: waiting for the group")
    if not app.owners:
        return Health(False, "no partitions assigned")
    if error := app.clock_error:
        allowed = app.settings.events.in_future / 2
        side = "ahead of" if error > 0 else "behind"
        return Health(
            False,
            f"this machine's clock is {abs(error):.0f} s {side} Kafka's, expected at most {allowed:g} s "
            "(half of the setting events.in_future)",
        )
    return Health(True, f"owns partitions {sorted(app.owners)}")
