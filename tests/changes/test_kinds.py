"""Every kind of change, from the request to the register and its history."""

from datetime import date

import pytest
from django.db import connection

from khedmat.cards.enums import CardState
from khedmat.cards.models import Card
from khedmat.changes import wishes
from khedmat.changes.actions import open_change
from khedmat.changes.enums import ChangeField, ChangeKind, ChangeState
from khedmat.changes.models import ChangeRequest
from khedmat.registry.enums import Relation
from khedmat.registry.history import story_of
from khedmat.registry.models import Household, Membership, Person, PersonDocument, Provenance
from khedmat.registry.selectors import household_with_members
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.changes.asking import approve, ask, birth_date_wish, facts, newcomer, people, phone_wish

pytestmark = pytest.mark.django_db


def in_history(cast: Cast, household: Household, request: ChangeRequest, who: str = "bahram") -> set[str]:
    """Which fields the family's story tells of this request."""
    with working_context(cast[who]):
        open_change(request.pk, by=cast[who])
        story = story_of(household_with_members(household.pk))
        moments = [moment for moment in story.moments if moment.reference == request.pk]
        assert all(moment.way == "change" and moment.actor_id == cast[who].user_id for moment in moments)
        return {change.field or change.what.value for moment in moments for change in moment.changes}


def test_names(cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    wish = wishes.correction(
        ChangeKind.NAMES,
        head.pk,
        {"given_name": head.given_name, "latin_name": head.latin_name},
        {"given_name": "غلام‌علی", "latin_name": "Ghulam Ali Rezai"},
    )
    request = approve(cast, ask(cast, rezai, wish))
    head = people(cast, rezai)[0]
    assert (head.given_name, head.latin_name) == ("غلام‌علی", "Ghulam Ali Rezai")
    assert (request.state, head.version) == (ChangeState.APPROVED, 2)
    assert in_history(cast, rezai, request) == {"given_name", "latin_name"}


def test_particulars_with_a_document(cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    with working_context(cast["narges"]):
        document = PersonDocument.objects.get(person=head)
    wish = wishes.correction(
        ChangeKind.PARTICULARS,
        head.pk,
        {"birth_on": head.birth_on.isoformat(), "sex": "male", "nationality": "", "birth_place": ""},
        {"birth_on": "1983-01-02", "sex": "male", "nationality": "AFG", "birth_place": "هرات"},
        {document.pk: (str(document.valid_until), "2027-01-01")},
    )
    request = approve(cast, ask(cast, rezai, wish))
    head = people(cast, rezai)[0]
    with working_context(cast["narges"]):
        assert PersonDocument.objects.get(pk=document.pk).valid_until == date(2027, 1, 1)
        assert (head.birth_on, head.nationality, head.birth_place) == (date(1983, 1, 2), "AFG", "هرات")
    assert in_history(cast, rezai, request) == {"birth_on", "nationality", "birth_place", "valid_until"}


def test_contact_by_a_colleague(cast: Cast, rezai: Household) -> None:
    request = approve(cast, ask(cast, rezai, phone_wish(), paper=None), "zahra")
    with working_context(cast["narges"]):
        household = Household.objects.get(pk=rezai.pk)
        assert (household.phone, household.version) == ("+989351234567", 2)
    assert in_history(cast, rezai, request, "zahra") == {"phone"}
    with working_context(cast["narges"]):
        source = Provenance.objects.filter(fields__contains=["phone"]).latest("pk")
    assert (source.way, source.reference, source.by) == ("change", request.pk, cast["zahra"].user_id)


def test_birth(cast: Cast, rezai: Household) -> None:
    wish = wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=False)
    request = approve(cast, ask(cast, rezai, wish))
    child = people(cast, rezai)[-1]
    with working_context(cast["narges"]):
        document = PersonDocument.objects.get(person=child)
        assert (child.given_name, child.relation, child.nationality) == ("امید", "son", "AFG")
        assert (document.kind, document.number, child.birth_place) == ("birth_certificate", "ش441207", "شهریار")
    with working_context(cast["narges"]):
        sources = Provenance.objects.filter(person_id=child.pk).order_by("-pk")
        assert (sources[0].way, sources[0].reference) == ("change", request.pk)


def test_death_of_a_child(cast: Cast, rezai: Household) -> None:
    child = people(cast, rezai)[4]
    request = approve(cast, ask(cast, rezai, wishes.death(child.pk, date(2026, 1, 2), None, facts(cast, rezai))))
    assert people(cast, rezai)[4].deceased_on == date(2026, 1, 2)
    assert in_history(cast, rezai, request) == {"deceased_on"}


def test_death_of_the_head_names_the_next_one(cast: Cast, rezai: Household) -> None:
    head, wife, *children = people(cast, rezai)
    relations = {head.pk: "spouse", wife.pk: "head", **{child.pk: child.relation for child in children}}
    approve(cast, ask(cast, rezai, wishes.death(head.pk, date(2026, 1, 2), relations, facts(cast, rezai))))
    assert [person.relation for person in people(cast, rezai)[:2]] == ["spouse", "head"]


def test_death_ends_cards(cast: Cast) -> None:
    line.open_round(cast)
    case = line.whole_line(cast)
    with working_context(cast["narges"]):
        household = Household.objects.get(pk=case.household_id)
    child = people(cast, household)[4]
    approve(cast, ask(cast, household, wishes.death(child.pk, date(2026, 1, 2), None, facts(cast, household))))
    with working_context(cast["narges"]):
        ended = Card.objects.filter(state=CardState.REVOKED)
        assert [card.person_id for card in ended] == [child.pk]
        assert ended[0].revocation_reason
        assert Card.objects.filter(state=CardState.HANDED_OVER).count() == 4


def test_marriage_with_somebody_new(cast: Cast, rezai: Household) -> None:
    spouse = newcomer("spouse", "پ900", given_name="ریحانه", sex="female", birth_on=date(1990, 2, 3))
    approve(cast, ask(cast, rezai, wishes.marriage_with_newcomer(spouse)))
    assert [(one.given_name, one.relation) for one in people(cast, rezai)][-1] == ("ریحانه", "spouse")


def test_marriage_with_a_member_of_another_family(cast: Cast, rezai: Household, karimi: Household) -> None:
    bride = people(cast, karimi)[2]
    wish = wishes.marriage_with_registered(
        bride.pk,
        "other",
        household_id=rezai.pk,
        other_household_id=karimi.pk,
        other_members=facts(cast, karimi),
    )
    request = approve(cast, ask(cast, rezai, wish))
    with working_context(cast["bahram"]):
        assert Person.objects.get(pk=bride.pk).household_id == rezai.pk
        assert PersonDocument.objects.get(person_id=bride.pk).household_id == rezai.pk
        assert Person.objects.filter(household_id=karimi.pk).count() == 2
        kept = dict(Membership.objects.filter(person_id=bride.pk).values_list("household_id", "until_at"))
        assert kept.keys() == {karimi.pk, rezai.pk}
        assert kept[karimi.pk] is not None
        assert kept[rezai.pk] is None
    assert in_history(cast, karimi, request) == {"member-left"}


def test_divorce_of_the_head(cast: Cast, rezai: Household) -> None:
    """He leaves with one son; she answers for those who stay."""
    head, wife, daughter, son, baby = people(cast, rezai)
    relations = {head.pk: "head", son.pk: "son", wife.pk: "head", daughter.pk: "daughter", baby.pk: "son"}
    wish = wishes.split(ChangeKind.DIVORCE, frozenset({head.pk, son.pk}), relations, facts(cast, rezai))
    request = approve(cast, ask(cast, rezai, wish))
    with working_context(cast["bahram"]):
        stayed = list(Person.objects.filter(household_id=rezai.pk).values_list("pk", "relation"))
        left = list(Person.objects.filter(household_id=str(request.other_household_id)).values_list("pk", "relation"))
    assert stayed == [(wife.pk, "head"), (daughter.pk, "daughter"), (baby.pk, "son")]
    assert left == [(head.pk, "head"), (son.pk, "son")]
    assert in_history(cast, rezai, request) == {"member-left", "relation"}


def test_change_of_head(cast: Cast, rezai: Household) -> None:
    head, wife, *children = people(cast, rezai)
    relations = {head.pk: "spouse", wife.pk: "head", **{child.pk: child.relation for child in children}}
    request = approve(cast, ask(cast, rezai, wishes.change_of_head(relations, facts(cast, rezai)), paper=None))
    assert [person.relation for person in people(cast, rezai)] == ["spouse", "head", "daughter", "son", "son"]
    assert in_history(cast, rezai, request) == {"relation"}


def test_split(cast: Cast, rezai: Household) -> None:
    head, wife, daughter, son, baby = people(cast, rezai)
    relations = {one.pk: one.relation for one in (head, wife, daughter, baby)} | {son.pk: "head"}
    wish = wishes.split(ChangeKind.SPLIT, frozenset({son.pk}), relations, facts(cast, rezai))
    request = approve(cast, ask(cast, rezai, wish, paper=None))
    with working_context(cast["bahram"]):
        founded = Household.objects.get(pk=str(request.other_household_id))
        (alone,) = founded.members.all()
        assert (alone.pk, alone.relation, alone.position) == (son.pk, Relation.HEAD, 1)
        assert (founded.province_id, founded.phone) == (rezai.province_id, "")
        assert Person.objects.filter(household_id=rezai.pk).count() == 4


def test_join(cast: Cast, rezai: Household, karimi: Household) -> None:
    relations = {one.pk: "other" for one in people(cast, karimi)}
    wish = wishes.join(
        relations,
        facts(cast, karimi),
        household_id=karimi.pk,
        other_household_id=rezai.pk,
        other_members=facts(cast, rezai),
    )
    request = approve(cast, ask(cast, karimi, wish, paper=None))
    with working_context(cast["bahram"]):
        together = list(Person.objects.filter(household_id=rezai.pk).order_by("position"))
        assert not Person.objects.filter(household_id=karimi.pk).exists()
    assert [one.position for one in together] == list(range(1, 9))
    assert [one.relation for one in together[5:]] == ["other"] * 3
    assert in_history(cast, karimi, request) == {"member-left"}


def _as_app(cast: Cast, who: str, household: Household) -> tuple[int, int]:
    """How many rows of the family raw SQL of the app shows: the household, its people."""
    with working_context(cast[who]), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM registry_household WHERE id = %s), "
            "(SELECT count(*) FROM registry_person WHERE household_id = %s)",
            [household.pk, household.pk],
        )
        found: tuple[int, int] = cursor.fetchone()
        return found


def test_move_to_another_province(cast: Cast, rezai: Household) -> None:
    wish = wishes.move(rezai.province_id, cast.places["khorasan"].pk)
    asked = ask(cast, rezai, wish, paper=None)
    assert asked.state == ChangeState.AWAITING_OTHER_PROVINCE
    assert _as_app(cast, "narges", rezai) == (1, 5)
    assert _as_app(cast, "sara", rezai) == (0, 0)
    request = approve(cast, asked, "sara")
    assert _as_app(cast, "sara", rezai) == (1, 5)
    assert _as_app(cast, "narges", rezai) == (0, 0)
    with working_context(cast["sara"]):
        moved = Household.objects.get(pk=rezai.pk)
        assert (moved.province_id, moved.county_id, moved.code) == (cast.places["khorasan"].pk, None, "")
    assert in_history(cast, rezai, request, "sara") == {"province_id"}


def test_the_field_of_an_item_is_one_of_the_list() -> None:
    assert ChangeField.BIRTH_ON in birth_date_wish(Person(birth_on=date(1980, 1, 1))).items[0].field
