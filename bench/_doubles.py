"""Synthetic people for the measurements of likely duplicates: a province, and some of its people written twice.

Everything that misleads is in it: names that many bear, birthdays on the first of the year, twins, cousins who
bear one grandfather's name, brothers, households that share a passport. Seeded: the same people each time.
"""

import json
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from khedmat.common.jalali import days_in_month, from_jalali, to_jalali
from khedmat.duplicates.matching.traits import Person

NAMES_FILE: Final = Path(__file__).parent.parent / "khedmat/config/demo/data/first_names_with_gender.json"
MAN, WOMAN = "male", "female"
FIRST_YEAR, LAST_YEAR = 1315, 1404
LETTERS: Final = "ابپتجچحخدرزسشصطعفقکگلمنوهی"
STEMS_OF_SURNAMES: Final = 400
ENDINGS: Final = ("ی", "زاده", "پور", "یان", "نژاد", "زی", "خیل", "یار")
# What a writer takes for what, both ways.
SPELLINGS: Final = (
    ("ط", "ت"), ("ص", "س"), ("ث", "س"), ("ذ", "ز"), ("ض", "ز"), ("ظ", "ز"), ("ح", "ه"), ("غ", "ق"), ("ئی", "یی"),
    ("الله", "اله"), ("ائ", "ای"), ("وو", "و"), ("اعی", "ایی"), ("ی", ""), ("ا", ""),
)  # fmt: skip
MENS_NAMES: Final = "محمد علی حسین حسن رضا مهدی احمد عباس یوسف ابراهیم اسماعیل مصطفی"
WOMENS_NAMES: Final = "زهرا فاطمه مریم معصومه رقیه زینب لیلا سمیه راضیه مرضیه طاهره سکینه"
TITLES: Final = ("سید ", "حاجی ", "ملا ")


@dataclass(frozen=True, slots=True)
class Town:
    """The people, in no telling order, and the pairs of ids that are one person."""

    people: list[Person]
    planted: frozenset[tuple[str, str]]


class _Names:
    """First names by how many bear them (few names, many bearers), and surnames made of them."""

    def __init__(self, random: Random) -> None:
        listed = json.loads(NAMES_FILE.read_text(encoding="utf-8"))
        well_known = {1: MENS_NAMES.split(), 2: WOMENS_NAMES.split()}
        self._given: dict[str, tuple[list[str], list[float]]] = {}
        for sex, gender in ((MAN, 1), (WOMAN, 2)):
            rare = sorted({row["name"].strip() for row in listed if row["gender"] == gender and row["rate"] == 3})
            names = well_known[gender] + random.sample(rare, 900)
            if sex == MAN:
                names += [
                    first + second for first in ("محمد", "علی", "غلام") for second in ("حسین", "رضا", "حسن", "نبی")
                ]
            self._given[sex] = (names, list(accumulate(1 / (place + 4) for place in range(len(names)))))
        stems = random.sample(self._given[MAN][0], STEMS_OF_SURNAMES)
        self._surnames = [stem + ending for ending in ENDINGS for stem in stems]
        self._surname_weights = list(accumulate(1 / (place + 12) for place in range(len(self._surnames))))

    def given(self, sex: str, random: Random) -> str:
        names, weights = self._given[sex]
        return random.choices(names, cum_weights=weights)[0]

    def surname(self, random: Random) -> str:
        return random.choices(self._surnames, cum_weights=self._surname_weights)[0]


def make_town(size: int, planted: int, seed: int = 1405) -> Town:
    """`size` people of whom `planted` are second writings of others."""
    random = Random(seed)
    names = _Names(random)
    people: list[Person] = []
    while len(people) < size - planted:
        people += _family(names, random)
    del people[size - planted :]
    twice = random.sample(people, planted)
    doubles = [_written_again(one, random) for one in twice]
    pairs = frozenset(
        (min(one.person_id, two.person_id), max(one.person_id, two.person_id))
        for one, two in zip(twice, doubles, strict=True)
    )
    everybody = people + doubles
    random.shuffle(everybody)
    return Town(everybody, pairs)


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _document(random: Random) -> int:
    return random.getrandbits(63)


def _birth(random: Random, first: int, last: int) -> date:
    """A day; one in seven knows the year alone and is written on its first day."""
    year = random.randint(first, last)
    if random.random() < 0.15:
        return from_jalali(year, 1, 1)
    month = random.randint(1, 12)
    return from_jalali(year, month, random.randint(1, days_in_month(year, month)))


def _family(names: _Names, random: Random) -> list[Person]:
    """Father, mother and up to six children; sometimes twins, sometimes the cousins' family beside it."""
    surname = names.surname(random) if random.random() > 0.12 else ""
    grandfather = names.given(MAN, random)
    father = names.given(MAN, random)
    people = _household(names, random, surname, grandfather, father)
    if random.random() < 0.25:
        # The uncle names his children as his brother does, after the same forebears; some brothers bear one name.
        uncle = father if random.random() < 0.1 else names.given(MAN, random)
        cousins = _household(names, random, surname, grandfather, uncle)
        children = [one for one in people if one.father_name == father]
        taken = {cousin.given_name for cousin in cousins}
        for place, cousin in enumerate(cousins[2:], start=2):
            like = random.choice(children) if children and random.random() < 0.5 else cousin
            if like.given_name not in taken:
                taken.add(like.given_name)
                cousins[place] = cousin._replace(given_name=like.given_name, sex=like.sex)
        people += cousins
    return people


