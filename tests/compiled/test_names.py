"""Names of a module as compiled functions see them: whatever becomes of the module."""

import os
import shutil
import subprocess
import sys
import sysconfig

import pytest

from streams import compiled, moments

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


@pytest.mark.skipif(shutil.which(os.environ.get("CC", "cc")) is None, reason="there is no C compiler")
def test_they_are_remembered_where_this_python_can_say_that_they_have_changed() -> None:
    (header,) = (each for each in compiled.HEADERS if each.name == "names.h")
    included = [f"-I{sysconfig.get_path('include')}", "-include", str(header)]
    command = [os.environ.get("CC", "cc"), *included, "-E", "-dM", "-x", "c", os.devnull]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    remembered = sys.version_info < (3, 14) and not sysconfig.get_config_var("Py_GIL_DISABLED")
    assert f"#define NAMES_REMEMBERED {int(remembered)}" in done.stdout.splitlines()
