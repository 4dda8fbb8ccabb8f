"""Asking, deciding, withdrawing: who may, what stops it, who sees what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from khedmat.accounts.enums import Role
from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.casework.actions import withdraw_case
from khedmat.casework.models import Case
from khedmat.changes import wishes
from khedmat.changes.actions import approve_change, ask_change, open_change, withdraw_change
from khedmat.changes.enums import ChangeKind, ChangeState
from khedmat.changes.errors import (
    AlreadyAsked,
    CaseStillOpen,
    DecisionNeedsReason,
    FieldAlreadyAsked,
    HeadOfOthers,
    NobodyLiving,
    NotYoursToDecide,
    OtherRequestsOpen,
    OwnRequest,
    PaperMissing,
    RegisterChangedMeanwhile,
    RequestAlreadyEnded,
)
from khedmat.changes.models import ChangeItem, ChangeRequest
from khedmat.changes.selectors import changes_in_reach, count_to_decide
from khedmat.registry.actions import look_up, open_hit
from khedmat.registry.models import Household, Person
from khedmat.rounds.enrolment import start_enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.changes.asking import (
    REASON,
    approve,
    ask,
    birth_date_wish,
    facts,
    in_every_state,
    newcomer,
    people,
    phone_wish,
    refuse,
)
from tests.factories import family, staff

pytestmark = pytest.mark.django_db


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        yield


def split_wish(cast: Cast, household: Household) -> wishes.Wish:
    """The second son leaves alone."""
    members = people(cast, household)
    relations = {one.pk: one.relation for one in members} | {members[3].pk: "head"}
    return wishes.split(ChangeKind.SPLIT, frozenset({members[3].pk}), relations, facts(cast, household))


def test_paper_is_needed(cast: Cast, rezai: Household) -> None:
    wish = birth_date_wish(people(cast, rezai)[0])
    with pytest.raises(PaperMissing):
        ask(cast, rezai, wish, paper=None)
    with working_context(cast["narges"]), refused_by("change_is_proved_by_its_paper"):
        ChangeRequest.objects.create(
            number="D-1",
            household=rezai,
            kind="names",
            decider="province",
            scope_id=cast["narges"].scope_id,
            asked_by=cast["narges"].user_id,
        )


def test_only_clerks_ask(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, phone_wish(), paper=None)
    with working_context(cast["bahram"]):
        open_change(request.pk, by=cast["bahram"])
        with pytest.raises(PermissionMissing):
            ask_change(rezai, phone_wish("+989121111111"), by=cast["bahram"])


def test_the_same_page_asks_once(cast: Cast, rezai: Household) -> None:
    chosen = uuid4()
    ask(cast, rezai, wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=True), request_id=chosen)
    with pytest.raises(AlreadyAsked):
        ask(cast, rezai, wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=True), request_id=chosen)


def test_one_open_request_on_a_field(cast: Cast, rezai: Household) -> None:
    head, wife, *_children = people(cast, rezai)
    first = ask(cast, rezai, birth_date_wish(head))
    ask(cast, rezai, birth_date_wish(wife))
    with pytest.raises(FieldAlreadyAsked):
        ask(cast, rezai, birth_date_wish(head, date(1984, 1, 1)))
    refuse(cast, first)
    ask(cast, rezai, birth_date_wish(head, date(1984, 1, 1)))


def test_own_request_is_refused_by_action_and_by_constraint(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, phone_wish(), paper=None)
    narges = cast["narges"]
    with working_context(narges), pytest.raises(OwnRequest):
        approve_change(request.pk, request.version, REASON, by=narges)
    with working_context(narges), refused_by("nobody_decides_their_own"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE changes_changerequest SET state = 'approved', reason = 'x', decided_at = now(), "
            "decided_by = asked_by"
        )


def test_the_same_person_as_officer_decides_it_neither(cast: Cast, rezai: Household) -> None:
    """Another role at another place is still the same person."""
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    promoted = replace(cast["bahram"], user_id=cast["narges"].user_id)
    with working_context(promoted):
        opened = open_change(request.pk, by=promoted)
        with pytest.raises(OwnRequest):
            approve_change(opened.pk, opened.version, REASON, by=promoted)


def test_nobody_signs_for_another(cast: Cast, rezai: Household) -> None:
    """The policy asks who is signed in, whatever the statement says."""
    ask(cast, rezai, phone_wish(), paper=None)
    with working_context(cast["narges"]), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "UPDATE changes_changerequest SET state = 'approved', reason = 'x', decided_at = now(), "
                "decided_by = %s",
                [cast["zahra"].user_id],
            )
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO changes_changerequest (id, number, household_id, kind, decider, state, scope_id, "
                "asked_by, version) SELECT gen_random_uuid(), 'D-2', household_id, kind, decider, state, scope_id, "
                "%s, 1 FROM changes_changerequest",
                [cast["zahra"].user_id],
            )


@pytest.mark.parametrize(("who", "may"), [("zahra", False), ("bahram", True), ("laleh", True), ("director", True)])
def test_who_decides_a_birth_date(cast: Cast, rezai: Household, who: str, may: bool) -> None:
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    if may:
        assert approve(cast, request, who).decided_by == cast[who].user_id
    else:
        with pytest.raises(NotYoursToDecide):
            approve(cast, request, who)


@pytest.mark.parametrize("who", ["omid", "mina", "sara", "kamran", "printer", "manager", "guardian", "daftari"])
def test_others_do_not_even_open_it(cast: Cast, rezai: Household, who: str) -> None:
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    with pytest.raises(RecordNotVisible), working_context(cast[who]):
        open_change(request.pk, by=cast[who])


def test_queue_shows_numbers_to_those_concerned(cast: Cast, rezai: Household) -> None:
    birth = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    phone = ask(cast, rezai, phone_wish(), paper=None)
    seen = {}
    for who in ("narges", "zahra", "bahram", "omid", "sara", "kamran", "daftari"):
        with working_context(cast[who]):
            seen[who] = {one.number: one.is_to_decide for one in changes_in_reach()}
            assert count_to_decide() == sum(seen[who].values())
    assert seen["narges"] == {birth.number: False, phone.number: False}
    assert seen["zahra"] == {birth.number: False, phone.number: True}
    assert seen["bahram"] == {birth.number: True, phone.number: True}
    assert seen["omid"] == seen["sara"] == seen["kamran"] == seen["daftari"] == {}


def test_reason_is_needed(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, phone_wish(), paper=None)
    for decide in (approve, refuse):
        with pytest.raises(DecisionNeedsReason):
            decide(cast, request, "zahra", "  ")


def test_refused_changes_nothing(cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    request = refuse(cast, ask(cast, rezai, birth_date_wish(head)))
    assert (request.state, request.reason) == (ChangeState.REFUSED, REASON)
    assert people(cast, rezai)[0].birth_on == head.birth_on


def test_a_decision_is_final(cast: Cast, rezai: Household) -> None:
    request = refuse(cast, ask(cast, rezai, birth_date_wish(people(cast, rezai)[0])))
    for decide in (approve, refuse):
        with pytest.raises(RequestAlreadyEnded):
            decide(cast, request, "laleh")
    with working_context(cast["narges"]), pytest.raises(RequestAlreadyEnded):
        withdraw_change(request.pk, by=cast["narges"])
    with working_context(cast["narges"]), connection.cursor() as cursor:
        cursor.execute("UPDATE changes_changerequest SET state = 'open'")
        assert cursor.rowcount == 0


def test_a_colleague_of_the_office_withdraws(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    with working_context(cast["bahram"]):
        open_change(request.pk, by=cast["bahram"])
        with pytest.raises(NotYoursToDecide):
            withdraw_change(request.pk, by=cast["bahram"])
    with working_context(cast["zahra"]):
        open_change(request.pk, by=cast["zahra"])
        assert withdraw_change(request.pk, by=cast["zahra"]).state == ChangeState.WITHDRAWN
        assert not ChangeItem.objects.filter(is_open=True).exists()
    with pytest.raises(RequestAlreadyEnded):
        approve(cast, request)


def test_changed_meanwhile_is_told(cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    request = ask(cast, rezai, birth_date_wish(head))
    with working_context(cast["narges"]):
        corrected = Person.objects.get(pk=head.pk)
        corrected.birth_on = date(1980, 1, 1)
        corrected.save()
    with pytest.raises(RegisterChangedMeanwhile):
        approve(cast, request)
    assert people(cast, rezai)[0].birth_on == date(1980, 1, 1)
    refuse(cast, request)


def test_a_new_member_makes_a_change_of_head_stale(cast: Cast, rezai: Household) -> None:
    head, wife, *children = people(cast, rezai)
    relations = {head.pk: "spouse", wife.pk: "head", **{child.pk: child.relation for child in children}}
    request = ask(cast, rezai, wishes.change_of_head(relations, facts(cast, rezai)), paper=None)
    birth = wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=True)
    approve(cast, ask(cast, rezai, birth))
    with pytest.raises(RegisterChangedMeanwhile):
        approve(cast, request)


def test_an_open_case_stops_moving_people_and_nothing_else(cast: Cast, rezai: Household) -> None:
    line.open_round(cast)
    case = line.take_application(cast, rezai)
    with pytest.raises(CaseStillOpen):
        ask(cast, rezai, split_wish(cast, rezai), paper=None)
    with pytest.raises(CaseStillOpen):
        ask(cast, rezai, wishes.move(rezai.province_id, cast.places["khorasan"].pk), paper=None)
    approve(cast, ask(cast, rezai, birth_date_wish(people(cast, rezai)[0])))
    with working_context(cast["narges"]):
        withdraw_case(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])
    request = ask(cast, rezai, split_wish(cast, rezai), paper=None)
    approve(cast, request)


def test_a_case_opened_after_asking_stops_the_approval(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, split_wish(cast, rezai), paper=None)
    line.open_round(cast)
    line.take_application(cast, rezai)
    with pytest.raises(CaseStillOpen):
        approve(cast, request)


def test_other_open_requests_stop_moving_people(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, split_wish(cast, rezai), paper=None)
    phone = ask(cast, rezai, phone_wish(), paper=None)
    with pytest.raises(OtherRequestsOpen):
        approve(cast, request)
    refuse(cast, phone)
    approve(cast, request)


def test_a_head_with_others_does_not_marry_away(cast: Cast, rezai: Household, karimi: Household) -> None:
    with pytest.raises(HeadOfOthers):
        wishes.marriage_with_registered(
            people(cast, karimi)[0].pk,
            "spouse",
            household_id=rezai.pk,
            other_household_id=karimi.pk,
            other_members=facts(cast, karimi),
        )


def test_an_unopened_family_is_not_named(cast: Cast, rezai: Household) -> None:
    elsewhere = line.register(cast, "omid", cards_from=6611830, size=2)
    wish = replace(
        wishes.marriage_with_newcomer(newcomer("spouse")), other_household_id=elsewhere.pk, details={"person": "x"}
    )
    with pytest.raises((RecordNotVisible, DatabaseError)):
        ask(cast, rezai, wish)


def test_after_a_split_everybody_else_opens_anew(cast: Cast, rezai: Household) -> None:
    approve(cast, ask(cast, rezai, split_wish(cast, rezai), paper=None))
    assert people(cast, rezai) == []
    narges = cast["narges"]
    with working_context(narges):
        found = look_up(number="174411830", by=narges)
        open_hit(found.look_up_id, 1, by=narges)
        assert Person.objects.filter(household_id=rezai.pk).count() == 4


def moved(cast: Cast, household: Household) -> ChangeRequest:
    wish = wishes.move(household.province_id, cast.places["khorasan"].pk)
    return approve(cast, ask(cast, household, wish, paper=None), "sara")


def test_a_moved_family_is_found_there_and_no_more_here(cast: Cast, rezai: Household) -> None:
    moved(cast, rezai)
    with working_context(cast["narges"]):
        assert look_up(number="174411830", by=cast["narges"]).hits == ()
    with working_context(cast["mina"]):
        found = look_up(number="174411830", by=cast["mina"])
        open_hit(found.look_up_id, 1, by=cast["mina"])
        assert Person.objects.count() == 5


def test_a_look_up_from_before_the_move_opens_nothing(cast: Cast, rezai: Household) -> None:
    with working_context(cast["omid"]):
        before = look_up(number="174411830", by=cast["omid"])
    moved(cast, rezai)
    with pytest.raises(RecordNotVisible), working_context(cast["omid"]):
        open_hit(before.look_up_id, 1, by=cast["omid"])


def test_an_old_case_opens_a_moved_family_no_more(cast: Cast) -> None:
    line.open_round(cast)
    case = line.whole_line(cast)
    with working_context(cast["narges"]):
        household = Household.objects.get(pk=case.household_id)
    moved(cast, household)
    for who in ("narges", "bahram"):
        with pytest.raises(RecordNotVisible), working_context(cast[who]), connection.cursor() as cursor:
            cursor.execute("SELECT guard.open_case(%s)", [case.pk])


def test_a_declined_move_ends_the_other_province_s_sight(cast: Cast, rezai: Household) -> None:
    wish = wishes.move(rezai.province_id, cast.places["khorasan"].pk)
    request = refuse(cast, ask(cast, rezai, wish, paper=None), "sara")
    assert request.state == ChangeState.REFUSED
    assert people(cast, rezai, "sara") == []
    assert len(people(cast, rezai)) == 5
    with pytest.raises(RecordNotVisible), working_context(cast["sara"]):
        open_change(request.pk, by=cast["sara"])


def test_the_own_province_does_not_decide_a_move(cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, wishes.move(rezai.province_id, cast.places["khorasan"].pk), paper=None)
    with pytest.raises(RecordNotVisible):
        approve(cast, request, "bahram")
    with pytest.raises(NotYoursToDecide):
        approve(cast, request, "zahra")


def test_a_province_that_is_not_asked_receives_nothing(cast: Cast, rezai: Household) -> None:
    elsewhere = next(one for one in type(cast.places["tehran"]).objects.filter(kind="province") if one.code == "04")
    stranger = staff("stranger", Role.CASE_OFFICER, elsewhere)
    request = ask(cast, rezai, wishes.move(rezai.province_id, cast.places["khorasan"].pk), paper=None)
    with pytest.raises(RecordNotVisible), working_context(stranger):
        open_change(request.pk, by=stranger)


def test_the_dead_are_taken_into_no_round(cast: Cast, rezai: Household) -> None:
    child = people(cast, rezai)[4]
    approve(cast, ask(cast, rezai, wishes.death(child.pk, date(2026, 1, 2), None, facts(cast, rezai))))
    line.open_round(cast)
    with working_context(cast["narges"]):
        case = start_enrolment(rezai.pk, line.ROUND, by=cast["narges"])
        assert case.member_count == 4
        assert child.pk not in set(case.members.values_list("person_id", flat=True))


def test_a_household_of_the_dead_is_taken_into_no_round(cast: Cast) -> None:
    alone = line.register(cast, size=1)
    head = people(cast, alone)[0]
    approve(cast, ask(cast, alone, wishes.death(head.pk, date(2026, 1, 2), None, facts(cast, alone))))
    line.open_round(cast)
    with working_context(cast["narges"]), pytest.raises(NobodyLiving):
        start_enrolment(alone.pk, line.ROUND, by=cast["narges"])


def actions_of(cast: Cast, request: ChangeRequest, who: str) -> list[str]:
    with working_context(cast[who]):
        entries = Entry.objects.filter(subject="changes.changerequest", subject_id=str(request.pk))
        return list(entries.order_by("id").values_list("action", flat=True))


def test_each_step_leaves_one_row(cast: Cast, rezai: Household) -> None:
    head, wife, *_children = people(cast, rezai)
    approved = approve(cast, ask(cast, rezai, birth_date_wish(head)))
    declined = refuse(cast, ask(cast, rezai, birth_date_wish(wife)))
    taken_back = ask(cast, rezai, phone_wish(), paper=None)
    with working_context(cast["narges"]):
        withdraw_change(taken_back.pk, by=cast["narges"])
    assert actions_of(cast, approved, "narges") == ["change.asked", "change.approved"]
    assert actions_of(cast, declined, "narges") == ["change.asked", "change.refused"]
    assert actions_of(cast, taken_back, "narges") == ["change.asked", "change.withdrawn"]


def test_what_is_asked_is_sealed(cast: Cast, rezai: Household) -> None:
    ask(cast, rezai, phone_wish(), paper=None, note="شماره عوض شده است")
    with working_context(cast["narges"]), connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.new, r.note FROM changes_changeitem i JOIN changes_changerequest r ON r.id = i.request_id"
        )
        ((new, note),) = cursor.fetchall()
    assert b"989351234567" not in bytes(new)
    assert "شماره".encode() not in bytes(note)


def test_somebody_registers_and_asks_in_one_office_only(cast: Cast, rezai: Household) -> None:
    """The asking office is that of the signed place."""
    with working_context(cast["omid"]), pytest.raises((RecordNotVisible, DatabaseError)):
        ask_change(rezai, phone_wish(), by=cast["omid"])


def test_paper_is_of_the_same_family(cast: Cast, rezai: Household, karimi: Household) -> None:
    asked = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    forged = (
        "INSERT INTO changes_changerequest (id, number, household_id, kind, decider, state, scope_id, asked_by, "
        "version, paper_id) SELECT gen_random_uuid(), 'D-3', %s, kind, decider, state, scope_id, asked_by, 1, paper_id "
        "FROM changes_changerequest WHERE id = %s"
    )
    with working_context(cast["narges"]), refused_by("paper_of_own_household"), connection.cursor() as cursor:
        cursor.execute(forged, [karimi.pk, asked.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_three_ends_of_a_request(cast: Cast) -> None:
    """What other suites fill their worlds with."""
    household = family(cast["narges"])
    made = in_every_state(cast["narges"], cast["bahram"], household)
    assert [request.state for request in made] == [ChangeState.APPROVED, ChangeState.WITHDRAWN, ChangeState.OPEN]
    with working_context(cast["narges"]), connection.cursor() as cursor:
        cursor.execute("SELECT count(reason), count(details), count(note), count(paper_id) FROM changes_changerequest")
        assert cursor.fetchone() == (1, 1, 3, 2)
        cursor.execute("SELECT count(old), count(new), count(*) FROM changes_changeitem")
        assert cursor.fetchone() == (2, 2, 2)
