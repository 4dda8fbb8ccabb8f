"""Who decides, which paper, and what a family must look like afterwards: for any family."""

import json
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.accounts.enums import Role
from khedmat.changes import wishes
from khedmat.changes.enums import ChangeField, ChangeKind, Decider
from khedmat.changes.errors import NobodyLeaves, NotAmongTheLiving, NotASpouse, NothingAsked, SameFamily
from khedmat.changes.rules import (
    MemberFacts,
    changed,
    check_relations,
    check_split,
    decider_of,
    is_paper_needed,
    kind_of_field,
    may_decide,
    needs_next_head,
)
from khedmat.common.errors import DomainError
from khedmat.registry.enums import Relation
from khedmat.registry.errors import HouseholdNeedsOneHead
from tests.changes.asking import newcomer

OTHERS = [one for one in Relation.values if one != Relation.HEAD]


@st.composite
def families(draw: st.DrawFn, least: int = 1) -> list[MemberFacts]:
    """A family with a living head in any place, and others dead or alive."""
    count = draw(st.integers(least, 8))
    head = draw(st.integers(0, count - 1))
    return [
        MemberFacts(
            uuid4(),
            Relation.HEAD if place == head else draw(st.sampled_from(OTHERS)),
            place == head or draw(st.booleans()),
        )
        for place in range(count)
    ]


def relations_of(family: list[MemberFacts]) -> dict[UUID, str]:
    return {one.person_id: one.relation for one in family}


@given(
    st.sampled_from(Decider.values),
    st.sampled_from(Role.values),
    st.booleans(),
    st.booleans(),
)
def test_nobody_decides_their_own(decider: str, role: str, office: bool, province: bool) -> None:
    assert not may_decide(decider, role=role, is_asker=True, is_same_office=office, is_own_province=province)


@given(st.sampled_from(Decider.values), st.sampled_from(Role.values), st.booleans(), st.booleans())
def test_only_those_decide_whose_work_it_is(decider: str, role: str, office: bool, province: bool) -> None:
    may = may_decide(decider, role=role, is_asker=False, is_same_office=office, is_own_province=province)
    is_officer = role in {Role.CASE_OFFICER, Role.DIRECTOR_GENERAL} and province
    assert may == (is_officer or (role == Role.CLERK and decider == Decider.OFFICE and office))


def test_a_phone_needs_a_colleague_and_a_birth_date_an_officer_with_a_paper() -> None:
    phone, birth = kind_of_field("phone"), kind_of_field("birth_on")
    assert phone == ChangeKind.CONTACT
    assert birth == ChangeKind.PARTICULARS
    assert (decider_of(phone), is_paper_needed(phone)) == (Decider.OFFICE, False)
    assert (decider_of(birth), is_paper_needed(birth)) == (Decider.PROVINCE, True)
    assert decider_of(ChangeKind.MOVE) == Decider.OTHER_PROVINCE
    assert kind_of_field("relation") is None


@given(families())
def test_a_family_as_it_stands_is_right(family: list[MemberFacts]) -> None:
    check_relations(relations_of(family), family)


@given(families(least=2), st.data())
def test_two_heads_and_none_are_refused(family: list[MemberFacts], data: st.DataObject) -> None:
    wrong = relations_of(family)
    one = data.draw(st.sampled_from(family))
    wrong[one.person_id] = Relation.SON if one.relation == Relation.HEAD else Relation.HEAD
    with pytest.raises(HouseholdNeedsOneHead):
        check_relations(wrong, family)


@given(families(least=2), st.data())
def test_a_dead_head_is_refused(family: list[MemberFacts], data: st.DataObject) -> None:
    head = next(one for one in family if one.relation == Relation.HEAD)
    dead = [MemberFacts(one.person_id, one.relation, False) if one is head else one for one in family]
    with pytest.raises(NotAmongTheLiving):
        check_relations(relations_of(family), dead)


@given(families(), st.data())
def test_somebody_unknown_or_missing_is_refused(family: list[MemberFacts], data: st.DataObject) -> None:
    relations = relations_of(family)
    with pytest.raises(HouseholdNeedsOneHead):
        check_relations({**relations, uuid4(): Relation.SON}, family)
    relations.pop(data.draw(st.sampled_from(family)).person_id)
    with pytest.raises(HouseholdNeedsOneHead):
        check_relations(relations, family)


@given(families())
def test_next_head_is_needed_where_living_stay_behind(family: list[MemberFacts]) -> None:
    for dead in family:
        stay = any(one.is_living and one is not dead for one in family)
        assert needs_next_head(dead.person_id, family) == (dead.relation == Relation.HEAD and stay)


@given(families(least=2), st.data(), st.booleans())
def test_both_halves_of_a_split_stand(family: list[MemberFacts], data: st.DataObject, is_divorce: bool) -> None:
    """Whatever is chosen: it is refused in words, or each half has one living head."""
    leaving = frozenset(one.person_id for one in family if data.draw(st.booleans()))
    relations = {one.person_id: data.draw(st.sampled_from(Relation.values)) for one in family}
    try:
        check_split(leaving, relations, family, is_divorce=is_divorce)
    except DomainError:
        return
    for half in (True, False):
        heads = [
            one for one in family if (one.person_id in leaving) == half and relations[one.person_id] == Relation.HEAD
        ]
        assert len(heads) == 1
        assert heads[0].is_living
        if is_divorce and half:
            assert heads[0].relation in {Relation.HEAD, Relation.SPOUSE}


def test_split_of_everybody_and_of_nobody() -> None:
    family = [MemberFacts(uuid4(), Relation.HEAD, True), MemberFacts(uuid4(), Relation.SON, True)]
    everybody = frozenset(one.person_id for one in family)
    for leaving in (everybody, frozenset[UUID]()):
        with pytest.raises(NobodyLeaves):
            check_split(leaving, relations_of(family), family, is_divorce=False)


def test_a_son_does_not_divorce() -> None:
    family = [MemberFacts(uuid4(), Relation.HEAD, True), MemberFacts(uuid4(), Relation.SON, True)]
    both_heads = {one.person_id: str(Relation.HEAD) for one in family}
    with pytest.raises(NotASpouse):
        check_split(frozenset({family[1].person_id}), both_heads, family, is_divorce=True)


@given(st.dictionaries(st.sampled_from(ChangeField.values), st.text(max_size=5), max_size=8), st.data())
def test_only_what_differs_is_asked(stands: dict[str, str], data: st.DataObject) -> None:
    asked = {field: data.draw(st.sampled_from([value, value + "x"])) for field, value in stands.items()}
    found = changed(stands, asked)
    assert {field: new for field, (_old, new) in found.items()} == {f: v for f, v in asked.items() if v != stands[f]}
    assert all(old == stands[field] for field, (old, _new) in found.items())


def test_nothing_different_is_no_request() -> None:
    with pytest.raises(NothingAsked):
        wishes.correction(ChangeKind.CONTACT, None, {"phone": "1"}, {"phone": "1"})


def test_a_family_does_not_join_itself() -> None:
    family = {one.person_id: one for one in [MemberFacts(uuid4(), Relation.HEAD, True)]}
    same = uuid4()
    with pytest.raises(SameFamily):
        wishes.join({}, family, household_id=same, other_household_id=same, other_members=family)


def test_a_newcomer_is_kept_whole() -> None:
    child = newcomer()
    kept = json.loads(wishes.details_to_text({"newcomer": wishes.newcomer_to_json(child)}))
    assert wishes.newcomer_from_json(kept["newcomer"]) == child
