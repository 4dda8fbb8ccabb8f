"""Pages of parts, refunds, the cashier's day and numbered receipts, through Django's client."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from khedmat.payments import selectors
from khedmat.payments.models import Charge, DayEnd, ReceiptPrint, Refund
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import SignIn
from tests.cast import Cast

pytestmark = pytest.mark.django_db
CASH = {"method": "counter-cash", "receipt_number": "1001", "version": "1"}


@pytest.fixture(autouse=True)
def _plain_pages(settings: Settings, unhashed_static: None) -> None:
    """Every test here."""
    settings.KHEDMAT_DEMO = True


@pytest.fixture
def kamran(as_staff: SignIn) -> Client:
    """The cashier of Shahriar."""
    return as_staff("kamran")


@pytest.fixture
def shirin(as_staff: SignIn) -> Client:
    """The manager of that office."""
    return as_staff("shirin")


def words(response: Any) -> str:
    """The text of a page in single spaces."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_round_offers_parts_and_each_gets_its_receipt(cast: Cast, kamran: Client) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    with working_context(cast["kamran"]):
        charge = selectors.live_charge_of(CASE_TYPE, case.pk)
    assert charge is not None
    url = f"/payments/{charge.pk}/"
    assert "Three monthly parts" in words(kamran.get(url))
    assert "does not offer this plan" in words(kamran.post(f"{url}parts/", {"version": "1", "plan": "other"}))
    split = words(kamran.post(f"{url}parts/", {"version": "1", "plan": "three-parts"}, follow=True))
    assert "Part 1 of 3." in split
    assert "Take 3,400,000 rial" in split
    paid = words(kamran.post(url, CASH | {"version": "2"}, follow=True))
    assert "Take 2,550,000 rial" in paid
    with working_context(cast["kamran"]):
        attempt = selectors.payments_of(charge)[0]
    sheets = [kamran.post(f"/payments/taken/{attempt.pk}/print/", follow=True) for _ in range(2)]
    first, second = map(words, sheets)
    assert "1 of 3" in first
    assert "Still to be paid" in first
    assert "Copy" not in first
    assert "Payment receipt Copy 2" in second
    with working_context(cast["kamran"]):
        assert ReceiptPrint.objects.count() == 2


def test_refund_is_asked_and_paid_on_two_desks(cast: Cast, kamran: Client, shirin: Client, charge: Charge) -> None:
    kamran.post(f"/payments/{charge.pk}/", CASH)
    ask = f"/payments/{charge.pk}/refund/"
    assert "8,500,000 rial" in words(kamran.get(ask))
    wrong = kamran.post(ask, {"cause": "mistake", "amount": "۹٬۰۰۰٬۰۰۰", "reason": "دو بار گرفته شد."})
    assert "That is more than can be given back." in words(wrong)
    kamran.post(ask, {"cause": "mistake", "amount": "۲٬۰۰۰٬۰۰۰", "reason": "دو بار گرفته شد."})
    with working_context(cast["shirin"]):
        refund = Refund.objects.get()
    assert refund.amount_rial == 2_000_000
    assert "18-042-00815" in words(shirin.get("/payments/refunds/"))
    url = f"/payments/refunds/{refund.pk}/"
    assert "دو بار گرفته شد." in words(shirin.get(url))
    assert "Choose from whose drawer the cash comes." in words(shirin.post(url, {"method": "cash"}))
    given = {"method": "cash", "drawer": str(cast["kamran"].user_id), "voucher": "V-7"}
    assert "The money is given back" in words(shirin.post(url, given, follow=True))
    assert "already paid or declined" in words(shirin.post(url, given))
    sheet = words(shirin.post(f"{url}print/", follow=True))
    assert "Receipt of a refund" in sheet
    assert "V-7" in sheet
    assert "−2,000,000 rial" in words(kamran.get("/payments/day/"))


def test_refund_is_declined_with_words(cast: Cast, kamran: Client, shirin: Client, charge: Charge) -> None:
    kamran.post(f"/payments/{charge.pk}/", CASH)
    kamran.post(f"/payments/{charge.pk}/refund/", {"cause": "mistake", "amount": "5", "reason": "اشتباه"})
    with working_context(cast["shirin"]):
        refund = Refund.objects.get()
    url = f"/payments/refunds/{refund.pk}/"
    assert "Write the reason." in words(shirin.post(url, {"decline": "1"}))
    shirin.post(url, {"decline": "1", "reason": "پول درست گرفته شده است."})
    assert "پول درست گرفته شده است." in words(kamran.get(f"/payments/{charge.pk}/"))


def test_a_forgotten_day_stands_before_today(
    kamran: Client, shirin: Client, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, today = timezone.now(), timezone.localdate()
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(days=1))
    kamran.post(f"/payments/{charge.pk}/", CASH)
    monkeypatch.undo()
    assert "This day was not counted." in words(kamran.get("/payments/day/"))
    assert "Not counted Kamran Yeganeh" in words(shirin.get("/payments/days/"))
    sums = {"expected_cash": "8500000", "expected_terminal": "0", "cash": "8500000", "terminal": "0"}
    assert "Money moved while you counted." in words(kamran.post("/payments/day/", sums | {"on": today.isoformat()}))
    kamran.post("/payments/day/", sums | {"on": (today - timedelta(days=1)).isoformat()})
    assert "Nothing to count yet" in words(kamran.get("/payments/day/"))
    assert "Not counted" not in words(shirin.get("/payments/days/"))


def test_day_is_counted_and_confirmed(cast: Cast, kamran: Client, shirin: Client, charge: Charge) -> None:
    assert "Nothing to count yet" in words(kamran.get("/payments/day/"))
    kamran.post(f"/payments/{charge.pk}/", CASH)
    sums = {
        "on": timezone.localdate().isoformat(), "expected_cash": "8500000", "expected_terminal": "0", "terminal": "0"
    }  # fmt: skip
    short = kamran.post("/payments/day/", sums | {"cash": "8,499,000"})
    assert "The count differs from the books." in words(short)
    stale = kamran.post("/payments/day/", sums | {"cash": "5", "expected_cash": "5"})
    assert "Money moved while you counted." in words(stale)
    kamran.post("/payments/day/", sums | {"cash": "۸۴۹۹۰۰۰", "note": "هزار ریال کم بود."})
    assert "The day is closed" in words(kamran.get("/payments/day/"))
    with working_context(cast["shirin"]):
        day = DayEnd.objects.get()
    listed = words(shirin.get("/payments/days/"))
    assert "Kamran Yeganeh" in listed
    assert "differs, with a note" in listed
    url = f"/payments/days/{day.pk}/"
    assert "هزار ریال کم بود." in words(shirin.get(url))
    shirin.post(url)
    assert "Confirmed" in words(kamran.get("/payments/day/"))
