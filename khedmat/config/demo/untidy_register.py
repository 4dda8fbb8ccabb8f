"""A made-up register as untidy as offices send them, with what must become of it known beforehand.

Deterministic by seed; with `wrong_share=0` the same rows come without their faults, as a corrected file.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Final, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from khedmat.common.jalali import from_jalali
from khedmat.config.demo.families import MEN, NAMES_FILE, SURNAMES, WOMEN, card_number
from khedmat.places.enums import ScopeKind
from khedmat.places.official import official_places

Form = Literal["xlsx", "csv-utf8", "csv-utf16", "csv-cp1256"]
Value = str | float | date | None

# Parent and child headings of the workbook; a text table has the second only.
COLUMNS: Final = (
    ("ردیف", "ردیف"), ("كد خانوار", "كد خانوار"), ("مشخصات فردی", "نام"), ("مشخصات فردی", "نام\u200cخانوادگي"),
    ("مشخصات فردی", "نام پدر"), ("مشخصات فردی", "نام پدر بزرگ"), ("مشخصات فردی", "نسبت با سرپرست"),
    ("مشخصات فردی", "جنسیت"), ("مشخصات فردی", "تاريخ تولد"), ("مشخصات فردی", "محل تولد"), ("مشخصات فردی", "تابعیت"),
    ("مشخصات مدرک", "نوع مدرک"), ("مشخصات مدرک", "شماره مدرک"), ("مشخصات مدرک", "تاریخ صدور"),
    ("مشخصات مدرک", "تاریخ اعتبار"), ("کد فراگیر", "کد فراگیر"), ("محل سکونت", "استان"), ("محل سکونت", "شهرستان"),
    ("محل سکونت", "آدرس"), ("محل سکونت", "کد پستی"), ("تلفن همراه", "موبایل"),
)  # fmt: skip
FIELDS: Final = (
    "number", "household_code", "given_name", "family_name", "father_name", "grandfather_name", "relation", "sex",
    "birth_on", "birth_place", "nationality", "document_kind", "document_number", "issued_on", "valid_until",
    "fida_code", "province", "county", "address", "postal_code", "phone",
)  # fmt: skip
_TITLES: Final = ("فهرست خانوارهای ثبت\u200cشده", "تهیه\u200cشده برای آزمایش؛ هیچ\u200cکس واقعی نیست")
_ADDRESS: Final = FIELDS.index("address")
_BIRTH_PLACES: Final = ("کابل", "هرات", "مزار شریف", "غزنی", "بامیان", "قندهار", "مشهد", "قم", "تهران")
_STREETS: Final = ("بهار", "آزادی", "گلستان", "شهید رجایی", "امام", "نیلوفر", "مدرس", "لاله", "سعدی")
_TEXTS: Final = frozenset({"given_name", "family_name", "father_name", "grandfather_name", "birth_place", "address"})
_NUMBERS: Final = frozenset({"household_code", "document_number", "fida_code", "postal_code", "phone"})
_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_ARABIC_KEYBOARD: Final = str.maketrans("یک", "يك")
_ONLY_IN_UNICODE: Final = str.maketrans("یۀ۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "يه" + "0123456789" * 2)
_UNTIDY_TEXT: Final = 0.25
_MERGED_SHARE: Final = 0.3

# What is put in the place of a right value, by the problem it must be refused with.
WRONGS: Final[tuple[tuple[str, str, Value], ...]] = (
    ("date-day", "birth_on", "30/12/98"),
    ("date-month", "birth_on", "۱۳۹۵/۱۳/۰۱"),
    ("date-ambiguous", "birth_on", "5/2/12"),
    ("date-incomplete", "birth_on", "1365"),
    ("date-serial", "birth_on", 42473.0),
    ("date-not-readable", "birth_on", "نامعلوم"),
    ("birth-in-future", "birth_on", "1450/01/01"),
    ("birth-too-early", "birth_on", "1250/01/01"),
    ("missing", "given_name", None),
    ("missing", "father_name", "\u200c"),
    ("not-a-name", "family_name", "نوری 2"),
    ("digits-lost", "document_number", "1.74E+10"),
    ("document-characters", "document_number", "174*41؟"),
    ("digit-count", "postal_code", "12345"),
    ("not-a-number", "fida_code", "ندارد"),
    ("phone-not-readable", "phone", "021-88887777"),
    ("formula", "address", '=HYPERLINK("http://example.org","نشانی")'),
    ("too-long", "address", "کوچه " * 90),
    ("relation-unknown", "relation", "همخانه"),
    ("sex-unknown", "sex", "نامشخص"),
    ("nationality-unknown", "nationality", "کشور دیگر"),
    ("document-kind-unknown", "document_kind", "کارت قدیمی"),
    ("province-unknown", "province", "استان خیالی"),
    ("county-unknown", "county", "شهر خیالی"),
)


@dataclass(frozen=True, slots=True)
class UntidySummary:
    """What was written. `wrong` maps the file's row number (from 1) to the one problem its row must have.

    A household with a wrong row is a wrong household; `rows_beside` are the right rows in such households.
    """

    rows: int
    households: int
    wrong: dict[int, str]
    wrong_households: int
    rows_beside: int

    @property
    def problems(self) -> dict[str, int]:
        """How many rows must be refused with each problem."""
        return dict(Counter(self.wrong.values()))


def write_untidy_register(
    path: Path, *, rows: int, seed: int, province: str, form: Form, wrong_share: float = 0.03
) -> UntidySummary:
    """Writes a file of `rows` people of a province (its Persian name), `wrong_share` of them with one fault each."""
    wrong_rows = Random(f"{seed}/wrong").sample(range(rows), round(rows * wrong_share))  # noqa: S311 - repeatable
    fault_of = {row: WRONGS[index % len(WRONGS)] for index, row in enumerate(sorted(wrong_rows))}
    writer = _Workbook(path, seed) if form == "xlsx" else _TextTable(path, form)
    wrong: dict[int, str] = {}
    households = wrong_households = beside = done = 0
    for household in _households(rows, seed, province):
        faults = 0
        for place, row in enumerate(household):
            fault = fault_of.get(done)
            done += 1
            if fault is not None:
                problem, field, value = fault
                row[FIELDS.index(field)] = value
                wrong[writer.next_row + place] = problem
                faults += 1
        writer.write(household)
        households += 1
        if faults:
            wrong_households += 1
            beside += len(household) - faults
    writer.close()
    return UntidySummary(rows, households, wrong, wrong_households, beside)


@lru_cache(maxsize=1)
def _names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(women's, men's) Persian names: the usual ones thrice, and a hundred of the shared list each."""
    listed = json.loads(NAMES_FILE.read_text(encoding="utf-8"))
    woman = next(item["gender"] for item in listed if item["name"] == "زهرا")
    usual = sorted((item for item in listed if item["name"].isalpha()), key=lambda item: (-item["rate"], item["name"]))
    women = [item["name"] for item in usual if item["gender"] == woman][:100]
    men = [item["name"] for item in usual if item["gender"] != woman][:100]
    return (*women, *sorted(WOMEN) * 3), (*men, *sorted(MEN) * 3)


