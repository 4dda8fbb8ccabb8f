"""Every change of a card: issued into a batch, printed, handed over, revoked; and extensions of validity."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require
from khedmat.audit.actions import Detail, record
from khedmat.cards.enums import BatchState, CardState, StatusCode
from khedmat.cards.errors import (
    BatchAlreadyMade,
    BatchNotReady,
    CardAlreadyHandedOver,
    CardAlreadyIssued,
    CardAlreadyRevoked,
    CardNotReady,
    ExtensionNotLater,
    NothingToPrint,
    NoticeAlreadyUsed,
    ReceiverNotEntitled,
    RevocationNeedsReason,
)
from khedmat.cards.listeners import ExtendedValidity, tell_extended, tell_ready
from khedmat.cards.models import Card, PrintBatch, PublicStatus, ValidityExtension
from khedmat.cards.rules import may_receive
from khedmat.cards.selectors import BUNDLE_CACHE_KEY, card_number_index, cases_awaiting_print
from khedmat.cards.status_list import CAPACITY, StatusListFull
from khedmat.cards.terms import CardTerms, terms_of
from khedmat.cards.token import CardClaims, encode_card
from khedmat.casework import actions as casework
from khedmat.casework.enums import MemberStep
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.common.constraints import insert_drawn, violated_constraint
from khedmat.common.identifiers import normalise_document_number
from khedmat.common.locks import Turn, take_turn
from khedmat.registry.actions import write_document
from khedmat.registry.models import Person
from khedmat.registry.rules import DocumentEntry
from khedmat.vault.context import raising_domain_errors
from khedmat.vault.cose import SigningKey
from khedmat.vault.keyring import read_key

CARDS_IN_A_BATCH = 100
# With nine tenths of the status list taken, so many draws fail once in a thousand million cards.
MOST_DRAWS = 200


@transaction.atomic
def make_batch(*, by: Actor, batch_id: UUID | None = None) -> PrintBatch:
    """Issue a card to each approved member that waits longest, up to 100, and queue their PDF.

    Each case is opened to the printer (granted, counted, recorded). `batch_id`, chosen with the page, makes a
    page sent twice one batch. Errors: NothingToPrint, BatchAlreadyMade, SpentReadBudget.
    """
    require(Permission.PRINT_CARDS, by=by)
    # Batches of one place are made one after the other: the second printer finds what the first has left.
    take_turn(Turn.MAKING_BATCHES, by.scope_id)
    batch = _begin_batch(batch_id, by=by)
    # Families are opened before cases are locked, and cases before cards: everybody in the same order.
    opened = [case_id for case_id in _cases_for_one_batch(cases_awaiting_print()) if _opens(case_id, by=by)]
    for case_id in sorted(opened):
        case = casework.lock_case(case_id)
        waiting = CaseMember.objects.select_for_update(of=("self",)).filter(case=case, step=MemberStep.APPROVED)
        for member in waiting.select_related("person"):
            _issue_card(case, member, batch, by=by)
            casework.move_member(case, member, MemberStep.IN_PRINT, by=by)
            batch.card_count += 1
    if not batch.card_count:
        raise NothingToPrint
    batch.save(update_fields=["card_count"])
    record(
        "batch.made",
        by=by,
        subject="cards.printbatch",
        subject_id=batch.pk,
        details={"cards": batch.card_count},
    )
    return batch


@transaction.atomic
def queue_again(batch_id: UUID, *, by: Actor) -> PrintBatch:
    """Let the PDF be made once more: it failed, or a card has ended since. Errors: RecordNotVisible, BatchNotReady."""
    batch = _lock_batch(batch_id)
    if batch.state not in {BatchState.FAILED, BatchState.PREPARED}:
        raise BatchNotReady
    batch.state = BatchState.QUEUED
    batch.save(update_fields=["state"])
    record("batch.queued-again", by=by, subject="cards.printbatch", subject_id=batch.pk)
    return batch


@transaction.atomic
def mark_batch_printed(batch_id: UUID, *, by: Actor) -> PrintBatch:
    """The cards are out of the printer and looked at: each waits for its family.

    Errors: RecordNotVisible, BatchNotReady.
    """
    require(Permission.PRINT_CARDS, by=by)
    batch = _lock_batch(batch_id)
    if batch.state != BatchState.PREPARED:
        raise BatchNotReady
    batch.state, batch.printed_at, batch.printed_by = BatchState.PRINTED, timezone.now(), by.user_id
    batch.save(update_fields=["state", "printed_at", "printed_by"])
    for case_id in open_batch(batch.pk, by=by):
        case = casework.lock_case(case_id)
        cards = list(_cards_in_print(batch, case))
        for card in cards:
            card.state = CardState.READY
            card.save(update_fields=["state"])
            _add_to_register(card, by=by)
            member = CaseMember.objects.get(pk=card.case_member_id)
            if member.step == MemberStep.IN_PRINT:
                casework.move_member(case, member, MemberStep.READY, by=by)
        if cards:
            tell_ready(case, by=by)
    record("batch.printed", by=by, subject="cards.printbatch", subject_id=batch.pk)
    return batch


def open_batch(batch_id: UUID, *, by: Actor) -> list[UUID]:
    """Open the families of a batch to its printer; answers the cases. Errors: RecordNotVisible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.open_batch(%s)", [batch_id])
        return sorted(case_id for (case_id,) in cursor.fetchall())


