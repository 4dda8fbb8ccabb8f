"""The cashier's pages, the demo bank and the door for call-backs, through Django's client."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from khedmat.accounts.actions import add_user, give_role
from khedmat.accounts.enums import Role
from khedmat.accounts.models import User
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.payments import actions, selectors
from khedmat.payments.enums import ChargeState, CounterMethod, EntryKind
from khedmat.payments.gateways import DemoGateway, PaymentOrder
from khedmat.payments.models import Charge, GatewayCallback, JournalEntry, PaymentAttempt
from khedmat.payments.web import views
from khedmat.payments.web.showing import bill_rows
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import SignIn, english_browser
from tests.cast import LONG_AGO, Cast
from tests.payments.conftest import AMOUNT, KIND, answer_of_bank, raise_at, start_at_bank
from tests.payments.test_rules import bill_line

pytestmark = pytest.mark.django_db
CASH = {"method": "counter-cash", "receipt_number": "1001", "version": "1"}
CALLBACK = "/payments/callback/demo/"


@pytest.fixture(autouse=True)
def _plain_pages(settings: Settings, unhashed_static: None, in_english: None) -> None:
    """Every test here, with the demonstration's bank."""
    settings.KHEDMAT_DEMO = True


@pytest.fixture
def kamran(as_staff: SignIn) -> Client:
    """The cashier of Shahriar."""
    return as_staff("kamran")