def _counties(province: str) -> list[str]:
    places = list(official_places())
    code = next(place.id for place in places if place.kind == ScopeKind.PROVINCE and place.name_fa == province)
    return [place.name_fa for place in places if place.kind == ScopeKind.COUNTY and place.parent_id == code]


def _households(rows: int, seed: int, province: str) -> Iterator[list[list[Value]]]:
    """Rows of each household, values by FIELDS, without faults."""
    random = Random(seed)  # noqa: S311 - synthetic data, repeatable on purpose
    counties = _counties(province)
    left, number = rows, 0
    while left:
        number += 1
        size = min(left, random.choice((1, 2, 3, 4, 4, 5, 5, 6, 7)))
        made = _household(random, seed, number, size, province, counties)
        first = rows - left + 1
        for index, row in enumerate(made):
            row[0] = float(first + index)
        yield [_untidy(random, row) for row in made]
        left -= size


def _household(
    random: Random, seed: int, number: int, size: int, province: str, counties: Sequence[str]
) -> list[list[Value]]:
    women, men = _names()
    surname = random.choice(sorted(SURNAMES))
    shared: list[Value] = [
        province,
        random.choice(counties),
        f"خیابان {random.choice(_STREETS)}، کوچه {random.randint(1, 40)}، پلاک {random.randint(1, 200)}",
        "".join(random.choices("13456789", k=4) + random.choices("1346789", k=1) + random.choices("13456789", k=5)),
        f"0912{random.randint(0, 9_999_999):07}",
    ]
    head_year = random.randint(1345, 1376)
    grandfather, head = random.choice(men), random.choice(men)
    made: list[list[Value]] = []
    for member in range(size):
        child = member > 1
        woman = member == 1 or (child and random.random() < 0.5)  # noqa: PLR2004
        given = head if member == 0 else random.choice(women if woman else men)
        father = head if child else grandfather if member == 0 else random.choice(men)
        year = min(1402, head_year + 20 + member * 2) if child else head_year + 4 * member
        relation = ("سرپرست", "همسر")[member] if not child else ("دختر" if woman else "پسر")
        person: list[Value] = [
            None, f"{seed % 900 + 100}{number:06}", given, surname, father, random.choice(men), relation,
            "زن" if woman else "مرد", _written_birth(random, year), random.choice(_BIRTH_PLACES), "افغانستان",
            "کارت آمایش", card_number(seed % 100 * 1_000_000 + number, member), "1404/02/15", "1405/12/29",
            f"{random.randint(1, 9)}{random.randint(0, 10**11 - 1):011}",
        ]  # fmt: skip
        made.append([*person, *shared])
    return made