@transaction.atomic
def hand_over(card_ids: Sequence[UUID], *, by: Actor, receiver_id: UUID | None = None) -> list[Card]:
    """Give ready cards into the family's hands; the case closes with its last member.

    `receiver_id`: the person who takes them, shown to the clerk; the head where none is named. All or none.
    Errors: CardAlreadyHandedOver, CardNotReady, ReceiverNotEntitled.
    """
    require(Permission.HAND_OVER_CARD, by=by)
    # The case before its cards, as a withdrawal locks them.
    case_ids = set(Card.objects.filter(pk__in=card_ids).values_list("case_id", flat=True))
    cases = {case_id: casework.lock_case(case_id) for case_id in sorted(case_ids)}
    cards = [_ready_card(card_id) for card_id in dict.fromkeys(card_ids)]
    receiver = Person.objects.filter(pk=receiver_id).first() if receiver_id else None
    now = timezone.now()
    for card in cards:
        if receiver_id and (receiver is None or not may_receive(card.person, receiver, timezone.localdate(now))):
            raise ReceiverNotEntitled
        card.state, card.handed_over_at, card.handed_over_by = CardState.HANDED_OVER, now, by.user_id
        card.save(update_fields=["state", "handed_over_at", "handed_over_by"])
        member = CaseMember.objects.select_for_update(of=("self",)).get(pk=card.case_member_id)
        casework.move_member(cases[card.case_id], member, MemberStep.HANDED_OVER, by=by)
        _record("card.handed-over", card, by=by, details={"receiver": str(receiver_id or "")})
    return cards


def end_cards_of_withdrawn(case: Case, by: Actor) -> None:
    """A withdrawn case's cards that nobody holds yet end with it; what a member has in hand stays valid.

    Called by casework in the withdrawal's own transaction, the case locked.
    """
    with translation.override("fa"):
        reason = _("The family withdrew its application before the card was handed over.")
    held_back = Card.objects.filter(case=case, state__in=[CardState.IN_PRINT, CardState.READY])
    for card_id in held_back.order_by("pk").values_list("pk", flat=True):
        _end_card(card_id, reason, by=by)


def end_cards_of_dead(person: Person, by: Actor) -> None:
    """A dead person's cards end, whoever holds them. Called by changes in the transaction that records the death."""
    with translation.override("fa"):
        reason = _("The bearer of this card has died.")
    live = Card.objects.filter(person=person, revoked_at__isnull=True)
    for card_id in live.order_by("pk").values_list("pk", flat=True):
        _end_card(card_id, reason, by=by)


