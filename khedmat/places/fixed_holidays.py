"""The free days that stand on the same day of the Iranian calendar each year, read from `data/holidays.csv`.

Days of the lunar calendar are not among them: they are announced, and written on screen with their source.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from khedmat.common.jalali import days_in_month, from_jalali

DATA: Final = Path(__file__).parent / "data" / "holidays.csv"
FIRST_YEAR: Final = 1400
LAST_YEAR: Final = 1420


@dataclass(frozen=True, slots=True)
class FixedHoliday:
    """One free day of one year."""

    on: date
    title_fa: str
    title_en: str
    source_fa: str
    source_en: str
    certainty: str


def fixed_holidays(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> Iterator[FixedHoliday]:
    """The fixed free days of the Jalali years, both included; 30 Esfand in leap years alone."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for year in range(first_year, last_year + 1):
        for row in rows:
            month, day = int(row["month"]), int(row["day"])
            if day <= days_in_month(year, month):
                yield FixedHoliday(
                    on=from_jalali(year, month, day),
                    title_fa=row["title_fa"],
                    title_en=row["title_en"],
                    source_fa=row["source_fa"],
                    source_en=row["source_en"],
                    certainty=row["certainty"],
                )
