"""The model on synthetic people: what is found, what must not be, and that nothing is left to chance."""

from typing import Any

import pytest

from bench._doubles import Town, make_town
from bench.duplicates import measured
from khedmat.common.jalali import from_jalali
from khedmat.duplicates.enums import Strength
from khedmat.duplicates.matching.pairs import Pair
from khedmat.duplicates.matching.search import find_pairs, open_memory, strength_of
from khedmat.duplicates.matching.traits import Person, compared_name, skeleton_of, traits_of

BORN = from_jalali(1356, 4, 12)


@pytest.fixture(scope="module")
def town() -> Town:
    return make_town(2_000, 60)


@pytest.fixture(scope="module")
def pairs(town: Town) -> list[Pair]:
    return find_pairs(town.people)


def test_small_town_keeps_the_floors(town: Town, pairs: list[Pair]) -> None:
    precision, recall = measured(town, pairs)
    assert precision >= 0.96
    assert recall >= 0.90


@pytest.mark.parametrize(("bits", "words"), [(40, "very_strong"), (12, "strong"), (6, "fair")])
def test_evidence_is_said_in_words(bits: float, words: str) -> None:
    assert strength_of(bits) == words


def test_order_of_the_people_changes_nothing(town: Town, pairs: list[Pair]) -> None:
    assert find_pairs(town.people[::-1]) == pairs


def test_pairs_are_in_order_and_say_why(pairs: list[Pair]) -> None:
    assert pairs
    assert all(pair.person_a < pair.person_b for pair in pairs)
    assert all(len(pair.likenesses) == 6 for pair in pairs)
    assert [pair.weight for pair in pairs] == sorted((pair.weight for pair in pairs), reverse=True)
    assert {pair.strength for pair in pairs} <= set(Strength.values)


def _person(number: int, *, household: int | None = None, **written: Any) -> Person:
    """A man of Tehran; each number a person and a family of its own unless told otherwise."""
    someone = Person(f"p{number:04}", f"h{household or number:04}", "غلام‌سخی", "رضایی", "محمدنبی", "male", BORN, [])
    names = {"given": "given_name", "family": "family_name", "father": "father_name", "born": "birth_on"}
    return someone._replace(**{names.get(trait, trait): value for trait, value in written.items()})


def _likeness(one: Person, other: Person, town: Town) -> Pair | None:
    """What is found of two people among two thousand others."""
    found = find_pairs([one, other, *town.people])
    ids = sorted((one.person_id, other.person_id))
    return next((pair for pair in found if [pair.person_a, pair.person_b] == ids), None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (_person(2, given="غلام سخي"), "given:same"),
        (_person(2, given="قلام‌سخی"), "given:sounds"),
        (_person(2, family="رذایی"), "family:sounds"),
        (_person(2, family=""), "family:missing"),
        (_person(2, father="حاجی محمدنبی"), "father:same"),
        (_person(2, father="محمدنبیی"), "father:sounds"),
        (_person(2, born=from_jalali(1356, 12, 4)), "birth:swapped"),
        (_person(2, born=from_jalali(1356, 4, 13)), "birth:digit"),
        (_person(2, born=from_jalali(1365, 4, 12)), "birth:digit"),
        (_person(2, given="غلام‌سخیی", born=from_jalali(1356, 4, 13), family=""), "given:sounds"),
    ],
)
def test_one_person_written_otherwise_is_found(changed: Person, said: str, town: Town) -> None:
    pair = _likeness(_person(1), changed, town)
    assert pair is not None
    assert said in pair.likenesses


@pytest.mark.parametrize(
    "other",
    [
        _person(2, given="کریم‌داد"),
        _person(2, given="کریم‌داد", household=1),
        _person(2, born=from_jalali(1382, 9, 3)),
        _person(2, father="عبدالقادر", family="نوری"),
        _person(2, given="غلام‌نبی", household=1),
    ],
    ids=["twin elsewhere", "twin at home", "cousin of the same name", "namesake", "brother at home"],
)
def test_relatives_and_namesakes_are_left_alone(other: Person, town: Town) -> None:
    assert _likeness(_person(1), other, town) is None


def test_twins_of_well_known_near_names_are_left_alone(town: Town) -> None:
    assert _likeness(_person(1, given="حسن"), _person(2, given="حسین"), town) is None


def test_same_document_speaks_for_one_person_whatever_the_name(town: Town) -> None:
    pair = _likeness(_person(1, documents=[7]), _person(2, given="سخی‌داد", documents=[7, 9]), town)
    assert pair is not None
    assert "document:same" in pair.likenesses


def test_child_written_twice_in_one_family_is_found(town: Town) -> None:
    assert _likeness(_person(1), _person(2, household=1), town) is not None


def test_digest_changes_with_what_is_compared_alone(town: Town) -> None:
    first = _likeness(_person(1), _person(2), town)
    again = _likeness(_person(1, household=9), _person(2), town)
    other = _likeness(_person(1), _person(2, born=from_jalali(1356, 4, 13)), town)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.compared == again.compared != other.compared


def test_two_people_are_enough() -> None:
    assert len(find_pairs([_person(1), _person(2, born=from_jalali(1356, 4, 13))])) == 1
    assert find_pairs([_person(1), _person(2, born=from_jalali(1382, 9, 3))]) == []


def test_no_people_no_pairs() -> None:
    assert find_pairs([]) == find_pairs([_person(1)]) == []


def test_name_has_one_byte_a_letter() -> None:
    names = ["غلام‌سخی", "عبدالله", "زهرا", "حُسنیّه", "Ahmad", "ټاکلی", "سید علي"]
    assert all(compared_name(name).isascii() for name in names)
    assert len(compared_name("غلام‌سخی")) == 7
    assert compared_name("سید علي") == compared_name("علی")
    assert compared_name("عبدالله") == compared_name("عبداله")


def test_skeleton_is_the_same_over_scripts() -> None:
    assert skeleton_of("محمد") == skeleton_of("Mohammad") == skeleton_of("مُحمّد")
    assert skeleton_of("") is None


def test_shared_first_of_the_year_is_called_rounded() -> None:
    rounded, exact = traits_of([_person(1, born=from_jalali(1350, 1, 1)), _person(2)])
    assert rounded.birth_is_rounded
    assert not exact.birth_is_rounded


@pytest.mark.parametrize(
    "reach",
    ["COPY (SELECT 1) TO '/tmp/kept.csv'", "SELECT * FROM read_text('/etc/hostname')", "ATTACH '/tmp/kept.db'",
     "SET enable_external_access = true", "SET temp_directory = '/tmp'"],
)  # fmt: skip
def test_memory_reaches_no_disk(reach: str) -> None:
    import duckdb

    connection = open_memory()
    with pytest.raises(duckdb.Error):
        connection.execute(reach)


@pytest.mark.proof
def test_a_province_keeps_the_floors_of_the_measurement() -> None:
    town = make_town(50_000, 1_000)
    precision, recall = measured(town, find_pairs(town.people))
    assert precision >= 0.99
    assert recall >= 0.93
