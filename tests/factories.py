"""Synthetic families and their cases, made through the real actions. Every name is invented.

Each maker opens the working context of whoever would do it, so that it can be called from anywhere.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from uuid import UUID

from django.test import override_settings
from django.utils import timezone

from khedmat.accounts.actions import add_user, give_role
from khedmat.accounts.enums import Role
from khedmat.cards.actions import revoke_card
from khedmat.cards.enums import CardKind
from khedmat.cards.models import Card, PrintBatch, PublicStatus
from khedmat.casework.actions import (
    attach_paper,
    attach_portrait,
    check_papers,
    decide_member,
    enter_case,
    lock_case,
    move_case,
    open_case,
    send_to_review,
    take_for_review,
)
from khedmat.casework.enums import CaseStep, Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.common.jalali import to_jalali
from khedmat.config.demo.staff import PURPOSES
from khedmat.files.actions import store_paper, store_portrait, store_scoped_file
from khedmat.files.enums import ScopedFileKind
from khedmat.payments.actions import raise_charge, receive_callback, start_payment
from khedmat.payments.gateways import DemoGateway, PaymentOrder
from khedmat.payments.models import Charge
from khedmat.payments.rules import BillLine
from khedmat.places.models import Scope
from khedmat.registry.actions import register_household
from khedmat.registry.enums import DocumentKind, Relation, Sex
from khedmat.registry.models import Household
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry
from khedmat.vault.context import working_context
from tests.casework.officers_work import draft_bulk, stop
from tests.cast import LONG_AGO, PASSWORD
from tests.files.samples import pdf, picture

GIVEN_NAMES = (
    ("بهزاد", "Behzad", Sex.MALE),
    ("فرشته", "Fereshteh", Sex.FEMALE),
    ("کیوان", "Keyvan", Sex.MALE),
    ("نیلوفر", "Niloufar", Sex.FEMALE),
    ("آرمان", "Arman", Sex.MALE),
    ("مهتاب", "Mahtab", Sex.FEMALE),
    ("پرویز", "Parviz", Sex.MALE),
)
FAMILY_NAMES = (("آفتابی", "Aftabi"), ("بارانی", "Barani"), ("سپیداری", "Sepidari"), ("کوهساری", "Kouhsari"))
SERIES = "proof-round-1"
PROGRAMME = "proof"
# Said nowhere else: the secrets test looks for it in every table's file, where other tests left their texts.
APPROVED = "همهٔ برگه‌های این عضو، نمونهٔ نگهبانی، دیده شد."
DEMO_BANK = {"demo": "khedmat.payments.gateways.DemoGateway"}

_running = count(1)


def staff(name: str, role: Role, place: Scope) -> Actor:
    """One more member of staff than the cast has."""
    user = add_user(username=name, name_fa=name, name_en=name.title(), password=PASSWORD)
    give_role(user, role, place, held_from_on=LONG_AGO, by=None)
    return Actor(user_id=UUID(str(user.pk)), role=role, scope_id=place.pk, purpose=PURPOSES[role])


def entry_of(size: int = 3, *, document: str = "", birth_on: date = date(1985, 6, 1), name: str = "") -> HouseholdEntry:
    """A household of `size` members, not written anywhere. The head presents `document`, or a number of its own."""
    serial = next(_running)
    family_fa, family_en = FAMILY_NAMES[serial % len(FAMILY_NAMES)]
    members = []
    for place in range(size):
        given_fa, given_en, sex = GIVEN_NAMES[place % len(GIVEN_NAMES)]
        number = document if document and place == 0 else f"A18{serial:06d}{place:02d}"
        members.append(
            MemberEntry(
                given_name=name if name and place == 0 else given_fa,
                family_name=family_fa,
                latin_name=f"{given_en} {family_en}",
                father_name="داوود",
                sex=sex,
                birth_on=birth_on if place == 0 else date(2005 + place % 15, 3, 1 + place % 20),
                relation=Relation.HEAD if place == 0 else Relation.SON,
                documents=(DocumentEntry(DocumentKind.AMAYESH_CARD, number),),
            )
        )
    return HouseholdEntry(
        tuple(members),
        phone=f"0912{serial:07d}",
        address="خیابان آزمون، کوچهٔ نمونه",
        postal_code=f"19{serial:08d}",
    )


def family(by: Actor, size: int = 3, *, document: str = "", name: str = "") -> Household:
    """A family registered at the actor's place, which the actor has open."""
    with working_context(by):
        return register_household(entry_of(size, document=document, name=name), by=by)


def case_of(by: Actor, household: Household, *, series: str = SERIES) -> Case:
    """A case of the whole family at the actor's office, at its first step."""
    with working_context(by):
        return open_case(
            household,
            list(household.members.all()),
            case_type=PROGRAMME,
            series=series,
            series_version=1,
            number_prefix="P1",
            by=by,
        )


def advance(case: Case, *steps: CaseStep, by: Actor) -> None:
    """Move a case along the given steps."""
    with working_context(by):
        for step in steps:
            move_case(lock_case(case.pk), step, by=by)


