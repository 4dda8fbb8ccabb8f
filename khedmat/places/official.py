"""The official divisions as rows for the Scope tree, read from `data/` (MIT, see LICENSE there).

Ids: nation 1; provinces 100 + official code; counties 10000 + code; cities 100000 + running number
of the source; offices from 1000000 on, given by a sequence.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from khedmat.common.text import sort_key
from khedmat.places.enums import ScopeKind

DATA = Path(__file__).parent / "data"
NATION_ID = 1

# ISO 3166-2:IR English names; the source has Persian ones only.
PROVINCES_EN = {
    "00": "Markazi", "01": "Gilan", "02": "Mazandaran", "03": "East Azerbaijan", "04": "West Azerbaijan",
    "05": "Kermanshah", "06": "Khuzestan", "07": "Fars", "08": "Kerman", "09": "Razavi Khorasan",
    "10": "Isfahan", "11": "Sistan and Baluchestan", "12": "Kurdistan", "13": "Hamadan",
    "14": "Chaharmahal and Bakhtiari", "15": "Lorestan", "16": "Ilam", "17": "Kohgiluyeh and Boyer-Ahmad",
    "18": "Bushehr", "19": "Zanjan", "20": "Semnan", "21": "Yazd", "22": "Hormozgan", "23": "Tehran",
    "24": "Ardabil", "25": "Qom", "26": "Qazvin", "27": "Golestan", "28": "North Khorasan",
    "29": "South Khorasan", "30": "Alborz",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One row of the Scope tree, ready to insert."""

    id: int
    kind: str
    code: str
    name_fa: str
    name_en: str
    sort_key: bytes
    parent_id: int | None
    path: str


def official_places() -> Iterator[PlaceRow]:
    """The nation, 31 provinces, 448 counties and 1,354 cities, parents before children."""
    yield _row(NATION_ID, ScopeKind.NATION, "IR", "ایران", "Iran", None)
    provinces: dict[str, PlaceRow] = {}
    for line in _lines("provinces.csv"):
        code = line["code"]
        place = _row(100 + int(code), ScopeKind.PROVINCE, code, line["name"], PROVINCES_EN[code], _nation_path())
        provinces[line["id"]] = place
        yield place
    counties: dict[str, PlaceRow] = {}
    for line in _lines("counties.csv"):
        parent = provinces[line["province_id"]]
        place = _row(10_000 + int(line["code"]), ScopeKind.COUNTY, line["code"], line["name"], "", parent.path)
        counties[line["id"]] = place
        yield place
    for line in _lines("cities.csv"):
        parent = counties[line["county_id"]]
        yield _row(100_000 + int(line["id"]), ScopeKind.CITY, line["code"], line["name"], "", parent.path)


def _row(number: int, kind: ScopeKind, code: str, name_fa: str, name_en: str, above: str | None) -> PlaceRow:
    parent_id = int(above.strip("/").rsplit("/", 1)[-1]) if above else None
    return PlaceRow(number, kind, code, name_fa, name_en, sort_key(name_fa), parent_id, f"{above or '/'}{number}/")


def _nation_path() -> str:
    return f"/{NATION_ID}/"


def _lines(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)
