"""Why a process ended, read from what it said."""

import re
from ast import literal_eval

import msgspec

_LOGGED = re.compile(r"\S+ \[(?P<level>critical|error) *\] (?P<event>.*?)(?: +reason=(?P<reason>.+))?")
_COMMAND = "metricland: "

LINE, ERROR, FATAL = range(3)
"How much a line says of the end."

_WEIGHTS = {"critical": FATAL, "error": ERROR}


class LastWords:
    """The last fatal line, else the last error, else the last line at all."""

    def __init__(self) -> None:
        self._weight, self.told = LINE, ""

    def hear(self, line: str) -> None:
        weight, text = _weighed(line.strip())
        if text and weight >= self._weight:
            self._weight, self.told = weight, text


def _weighed(line: str) -> tuple[int, str]:
    if line.startswith(_COMMAND):
        return FATAL, line.removeprefix(_COMMAND)
    if line.startswith("{"):
        return _of_json(line)
    if found := _LOGGED.fullmatch(line):
        return _WEIGHTS[found["level"]], _unquoted(found["reason"] or found["event"])
    return LINE, line


def _of_json(line: str) -> tuple[int, str]:
    try:
        entry = msgspec.json.decode(line, type=dict[str, object])
    except msgspec.DecodeError:
        return LINE, line
    told = entry.get("reason") or entry.get("event") or line
    return _WEIGHTS.get(str(entry.get("level")), LINE), str(told)


def _unquoted(text: str) -> str:
    return str(literal_eval(text)) if text[:1] in ("'", '"') else text