def words(response: Any) -> str:
    """The text of a page, without its tags, in single spaces."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def url_of(charge: Charge) -> str:
    return reverse("payments:charge", args=[charge.pk])


def state_of(charge: Charge, by: Actor) -> str:
    with working_context(by):
        return Charge.objects.get(pk=charge.pk).state


def payments_of(charge: Charge, by: Actor) -> int:
    kinds = [EntryKind.PAYMENT, EntryKind.OVERPAYMENT]
    with working_context(by):
        return JournalEntry.objects.filter(charge_id=charge.pk, kind__in=kinds).count()


def cashier_of(cast: Cast, place: str, username: str) -> Actor:
    """One more cashier, with a sign-in."""
    user = add_user(username=username, name_fa="پروین", name_en="Parvin Ahadi", password="a long phrase 1405")
    give_role(user, Role.CASHIER, cast.places[place], held_from_on=LONG_AGO, by=None)
    return Actor(user.pk, Role.CASHIER, cast.places[place].pk, "take_payment")


def signed_in(actor: Actor) -> Client:
    client = english_browser()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


# The queue


def test_queue_shows_number_amount_and_no_name(cast: Cast, kamran: Client) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    shown = words(kamran.get("/payments/"))
    assert f"{case.number} 8,500,000 rial" in shown
    assert "1 case" in shown
    assert not re.search("Rezai|رضایی|Ghulam|غلام|معصومه", shown)


def test_queue_is_of_the_own_office(cast: Cast, kamran: Client) -> None:
    raise_at(cast["omid"])
    assert "Nobody waits to pay." in words(kamran.get("/payments/"))


def test_long_queue_says_that_it_is_cut(cast: Cast, kamran: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_SHOWN", 1)
    first, second = raise_at(cast["narges"]), raise_at(cast["narges"])
    page = kamran.get("/payments/")
    assert "The oldest 1 are shown. Open any other by its number." in words(page)
    assert url_of(first) in page.content.decode()
    assert url_of(second) not in page.content.decode()


@pytest.mark.parametrize("typed", ["18-042-00815", "1804200815", "۱۸-۰۴۲-۰۰۸۱۵", " ١٨ ٠٤٢ ٠٠٨١٥ "])
def test_case_number_opens_its_bill(kamran: Client, charge: Charge, typed: str) -> None:
    assert kamran.get("/payments/", {"number": typed})["Location"] == url_of(charge)


def test_case_number_opens_a_paid_bill_too(kamran: Client, charge: Charge) -> None:
    kamran.post(url_of(charge), CASH)
    assert kamran.get("/payments/", {"number": "1804200815"})["Location"] == url_of(charge)


def test_case_number_opens_the_newest_bill(cast: Cast, kamran: Client, charge: Charge) -> None:
    with working_context(cast["kamran"]):
        actions.cancel_charge(charge.pk, expected_version=1, by=cast["kamran"])
    again = raise_at(cast["narges"], subject_id=charge.subject_id)
    assert kamran.get("/payments/", {"number": "1804200815"})["Location"] == url_of(again)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the case number."),
        ("18-042-99999", "No amount is set for this number at this office. Check the number."),
        ("18%042", "A document number has letters, digits, / and . only."),
        ("1" * 300, "This text is 100 characters too long."),
    ],
)
def test_wrong_case_number_is_told(kamran: Client, charge: Charge, typed: str, message: str) -> None:
    page = kamran.get("/payments/", {"number": typed})
    assert page.status_code == 200
    assert message in words(page)


def test_number_of_another_office_is_as_unknown(cast: Cast, as_staff: SignIn, kamran: Client) -> None:
    raise_at(cast["omid"])
    page = kamran.get("/payments/", {"number": "18-042-00815"})
    assert "No amount is set for this number at this office." in words(page)


# Who may


@pytest.mark.parametrize("name", ["narges", "bahram", "printer", "guardian"])
@pytest.mark.parametrize("path", ["/payments/", "{charge}", "{charge}return/"])
def test_other_roles_are_stopped(as_staff: SignIn, charge: Charge, name: str, path: str) -> None:
    page = as_staff(name).get(path.format(charge=url_of(charge)))
    assert page.status_code == 403
    assert "Office cashier" in words(page)


@pytest.mark.parametrize("path", ["/payments/", "{charge}", "{charge}return/"])
def test_signed_out_is_sent_to_sign_in(charge: Charge, path: str) -> None:
    answer = english_browser().get(path.format(charge=url_of(charge)))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("data", [None, CASH, {"gateway": "demo", "version": "1"}])
def test_charge_of_another_office_looks_like_none(cast: Cast, kamran: Client, data: dict[str, str] | None) -> None:
    elsewhere = raise_at(cast["omid"])
    forged = reverse("payments:charge", args=[uuid4()])
    ask: Callable[[str], Any] = kamran.get if data is None else lambda url: kamran.post(url, data)
    answers = [ask(url_of(elsewhere)), ask(forged)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert words(answers[0]) == words(answers[1])
    assert "This payment was not found here." in words(answers[0])
    assert state_of(elsewhere, cast["omid"]) == ChargeState.OPEN


def test_return_page_of_another_office_looks_like_none(cast: Cast, kamran: Client) -> None:
    elsewhere = raise_at(cast["omid"])
    assert kamran.get(f"{url_of(elsewhere)}return/").status_code == 404


def test_money_is_not_taken_without_the_pages_own_token(cast: Cast, charge: Charge) -> None:
    client = english_browser(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=cast["kamran"].user_id))
    assert client.post(url_of(charge), CASH).status_code == 403
    assert state_of(charge, cast["kamran"]) == ChargeState.OPEN


# The bill


def test_bill_explains_each_line_with_its_source(cast: Cast, kamran: Client) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    with working_context(cast["kamran"]):
        charge = selectors.live_charge_of(CASE_TYPE, case.pk)
    assert charge is not None
    shown = words(kamran.get(url_of(charge)))
    assert "Card issue: 5 × 1,200,000 = 6,000,000 rial. Source: Sample" in shown
    assert "Take 8,500,000 rial" in shown
    kamran.cookies["django_language"] = "fa"
    persian = words(kamran.get(url_of(charge)))
    assert "۶٬۰۰۰٬۰۰۰ ریال" in persian
    assert "منبع: مصوبهٔ" in persian


def test_explanation_is_parted_from_its_source(charge: Charge) -> None:
    charge.bill = [bill_line().as_json() | {"explanation_en": "Card issue: free. Law 5", "source_en": "Law 5"}]
    (row,) = bill_rows(charge)
    assert (row.explanation, row.source) == ("Card issue: free.", "Law 5")


def test_bill_without_gateways_offers_the_counter_only(kamran: Client, charge: Charge, settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = {}
    shown = words(kamran.get(url_of(charge)))
    assert "Take the money here" in shown
    assert "bank" not in shown


def test_bill_of_zero_says_that_nothing_was_to_be_paid(cast: Cast, kamran: Client) -> None:
    page = kamran.get(url_of(raise_at(cast["narges"], (bill_line(unit=0),))))
    assert "Nothing was to be paid." in words(page)
    assert "data-print" not in page.content.decode()


# Money taken at the counter


def test_cash_is_taken_and_the_receipt_shown(cast: Cast, kamran: Client, charge: Charge) -> None:
    page = kamran.post(url_of(charge), CASH, follow=True)
    shown = words(page)
    assert page.redirect_chain == [(url_of(charge), 302)]
    assert "The payment is recorded. Give the payer the receipt." in shown
    for told in ["Kefalat office 042, Shahriar", "18-042-00815", "8,500,000 rial", "1001", "Kamran Yeganeh"]:
        assert told in shown
    assert "Cash at the counter" in shown
    assert "Print the receipt" in shown
    with working_context(cast["kamran"]):
        assert selectors.balances_at(charge.scope_id)["counter-cash"] == AMOUNT


@pytest.mark.parametrize("typed", ["1001", "۱۰۰۱", "١٠٠١", "१००१", " ۱0۰1\u200f "])
def test_receipt_number_takes_digits_of_any_script(cast: Cast, kamran: Client, charge: Charge, typed: str) -> None:
    kamran.post(url_of(charge), CASH | {"receipt_number": typed})
    with working_context(cast["kamran"]):
        assert PaymentAttempt.objects.get(charge=charge.pk).receipt_number == "1001"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"receipt_number": ""}, "Enter the receipt number: up to 40 letters, digits and dashes."),
        ({"receipt_number": "12 3"}, "Enter the receipt number: up to 40 letters, digits and dashes."),
        ({"receipt_number": "1;2"}, "Enter the receipt number: up to 40 letters, digits and dashes."),
        ({"receipt_number": "رسید"}, "Enter the receipt number: up to 40 letters, digits and dashes."),
        ({"receipt_number": "1" * 41}, "Enter the receipt number: up to 40 letters, digits and dashes."),
        ({"receipt_number": "1\x00"}, "Enter the receipt number: up to 40 letters, digits and dashes."),
        ({"method": ""}, "Choose how the money was taken."),
        ({"method": "demo"}, "Choose how the money was taken."),
        ({"version": ""}, "Someone else has just changed this payment. Look at it again."),
        ({"version": "9" * 5000}, "Someone else has just changed this payment. Look at it again."),
        ({"version": "2"}, "Someone else has just changed this payment. Look at it again."),
    ],
)
def test_wrong_entry_is_told_and_takes_nothing(
    cast: Cast, kamran: Client, charge: Charge, changed: dict[str, str], message: str
) -> None:
    assert message in words(kamran.post(url_of(charge), CASH | changed))
    assert state_of(charge, cast["kamran"]) == ChargeState.OPEN
    assert payments_of(charge, cast["kamran"]) == 0


def test_receipt_of_another_payment_is_refused(cast: Cast, kamran: Client, charge: Charge) -> None:
    kamran.post(url_of(raise_at(cast["narges"])), CASH)
    shown = words(kamran.post(url_of(charge), CASH))
    assert "This receipt number is already recorded at this office. Check the number." in shown
    assert state_of(charge, cast["kamran"]) == ChargeState.OPEN


def test_button_pressed_twice_takes_once(cast: Cast, kamran: Client, charge: Charge) -> None:
    kamran.post(url_of(charge), CASH)
    page = kamran.post(url_of(charge), CASH, follow=True)
    assert "This payment was already recorded. It was taken once." in words(page)
    assert payments_of(charge, cast["kamran"]) == 1


def test_second_cashier_is_told_who_was_first(cast: Cast, kamran: Client, charge: Charge) -> None:
    parvin = signed_in(cashier_of(cast, "shahriar", "parastu"))
    kamran.post(url_of(charge), CASH)
    page = parvin.post(url_of(charge), CASH | {"receipt_number": "2002"})
    assert page.status_code == 409
    assert "This amount is already paid or cancelled. Nothing was taken." in words(page)
    assert "Kamran Yeganeh" in words(page)
    assert payments_of(charge, cast["kamran"]) == 1


def test_same_receipt_typed_by_another_is_no_double_click(cast: Cast, kamran: Client, charge: Charge) -> None:
    parvin = signed_in(cashier_of(cast, "shahriar", "parastu"))
    kamran.post(url_of(charge), CASH)
    assert parvin.post(url_of(charge), CASH).status_code == 409


@pytest.mark.parametrize("data", [CASH, {"gateway": "demo", "version": "1"}])
def test_page_opened_before_the_charge_was_cancelled(
    cast: Cast, kamran: Client, charge: Charge, data: dict[str, str]
) -> None:
    with working_context(cast["narges"]):
        actions.cancel_charge(charge.pk, expected_version=1, by=cast["narges"])
    page = kamran.post(url_of(charge), data)
    assert page.status_code == 409
    assert "This amount is already paid or cancelled. Nothing was taken." in words(page)
    assert "This amount was cancelled" in words(page)
    assert "Take the money here" not in words(page)
    assert payments_of(charge, cast["kamran"]) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("receipts", [("1001", "1001"), ("1001", "2002")])
def test_two_at_once_take_once(cast: Cast, charge: Charge, receipts: tuple[str, str]) -> None:
    # The same receipt comes from one cashier's double click, two receipts from two cashiers.
    is_double_click = len(set(receipts)) == 1
    second = cast["kamran"] if is_double_click else cashier_of(cast, "shahriar", "parastu")
    clients = [signed_in(cast["kamran"]), signed_in(second)]

    def take(number: int) -> int:
        try:
            data = CASH | {"receipt_number": receipts[number]}
            return clients[number].post(url_of(charge), data).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        statuses = sorted(pool.map(take, range(2)))
    assert statuses == ([302, 302] if is_double_click else [302, 409])
    assert payments_of(charge, cast["kamran"]) == 1


# By the gateway


def hidden_fields(page: Any) -> list[dict[str, str]]:
    """The hidden fields of each form of a page."""
    forms = re.findall(r"<form\b.*?</form>", page.content.decode(), flags=re.S)
    return [dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)) for form in forms]


def at_the_bank(client: Client, charge: Charge) -> Any:
    """The demo bank's page, as the charge's page leads to it."""
    leads = next(fields for fields in hidden_fields(client.get(url_of(charge))) if "gateway" in fields)
    leads.pop("csrfmiddlewaretoken", None)
    return english_browser().get(client.post(url_of(charge), leads)["Location"])


def test_demo_bank_says_what_it_is_and_how_much(kamran: Client, charge: Charge) -> None:
    page = at_the_bank(kamran, charge)
    assert "Demonstration bank No money moves here" in words(page)
    assert "Pay 8,500,000 rial" in words(page)
    assert "18-042-00815" not in words(page)


@pytest.mark.django_db(transaction=True)
def test_payer_pays_with_no_session_and_the_case_moves_on(cast: Cast) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    with working_context(cast["kamran"]):
        charge = selectors.live_charge_of(CASE_TYPE, case.pk)
    assert charge is not None
    kamran = signed_in(cast["kamran"])
    paid, _declined = hidden_fields(at_the_bank(kamran, charge))
    payer = english_browser(enforce_csrf_checks=True)
    answers = [payer.post(CALLBACK, paid) for _attempt in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert {answer["Location"] for answer in answers} == {f"{url_of(charge)}return/"}
    assert payer.get(answers[0]["Location"])["Location"].startswith("/account/sign-in/")
    assert "Paid 8,500,000 rial for case" in words(kamran.get(answers[0]["Location"]))
    shown = words(kamran.get(url_of(charge)))
    assert "Demonstration bank" in shown
    assert paid["reference"] in shown
    assert payments_of(charge, cast["kamran"]) == 1
    with working_context(cast["narges"]):
        assert Case.objects.get(pk=case.pk).step == CaseStep.PAID


def test_declined_payment_leaves_the_bill_open(kamran: Client, charge: Charge) -> None:
    _paid, declined = hidden_fields(at_the_bank(kamran, charge))
    back = english_browser().post(CALLBACK, declined)["Location"]
    assert "Not paid" in words(kamran.get(back))
    shown = words(kamran.get(url_of(charge)))
    assert "The payment at the bank was not made. The amount is still to be paid." in shown
    assert "Take 8,500,000 rial" in shown


def test_closed_bank_page_is_told_as_unanswered(kamran: Client, charge: Charge) -> None:
    page = at_the_bank(kamran, charge)
    assert f'href="{url_of(charge)}return/"' in page.content.decode()
    assert "The bank has not answered yet" in words(kamran.get(f"{url_of(charge)}return/"))
    assert "the bank has not answered yet" in words(kamran.get(url_of(charge)))


def test_return_to_a_cancelled_charge_says_so(cast: Cast, kamran: Client, charge: Charge) -> None:
    with working_context(cast["kamran"]):
        actions.cancel_charge(charge.pk, expected_version=1, by=cast["kamran"])
    assert "This amount was cancelled" in words(kamran.get(f"{url_of(charge)}return/"))


def test_money_that_came_twice_is_told_as_owed_back(cast: Cast, kamran: Client, charge: Charge) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    kamran.post(url_of(charge), CASH)
    english_browser().post(CALLBACK, answer_of_bank(attempt))
    told = "8,500,000 rial is booked as owed back to the payer."
    assert told in words(kamran.get(url_of(charge)))
    assert told in words(kamran.get(f"{url_of(charge)}return/"))


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"gateway": "nobody", "version": "1"}, 404, "This way of paying is not available. Choose another."),
        ({"gateway": "demo", "version": "7"}, 409, "Someone else has just changed this payment."),
        ({"gateway": "demo"}, 409, "Someone else has just changed this payment."),
    ],
)
def test_wrong_start_at_a_gateway_is_told(
    cast: Cast, kamran: Client, charge: Charge, data: dict[str, str], status: int, message: str
) -> None:
    page = kamran.post(url_of(charge), data)
    assert page.status_code == status
    assert message in words(page)
    with working_context(cast["kamran"]):
        assert not PaymentAttempt.objects.filter(charge=charge.pk).exists()


@pytest.mark.parametrize("changed", ["amount", "reference", "return_url", "signature"])
def test_forged_order_is_refused_by_the_demo_bank(cast: Cast, charge: Charge, changed: str) -> None:
    order = PaymentOrder("ab" * 16, AMOUNT)
    url = DemoGateway().start(order, "/payments/").replace(f"{changed}=", f"{changed}=1")
    page = english_browser().get(url)
    assert page.status_code == 400
    assert "Nothing was recorded" in words(page)


def test_demo_bank_is_closed_outside_of_a_demonstration(settings: Settings) -> None:
    url = DemoGateway().start(PaymentOrder("ab" * 16, AMOUNT), "/payments/")
    assert english_browser().get(url).status_code == 200
    settings.KHEDMAT_DEMO = False
    assert english_browser().get(url).status_code == 404


# Hostile call-backs

FORGERIES: dict[str, Callable[[PaymentAttempt], dict[str, str]]] = {
    "nothing": lambda attempt: {},
    "another signature": lambda attempt: answer_of_bank(attempt) | {"signature": "0" * 64},
    "a failure called a success": lambda attempt: answer_of_bank(attempt, has_succeeded=False) | {"result": "paid"},
    "less money, signed": lambda attempt: answer_of_bank(attempt, amount=1),
    "more money, signed": lambda attempt: answer_of_bank(attempt, amount=AMOUNT + 1),
    "money without end, signed": lambda attempt: answer_of_bank(attempt, amount=10**30),
    "unknown reference, signed": lambda attempt: DemoGateway().answer(
        PaymentOrder("f" * 32, AMOUNT), callback_id="cb", has_succeeded=True
    ),
    "a text of SQL as reference, signed": lambda attempt: DemoGateway().answer(
        PaymentOrder("' OR 1=1 --", AMOUNT), callback_id="cb", has_succeeded=True
    ),
    "one field more": lambda attempt: answer_of_bank(attempt) | {"by": "me"},
    "NUL": lambda attempt: answer_of_bank(attempt) | {"reference": "\x00"},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_hostile_callback_is_refused_in_words_and_writes_nothing(cast: Cast, charge: Charge, name: str) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    answer = english_browser().post(CALLBACK, FORGERIES[name](attempt))
    assert answer.status_code == 400
    assert "The bank's answer could not be confirmed. Nothing was recorded; ask at the counter." in words(answer)
    assert state_of(charge, cast["kamran"]) == ChargeState.OPEN
    assert payments_of(charge, cast["kamran"]) == 0
    with working_context(cast["kamran"]):
        assert not GatewayCallback.objects.exists()
        assert PaymentAttempt.objects.get(pk=attempt.pk).state == "started"


@pytest.mark.django_db(transaction=True)
def test_forged_answer_with_no_session_writes_nothing(cast: Cast, charge: Charge) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    forged = answer_of_bank(attempt, amount=AMOUNT - 1)
    assert english_browser(enforce_csrf_checks=True).post(CALLBACK, forged).status_code == 400
    assert payments_of(charge, cast["kamran"]) == 0


def test_known_callback_with_other_content_is_refused(cast: Cast, charge: Charge) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    english_browser().post(CALLBACK, answer_of_bank(attempt, has_succeeded=False))
    assert english_browser().post(CALLBACK, answer_of_bank(attempt)).status_code == 400
    assert state_of(charge, cast["kamran"]) == ChargeState.OPEN


def test_callback_of_an_unknown_gateway_is_not_found(cast: Cast, charge: Charge) -> None:
    answer = answer_of_bank(start_at_bank(charge, cast["kamran"]))
    refused = english_browser().post("/payments/callback/nobody/", answer)
    assert refused.status_code == 404
    assert "This way of paying is not available." in words(refused)


def test_callback_is_not_read_from_an_address(cast: Cast, charge: Charge) -> None:
    answer = answer_of_bank(start_at_bank(charge, cast["kamran"]))
    assert english_browser().get(CALLBACK, answer).status_code == 405
    assert (
        english_browser().post(f"{CALLBACK}?signature=1", content_type="application/json", data=answer).status_code
        == 400
    )
    assert state_of(charge, cast["kamran"]) == ChargeState.OPEN


def test_counter_reference_pays_nothing_by_callback(cast: Cast, kamran: Client, charge: Charge) -> None:
    """The reference of counter money is known to whoever holds a receipt: it starts nothing at a gateway."""
    kamran.post(url_of(charge), CASH)
    reference = f"{CounterMethod.CASH.value}:{charge.scope_id}:1001"
    answer = DemoGateway().answer(PaymentOrder(reference, AMOUNT), callback_id="cb", has_succeeded=True)
    assert english_browser().post(CALLBACK, answer).status_code == 400
    assert payments_of(charge, cast["kamran"]) == 1


def test_answers_are_kept_by_no_cache(cast: Cast, kamran: Client, charge: Charge) -> None:
    answer = answer_of_bank(start_at_bank(charge, cast["kamran"]))
    pages = [
        english_browser().post(CALLBACK, answer),
        kamran.get(url_of(charge)),
        at_the_bank(kamran, raise_at(cast["narges"])),
    ]
    assert all("no-store" in page["Cache-Control"] for page in pages)


def test_kind_of_these_charges_has_no_page_of_its_own() -> None:
    """The engine knows no programme: its pages name none."""
    for template in (Path(views.__file__).parent.parent / "templates" / "payments").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert "rounds:" not in text
        assert KIND not in text
