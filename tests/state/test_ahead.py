"""A hint changes nothing, and takes whatever rows and keys there are."""

from streams.state.ahead import fetch_ahead


def test_rows_stay_as_they_are() -> None:
    rows = {"short": b"", "long": bytes(100_000), "é😀": b"\x00"}
    before = dict(rows)
    fetch_ahead(rows, ["long", "none", "", "é😀", "long", "short"])
    fetch_ahead(rows, [])
    fetch_ahead({}, ["long"])
    assert rows == before
