"""One row of a file becomes one person of the register, or all the reasons why it does not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, TypeVar

from khedmat.imports import cells as read
from khedmat.imports.cells import Read
from khedmat.imports.dates import read_date
from khedmat.imports.enums import DateKind, DateOrder
from khedmat.imports.reading import Cell
from khedmat.imports.reasons import Note, Problem, shown_value
from khedmat.registry.enums import Relation, Sex
from khedmat.registry.importing.people import PEOPLE
from khedmat.registry.importing.words import (
    CARD_OF_PROGRAMME,
    CHILD,
    DOCUMENT_KINDS,
    NATIONALITIES,
    RELATIONS,
    SEX_OF_RELATION,
    SEX_OF_WORD,
    SEXES,
    PlaceNames,
    official_place_names,
    word_key,
)

T = TypeVar("T")

DATE_FIELDS: Final[Mapping[str, DateKind]] = {
    "birth_on": DateKind.BIRTH,
    "issued_on": DateKind.ISSUE,
    "valid_until": DateKind.EXPIRY,
}
_LONGEST_WORD, _LONGEST_NAME, _LONGEST_LATIN, _LONGEST_ADDRESS = 60, 80, 120, 400
_FEWEST_FIDA, _MOST_FIDA, _USUAL_FIDA = 6, 20, 12
_YOUNG: Final = frozenset({Relation.SON, Relation.DAUGHTER, Relation.GRANDCHILD})
_LATIN_SIGNS: Final = frozenset(" -'’.")
_REQUIRED: Final = frozenset({"household_code", "relation", "given_name", "father_name", "birth_on"})


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as a file gives it; texts clean, codes normalised, "" or None for a blank.

    `relation`, `sex`, `document_kind`: values of the register's enums; `nationality`: ISO 3166 alpha-3;
    `province`, `county`: official codes; `phone`: E.164.
    """

    household_code: str
    relation: str
    given_name: str
    family_name: str
    father_name: str
    grandfather_name: str
    latin_name: str
    sex: str
    birth_on: date
    birth_place: str
    nationality: str
    document_kind: str
    document_number: str
    issued_on: date | None
    valid_until: date | None
    fida_code: str
    province: str
    county: str
    address: str
    postal_code: str
    phone: str
    notes: tuple[Note, ...] = ()


