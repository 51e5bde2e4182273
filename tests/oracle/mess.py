"""How messy a generated set of events is."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Mess:
    """The knobs of `stories.events`: each a probability from 0 (never) to 1, unless it says otherwise."""

    # The log
    duplicates: float = 0.06  # an event again, as it was
    conflicts: float = 0.04  # an event's source and id again, with other content
    near_disorder: float = 0.3  # comes up to `near_seconds` late
    near_seconds: float = 1800.0
    far_disorder: float = 0.03  # comes up to `far_days` late
    far_days: float = 8.0

    # Time
    ties: float = 0.2  # at the very time of the event before
    sequences: float = 0.5  # of the tied events: with a `sequence`, which may turn the order round
    round_times: float = 0.1  # exactly on a second, hour or midnight
    odd_times: float = 0.25  # with an offset, nanoseconds, lower-case letters, few digits

    # Fields
    left_out: float = 0.3  # of the optional fields
    cleared: float = 0.06  # null or "" for an optional field
    cleared_status: float = 0.03  # null or "" for `status`
    awkward: float = 0.12  # values with separators, escapes and letters of other scripts
    extra_fields: float = 0.1  # fields and attributes that the contract does not name
    unlisted_types: float = 0.02  # types of a known family that are not listed

    # Tickets
    plain: float = 0.3  # a short life: replies of one agent, a resolve, perhaps a reopening
    never_created: float = 0.05
    early_events: float = 0.15  # before the creation
    second_creations: float = 0.08
    agent_created: float = 0.2
    created_with_status: float = 0.1
    bots: float = 0.2
    private_replies: float = 0.15
    assignments: float = 0.2
    escalations: float = 0.15
    waits: float = 0.6  # pended, held or resumed, next to 2 for a reply
    handlings: float = 0.4
    status_by_update: float = 0.4  # else by the shorthands
    reopenings: float = 0.35
    late_reopenings: float = 0.2  # of the reopenings: around the end of the 7th day
    closes: float = 0.12
    merges: float = 0.08
    removals: float = 0.08
    restorations: float = 0.4  # of what was merged or removed
    busy: float = 0.05  # share of tickets and sheets with many events
    busy_events: int = 60  # how many (not a probability)

    # Surveys
    sent: float = 0.6
    sent_late: float = 0.15  # (also) after the answer
    sent_again: float = 0.15
    changed_answers: float = 0.3
    moved_answers: float = 0.2  # of the changed ones: another ticket
    withdrawn_answers: float = 0.15
    withdrawn_sheets: float = 0.08
    early_answers: float = 0.1  # before their ticket's creation
    answers_at_events: float = 0.2  # at the very time of one of their ticket's events
    without_ticket: float = 0.08
    unknown_tickets: float = 0.05
    odd_scales: float = 0.4  # another scale than the usual one
    other_surveys: float = 0.5  # ces, csa and surveys with names of their own

    # Calls and customers
    calls_on_tickets: float = 0.35
    further_calls: float = 0.4  # on the matter of the call before
    waits_at_thresholds: float = 0.6  # none, and those of the service level and of short abandonment
    left_waiting: float = 0.15  # nobody says what became of it
    hang_ups: float = 0.25
    both_ways: float = 0.12  # answered after an abandonment, abandoned after an answer
    answered_early: float = 0.06  # before the offer
    never_offered: float = 0.04
    offered_again: float = 0.15
    transfers: float = 0.2
    missing_ends: float = 0.12  # and twice as often what was to be wrapped up
    ended_again: float = 0.1
    gone_customers: float = 0.25  # merged or removed


DEFAULT = Mess()
AMOUNTS = ("near_seconds", "far_days", "busy_events")
CALM = Mess(
    **{  # type: ignore[arg-type]
        field.name: getattr(DEFAULT, field.name) if field.name in AMOUNTS else 0.0 for field in fields(Mess)
    }
)
