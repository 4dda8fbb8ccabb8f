"""Exemptions and payment in parts: asked by the clerk with papers, decided by the manager, before or after the bill."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from khedmat.accounts.errors import PermissionMissing
from khedmat.cards.selectors import cases_awaiting_print
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case, Milestone, PaperCheck
from khedmat.common.actor import Actor
from khedmat.payments.enums import ChargeState, RefundCause
from khedmat.payments.models import Charge, Refund
from khedmat.payments.refunds import ask_refund
from khedmat.payments.selectors import balances_at, live_charge_of, live_parts_of
from khedmat.rounds import enrolment, relief
from khedmat.rounds.enrolment import CASE_TYPE, add_portrait, mark_papers, start_enrolment, withdraw_enrolment
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.enums import PaymentOrder, ReliefKind, ReliefState
from khedmat.rounds.errors import (
    ReliefAlreadyAsked,
    ReliefAlreadyDecided,
    ReliefByAnother,
    ReliefNeedsReason,
    ReliefNotOffered,
    ReliefPaperMissing,
)
from khedmat.rounds.models import ReliefRequest
from khedmat.rounds.relief import ask_relief, decline_relief, grant_relief, waiting_relief
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import SignIn
from tests.cast import Cast
from tests.files.samples import pdf

pytestmark = pytest.mark.django_db
Acting = Callable[[Actor], AbstractContextManager[None]]
LEVY, CARDS = 2_500_000, 6_000_000
WHY = "سرپرست خانوار بیمار است."


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family of five that waits at the cashier's."""
    line.open_round(cast)
    return line.take_application(cast, line.register(cast))


def ask(cast: Cast, case: Case, kind: ReliefKind = ReliefKind.EXEMPTION, code: str = "vulnerable") -> ReliefRequest:
    papers = {"support-letter": pdf()} if kind == ReliefKind.EXEMPTION else {}
    with working_context(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
        return ask_relief(case.pk, kind, code, WHY, papers, by=cast["narges"])


def grant(cast: Cast, request: ReliefRequest, who: str = "shirin") -> None:
    with working_context(cast[who]):
        enter_case(request.case_id, by=cast[who])
        grant_relief(request.pk, "مدرک دیده شد.", by=cast[who])


def charge_of(cast: Cast, case: Case) -> Charge:
    with working_context(cast["kamran"]):
        found = live_charge_of(CASE_TYPE, case.pk)
    assert found is not None
    return found


def test_exemption_granted_before_the_payment_lessens_the_bill(cast: Cast, acting: Acting, case: Case) -> None:
    request = ask(cast, case)
    with acting(cast["shirin"]):
        assert [(row.case_id, row.waiting) for row in waiting_relief()] == [(case.pk, 1)]
    grant(cast, request)
    with acting(cast["kamran"]):
        charge = charge_of(cast, case)
        (waiver,) = charge.waivers.all()
        assert (charge.open_rial, waiver.amount_rial) == (CARDS, LEVY)
        assert waiver.explanation_fa == "معاف از عوارض شهرداری: خانوار آسیب‌پذیر"
    line.pay(cast, case)
    with acting(cast["kamran"]):
        assert balances_at(charge.scope_id)["waived:municipal_levy"] == LEVY
    with acting(cast["shirin"]):
        assert waiting_relief() == []


def test_exemption_granted_before_the_bill_stands_in_it(cast: Cast, acting: Acting) -> None:
    line.open_round(cast)
    household = line.register(cast)
    narges = cast["narges"]
    with acting(narges):
        case = start_enrolment(household.pk, line.ROUND, by=narges)
    grant(cast, ask(cast, case))
    grant(cast, ask(cast, case, ReliefKind.INSTALMENTS, "three-parts"))
    with acting(narges):
        fresh = Case.objects.get(pk=case.pk)
        seen = [(paper.code, paper.member_id) for paper in enrolment_view(fresh).papers]
        mark_papers(case.pk, fresh.version, seen, by=narges)
        for number, member in enumerate(fresh.members.all()):
            add_portrait(case.pk, member.pk, line.portrait(number), by=narges)
        parts = live_parts_of(charge_of(cast, case))
    assert [part.amount_rial for part in parts] == [2_400_000, 1_800_000, 1_800_000]


def test_exemption_granted_after_the_payment_asks_for_a_refund(cast: Cast, acting: Acting, case: Case) -> None:
    request = ask(cast, case)
    line.pay(cast, case)
    line.submit(cast, case.pk)
    grant(cast, request)
    with acting(cast["shirin"]):
        refund = Refund.objects.get()
        assert (refund.amount_rial, refund.cause, refund.asked_by) == (
            LEVY, RefundCause.EXEMPTION, cast["narges"].user_id
        )  # fmt: skip
        assert Case.objects.get(pk=case.pk).step == CaseStep.SUBMITTED


def test_exemption_granted_after_all_went_back_asks_for_nothing_more(cast: Cast, acting: Acting, case: Case) -> None:
    request = ask(cast, case)
    line.pay(cast, case)
    charge = charge_of(cast, case)
    with acting(cast["kamran"]):
        ask_refund(charge.pk, cause=RefundCause.MISTAKE, amount_rial=LEVY + CARDS, reason="دو بار.", by=cast["kamran"])
    grant(cast, request)
    with acting(cast["shirin"]):
        assert Refund.objects.count() == 1


def test_parts_granted_let_the_case_go_on_after_the_first(cast: Cast, acting: Acting, case: Case) -> None:
    grant(cast, ask(cast, case, ReliefKind.INSTALMENTS, "three-parts"))
    line.pay(cast, case)
    with acting(cast["kamran"]):
        charge = charge_of(cast, case)
        assert (charge.state, charge.settled_rial) == (ChargeState.OPEN, 3_400_000)
        assert Case.objects.get(pk=case.pk).step == CaseStep.PAID
    line.submit(cast, case.pk)
    for receipt in ("1002", "1003"):
        line.pay(cast, case, receipt=receipt)
    assert charge_of(cast, case).state == ChargeState.PAID


def test_withdrawn_case_owes_its_paid_parts_back(cast: Cast, acting: Acting, case: Case) -> None:
    grant(cast, ask(cast, case, ReliefKind.INSTALMENTS, "three-parts"))
    line.pay(cast, case)
    with acting(cast["narges"]):
        withdraw_enrolment(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])
        assert {code: sum_ for code, sum_ in balances_at(case.scope_id).items() if sum_} == {
            "counter-cash": 3_400_000, "overpaid": -3_400_000
        }  # fmt: skip