class _Findings:
    """What was found while reading one row."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Note] = []

    def take(self, outcome: Read[T] | Problem, otherwise: T) -> T:
        """The value; `otherwise` where it could not be read."""
        if isinstance(outcome, Problem):
            self.problems.append(outcome)
            return otherwise
        if outcome.notes:
            self.notes.extend(outcome.notes)
        return outcome.value

    def refused(self, field: str) -> bool:
        """Whether this field has a problem already."""
        return any(problem.field == field for problem in self.problems)


def read_row(
    cells: Mapping[str, Cell],
    *,
    series: str,
    date_orders: Mapping[str, DateOrder],
    today: date,
    province: str = "",
    places: PlaceNames | None = None,
) -> PersonRow | list[Problem]:
    """The person in `cells` (by field code), or every problem of the row.

    `series` is the round whose cards the file lists (`amayesh-17`); `date_orders` the order of each date
    column; `province` the official code of the only province the file may speak of, "" for any.
    """
    found = _Findings()
    get = cells.get
    texts = _texts(cells, found)
    days: dict[str, date | None] = {}
    for field, kind in DATE_FIELDS.items():
        order = date_orders.get(field, DateOrder.AMBIGUOUS)
        outcome = read_date(get(field), field, kind=kind, order=order, today=today)
        days[field] = found.take(outcome, None)
    relation, sex = _relation_and_sex(get("relation"), get("sex"), found)
    document_kind, document_number = _document(get("document_kind"), get("document_number"), relation, series, found)
    province_code, county = _places(get("province"), get("county"), province, places or official_place_names(), found)
    nationality = found.take(_word(get("nationality"), "nationality", "nationality-unknown"), "")
    _check_required({**texts, "relation": relation, "birth_on": days["birth_on"]}, found)
    _check_days(days, cells, found)
    birth_on = days["birth_on"]
    if found.problems or birth_on is None:
        return found.problems
    return PersonRow(
        **texts,
        relation=relation,
        sex=sex,
        birth_on=birth_on,
        nationality=nationality,
        document_kind=document_kind,
        document_number=document_number,
        issued_on=days["issued_on"],
        valid_until=days["valid_until"],
        province=province_code,
        county=county,
        notes=tuple(found.notes),
    )


def _texts(cells: Mapping[str, Cell], found: _Findings) -> dict[str, str]:
    get, take = cells.get, found.take
    return {
        "household_code": take(read.code(get("household_code"), "household_code"), ""),
        "given_name": take(read.name(get("given_name"), "given_name", most=_LONGEST_NAME), ""),
        "family_name": take(read.name(get("family_name"), "family_name", most=_LONGEST_NAME), ""),
        "father_name": take(read.name(get("father_name"), "father_name", most=_LONGEST_NAME), ""),
        "grandfather_name": take(read.name(get("grandfather_name"), "grandfather_name", most=_LONGEST_NAME), ""),
        "latin_name": take(_latin_name(get("latin_name")), ""),
        "birth_place": take(read.text(get("birth_place"), "birth_place", most=_LONGEST_NAME), ""),
        "fida_code": take(_fida_code(get("fida_code")), ""),
        "address": take(read.text(get("address"), "address", most=_LONGEST_ADDRESS), ""),
        "postal_code": take(read.postal_code(get("postal_code"), "postal_code"), ""),
        "phone": take(read.mobile(get("phone"), "phone"), ""),
    }


def _latin_name(cell: Cell) -> Read[str] | Problem:
    outcome = read.name(cell, "latin_name", most=_LONGEST_LATIN)
    if isinstance(outcome, Problem) or not outcome.value:
        return outcome
    if all((c.isalpha() and ord(c) < 0x250) or c in _LATIN_SIGNS for c in outcome.value):  # noqa: PLR2004
        return outcome
    return Problem("latin-letters", "latin_name", shown_value(cell))


def _fida_code(cell: Cell) -> Read[str] | Problem:
    outcome = read.digits(cell, "fida_code", least=_FEWEST_FIDA, most=_MOST_FIDA)
    if isinstance(outcome, Problem) or len(outcome.value) in {0, _USUAL_FIDA}:
        return outcome
    return Read(outcome.value, (Note("fida-length", "fida_code", shown_value(cell)),))


_TABLES: Final = {
    "relation": RELATIONS,
    "sex": SEXES,
    "document_kind": DOCUMENT_KINDS,
    "nationality": NATIONALITIES,
}


@lru_cache(maxsize=4096)
def _known_word(given: str, field: str, unknown: str) -> Read[str] | Problem:
    outcome = read.text(given, field, most=_LONGEST_WORD)
    if isinstance(outcome, Problem) or not word_key(outcome.value):
        return outcome if isinstance(outcome, Problem) else Read("")
    value = _TABLES[field].get(word_key(outcome.value))
    return Problem(unknown, field, shown_value(given)) if value is None else Read(value)


def _word(cell: Cell, field: str, unknown: str) -> Read[str] | Problem:
    if cell is None:
        return Read("")
    return _known_word(cell, field, unknown) if isinstance(cell, str) else Problem(unknown, field, shown_value(cell))


def _relation_and_sex(relation_cell: Cell, sex_cell: Cell, found: _Findings) -> tuple[str, str]:
    """The sex may stand in the relation (`mother`), and the relation need the sex (`child`)."""
    relation = found.take(_word(relation_cell, "relation", "relation-unknown"), "")
    sex = found.take(_word(sex_cell, "sex", "sex-unknown"), "")
    shown = shown_value(relation_cell)
    if relation == CHILD:
        if not sex:
            if not found.refused("sex"):
                found.problems.append(Problem("relation-needs-sex", "relation", shown))
            return relation, ""
        found.notes.append(Note("relation-from-sex", "relation", shown))
        return (Relation.DAUGHTER if sex == Sex.FEMALE else Relation.SON), sex
    implied = SEX_OF_RELATION.get(relation) or SEX_OF_WORD.get(word_key(shown) if relation else "", "")
    if sex and implied and sex != implied:
        found.problems.append(Problem("sex-contradicts-relation", "sex", shown_value(sex_cell)))
    elif not sex and not found.refused("sex") and not found.refused("relation"):
        if implied:
            found.notes.append(Note("sex-from-relation", "sex"))
            return relation, implied
        found.problems.append(Problem("missing", "sex"))
    return relation, sex


def _document(kind_cell: Cell, number_cell: Cell, relation: str, series: str, found: _Findings) -> tuple[str, str]:
    kind = found.take(_word(kind_cell, "document_kind", "document-kind-unknown"), "")
    number = found.take(read.document_number(number_cell, "document_number"), "")
    if not number:
        if found.refused("document_number"):
            return kind, ""
        if relation in _YOUNG:
            found.notes.append(Note("no-document-number", "document_number"))
        else:
            found.problems.append(Problem("missing", "document_number"))
        return "", ""
    if not kind and not found.refused("document_kind"):
        assumed = CARD_OF_PROGRAMME.get(series.partition("-")[0])
        if assumed is None:
            found.problems.append(Problem("missing", "document_kind"))
        else:
            found.notes.append(Note("document-kind-from-round", "document_kind"))
            kind = assumed
    return kind, number


def _places(
    province_cell: Cell, county_cell: Cell, expected: str, places: PlaceNames, found: _Findings
) -> tuple[str, str]:
    """Official codes; a blank province is the file's own."""
    name = found.take(read.text(province_cell, "province", most=_LONGEST_WORD), "")
    code: str | None = expected
    if name:
        code = places.province(name)
        if code is None:
            found.problems.append(Problem("province-unknown", "province", shown_value(name)))
        elif expected and code != expected:
            found.problems.append(Problem("province-other", "province", shown_value(name)))
    county_name = found.take(read.text(county_cell, "county", most=_LONGEST_WORD), "")
    if not county_name or not code:
        return code or "", ""
    county = places.county(code, county_name)
    if county is None:
        found.problems.append(Problem("county-unknown", "county", shown_value(county_name)))
    return code, county or ""


def _check_required(values: Mapping[str, object], found: _Findings) -> None:
    for entry in PEOPLE.fields:
        if entry.code in _REQUIRED and not values[entry.code] and not found.refused(entry.code):
            found.problems.append(Problem("missing", entry.code))


def _check_days(days: Mapping[str, date | None], cells: Mapping[str, Cell], found: _Findings) -> None:
    birth, issued, expires = days["birth_on"], days["issued_on"], days["valid_until"]
    if birth and issued and issued < birth:
        found.problems.append(Problem("issue-before-birth", "issued_on", shown_value(cells.get("issued_on"))))
    if issued and expires and expires < issued:
        found.problems.append(Problem("expiry-before-issue", "valid_until", shown_value(cells.get("valid_until"))))
