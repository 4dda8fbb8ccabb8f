"""The pages of an office's day: what each lets one do, and what the public ones give away."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from khedmat.casework.models import Case
from khedmat.common.jalali import to_jalali
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.service.booking import make_code
from khedmat.service.enums import BookingState, TicketState
from khedmat.service.models import Booking, Counter, HallLink, OpeningDay, Slot, Ticket
from khedmat.service.opening import change_places
from khedmat.service.rules import code_for_reading
from khedmat.service.selectors import today_in_tehran
from khedmat.service.web.tries import MOST_WRONG
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import SignIn, english_browser
from tests.cast import Cast
from tests.service.opened import PLAN, counters, day_at_work, opened, slots


@pytest.fixture
def case(cast: Cast) -> Case:
    """A pre-registered family, and an office that is open from tomorrow on."""
    line.open_round(cast)
    household = line.register(cast)
    tomorrow = today_in_tehran() + timedelta(days=1)
    opened(cast["shirin"], since=tomorrow, days=9, plan=PLAN, now=timezone.now())
    with working_context(cast["narges"]):
        return pre_register(household.pk, line.ROUND, by=cast["narges"])


def url_of(case: Case) -> str:
    return f"/appointments/enrolment/{case.pk}/"


def test_manager_who_books_is_led_to_no_page_that_is_not_theirs(as_staff: SignIn, case: Case) -> None:
    link = f'href="/cases/{case.pk}/"'
    assert link in as_staff("narges").get(url_of(case)).content.decode()
    manager = as_staff("shirin")
    assert link not in manager.get(url_of(case)).content.decode()
    assert link not in manager.post(url_of(case), {"code": "new"}).content.decode()


def test_clerk_books_and_reads_the_code_once(cast: Cast, as_staff: SignIn, case: Case) -> None:
    narges = as_staff("narges")
    slot = slots(cast["shirin"])[0]
    slip = narges.post(url_of(case), {"slot": str(slot.pk), "channel": "phone"}).content.decode()
    assert "k-slip-code" in slip
    assert "k-slip-code" not in narges.get(url_of(case)).content.decode()
    assert "Case" in slip


def test_full_time_offers_the_next_ones_on_the_page(cast: Cast, as_staff: SignIn, case: Case) -> None:
    first, second, *_rest = slots(cast["shirin"])
    with working_context(cast["shirin"]):
        change_places(first.pk, 0, by=cast["shirin"])
    answer = as_staff("narges").post(url_of(case), {"slot": str(first.pk), "channel": "phone"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The last place at this time was just taken" in page
    assert str(second.pk) in page


def test_client_without_sign_in_sees_time_and_papers_and_no_name(cast: Cast, as_staff: SignIn, case: Case) -> None:
    with working_context(cast["narges"]):
        code = make_code(subject_of(case), by=cast["narges"])
    client = english_browser()
    slot = slots(cast["shirin"])[1]
    chosen = client.post("/appointment/", {"code": code_for_reading(code).lower()}).content.decode()
    assert str(slot.pk) in chosen
    done = client.post("/appointment/", {"code": code, "slot": str(slot.pk), "book": "1"}).content.decode()
    assert "The appointment is yours." in done
    assert "رضایی" not in done
    assert case.number not in done
    cancelled = client.post("/appointment/", {"code": code, "cancel": "1"}).content.decode()
    assert "The appointment is cancelled" in cancelled
    with working_context(cast["narges"]):
        assert Booking.objects.get().state == BookingState.CANCELLED


def test_guessing_codes_ends_after_a_few(unhashed_static: None, db: None) -> None:
    cache.clear()
    client = english_browser()
    # As the proxy says it; what the visitor claims stands before.
    guesser, other = "203.0.113.7, 198.51.100.1", "203.0.113.7, 198.51.100.2"

    def guess(whence: str) -> int:
        return client.post("/appointment/", {"code": "ACDE3467"}, headers={"x-forwarded-for": whence}).status_code

    answers = [guess(guesser) for _try in range(MOST_WRONG + 1)]
    assert answers == [422] * MOST_WRONG + [429]
    assert guess(other) == 422
    cache.clear()


def test_family_arrives_by_the_number_on_its_slip(cast: Cast, as_staff: SignIn, case: Case) -> None:
    answer = as_staff("narges").post("/reception/", {"number": case.number})
    with working_context(cast["narges"]):
        ticket = Ticket.objects.get()
        assert Case.objects.get(pk=case.pk).step == "arrived"
    assert answer["Location"] == f"/reception/numbers/{ticket.pk}/"


def test_number_of_nobody_is_named_at_the_field(as_staff: SignIn) -> None:
    page = as_staff("narges").post("/reception/", {"number": "18-042-99999"}).content.decode()
    assert 'href="#id_number"' in page


def test_counter_calls_serves_and_sends_on(cast: Cast, as_staff: SignIn) -> None:
    day_at_work(cast["shirin"], cast["narges"])
    narges: Client = as_staff("narges")
    with working_context(cast["narges"]):
        counter = Counter.objects.get(number=1)
    assert "At which counter do you sit?" in narges.get("/counter/").content.decode()
    narges.post(f"/counter/{counter.pk}/")
    narges.post(f"/counter/{counter.pk}/next/")
    with working_context(cast["narges"]):
        called = Ticket.objects.get(state=TicketState.CALLED)
    narges.post(f"/counter/numbers/{called.pk}/", {"what": "cashier"})
    assert "The counter is free" in narges.get("/counter/").content.decode()
    with working_context(cast["narges"]):
        assert sorted(Ticket.objects.values_list("number", "state", "counter_kind")) == [
            (1, "served", "clerk"),
            (2, "waiting", "cashier"),
            (3, "waiting", "cashier"),
        ]


def test_screen_asks_again_for_nothing_while_nothing_changed(cast: Cast, as_staff: SignIn) -> None:
    counter = counters(cast["shirin"])[0]
    narges = as_staff("narges")
    first = narges.get(f"/counter/{counter.pk}/waiting/")
    again = narges.get(f"/counter/{counter.pk}/waiting/", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_display_shows_numbers_without_sign_in_until_revoked(cast: Cast, as_staff: SignIn) -> None:
    day_at_work(cast["shirin"], cast["narges"])
    with working_context(cast["shirin"]):
        link = HallLink.objects.get()
    anybody = english_browser()
    page = anybody.get(f"/hall/{link.pk}/").content.decode()
    part = anybody.get(f"/hall/{link.pk}/now/")
    assert "k-hall-number" in page
    assert anybody.get(f"/hall/{link.pk}/now/", headers={"If-None-Match": part["ETag"]}).status_code == 304
    as_staff("shirin").post(f"/office/hall/displays/{link.pk}/revoke/")
    assert anybody.get(f"/hall/{link.pk}/").status_code == 404


def test_manager_opens_days_changes_places_and_closes_one(cast: Cast, as_staff: SignIn) -> None:
    shirin = as_staff("shirin")
    day = today_in_tehran() + timedelta(days=1)
    jalali = dict(zip(("year", "month", "day"), to_jalali(day), strict=True))
    form = {f"{end}_{part}": str(value) for end in ("since", "until") for part, value in jalali.items()}
    hours = {"opens": "08:00", "closes": "09:00", "minutes": "30", "counters": "۳", "quiet_places": "1"}
    shirin.post("/office/days/open/", form | hours | {"with_free_days": "on"})
    with working_context(cast["shirin"]):
        opened_day, slot = OpeningDay.objects.get(), Slot.objects.first()
        assert slot is not None
    assert (opened_day.open_on, slot.capacity) == (day, 3)
    assert shirin.post(f"/office/times/{slot.pk}/", {"capacity": "5"}).status_code == 302
    shirin.post(f"/office/days/{opened_day.pk}/counters/", {"counters": "2", "version": "1"})
    assert [one.capacity for one in slots(cast["shirin"])] == [2, 2]
    page = shirin.post(f"/office/days/{opened_day.pk}/close/", {"reason": "", "version": "2"}).content.decode()
    assert 'href="#id_reason"' in page
    shirin.post(f"/office/days/{opened_day.pk}/close/", {"reason": "Repair", "version": "2"})
    assert "Repair" in shirin.get("/office/days/").content.decode()


def test_manager_opens_a_day_again_that_was_closed_by_mistake(cast: Cast, as_staff: SignIn, case: Case) -> None:
    shirin = as_staff("shirin")
    with working_context(cast["shirin"]):
        day = OpeningDay.objects.all()[0]
    address = f"/office/days/{day.pk}/"
    shirin.post(f"{address}close/", {"reason": "Repair", "version": "1"})
    assert "Open this day again" in shirin.get(address).content.decode()
    for version in ("", "x", "1"):
        stale = shirin.post(f"{address}reopen/", {"version": version}, follow=True).content.decode()
        assert "Someone else has just changed this day" in stale
    page = shirin.post(f"{address}reopen/", {"version": "2"}, follow=True).content.decode()
    assert "The day is open again" in page
    assert "Close this day" in page
    assert (
        "This day is open already" in shirin.post(f"{address}reopen/", {"version": "3"}, follow=True).content.decode()
    )


def test_family_page_leads_to_the_appointment(cast: Cast, as_staff: SignIn, case: Case) -> None:
    page = as_staff("narges").get(f"/families/{case.household_id}/").content.decode()
    assert url_of(case) in page
