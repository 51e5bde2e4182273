"""Which records are taken as the processor's own."""

from typing import Any

import pytest

from tests.parcels import Post, event, plan
from tests.state.taken import NOW, SENT, TOPIC, Taken


class TestForgers:
    """Anybody may write on input topics; nobody is the processor without its key."""

    NOTED = {"key": "pages 2 N1note", "application": "post"}

    @pytest.mark.parametrize("version", [1, 2**62, 2**70, -1, "1"])
    def test_a_fact_of_somebody_else_is_reserved_whatever_is_in_it(self, version: Any) -> None:
        note = [1_793_610_000_000_000, 0, "sad"]
        forged = event(
            "parcel.noted", "09:00", source="/metricland", version=version, fact=note, **self.NOTED
        )
        taken = Taken().take(SENT, forged, event("page.written", "09:30", "N1", mood="happy", parcel="P1"))
        assert taken.reasons == ["reserved"]
        assert taken.total("mood") == 100

    def test_so_is_a_deadline_and_what_is_of_no_type(self) -> None:
        taken = Taken().take(
            event("entity.deadline", "09:00", source="/metricland", target="x", application="post"),
            event("parcel.unheard_of", "09:00", source="/metricland"),
            event("parcel.noted", "09:00", source="/metricland"),
            {**SENT, "source": "/metricland"},
        )
        assert taken.reasons == ["reserved"] * 4

    def test_a_signature_is_of_one_record_of_one_domain(self) -> None:
        taken = Taken().take(event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
        (genuine,) = [record.value for record in taken.log.topics[TOPIC, 0] if record.value]
        taken.put(TOPIC, b"P1", genuine.replace(b'"sad"', b'"happy"').replace(b'"version":1', b'"version":5'))
        other = Post(plan(), now=NOW)
        other.put("cx.pages", b"P1", genuine)
        for each in (taken, other):
            each.drain()
            assert [letter["reason"] for letter in each.letters()] == ["reserved"]
        assert taken.total("mood") == -100

    def test_any_number_of_them_stops_nobody(self) -> None:
        taken = Taken()
        taken.produce({**SENT, "source": "/metricland", "id": str(number)} for number in range(5_100))
        taken.take(SENT)
        assert len(taken.reasons) == 5_100
        assert taken.total("parcels_sent") == 1

    def test_its_own_records_are_of_no_future(self) -> None:
        """What was written before its time by the broker's clock is still all there is of it."""
        taken = Taken(now=1_793_610_000_000 - 3_600_000)
        note = [1_793_610_000_000_000, 0, "sad"]
        taken.tell_signed(
            event("parcel.noted", "09:00", source="/metricland", version=1, fact=note, **self.NOTED)
        )
        assert taken.reasons == []
        assert taken.total("mood") == -100