def equip(case: Case, *, by: Actor) -> None:
    """See one paper with a picture of it, and photograph every member."""
    with working_context(by):
        check_papers(lock_case(case.pk), [("old-card", None)], by=by)
        paper = store_paper(pdf(), case.household_id, by=by, case_id=case.pk)
        attach_paper(lock_case(case.pk), "old-card", None, paper, by=by)
        for member in CaseMember.objects.filter(case=case):
            portrait = store_portrait(picture(), case.household_id, by=by, case_id=case.pk)
            attach_portrait(lock_case(case.pk), member, portrait, by=by)


def submitted_case(by: Actor, household: Household) -> Case:
    """A case with papers and portraits, submitted to the province."""
    case = case_of(by, household)
    equip(case, by=by)
    steps = (CaseStep.ARRIVED, CaseStep.PAPERS_CHECKED, CaseStep.PHOTOGRAPHED, CaseStep.PAID)
    advance(case, *steps, by=by)
    with working_context(by):
        members = CaseMember.objects.filter(case=case)
        send_to_review(lock_case(case.pk), {member.pk: False for member in members}, by=by)
    return case


def approve(case: Case, *, by: Actor) -> None:
    """Take a submitted case and approve every member."""
    with working_context(by):
        enter_case(case.pk, by=by)
        take_for_review(case.pk, by=by)
        for member in CaseMember.objects.filter(case=case):
            decide_member(lock_case(case.pk), member, Outcome.APPROVE, APPROVED, {}, by=by)


def printed_cards(case: Case, *, by: Actor) -> PrintBatch:
    """One card for each member, in a batch of the printer's place. Written by hand: no round gives terms here."""
    with working_context(by):
        enter_case(case.pk, by=by)
        sheet = store_scoped_file(pdf(), by.scope_id, ScopedFileKind.PRINT_BATCH, by=by)
        batch = PrintBatch.objects.create(scope_id=by.scope_id, card_count=1, pdf=sheet, made_by=by.user_id)
        for member in CaseMember.objects.filter(case=case).select_related("person"):
            _card(case, member, batch, by=by)
    return batch


def _card(case: Case, member: CaseMember, batch: PrintBatch, *, by: Actor) -> Card:
    serial = next(_running)
    today = timezone.localdate()
    PublicStatus.objects.get_or_create(index=serial)
    card = Card(
        household_id=case.household_id,
        person=member.person,
        case=case,
        case_member=member,
        kind=CardKind.AMAYESH_CARD,
        series=case.series,
        number=f"P1-{serial:06d}",
        number_index=serial.to_bytes(32, "big"),
        token="token of a proof",
        status_index=serial,
        valid_from=today,
        valid_until=today + timedelta(days=364),
        portrait=member.portrait,
        batch=batch,
        issued_by=by.user_id,
    )
    card.save(force_insert=True)
    return card


def charge_for(case: Case, *, by: Actor) -> Charge:
    """What a case owes, by a bill of one line."""
    line = BillLine("card", "fee", 1, 500_000, 500_000, "کارت", "Card", "نمونه", "demo")
    with working_context(by):
        return raise_charge(
            subject_kind="proof.case",
            subject_id=case.pk,
            subject_number=case.number,
            lines=[line],
            tariff_reference="proof/1",
            by=by,
        )


def pay(charge: Charge, *, by: Actor) -> None:
    """Pay at the demo gateway, whose answer comes back signed."""
    with override_settings(PAYMENT_GATEWAYS=DEMO_BANK):
        _pay_at_demo_bank(charge, by=by)


def _pay_at_demo_bank(charge: Charge, *, by: Actor) -> None:
    with working_context(by):
        started = start_payment(charge.pk, gateway_code="demo", return_url="/", expected_version=charge.version, by=by)
    order = PaymentOrder(started.attempt.reference, charge.amount_rial)
    answer = DemoGateway().answer(order, callback_id=f"proof-{next(_running)}", has_succeeded=True)
    receive_callback("demo", answer)


@dataclass(frozen=True)
class Crew:
    """Those whose hands a case passes through in one province."""

    clerk: Actor
    cashier: Actor
    officer: Actor
    printer: Actor


def whole_line(crew: Crew, size: int = 2) -> Case:
    """One family from the counter to its cards, so that every table has rows of it."""
    household = family(crew.clerk, size)
    case = submitted_case(crew.clerk, household)
    pay(charge_for(case, by=crew.clerk), by=crew.cashier)
    stop(case.pk, by=crew.officer)
    draft_bulk([case.pk], APPROVED, by=crew.officer)
    approve(case, by=crew.officer)
    printed_cards(case, by=crew.printer)
    revoke_one(case, by=crew.officer)
    look_up_head(household, by=crew.clerk)
    return case


def revoke_one(case: Case, *, by: Actor) -> None:
    """End the first card of a case, with a reason."""
    with working_context(by):
        revoke_card(Card.objects.filter(case=case).order_by("number_index")[0].pk, "کارت گم شده است.", by=by)


def look_up_head(household: Household, *, by: Actor) -> None:
    """One look-up by the head's name and birth year."""
    from khedmat.registry.actions import look_up

    with working_context(by):
        head = household.members.get(relation=Relation.HEAD)
        look_up(name=head.full_name, birth_years=[to_jalali(head.birth_on).year], by=by)
