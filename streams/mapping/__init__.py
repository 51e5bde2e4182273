"""
Foreign CSV or JSON lines, row by row, as canonical events: declared in TOML, checked before the first row.

    mapping = load(Path("ours.toml"))
    report = Report()
    with open("export.csv", "rb") as stream:
        for mapped in Converter(mapping, catalogue).convert(stream, report):
            ...                                       # mapped.domain, mapped.subject, mapped.value
"""

from streams.mapping.convert import Converter, Mapped
from streams.mapping.load import load, loads
from streams.mapping.report import Report
from streams.mapping.schema import Mapping

__all__ = ["Converter", "Mapped", "Mapping", "Report", "load", "loads"]
