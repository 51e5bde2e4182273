"""Scrapes: told in a thread, of what was there when they came."""

import threading
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric

from streams.outlets.scrapes import Scrapes, Tell
from tests.outlets.test_exporter import Scraped
from tests.parcels import event

SENT = event("parcel.sent", "09:00", size="L")
AGAIN = event("parcel.sent", "09:01", "P2", size="L")


class Given:
    """A number that goes on changing while it is told."""

    def __init__(self) -> None:
        self.number = 1
        self.told_in = ""

    def take(self) -> Tell:
        taken, self.number = self.number, self.number + 1

        def tell() -> Iterator[Metric]:
            self.told_in = threading.current_thread().name
            self.number += 10
            yield GaugeMetricFamily("given", "A number", taken)

        return tell


async def test_what_was_taken_is_told_in_a_thread() -> None:
    given = Given()
    scrapes = Scrapes((given,), CollectorRegistry())
    assert b"given 1.0" in await scrapes.page(lambda: None)
    assert given.told_in != threading.current_thread().name


async def test_what_readies_is_done_first() -> None:
    given = Given()

    def ready() -> None:
        given.number = 7

    assert b"given 7.0" in await Scrapes((given,), CollectorRegistry()).page(ready)


def test_events_that_come_meanwhile_are_in_the_next_scrape() -> None:
    scraped = Scraped()
    scraped.post.tell(SENT)
    scraped.text()
    tell = scraped.collector.take()
    scraped.post.tell(AGAIN)
    (family,) = [each for each in tell() if each.name == "cx_parcels_sent"]
    assert {sample.value for sample in family.samples} == {1}
    assert scraped.samples("cx_parcels_sent", window="5m", by="") == {(): 2}