def test_request_without_its_paper_or_reason_or_twice_is_refused(cast: Cast, acting: Acting, case: Case) -> None:
    narges = cast["narges"]
    with acting(narges):
        for code, reason, papers, error in (
            ("vulnerable", WHY, {}, ReliefPaperMissing),
            ("vulnerable", " ", {"support-letter": pdf()}, ReliefNeedsReason),
            ("unheard-of", WHY, {}, ReliefNotOffered),
        ):
            with pytest.raises(error):
                ask_relief(case.pk, ReliefKind.EXEMPTION, code, reason, papers, by=narges)
    ask(cast, case)
    with pytest.raises(ReliefAlreadyAsked):
        ask(cast, case)
    with acting(narges):
        assert PaperCheck.objects.filter(case=case, document_code="support-letter", file__isnull=False).count() == 1


def test_only_another_persons_manager_decides_and_once(cast: Cast, acting: Acting, case: Case, raw: Any) -> None:
    request = ask(cast, case)
    with acting(cast["narges"]), pytest.raises(PermissionMissing):
        grant_relief(request.pk, "خوب", by=cast["narges"])
    as_manager = replace(cast["narges"], role="office_manager")
    with acting(as_manager):
        enter_case(case.pk, by=as_manager)
        with pytest.raises(ReliefByAnother):
            grant_relief(request.pk, "خوب", by=as_manager)
    with acting(cast["shirin"]):
        enter_case(case.pk, by=cast["shirin"])
        with pytest.raises(ReliefNeedsReason):
            decline_relief(request.pk, "", by=cast["shirin"])
        decline_relief(request.pk, "مدرک کافی نیست.", by=cast["shirin"])
        with pytest.raises(ReliefAlreadyDecided):
            grant_relief(request.pk, "خوب", by=cast["shirin"])
        with pytest.raises(IntegrityError, match="asked_and_decided_by_two"), transaction.atomic():
            raw.execute("UPDATE rounds_reliefrequest SET decided_by = asked_by WHERE id = %s", [request.pk])
    assert charge_of(cast, case).waived_rial == 0


def pay_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The round takes the money after the sending."""
    real = relief.content_of_case
    monkeypatch.setattr(enrolment, "content_of_case", lambda case: with_order(real(case)))


def with_order(content: Any) -> Any:
    return replace(content, payment_order=PaymentOrder.AFTER_SUBMISSION)


def test_round_that_takes_the_money_later_prints_only_what_is_paid(
    cast: Cast, acting: Acting, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay_later(monkeypatch)
    line.submit(cast, case.pk)
    line.decide_all(cast, case.pk)
    with acting(cast["printer"]):
        assert cases_awaiting_print() == []
    line.pay(cast, case)
    with acting(cast["printer"]):
        assert cases_awaiting_print() == [(case.pk, 5)]
        assert Case.objects.get(pk=case.pk).step == CaseStep.UNDER_REVIEW
        assert Milestone.objects.filter(case_id=case.pk, step="paid").count() == 1


# Pages


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_clerk_asks_and_manager_grants_on_their_pages(cast: Cast, as_staff: SignIn, acting: Acting, case: Case) -> None:
    narges, shirin = as_staff("narges"), as_staff("shirin")
    with acting(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
    url = f"/cases/{case.pk}/relief/"
    assert "Vulnerable household" in words(narges.get(url))
    sent = {"choice": "exemption:vulnerable", "reason": WHY}
    assert "Add a picture of the paper" in words(narges.post(url, sent))
    paper = SimpleUploadedFile("letter.pdf", pdf(), "application/pdf")
    assert narges.post(url, sent | {"paper-support-letter": paper}).status_code == 302
    assert "Waits for the office manager" in words(narges.get(f"/cases/{case.pk}/"))
    listed = words(shirin.get("/relief/"))
    assert case.number in listed
    assert "Rezai" not in listed
    page = shirin.get(f"/relief/{case.pk}/")
    assert "/files/" in page.content.decode()
    with acting(cast["shirin"]):
        request = ReliefRequest.objects.get()
    prefix = f"r{request.pk.hex}"
    empty = shirin.post(f"/relief/{case.pk}/", {"request": str(request.pk), f"{prefix}-decision": "grant"})
    assert empty.status_code == 422
    decided = {"request": str(request.pk), f"{prefix}-decision": "grant", f"{prefix}-reason": "مدرک دیده شد."}
    assert shirin.post(f"/relief/{case.pk}/", decided).status_code == 302
    with acting(cast["shirin"]):
        assert ReliefRequest.objects.get().state == ReliefState.GRANTED
    shown = words(narges.get(f"/cases/{case.pk}/"))
    assert "Exempt from the municipal levy: Vulnerable household" in shown
    assert "6,000,000" in shown
