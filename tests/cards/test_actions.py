"""Cards through their actions: batches, hand-over, revocation, and two people pressing at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.cards import actions
from khedmat.cards.actions import (
    hand_over,
    make_batch,
    mark_batch_printed,
    queue_again,
    revoke_card,
)
from khedmat.cards.enums import BatchState, CardState, StatusCode
from khedmat.cards.errors import (
    BatchAlreadyMade,
    BatchNotReady,
    CardAlreadyHandedOver,
    CardAlreadyRevoked,
    CardNotReady,
    NothingToPrint,
    ReceiverNotEntitled,
    RevocationNeedsReason,
)
from khedmat.cards.models import Card, PrintBatch, PublicStatus
from khedmat.cards.printing import prepare_batch
from khedmat.cards.status_list import StatusListFull
from khedmat.casework import listeners
from khedmat.casework.actions import enter_case, lock_case, move_member, withdraw_case
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.vault.context import working_context
from tests.cards.conftest import Approved, cards_of
from tests.cast import Cast

WHY = "کارت با نام نادرست چاپ شده است."


def withdraw(cast: Cast, case_id: UUID, clerk: str = "narges") -> Case:
    with working_context(cast[clerk]):
        enter_case(case_id, by=cast[clerk])
        return withdraw_case(case_id, Case.objects.get(pk=case_id).version, by=cast[clerk])


def make(by: Actor, batch_id: UUID | None = None) -> PrintBatch:
    with working_context(by):
        return make_batch(by=by, batch_id=batch_id)


def status_of(card: Card) -> int:
    return PublicStatus.objects.get(pk=card.status_index).status


def test_make_batch_issues_one_card_to_each_approved_member(cast: Cast, approved: Approved) -> None:
    case = approved(size=3)
    assert make(cast["printer"]).card_count == 3
    assert [card.state for card in cards_of(cast, case.pk)] == [CardState.IN_PRINT] * 3


def test_number_that_another_card_has_is_drawn_anew(
    cast: Cast, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = ["A18-042-222222", "A18-042-222222", "A18-042-333333"]
    monkeypatch.setattr(actions, "new_card_number", lambda *_about: numbers.pop(0))
    case = approved(size=2)
    make(cast["printer"])
    assert {card.number for card in cards_of(cast, case.pk)} == {"A18-042-222222", "A18-042-333333"}


def test_make_batch_with_nothing_waiting_writes_nothing(cast: Cast, approved: Approved) -> None:
    with pytest.raises(NothingToPrint):
        make(cast["printer"])
    with working_context(cast["printer"]):
        assert not PrintBatch.objects.exists()


def test_make_batch_twice_with_one_id_is_one_batch(cast: Cast, approved: Approved) -> None:
    approved(size=1)
    batch = make(cast["printer"], uuid4())
    approved(size=1)
    with pytest.raises(BatchAlreadyMade):
        make(cast["printer"], batch.pk)
    with working_context(cast["printer"]):
        assert PrintBatch.objects.count() == 1


def test_make_batch_leaves_out_a_family_that_has_withdrawn(cast: Cast, approved: Approved) -> None:
    stays, goes = approved(size=1), approved(size=2)
    withdraw(cast, goes.pk)
    assert make(cast["printer"]).card_count == 1
    assert len(cards_of(cast, stays.pk)) == 1


def test_make_batch_takes_no_card_of_another_province(cast: Cast, approved: Approved) -> None:
    approved(size=1)
    elsewhere = Actor(cast["printer"].user_id, "card_printer", cast.places["khorasan"].pk, "print_cards")
    with pytest.raises(NothingToPrint):
        make(elsewhere)


def test_printed_batch_makes_its_cards_ready(cast: Cast, in_print: PrintBatch) -> None:
    with working_context(cast["printer"]):
        mark_batch_printed(in_print.pk, by=cast["printer"])
        assert set(Card.objects.values_list("state", flat=True)) == {CardState.READY}
        assert set(CaseMember.objects.values_list("step", flat=True)) == {MemberStep.READY}


def test_batch_is_marked_printed_once(cast: Cast, in_print: PrintBatch) -> None:
    with working_context(cast["printer"]):
        mark_batch_printed(in_print.pk, by=cast["printer"])
        with pytest.raises(BatchNotReady):
            mark_batch_printed(in_print.pk, by=cast["printer"])
        assert Entry.objects.filter(action="batch.printed").count() == 1


@pytest.mark.parametrize("act", [mark_batch_printed, queue_again])
def test_batch_of_another_province_is_not_visible(cast: Cast, in_print: PrintBatch, act: Any) -> None:
    elsewhere = Actor(cast["printer"].user_id, "card_printer", cast.places["khorasan"].pk, "print_cards")
    with working_context(elsewhere), pytest.raises(RecordNotVisible):
        act(in_print.pk, by=elsewhere)


def test_queue_again_is_refused_once_printed(cast: Cast, in_print: PrintBatch) -> None:
    with working_context(cast["printer"]):
        mark_batch_printed(in_print.pk, by=cast["printer"])
        with pytest.raises(BatchNotReady):
            queue_again(in_print.pk, by=cast["printer"])


def test_hand_over_closes_the_case_with_its_last_card(cast: Cast, ready: Case) -> None:
    first, *others = cards_of(cast, ready.pk)
    with working_context(cast["narges"]):
        hand_over([first.pk], by=cast["narges"], receiver_id=first.person_id)
        assert Case.objects.get(pk=ready.pk).step == CaseStep.UNDER_REVIEW
        hand_over([card.pk for card in others], by=cast["narges"], receiver_id=first.person_id)
        assert Case.objects.get(pk=ready.pk).step == CaseStep.CLOSED


def test_hand_over_names_who_took_the_card(cast: Cast, ready: Case) -> None:
    head, spouse, _child = cards_of(cast, ready.pk)
    with working_context(cast["narges"]):
        hand_over([spouse.pk], by=cast["narges"], receiver_id=spouse.person_id)
        entry = Entry.objects.get(action="card.handed-over")
    assert entry.details == {"receiver": str(spouse.person_id)}
    assert head.person_id != spouse.person_id


def test_card_handed_over_twice_is_written_once(cast: Cast, ready: Case) -> None:
    first, second, _third = cards_of(cast, ready.pk)
    with working_context(cast["narges"]):
        (given,) = hand_over([first.pk], by=cast["narges"])
        with pytest.raises(CardAlreadyHandedOver):
            hand_over([second.pk, first.pk], by=cast["narges"])
        assert Card.objects.get(pk=first.pk).handed_over_at == given.handed_over_at
        assert Card.objects.get(pk=second.pk).state == CardState.READY
        assert Entry.objects.filter(action="card.handed-over").count() == 1


@pytest.mark.parametrize(("owner", "receiver"), [(0, 1), (2, 1), (2, 2)], ids=["head's", "child's", "to-the-child"])
def test_adult_member_takes_own_card_only(cast: Cast, ready: Case, owner: int, receiver: int) -> None:
    cards = cards_of(cast, ready.pk)
    with working_context(cast["narges"]):
        with pytest.raises(ReceiverNotEntitled):
            hand_over([cards[owner].pk], by=cast["narges"], receiver_id=cards[receiver].person_id)
        assert not Entry.objects.filter(action="card.handed-over").exists()


def test_nobody_of_another_family_takes_a_card(cast: Cast, ready: Case, approved: Approved) -> None:
    other = approved(size=1)
    stranger = make_ready_head(cast, other)
    card = cards_of(cast, ready.pk)[0]
    with working_context(cast["narges"]), pytest.raises(ReceiverNotEntitled):
        hand_over([card.pk], by=cast["narges"], receiver_id=stranger)


def make_ready_head(cast: Cast, case: Case) -> UUID:
    with working_context(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
        return CaseMember.objects.get(case=case).person_id


@pytest.mark.parametrize("state", ["in-print", "revoked"])
def test_hand_over_of_a_card_that_is_not_ready(cast: Cast, ready: Case, approved: Approved, state: str) -> None:
    card = cards_of(cast, ready.pk)[0]
    if state == "revoked":
        with working_context(cast["bahram"]):
            enter_case(ready.pk, by=cast["bahram"])
            revoke_card(card.pk, WHY, by=cast["bahram"])
    else:
        other = approved(size=1)
        make(cast["printer"])
        card = cards_of(cast, other.pk)[0]
    with working_context(cast["narges"]), pytest.raises(CardNotReady):
        hand_over([card.pk], by=cast["narges"])


def test_card_of_an_unopened_family_is_not_handed_over(cast: Cast, ready: Case) -> None:
    card = cards_of(cast, ready.pk)[0]
    with working_context(cast["omid"]), pytest.raises(CardNotReady):
        hand_over([card.pk], by=cast["omid"])


def test_revoked_card_says_so_in_the_public_list(cast: Cast, ready: Case) -> None:
    card = cards_of(cast, ready.pk, "bahram")[0]
    with working_context(cast["bahram"]):
        revoke_card(card.pk, f"  {WHY} ", by=cast["bahram"])
        assert Card.objects.get(pk=card.pk).revocation_reason == WHY
    assert status_of(card) == StatusCode.REVOKED


def test_card_is_revoked_once(cast: Cast, ready: Case) -> None:
    card = cards_of(cast, ready.pk, "bahram")[0]
    with working_context(cast["bahram"]):
        revoke_card(card.pk, WHY, by=cast["bahram"])
        with pytest.raises(CardAlreadyRevoked):
            revoke_card(card.pk, WHY, by=cast["bahram"])
        assert Entry.objects.filter(action="card.revoked").count() == 1


def test_revocation_without_a_reason_writes_nothing(cast: Cast, ready: Case) -> None:
    card = cards_of(cast, ready.pk, "bahram")[0]
    with working_context(cast["bahram"]), pytest.raises(RevocationNeedsReason):
        revoke_card(card.pk, " \n", by=cast["bahram"])
    assert status_of(card) == StatusCode.VALID


def test_card_of_an_unopened_family_is_not_revoked(cast: Cast, ready: Case) -> None:
    card = cards_of(cast, ready.pk)[0]
    with working_context(cast["sara"]), pytest.raises(RecordNotVisible):
        revoke_card(card.pk, WHY, by=cast["sara"])


def test_withdrawal_ends_cards_in_print(cast: Cast, in_print: PrintBatch) -> None:
    with working_context(cast["printer"]):
        case_id = Card.objects.filter(batch=in_print).values_list("case_id", flat=True)[0]
    withdraw(cast, case_id)
    cards = cards_of(cast, case_id)
    assert {card.state for card in cards} == {CardState.REVOKED}
    assert {status_of(card) for card in cards} == {StatusCode.REVOKED}
    assert {card.revocation_reason for card in cards} != {None}


def test_withdrawal_leaves_a_card_that_its_bearer_has(cast: Cast, ready: Case) -> None:
    first, *_others = cards_of(cast, ready.pk)
    with working_context(cast["narges"]):
        hand_over([first.pk], by=cast["narges"])
    withdraw(cast, ready.pk)
    states = [card.state for card in cards_of(cast, ready.pk)]
    assert states == [CardState.HANDED_OVER, CardState.REVOKED, CardState.REVOKED]
    assert status_of(first) == StatusCode.VALID


def test_cards_of_a_withdrawn_case_do_not_become_ready(cast: Cast, in_print: PrintBatch) -> None:
    with working_context(cast["printer"]):
        case_id = Card.objects.filter(batch=in_print).values_list("case_id", flat=True)[0]
    withdraw(cast, case_id)
    with working_context(cast["printer"]):
        mark_batch_printed(in_print.pk, by=cast["printer"])
    assert {card.state for card in cards_of(cast, case_id)} == {CardState.REVOKED}


def test_pdf_is_made_anew_without_ended_cards(cast: Cast, approved: Approved) -> None:
    stays, goes = approved(size=1), approved(size=2)
    batch = make(cast["printer"])
    withdraw(cast, goes.pk)
    with working_context(cast["printer"]):
        assert prepare_batch(batch.pk, by=cast["printer"]).state == BatchState.PREPARED
        mark_batch_printed(batch.pk, by=cast["printer"])
    assert [card.state for card in cards_of(cast, stays.pk)] == [CardState.READY]


def test_error_in_a_listener_undoes_the_withdrawal(cast: Cast, ready: Case) -> None:
    def fails(case: Case, by: Actor) -> None:
        raise LookupError

    listeners.on_withdrawn(fails)
    try:
        with pytest.raises(LookupError):
            withdraw(cast, ready.pk)
    finally:
        listeners.forget(fails)
    assert {card.state for card in cards_of(cast, ready.pk)} == {CardState.READY}


def test_listener_registered_twice_is_told_once(cast: Cast, ready: Case) -> None:
    told: list[UUID] = []

    def hears(case: Case, by: Actor) -> None:
        told.append(case.pk)

    listeners.on_withdrawn(hears)
    listeners.on_withdrawn(hears)
    try:
        withdraw(cast, ready.pk)
    finally:
        listeners.forget(hears)
    assert told == [ready.pk]


def test_case_whose_family_is_not_open_is_not_withdrawn(cast: Cast, ready: Case) -> None:
    colleague = Actor(cast["kamran"].user_id, "clerk", cast["narges"].scope_id, "take_application")
    with working_context(colleague):
        version = Case.objects.get(pk=ready.pk).version
        with pytest.raises(RecordNotVisible):
            withdraw_case(ready.pk, version, by=colleague)
        assert Case.objects.get(pk=ready.pk).step == CaseStep.UNDER_REVIEW


def at_once(*acts: Any) -> list[Any]:
    """Runs all at the same moment, each on a connection of its own; their results, or the facts that stopped them."""
    gate = Barrier(len(acts))

    def run(act: Any) -> Any:
        gate.wait()
        try:
            return act()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def spoil(cast: Cast, case_id: UUID) -> None:
    """The cards are revoked and their members wait for new ones."""
    with working_context(cast["bahram"]):
        enter_case(case_id, by=cast["bahram"])
        case = lock_case(case_id)
        for card in Card.objects.filter(case=case, revoked_at=None).select_related("case_member"):
            revoke_card(card.pk, WHY, by=cast["bahram"])
            move_member(case, card.case_member, MemberStep.APPROVED, by=cast["bahram"])


def race_for_batches(cast: Cast, approved: Approved, races: int) -> None:
    """Two printers press at once, over and over: every member gets one card each time, in one batch."""
    second = Actor(cast["laleh"].user_id, "card_printer", cast["printer"].scope_id, "print_cards")
    case = approved(size=2)
    for race in range(1, races + 1):
        results = at_once(lambda: make(cast["printer"]), lambda: make(second))
        assert Counter(type(result) for result in results) == {PrintBatch: 1, NothingToPrint: 1}
        with working_context(cast["bahram"]):
            enter_case(case.pk, by=cast["bahram"])
            live = Card.objects.filter(case=case, revoked_at=None).values_list("person_id", flat=True)
            assert len(live) == len(set(live)) == 2
            assert Card.objects.filter(case=case).count() == 2 * race
        spoil(cast, case.pk)


@pytest.mark.django_db(transaction=True)
def test_two_printers_at_once_make_no_card_twice(cast: Cast, approved: Approved) -> None:
    race_for_batches(cast, approved, 20)


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.django_db(transaction=True)
def test_two_printers_at_once_make_no_card_twice_at_length(cast: Cast, approved: Approved) -> None:
    race_for_batches(cast, approved, 1_000)


@pytest.mark.django_db(transaction=True)
def test_hand_over_and_withdrawal_at_once_are_one_or_the_other(cast: Cast, approved: Approved) -> None:
    for _race in range(6):
        case = approved(size=2)
        with working_context(cast["printer"]):
            batch = make_batch(by=cast["printer"])
            prepare_batch(batch.pk, by=cast["printer"])
            mark_batch_printed(batch.pk, by=cast["printer"])
        cards = [card.pk for card in cards_of(cast, case.pk)]

        def give(cards: list[UUID] = cards) -> list[Card]:
            with working_context(cast["narges"]):
                return hand_over(cards, by=cast["narges"])

        def leave(case_id: UUID = case.pk) -> Case:
            return withdraw(cast, case_id)

        at_once(give, leave)
        states = {card.state for card in cards_of(cast, case.pk)}
        with working_context(cast["narges"]):
            step = Case.objects.get(pk=case.pk).step
        assert (step, states) in [
            (CaseStep.CLOSED, {CardState.HANDED_OVER}),
            (CaseStep.WITHDRAWN, {CardState.REVOKED}),
        ]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_hand_a_card_over_once(cast: Cast, ready: Case) -> None:
    cards = [card.pk for card in cards_of(cast, ready.pk)]

    def give() -> list[Card]:
        with working_context(cast["narges"]):
            return hand_over(cards, by=cast["narges"])

    results = at_once(give, give)
    assert Counter(type(result) for result in results) == {list: 1, CardAlreadyHandedOver: 1}
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="card.handed-over").count() == 3


def test_make_batch_stops_when_the_status_list_is_full(
    cast: Cast, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(size=2)
    monkeypatch.setattr("khedmat.cards.actions.secrets.randbelow", lambda _limit: 815)
    with pytest.raises(StatusListFull), working_context(cast["printer"]):
        make_batch(by=cast["printer"])
    with working_context(cast["printer"]):
        assert not PrintBatch.objects.exists()


def test_card_revoked_before_hand_over_goes_back_to_the_officer(cast: Cast, ready: Case) -> None:
    card = cards_of(cast, ready.pk, "bahram")[0]
    with working_context(cast["bahram"]):
        revoke_card(card.pk, WHY, by=cast["bahram"])
        member = CaseMember.objects.get(pk=card.case_member_id)
        assert member.step == MemberStep.UNDER_REVIEW
        assert Case.objects.get(pk=ready.pk).step == CaseStep.UNDER_REVIEW


def test_clerk_revokes_no_card(cast: Cast, ready: Case) -> None:
    with working_context(cast["narges"]):
        enter_case(ready.pk, by=cast["narges"])
        card = Card.objects.filter(case=ready)[0]
        with pytest.raises(PermissionMissing):
            revoke_card(card.pk, WHY, by=cast["narges"])
