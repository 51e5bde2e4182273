"""The job that our engine and others are compared by."""

from bench.events import ticket_events
from bench.peers import job
from bench.peers.metricland import CATALOGUE
from streams.batch import Batch


def _event(type_: str, second: int, data: str) -> tuple[bytes, bytes]:
    time = f"2026-11-02T09:00:{second:02}.500Z"
    return b"T1", f'{{"type":"ticket.{type_}","time":"{time}","subject":"T1","data":{data}}}'.encode()


def test_only_the_first_reply_and_the_resolve_are_observed() -> None:
    reply = '{"author":"agent","agent_id":"a"}'
    events = [
        _event("created", 0, '{"channel":"email","priority":"low"}'),
        _event("replied", 10, reply),
        _event("replied", 20, reply),
        _event("resolved", 50, '{"agent_id":"a"}'),
    ]
    start = job.milliseconds("2026-11-02T09:00:00Z")
    assert job.windows(events) == {
        f"first_response|email|low|{start}": (1, 10_000),
        f"resolution|email|low|{start}": (1, 50_000),
    }


def test_our_declaration_is_of_that_job() -> None:
    events = list(ticket_events(2000))
    batch = Batch(CATALOGUE)
    batch.take(value for _, value in events)
    assert not batch.refused
    wanted: dict[str, list[int]] = {}
    for name, window in job.windows(events).items():
        total = wanted.setdefault(name.rpartition("|")[0], [0, 0])
        total[0] += window[0]
        total[1] += window[1]
    found = {}
    for key, figure in batch.figures().items():
        metric, dimensions, pane, _ = key.split("|")
        if pane == "total":
            series = "|".join([metric, *(each.partition("=")[2] for each in dimensions.split(","))])
            found[series] = [figure["count"], round(figure["sum"] * 1000)]
    assert found == wanted


def test_windows_are_read_as_they_are_told() -> None:
    start = job.milliseconds("2026-11-02T09:00:00Z")
    window = (f"resolution|email|low|{start}", (2, 1500))
    assert job.plain(window[0].encode(), b"[2,1500]") == window
    assert job.plain(f'"{window[0]}"'.encode(), b'["any",2,1500.0]') == window
    key = b"resolution|channel=email,priority=low|minute|2026-11-02T09:00:00Z"
    assert job.as_figure(key, b'{"data":{"count":2,"sum":1.5}}') == window
    assert job.as_figure(key.replace(b"minute", b"hour"), b"") is None
