"""What is worth knowing of policies that are right, but may not be meant so."""

from collections.abc import Iterator, Mapping

from agents.sla.policies import ANY, TARGETS, Clocks, Policies, Policy
from streams import moments
from streams.moments import DAY, SECOND
from streams.settings.values import duration_text

FAR = 400 * DAY
"A target that takes longer is never seen to be missed: an entity may be forgotten by then."


def notes(rules: Policies, clocks: Clocks) -> Iterator[str]:
    """Gaps, overlaps, and targets that their calendar can't hold."""
    if not rules.all:
        return
    yield from _gaps(rules)
    yield from _overlaps(rules.all)
    for policy in rules.all:
        yield from _rows(policy)
        yield from _unreachable(policy, clocks)


def _gaps(rules: Policies) -> Iterator[str]:
    first = min(policy.valid_from for policy in rules.all)
    if first > 0:
        yield f"no policy is valid before {moments.text(first)}: what starts earlier has no targets"
    if not any(not policy.when for policy in rules.all):
        yield "there is no fallback (a policy without conditions): what no policy holds for has no targets"


def _overlaps(policies: tuple[Policy, ...]) -> Iterator[str]:
    """Fallbacks overlap with all, and are meant to."""
    told: set[tuple[str, str]] = set()
    for place, policy in enumerate(policies):
        for later in policies[place + 1 :]:
            names = (policy.name, later.name)
            if policy.name == later.name or names in told or not later.when:
                continue
            if _meet(policy.when, later.when):
                told.add(names)
                yield f"policies {names[0]!r} and {names[1]!r} can both hold: the first of them counts"


def _meet(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Whether something can fulfil both; tags may be any at once."""
    return all(name == "tags" or one[name] & other[name] for name in one.keys() & other.keys())


def _rows(policy: Policy) -> Iterator[str]:
    if ANY not in policy.targets:
        known = ", ".join(sorted(policy.targets))
        yield f"policy {policy.name!r} has targets for {known} alone: other priorities have none"
    for name, stops in policy.pauses.items():
        if not any(name in row for row in policy.targets.values()):
            yield f"policy {policy.name!r} pauses {name} ({', '.join(sorted(stops))}), but has no such target"


def _unreachable(policy: Policy, clocks: Clocks) -> Iterator[str]:
    start = policy.valid_from
    clock = clocks.at(policy.calendar, start)
    for priority, row in policy.targets.items():
        for name in (name for name in TARGETS if name in row):
            end = clock.add(start, row[name])
            where = f"policy {policy.name!r}, {priority}: {name} of {duration_text(row[name] / SECOND)}"
            if end is None:
                yield f"{where} can't be missed: calendar {policy.calendar!r} is not open for so long"
            elif end - start > FAR:
                yield f"{where} takes more than 400 days on calendar {policy.calendar!r}"
            if late := [level.name for level in policy.levels if level.of(row[name]) <= 0]:
                yield f"{where} is no longer than the warning time {', '.join(late)}, which never comes"
