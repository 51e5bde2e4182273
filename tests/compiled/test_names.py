"""Names of a module as compiled functions see them: whatever becomes of the module."""

import pytest

from streams import moments

TIME = "2025-10-09T08:53:20Z"
AT = 1_760_000_000 * moments.SECOND


def test_a_name_that_is_given_another_value(monkeypatch: pytest.MonkeyPatch) -> None:
    assert moments.parse(TIME) == AT
    for number in range(300):
        with monkeypatch.context() as changed:
            changed.setattr(moments, "microseconds", lambda _, number=number: number)
            assert moments.parse(TIME) == number
            assert moments.parse("") == number
        assert moments.parse(TIME) == AT


def test_another_name_of_the_module_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        monkeypatch.setattr(moments, "unheard_of", number, raising=False)
        assert moments.parse(TIME) == AT


def test_a_name_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert moments.parse(TIME) == AT
    with monkeypatch.context() as changed:
        changed.delattr(moments, "microseconds")
        with pytest.raises((NameError, KeyError), match="microseconds"):
            moments.parse(TIME)
    assert moments.parse(TIME) == AT