@transaction.atomic
def revoke_card(card_id: UUID, reason: str, *, by: Actor, status: StatusCode = StatusCode.REVOKED) -> Card:
    """End a card before its time, with a reason the family can read; anyone who checks it is told.

    A card that has not reached its bearer yet goes back to the officer: a person decides anew.
    Errors: RecordNotVisible, CardAlreadyRevoked, RevocationNeedsReason.
    """
    require(Permission.REVOKE_CARD, by=by)
    return _end_card(card_id, reason, by=by, status=status)


def _end_card(card_id: UUID, reason: str, *, by: Actor, status: StatusCode = StatusCode.REVOKED) -> Card:
    if not reason.strip():
        raise RevocationNeedsReason
    case_id = Card.objects.filter(pk=card_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise RecordNotVisible
    # The case before its cards, always: hand-over locks in the same order.
    case = casework.lock_case(case_id)
    card = Card.objects.select_for_update(of=("self",)).get(pk=card_id)
    if card.revoked_at is not None:
        raise CardAlreadyRevoked
    card.state, card.revoked_at, card.revoked_by = CardState.REVOKED, timezone.now(), by.user_id
    card.revocation_reason = reason.strip()
    card.save(update_fields=["state", "revoked_at", "revoked_by", "revocation_reason"])
    PublicStatus.objects.filter(pk=card.status_index).update(status=status)
    _record("card.revoked", card, by=by, details={"status": int(status)})
    member = CaseMember.objects.select_for_update(of=("self",)).get(pk=card.case_member_id)
    if member.step in {MemberStep.IN_PRINT, MemberStep.READY}:
        casework.move_member(case, member, MemberStep.UNDER_REVIEW, by=by)
    transaction.on_commit(_forget_bundle)
    return card


@transaction.atomic
def extend_validity(
    *, series: str, until_on: date, notice_number: str, noticed_on: date, by: Actor
) -> ValidityExtension:
    """Let all cards of a round stay valid until a later day, by a notice. No printed date is edited.

    Errors: ExtensionNotLater, NoticeAlreadyUsed.
    """
    require(Permission.EXTEND_VALIDITY, by=by)
    # Two at once would both be later than the last, and the earlier day could be written after the later one.
    take_turn(Turn.EXTENDING_VALIDITY, series)
    last = ValidityExtension.objects.filter(series=series).order_by("-until_on").first()
    if last is not None and until_on <= last.until_on:
        raise ExtensionNotLater
    extension = ValidityExtension(
        series=series,
        until_on=until_on,
        notice_number=notice_number,
        noticed_on=noticed_on,
        made_by=by.user_id,
    )
    try:
        with transaction.atomic():
            extension.save(force_insert=True)
    except IntegrityError as error:
        raise NoticeAlreadyUsed from error
    record(
        "validity.extended",
        by=by,
        subject="cards.validityextension",
        subject_id=extension.pk,
        details={"series": series, "until": until_on.isoformat()},
    )
    transaction.on_commit(_forget_bundle)
    tell_extended(ExtendedValidity(extension.pk, series, until_on, notice_number, noticed_on), by=by)
    return extension


def _begin_batch(batch_id: UUID | None, *, by: Actor) -> PrintBatch:
    batch = PrintBatch(id=batch_id or uuid4(), scope_id=by.scope_id, card_count=0, made_by=by.user_id)
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError as error:
        raise BatchAlreadyMade from error
    return batch


def _opens(case_id: UUID, *, by: Actor) -> bool:
    """Open a waiting case; False where it was withdrawn since it was counted."""
    try:
        with raising_domain_errors(), transaction.atomic():
            casework.enter_case(case_id, by=by)
    except RecordNotVisible:
        return False
    return True


def _lock_batch(batch_id: UUID) -> PrintBatch:
    batch = PrintBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise RecordNotVisible
    return batch


def _ready_card(card_id: UUID) -> Card:
    card = Card.objects.select_for_update(of=("self",)).select_related("person").filter(pk=card_id).first()
    if card is not None and card.state == CardState.HANDED_OVER:
        raise CardAlreadyHandedOver
    if card is None or card.state != CardState.READY:
        raise CardNotReady
    return card


def _cards_in_print(batch: PrintBatch, case: Case) -> QuerySet[Card]:
    cards = Card.objects.select_for_update(of=("self",)).filter(batch=batch, case=case, state=CardState.IN_PRINT)
    return cards.select_related("person")


def _cases_for_one_batch(waiting: Sequence[tuple[UUID, int]]) -> list[UUID]:
    """Whole families, the longest waiting first, as many as one batch holds."""
    chosen: list[UUID] = []
    room = CARDS_IN_A_BATCH
    for case_id, cards in waiting:
        if cards > room:
            break
        chosen.append(case_id)
        room -= cards
    return chosen


def _issue_card(case: Case, member: CaseMember, batch: PrintBatch, *, by: Actor) -> Card:
    terms = terms_of(case)
    index = _take_status_index()

    def draw() -> str:
        return new_card_number(terms, case.scope.code)

    def card_with(number: str) -> Card:
        claims = CardClaims(
            kind=terms.kind,
            number=number,
            series=terms.series,
            name=member.person.full_name,
            name_latin=member.person.latin_name,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            issued_at=int(timezone.now().timestamp()),
            status_index=index,
        )
        return Card(
            household_id=case.household_id,
            person=member.person,
            case=case,
            case_member=member,
            kind=terms.kind,
            series=terms.series,
            number=number,
            number_index=card_number_index(number),
            token=encode_card(claims, signing_key(Path(settings.KHEDMAT_KEYS_DIR))),
            status_index=index,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            portrait=member.portrait,
            batch=batch,
            issued_by=by.user_id,
        )

    try:
        card, _number = insert_drawn(draw, card_with, "cards_card_number_index_key")
    except IntegrityError as error:
        if violated_constraint(error) != "one_live_card_for_each_person_and_round":
            raise
        raise CardAlreadyIssued from error
    _record("card.issued", card, by=by)
    return card


def _add_to_register(card: Card, *, by: Actor) -> None:
    """The card is a document that the family presents from now on."""
    entry = DocumentEntry(
        kind=card.kind,
        number=normalise_document_number(card.number),
        series=card.series,
        issued_on=timezone.localdate(card.issued_at),
        valid_until=card.valid_until,
    )
    write_document(card.person, entry, by=by)


def new_card_number(terms: CardTerms, office_code: str) -> str:
    """`A18-042-7F3K9Q`: round, office, and six random letters that are not mistaken for one another."""
    letters = "".join(secrets.choice("23456789ACDEFGHJKMNPQRTVWXY") for _ in range(6))
    return f"{terms.number_prefix}-{office_code}-{letters}"


def _take_status_index() -> int:
    """A free place of the status list, drawn at random. Errors: StatusListFull."""
    for _draw in range(MOST_DRAWS):
        index = secrets.randbelow(CAPACITY)
        _entry, is_new = PublicStatus.objects.get_or_create(index=index)
        if is_new:
            return index
    raise StatusListFull(f"{MOST_DRAWS} draws found no free place: a second list is due")


@lru_cache(maxsize=4)
def signing_key(folder: Path) -> SigningKey:
    """The key that signs cards."""
    return SigningKey.from_pem(read_key(folder, "card-signing.pem"))


def _forget_bundle() -> None:
    cache.delete(BUNDLE_CACHE_KEY)


def _record(action: str, card: Card, *, by: Actor, details: Mapping[str, Detail] | None = None) -> None:
    record(
        action,
        by=by,
        subject="cards.card",
        subject_id=card.pk,
        household_id=card.household_id,
        case_id=card.case_id,
        details=dict(details or {}),
    )