def _written_birth(random: Random, year: int) -> Value:
    """The date in one of the ways people write it, never one that has two readings."""
    month, day = random.randint(1, 12), random.randint(1, 29)
    written: list[Value] = [f"{year}/{month}/{day}", f"{year}{month:02}{day:02}", f"{year}-{month:02}-{day:02}"]
    if 1332 <= year <= 1399:  # noqa: PLR2004 - two digits that can be nothing but a year
        written += [f"{day}/{month}/{year % 100}", f"{year % 100}.{month}.{day}", f"{day:02}-{month:02}-{year}"]
    written += [f"{year}/{month:02}/{day:02}".translate(_PERSIAN), f"{year}/{month}/{day}".translate(_ARABIC)]
    return random.choice([*written, float(f"{year}{month:02}{day:02}"), from_jalali(year, month, day)])


def _untidy(random: Random, row: list[Value]) -> list[Value]:
    for index, field in enumerate(FIELDS):
        value = row[index]
        if not isinstance(value, str):
            continue
        if field in _NUMBERS:
            row[index] = _untidy_number(random, field, value)
        elif field in _TEXTS and random.random() < _UNTIDY_TEXT:
            row[index] = _untidy_text(random, value)
        elif field == "sex" and row[FIELDS.index("relation")] in {"دختر", "پسر"} and random.random() < 0.1:  # noqa: PLR2004
            row[index] = None
        elif field == "county" and random.random() < 0.2:  # noqa: PLR2004
            row[index] = f"شهرستان {value.translate(_ARABIC_KEYBOARD)}"
        elif field == "relation" and value in {"دختر", "پسر"} and random.random() < 0.2:  # noqa: PLR2004
            row[index] = f"فرزند {value}"
    return row


def _untidy_number(random: Random, field: str, value: str) -> Value:
    way = random.random()
    if way < 0.45:  # noqa: PLR2004
        return value
    if way < 0.7:  # noqa: PLR2004 - a spreadsheet made a number of it, and the zero in front is lost
        return float(value)
    if way < 0.85:  # noqa: PLR2004
        return value.translate(_PERSIAN)
    if way < 0.95:  # noqa: PLR2004
        return value.translate(_ARABIC)
    return f"\xa0{value}.0" if field != "phone" else f"{value[:4]} {value[4:7]} {value[7:]}"


def _untidy_text(random: Random, value: str) -> str:
    way = random.randrange(5)
    if way == 0:
        return value.translate(_ARABIC_KEYBOARD)
    if way == 1:
        return f"\xa0{value}\u200c"
    if way == 2:  # noqa: PLR2004
        return value[:2] + "ـ" + value[2:] if value[:2].isalpha() and value[1] not in "ادذرزژو" else f" {value} "
    if way == 3:  # noqa: PLR2004
        return f"\u200f{value}\u200e"
    return value.replace(" ", "\xa0 ")


