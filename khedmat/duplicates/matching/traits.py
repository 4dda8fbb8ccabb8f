"""What of a person is compared, made ready for DuckDB: folded names, their skeletons, the day of birth in digits.

DuckDB's string distances count bytes, and a Persian letter has two: names are written with one byte a letter.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from khedmat.common.jalali import to_jalali
from khedmat.common.text import fold_for_search
from khedmat.registry.naming import sound_of


class Person(NamedTuple):
    """One row of `guard.people_to_match()`; `documents` are eight bytes of each number's keyed index."""

    person_id: str
    household_id: str
    given_name: str
    family_name: str
    father_name: str
    sex: str
    birth_on: date
    documents: Sequence[int]


class Traits(NamedTuple):
    """A person as compared; None where nothing was written. Columns of DuckDB's table, in this order."""

    person: int
    household: str
    given: str
    given_skeleton: str | None
    given_is_common: bool
    family: str | None
    family_skeleton: str | None
    family_is_common: bool
    father: str | None
    father_skeleton: str | None
    father_is_common: bool
    sex: str
    born: str
    born_swapped: str | None
    birth_year: int
    birth_day_of_year: str
    birth_is_rounded: bool
    documents: list[int] | None


_PERSIAN: Final = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_ONE_BYTE: Final = "ABPTCJVHXD1RZ2SW3456EgFQKGLMNOhY"
_BYTE_OF_LETTER: Final = str.maketrans(dict(zip(_PERSIAN, _ONE_BYTE, strict=True)) | {" ": None, "ء": None})
_VOWELS: Final = str.maketrans("", "", "iua")
# Titles and filler words that come and go from one paper to the next.
_TITLES: Final = frozenset({"سید", "سیده", "حاجی", "حاج", "ملا", "شیخ", "مرحوم", "بی", "بن", "بنت", "ولد"})
# Two names that people really bear, though a letter apart: never taken for one misspelled.
_WELL_KNOWN: Final = (
    "حسن حسین محسن محمد محمود احمد حامد حمید امیر امین علی رضا کریم کرم رحیم رحمان سلیم سالم سلمان جمال جمیل کمال "
    "کامل جلال جلیل نصیر ناصر نصر قادر قدیر صابر صبور زهرا زهره فاطمه فهیمه معصومه محبوبه نرگس نرجس سمیه سمیرا "
    "راضیه رضیه مرضیه زینب زیبا مریم مرضیه عباس عبید داود داوود یونس یوسف یاسین یاسر مهدی هادی"
)
COMMON_FROM: Final = 4
COMMON_SHARE: Final = 0.0003
SHORTEST_STEM: Final = 2


@lru_cache(maxsize=65536)
def compared_name(name: str) -> str:
    """The name with one byte a letter, without spaces and titles; empty for nothing."""
    # عبدالله is as often written عبداله.
    text = "".join(_words_of(name)).replace("الله", "اله")
    written = text.translate(_BYTE_OF_LETTER)
    # Whatever has no byte of its own (a Latin letter, a Pashto one that folding left) keeps to one byte as well.
    return "".join(letter if ord(letter) < 128 else "?" for letter in written)  # noqa: PLR2004


@lru_cache(maxsize=65536)
def skeleton_of(name: str) -> str | None:
    """What a reader hears of the consonants, the same over every script; None for a name without letters."""
    joined = "".join(_words_of(name))
    return sound_of(joined).translate(_VOWELS) if joined else None


@lru_cache(maxsize=65536)
def _digits(birth_on: date) -> tuple[str, str | None, int, str]:
    """`13560412`, the same with month and day exchanged where such a day exists, the year, and `0412`."""
    year, month, day = to_jalali(birth_on)
    swapped = f"{year:04}{day:02}{month:02}" if day <= 12 and day != month else None  # noqa: PLR2004
    return f"{year:04}{month:02}{day:02}", swapped, year, f"{month:02}{day:02}"


def traits_of(people: Sequence[Person]) -> list[Traits]:
    """One for each person, `person` being its place in the sequence."""
    given_is_common = _commonness(person.given_name for person in people)
    family_is_common = _commonness(person.family_name for person in people)
    father_is_common = _commonness(person.father_name for person in people)
    found = []
    for place, person in enumerate(people):
        given = compared_name(person.given_name)
        family, father = compared_name(person.family_name) or None, compared_name(person.father_name) or None
        born, swapped, year, day_of_year = _digits(person.birth_on)
        found.append(
            Traits(
                person=place,
                household=person.household_id,
                given=given,
                given_skeleton=skeleton_of(person.given_name),
                given_is_common=given_is_common(given),
                family=family,
                family_skeleton=skeleton_of(person.family_name),
                family_is_common=bool(family) and family_is_common(family or ""),
                father=father,
                father_skeleton=skeleton_of(person.father_name),
                father_is_common=bool(father) and father_is_common(father or ""),
                sex=person.sex,
                born=born,
                born_swapped=swapped,
                birth_year=year,
                birth_day_of_year=day_of_year,
                # Who knows no day of birth is written on the first of the year, or in its middle.
                birth_is_rounded=day_of_year in {"0101", "0701", "0401"},
                documents=sorted(set(person.documents)) or None,
            )
        )
    return found


def _words_of(name: str) -> list[str]:
    words = fold_for_search(name).split()
    return [word for word in words if word not in _TITLES] or words


def _commonness(names: Iterable[str]) -> Callable[[str], bool]:
    """Whether so many bear a name that it is one of its own, and no slip of the pen of another."""
    counts = Counter(compared_name(name) for name in names)
    least = max(COMMON_FROM, COMMON_SHARE * counts.total())
    common = {name for name, count in counts.items() if count >= least} | {
        compared_name(n) for n in _WELL_KNOWN.split()
    }
    return common.__contains__


def compared_digest(left: Traits, right: Traits) -> str:
    """32 hexadecimal digits that change when anything that was compared changes; the same either way round."""
    sides = sorted(
        repr((one.given, one.family, one.father, one.sex, one.born, one.documents)).encode() for one in (left, right)
    )
    return hashlib.sha256(b"\0".join(sides)).hexdigest()[:32]