def _household(names: _Names, random: Random, surname: str, grandfather: str, father: str) -> list[Person]:
    household = _uuid(random)
    fathers_birth = _birth(random, FIRST_YEAR + 5, LAST_YEAR - 24)
    year = to_jalali(fathers_birth).year

    def one(given: str, fathers_name: str, sex: str, born: date) -> Person:
        documents = [_document(random)] if random.random() < 0.85 else []
        return Person(_uuid(random), household, given, surname, fathers_name, sex, born, documents)

    mothers_surname_is_own = random.random() < 0.6
    mother = one(
        names.given(WOMAN, random), names.given(MAN, random), WOMAN, _birth(random, year - 3, min(year + 12, LAST_YEAR))
    )
    if mothers_surname_is_own:
        mother = mother._replace(family_name=names.surname(random))
    people = [one(father, grandfather, MAN, fathers_birth), mother]
    taken: set[str] = set()
    born = year + random.randint(18, 26)
    for _child in range(random.choice((0, 1, 2, 3, 3, 4, 5, 6))):
        if born > LAST_YEAR:
            break
        birth = _birth(random, born, born)
        for _twin in range(2 if random.random() < 0.03 else 1):
            sex = random.choice((MAN, WOMAN))
            given = names.given(sex, random)
            if given not in taken:
                taken.add(given)
                people.append(one(given, father, sex, birth))
        born += random.randint(1, 4)
    return people


def _written_again(person: Person, random: Random) -> Person:
    """The same person as another office wrote it: another household, one to three things amiss."""
    twin = person._replace(person_id=_uuid(random), household_id=_uuid(random))
    amiss = random.choices((0, 1, 2, 3), weights=(15, 45, 30, 10))[0]
    for trait in random.sample(tuple(CHANGES), amiss):
        twin = random.choice(CHANGES[trait])(twin, random)
    how = random.random()
    if how < 0.35:
        return twin._replace(documents=[_document(random)])
    return twin._replace(documents=[]) if how < 0.5 else twin


def _misspelled(name: str, random: Random) -> str:
    """One slip: a letter for one that sounds like it, or one dropped, doubled, exchanged or mistyped."""
    if random.random() < 0.55:
        fitting = [(a, b) for pair in SPELLINGS for a, b in (pair, pair[::-1]) if a and a in name[1:]]
        if fitting:
            before, after = random.choice(fitting)
            return name[0] + name[1:].replace(before, after, 1)
    place = random.randrange(1, len(name)) if len(name) > 1 else 0
    slip = random.randrange(4)
    if slip == 0 and len(name) > 3:
        return name[:place] + name[place + 1 :]
    if slip == 1:
        return name[:place] + random.choice(LETTERS) + name[place:]
    if slip == 2 and place + 1 < len(name):
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + random.choice(LETTERS) + name[place + 1 :]


def _given_amiss(person: Person, random: Random) -> Person:
    return person._replace(given_name=_misspelled(person.given_name, random))


def _family_amiss(person: Person, random: Random) -> Person:
    return person._replace(family_name=_misspelled(person.family_name, random) if person.family_name else "")


def _family_missing(person: Person, random: Random) -> Person:
    return person._replace(family_name="")


def _father_amiss(person: Person, random: Random) -> Person:
    father = person.father_name
    if random.random() < 0.4:
        return person._replace(father_name=random.choice(TITLES) + father)
    if father.startswith("محمد") and len(father) > 5 and random.random() < 0.5:
        return person._replace(father_name=father[4:])
    return person._replace(father_name=_misspelled(father, random))


def _day_and_month_exchanged(person: Person, random: Random) -> Person:
    year, month, day = to_jalali(person.birth_on)
    if day > 12 or month == day:
        return _digit_amiss(person, random)
    return person._replace(birth_on=from_jalali(year, day, month))


def _digit_amiss(person: Person, random: Random) -> Person:
    year, month, day = to_jalali(person.birth_on)
    for _try in range(50):
        digits = list(f"{year:04}{month:02}{day:02}")
        place = random.randrange(2, 8)
        digits[place] = random.choice("0123456789")
        text = "".join(digits)
        try:
            slipped = from_jalali(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            continue
        if slipped != person.birth_on and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
            return person._replace(birth_on=slipped)
    return person


# At most one thing goes amiss in one trait: two slips in one date are another date.
CHANGES: Final = {
    "given": (_given_amiss,),
    "family": (_family_amiss, _family_missing),
    "father": (_father_amiss,),
    "birth": (_day_and_month_exchanged, _digit_amiss, _digit_amiss),
}
