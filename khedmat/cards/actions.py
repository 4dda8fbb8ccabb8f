"""Every change of a card: issued into a batch, printed, handed over, revoked; and extensions of validity."""

import secrets
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from khedmat.audit.actions import record
from khedmat.cards.enums import BatchState, CardState, StatusCode
from khedmat.cards.errors import (
    BatchNotReady,
    CardAlreadyIssued,
    CardAlreadyRevoked,
    CardNotReady,
    ExtensionNotLater,
    NothingToPrint,
    NoticeAlreadyUsed,
    RevocationNeedsReason,
)
from khedmat.cards.models import Card, PrintBatch, PublicStatus, ValidityExtension
from khedmat.cards.selectors import BUNDLE_CACHE_KEY, card_number_index, cases_awaiting_print
from khedmat.cards.status_list import CAPACITY
from khedmat.cards.terms import CardTerms, terms_of
from khedmat.cards.token import CardClaims, encode_card
from khedmat.casework import actions as casework
from khedmat.casework.enums import MemberStep
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.common.identifiers import normalise_document_number
from khedmat.registry.actions import write_document
from khedmat.registry.rules import DocumentEntry
from khedmat.vault.cose import SigningKey
from khedmat.vault.keyring import read_key

CARDS_IN_A_BATCH = 100


@transaction.atomic
def make_batch(*, by: Actor) -> PrintBatch:
    """Issue a card to each approved member that waits longest, up to 100, and queue their PDF.

    Each case is opened to the printer (granted, counted, recorded). Errors: NothingToPrint, SpentReadBudget.
    """
    chosen = _cases_for_one_batch(cases_awaiting_print())
    if not chosen:
        raise NothingToPrint
    batch = PrintBatch(scope_id=by.scope_id, card_count=sum(chosen.values()), made_by=by.user_id)
    batch.save(force_insert=True)
    issued = 0
    for case_id in chosen:
        casework.enter_case(case_id, by=by)
        case = casework.lock_case(case_id)
        waiting = CaseMember.objects.select_for_update(of=("self",)).filter(case=case, step=MemberStep.APPROVED)
        for member in waiting.select_related("person"):
            _issue_card(case, member, batch, by=by)
            casework.move_member(case, member, MemberStep.IN_PRINT, by=by)
            issued += 1
    if not issued:
        raise NothingToPrint
    batch.card_count = issued
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
def mark_batch_printed(batch_id: UUID, *, by: Actor) -> PrintBatch:
    """The cards are out of the printer and looked at: each waits for its family. Errors: BatchNotReady."""
    batch = PrintBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None or batch.state != BatchState.PREPARED:
        raise BatchNotReady
    batch.state, batch.printed_at, batch.printed_by = BatchState.PRINTED, timezone.now(), by.user_id
    batch.save(update_fields=["state", "printed_at", "printed_by"])
    for case_id in open_batch(batch.pk, by=by):
        case = casework.lock_case(case_id)
        for card in _cards_in_print(batch, case):
            card.state = CardState.READY
            card.save(update_fields=["state"])
            _add_to_register(card, by=by)
            member = CaseMember.objects.get(pk=card.case_member_id)
            if member.step == MemberStep.IN_PRINT:
                casework.move_member(case, member, MemberStep.READY, by=by)
    record("batch.printed", by=by, subject="cards.printbatch", subject_id=batch.pk)
    return batch


def open_batch(batch_id: UUID, *, by: Actor) -> list[UUID]:
    """Open the families of a batch to its printer; answers the cases. Errors: RecordNotVisible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.open_batch(%s)", [batch_id])
        return sorted(case_id for (case_id,) in cursor.fetchall())


@transaction.atomic
def hand_over(card_ids: Sequence[UUID], *, by: Actor) -> list[Card]:
    """Give ready cards into the family's hands; the case closes with its last member. Errors: CardNotReady."""
    handed = []
    for card_id in card_ids:
        card = Card.objects.select_for_update(of=("self",)).filter(pk=card_id).first()
        if card is None or card.state != CardState.READY:
            raise CardNotReady
        card.state, card.handed_over_at, card.handed_over_by = (
            CardState.HANDED_OVER,
            timezone.now(),
            by.user_id,
        )
        card.save(update_fields=["state", "handed_over_at", "handed_over_by"])
        case = casework.lock_case(card.case_id)
        member = CaseMember.objects.select_for_update(of=("self",)).get(pk=card.case_member_id)
        casework.move_member(case, member, MemberStep.HANDED_OVER, by=by)
        _record("card.handed-over", card, by=by)
        handed.append(card)
    return handed


@transaction.atomic
def revoke_card(card_id: UUID, reason: str, *, by: Actor, status: StatusCode = StatusCode.REVOKED) -> Card:
    """End a card before its time, with a reason the family can read; anyone who checks it is told.

    Errors: CardNotReady (not visible), CardAlreadyRevoked, RevocationNeedsReason.
    """
    if not reason.strip():
        raise RevocationNeedsReason
    card = Card.objects.select_for_update(of=("self",)).filter(pk=card_id).first()
    if card is None:
        raise CardNotReady
    if card.revoked_at is not None:
        raise CardAlreadyRevoked
    card.state, card.revoked_at, card.revoked_by = CardState.REVOKED, timezone.now(), by.user_id
    card.revocation_reason = reason.strip()
    card.save(update_fields=["state", "revoked_at", "revoked_by", "revocation_reason"])
    PublicStatus.objects.filter(pk=card.status_index).update(status=status)
    _record("card.revoked", card, by=by, details={"status": int(status)})
    transaction.on_commit(_forget_bundle)
    return card


@transaction.atomic
def extend_validity(
    *, series: str, until_on: date, notice_number: str, noticed_on: date, by: Actor
) -> ValidityExtension:
    """Let all cards of a round stay valid until a later day, by a notice. No printed date is edited.

    Errors: ExtensionNotLater, NoticeAlreadyUsed.
    """
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
    return extension


def _cards_in_print(batch: PrintBatch, case: Case) -> QuerySet[Card]:
    cards = Card.objects.select_for_update(of=("self",)).filter(batch=batch, case=case, state=CardState.IN_PRINT)
    return cards.select_related("person")


def _cases_for_one_batch(waiting: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    """Whole families, the longest waiting first, as many as one batch holds."""
    chosen: dict[UUID, int] = {}
    room = CARDS_IN_A_BATCH
    for case_id, cards in waiting:
        if cards > room:
            break
        chosen[case_id] = cards
        room -= cards
    return chosen


def _issue_card(case: Case, member: CaseMember, batch: PrintBatch, *, by: Actor) -> Card:
    terms = terms_of(case)
    number = new_card_number(terms, case.scope.code)
    index = _take_status_index()
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
    card = Card(
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
        with transaction.atomic():
            card.save(force_insert=True)
    except IntegrityError as error:
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
    while True:
        index = secrets.randbelow(CAPACITY)
        _entry, is_new = PublicStatus.objects.get_or_create(index=index)
        if is_new:
            return index


@lru_cache(maxsize=4)
def signing_key(folder: Path) -> SigningKey:
    """The key that signs cards."""
    return SigningKey.from_pem(read_key(folder, "card-signing.pem"))


def _forget_bundle() -> None:
    cache.delete(BUNDLE_CACHE_KEY)


def _record(action: str, card: Card, *, by: Actor, details: dict[str, int] | None = None) -> None:
    record(
        action,
        by=by,
        subject="cards.card",
        subject_id=card.pk,
        household_id=card.household_id,
        case_id=card.case_id,
        details=dict(details or {}),
    )
