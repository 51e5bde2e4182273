from aiokafka import TopicPartition

from streams.demo.ledger import Ledger

ONE, TWO = TopicPartition("cx.tickets", 0), TopicPartition("cx.tickets", 1)


def test_what_is_committed_is_processed_batch_by_batch() -> None:
    ledger = Ledger()
    ledger.sent(ONE, 0, 10)
    ledger.sent(ONE, 10, 5)
    ledger.sent(TWO, 0, 2)
    ledger.committed({ONE: 9})
    assert (ledger.published, ledger.processed) == (17, 0)
    ledger.committed({ONE: 12, TWO: -1})
    assert ledger.processed == 10
    ledger.committed({ONE: 15, TWO: 2})
    assert ledger.settled


def test_what_others_write_in_between_does_not_count() -> None:
    ledger = Ledger()
    ledger.sent(ONE, 0, 3)
    ledger.sent(ONE, 8, 3)
    ledger.committed({ONE: 10})
    assert ledger.processed == 3
    ledger.committed({ONE: 14})
    assert ledger.processed == 6
