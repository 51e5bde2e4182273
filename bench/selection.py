"""The catalogue, or some of its metrics with all that they need."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from agents.catalogue import CATALOGUE
from bench.peers import metricland
from streams.catalogue import Catalogue, Domain, Forward

PEERS = "peers"
BASIC = (
    "tickets_created",
    "tickets_resolved",
    "first_response_time",
    "resolution_time",
    "first_contact_resolution",
    "reopen_rate",
    "csat",
    "nps",
)


def selected(names: str) -> Catalogue:
    """Metrics by their names, "a,b,c"; "basic" stands for eight of tickets and surveys, "" for all.

    "peers" stands for the job that is compared with other engines (`bench.peers`), of two metrics of its own.
    """
    if not names:
        return CATALOGUE
    if names == PEERS:
        return metricland.CATALOGUE
    wanted = BASIC if names == "basic" else tuple(names.split(","))
    known = {metric.name for metric in CATALOGUE.metrics}
    if unknown := ", ".join(name for name in wanted if name not in known):
        raise SystemExit(f"no metric is named {unknown}: expected names from docs/metrics.md, or basic")
    return only(CATALOGUE, frozenset(wanted))


def only(catalogue: Catalogue, names: frozenset[str]) -> Catalogue:
    """Without domains that contribute nothing to these metrics: they are told nothing either."""
    metrics = tuple(metric for metric in catalogue.metrics if metric.name in names)
    sources = frozenset[str]().union(*(catalogue.sources(metric.family) for metric in metrics))
    domains = tuple(_within(domain, sources) for domain in catalogue.domains if domain.name in sources)
    return replace(catalogue, domains=domains, metrics=metrics)


def _within(domain: Domain, names: frozenset[str]) -> Domain:
    kept = tuple(name for name in domain.forwards_to if name in names)
    if kept == domain.forwards_to:
        return domain
    if not kept:
        return replace(domain, forwards=None, forwards_to=(), forwards_read=())
    return replace(domain, forwards=partial(_to, domain, frozenset(kept)), forwards_to=kept)


def _to(domain: Domain, names: frozenset[str], state: Any) -> Mapping[str, Forward]:
    assert domain.forwards is not None
    return {key: told for key, told in domain.forwards(state).items() if told.domain in names}
