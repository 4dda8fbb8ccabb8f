"""One family's way through the line, by actions: for tests that need a case at some step."""

import io
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from PIL import Image, ImageDraw

from khedmat.cards.actions import hand_over, make_batch, mark_batch_printed
from khedmat.cards.models import Card, PrintBatch
from khedmat.cards.printing import prepare_batch
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.payments.actions import take_counter_payment
from khedmat.payments.enums import CounterMethod
from khedmat.payments.selectors import live_charge_of
from khedmat.registry.actions import register_household
from khedmat.registry.models import Household
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry
from khedmat.rounds.actions import demo_round
from khedmat.rounds.enrolment import (
    CASE_TYPE,
    add_portrait,
    decide,
    mark_papers,
    start_enrolment,
    submit_enrolment,
)
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.models import RoundVersion
from khedmat.vault.context import working_context
from tests.cast import Cast

ROUND = "amayesh-18"
REASON = "مدارک کامل است."


def open_round(cast: Cast) -> RoundVersion:
    """Amayesh 18, published."""
    with working_context(cast["manager"]):
        return demo_round(by=cast["manager"], today=timezone.localdate())


def family(*, cards_from: int = 4411830, size: int = 5, series: str = "amayesh-17") -> HouseholdEntry:
    """A family with last round's cards in hand; card numbers count up from `cards_from`."""
    people = [
        ("غلام‌سخی", "Ghulam Sakhi Rezai", "male", date(1982, 10, 4), "head"),
        ("زهرا", "Zahra Rezai", "female", date(1986, 4, 19), "spouse"),
        ("معصومه", "Masuma Rezai", "female", date(2011, 11, 26), "daughter"),
        ("علی‌رضا", "Alireza Rezai", "male", date(2016, 2, 10), "son"),
        ("یوسف", "Yusuf Rezai", "male", date(2020, 7, 10), "son"),
    ]
    members = tuple(
        MemberEntry(
            given_name=given,
            family_name="رضایی",
            father_name="محمد" if relation in {"head", "spouse"} else "غلام‌سخی",
            latin_name=latin,
            sex=sex,
            birth_on=birth,
            relation=relation,
            documents=(
                DocumentEntry(
                    kind="amayesh_card",
                    number=f"17{cards_from + index}",
                    series=series,
                    issued_on=timezone.localdate() - timedelta(days=400),
                    valid_until=timezone.localdate() - timedelta(days=30),
                ),
            ),
        )
        for index, (given, latin, sex, birth, relation) in enumerate(people[:size])
    )
    return HouseholdEntry(members=members, phone="+989121234567", address="شهریار، خیابان ولیعصر، پلاک ۷")


def portrait(shade: int = 120) -> bytes:
    """A drawn face as JPEG, 600 × 800."""
    picture = Image.new("RGB", (600, 800), (226, 230, 224))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((190, 160, 410, 430), fill=(shade, shade - 20, shade - 40))
    draw.ellipse((80, 470, 520, 1000), fill=(70, 80, 90))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def register(cast: Cast, clerk: str = "narges", *, cards_from: int = 4411830, size: int = 5) -> Household:
    """A family in the register of the clerk's province."""
    with working_context(cast[clerk]):
        return register_household(family(cards_from=cards_from, size=size), by=cast[clerk])


def take_application(cast: Cast, household: Household, clerk: str = "narges") -> Case:
    """Arrived, papers seen, photographed: waiting at the cashier's."""
    actor = cast[clerk]
    with working_context(actor):
        case = start_enrolment(household.pk, ROUND, by=actor)
        seen = [(paper.code, paper.member_id) for paper in enrolment_view(case).papers]
        mark_papers(case.pk, case.version, seen, by=actor)
        for number, member_id in enumerate(CaseMember.objects.filter(case=case).values_list("pk", flat=True)):
            add_portrait(case.pk, member_id, portrait(100 + number * 10), by=actor)
        return Case.objects.get(pk=case.pk)


def pay(cast: Cast, case: Case, cashier: str = "kamran", receipt: str = "1001") -> None:
    """In cash, at the counter."""
    with working_context(cast[cashier]):
        charge = live_charge_of(CASE_TYPE, case.pk)
        assert charge is not None
        take_counter_payment(
            charge.pk,
            method=CounterMethod.CASH,
            receipt_number=receipt,
            expected_version=charge.version,
            by=cast[cashier],
        )


def submit(cast: Cast, case_id: UUID, clerk: str = "narges") -> Case:
    """Handed to the province."""
    with working_context(cast[clerk]):
        return submit_enrolment(case_id, Case.objects.get(pk=case_id).version, by=cast[clerk])


def decide_all(cast: Cast, case_id: UUID, officer: str = "bahram", outcome: Outcome = Outcome.APPROVE) -> Case:
    """The officer takes the case and decides each member alike."""
    actor = cast[officer]
    with working_context(actor):
        enter_case(case_id, by=actor)
        take_for_review(case_id, by=actor)
        for member_id in list(CaseMember.objects.filter(case_id=case_id).values_list("pk", flat=True)):
            version = Case.objects.get(pk=case_id).version
            decide(case_id, version, member_id, outcome, REASON, by=actor)
        return Case.objects.get(pk=case_id)


def print_cards(cast: Cast, printer: str = "printer") -> PrintBatch:
    """Batch made, PDF prepared, printed."""
    actor = cast[printer]
    with working_context(actor):
        batch = make_batch(by=actor)
        prepare_batch(batch.pk, by=actor)
        return mark_batch_printed(batch.pk, by=actor)


def give_cards(cast: Cast, case_id: UUID, clerk: str = "narges") -> list[Card]:
    """All ready cards of a case into the family's hands."""
    actor = cast[clerk]
    with working_context(actor):
        enter_case(case_id, by=actor)
        ready = Card.objects.filter(case_id=case_id, state="ready").values_list("pk", flat=True)
        return hand_over(list(ready), by=actor)


def whole_line(cast: Cast, *, cards_from: int = 4411830, receipt: str = "1001") -> Case:
    """A family of five, from the register to five cards in their hands."""
    case = take_application(cast, register(cast, cards_from=cards_from))
    pay(cast, case, receipt=receipt)
    submit(cast, case.pk)
    decide_all(cast, case.pk)
    print_cards(cast)
    give_cards(cast, case.pk)
    with working_context(cast["narges"]):
        return Case.objects.get(pk=case.pk)
