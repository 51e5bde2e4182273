"""Public holidays of countries and their subdivisions, from the library's own tables."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.metadata import version

VERSION = version("holidays")
"Of the tables: another may know other holidays."


@lru_cache(maxsize=1024)
def _of_year(region: str, year: int) -> frozenset[date]:
    """Days off of a region in a year, those in lieu of a holiday on a Sunday too."""
    from holidays import country_holidays  # what takes long to import, for calendars that ask

    country, _, subdivision = region.partition("-")
    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))


def is_holiday(regions: Iterable[str], day: date) -> bool:
    return any(day in _of_year(region, day.year) for region in regions)


def check_region(region: str) -> None:
    """Raises ValueError unless it is a country, "DE", or a subdivision of one, "DE-BY"."""
    from holidays import list_supported_countries

    country, dash, subdivision = region.partition("-")
    known = list_supported_countries(include_aliases=True)
    if country not in known:
        raise ValueError(f'"{country}" is not a country whose holidays are known')
    if dash and subdivision not in known[country]:
        names = ", ".join(sorted(known[country])) or "none"
        raise ValueError(f'"{subdivision}" is not a subdivision of {country}, which has {names}')