class _Workbook:
    """Two titles, two rows of headings with merged parents, addresses merged over their household."""

    def __init__(self, path: Path, seed: int) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._random = Random(f"{seed}/merged")  # noqa: S311 - repeatable on purpose
        self._day: Format = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._bold: Format = self._book.add_format({"bold": True})
        self._sheet: Worksheet = self._book.add_worksheet("خانوارها")
        self._sheet.right_to_left()
        self._next = 0
        self._write_top()

    @property
    def next_row(self) -> int:
        """The file's row number (from 1) of the row written next."""
        return self._next + 1

    def _write_top(self) -> None:
        last = len(COLUMNS) - 1
        for title in _TITLES:
            self._sheet.merge_range(self._next, 0, self._next, last, title, self._bold)
            self._next += 1
        self._next += 1
        above, beneath = self._next, self._next + 1
        parents = [parent for parent, _child in COLUMNS]
        for parent in dict.fromkeys(parents):
            first, count = parents.index(parent), parents.count(parent)
            if count > 1:
                self._sheet.merge_range(above, first, above, first + count - 1, parent, self._bold)
        for column, (parent, child) in enumerate(COLUMNS):
            if parents.count(parent) == 1:
                self._sheet.write_string(above, column, child, self._bold)
        for column, (parent, child) in enumerate(COLUMNS):
            if parents.count(parent) > 1:
                self._sheet.write_string(beneath, column, child, self._bold)
        self._next = beneath + 1

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """One household."""
        first = self._next
        merged = self._may_merge(rows)
        for row in rows:
            self._write_row(row, skip_address=merged and self._next > first)
            self._next += 1
        if merged:
            # The rows are on disk already; only the range itself is still noted.
            self._sheet.merge_range(first, _ADDRESS, self._next - 1, _ADDRESS, "")

    def _may_merge(self, rows: Sequence[Sequence[Value]]) -> bool:
        addresses = [str(row[_ADDRESS]) for row in rows]
        faulty = any(address.startswith("=") or len(address) > 400 for address in addresses)  # noqa: PLR2004
        return len(rows) > 1 and not faulty and self._random.random() < _MERGED_SHARE

    def _write_row(self, row: Sequence[Value], *, skip_address: bool) -> None:
        sheet, index = self._sheet, self._next
        for column, value in enumerate(row):
            if value is None or (skip_address and column == _ADDRESS):
                continue
            if isinstance(value, str):
                sheet.write_string(index, column, value)
            elif isinstance(value, float):
                sheet.write_number(index, column, value)
            else:
                sheet.write_datetime(index, column, value, self._day)

    def close(self) -> None:
        """Packs the file."""
        self._book.close()


class _TextTable:
    """One title, one row of headings; a blank line in between."""

    _FORMS: Final = {"csv-utf8": ("utf-8-sig", ","), "csv-utf16": ("utf-16", "\t"), "csv-cp1256": ("cp1256", ";")}

    def __init__(self, path: Path, form: Form) -> None:
        encoding, delimiter = self._FORMS[form]
        self._handle = path.open("w", encoding=encoding, newline="")
        self._writer = csv.writer(self._handle, delimiter=delimiter)
        self._reduce = encoding == "cp1256"
        self._next = 0
        blank = [None] * len(COLUMNS)
        for line in ([_TITLES[0], *blank[1:]], blank, [child for _parent, child in COLUMNS]):
            self._write_line(line)

    @property
    def next_row(self) -> int:
        """The file's row number (from 1) of the row written next."""
        return self._next + 1

    def _write_line(self, row: Sequence[Value]) -> None:
        self._writer.writerow([self._text(value) for value in row])
        self._next += 1

    def _text(self, value: Value) -> str:
        if value is None:
            return ""
        text = value.isoformat() if isinstance(value, date) else str(value)
        return text.translate(_ONLY_IN_UNICODE) if self._reduce else text

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """One household."""
        for row in rows:
            self._write_line(row)

    def close(self) -> None:
        """Ends the file."""
        self._handle.close()
