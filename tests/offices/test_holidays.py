"""Free days are kept by who answers for the place, with a source; nobody keeps another place's."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.common.jalali import to_jalali
from khedmat.offices.errors import HolidayKeptAlready
from khedmat.offices.holidays import add_holiday, withdraw_holiday
from khedmat.places.enums import HolidayCertainty
from khedmat.places.models import Holiday
from khedmat.places.selectors import holidays_for
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def kept(cast: Cast, who: str, ahead: int = 40) -> Holiday:
    with working_context(cast[who]):
        return add_holiday(
            timezone.localdate() + timedelta(days=ahead),
            title="سرمای سخت",
            source="اطلاعیهٔ استانداری، شمارهٔ ۱۲",
            certainty=HolidayCertainty.SOURCE,
            by=cast[who],
        )


def test_a_director_keeps_the_provinces_day_and_a_round_manager_the_nations(cast: Cast) -> None:
    ours, nations = kept(cast, "director"), kept(cast, "manager", 41)
    shahriar, mashhad = (holidays_for(cast.places[key].pk) for key in ("shahriar", "mashhad"))
    assert {ours.on, nations.on} <= shahriar
    assert (ours.on in mashhad, nations.on in mashhad) == (False, True)


def test_a_day_is_kept_once_and_withdrawn_by_its_own_place(cast: Cast) -> None:
    day = kept(cast, "director")
    with pytest.raises(HolidayKeptAlready):
        kept(cast, "director")
    with working_context(cast["manager"]), pytest.raises(RecordNotVisible):
        withdraw_holiday(day.pk, by=cast["manager"])
    with working_context(cast["director"]):
        withdraw_holiday(day.pk, by=cast["director"])
    assert day.on not in holidays_for(cast.places["shahriar"].pk)
    kept(cast, "director")


@pytest.mark.parametrize("who", ["narges", "bahram", "shirin"])
def test_others_keep_no_day(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionMissing):
        kept(cast, who)
    statement = (
        "INSERT INTO places_holiday (id, scope_id, free_on, title_fa, title_en, source_fa, source_en, certainty) "
        "VALUES (gen_random_uuid(), %s, '2027-01-01', 'x', '', 'x', '', 'source')"
    )
    with working_context(cast[who]), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(statement, [cast[who].scope_id])


def test_the_page_keeps_a_day_and_names_what_is_missing(cast: Cast, as_staff: SignIn) -> None:
    client, day = as_staff("director"), to_jalali(timezone.localdate() + timedelta(days=40))
    typed = {"on_day": day.day, "on_month": day.month, "on_year": day.year, "title": "سرما", "certainty": "source"}
    page = client.post("/calendar/", typed, secure=True)
    assert (page.status_code, list(page.context["form"].errors)) == (HTTPStatus.UNPROCESSABLE_ENTITY, ["source"])
    assert client.post("/calendar/", typed | {"source": "استانداری"}, secure=True).status_code == HTTPStatus.FOUND
    shown = client.get("/calendar/", secure=True).content.decode()
    assert "A working day after all" in shown
    assert "Nowruz" in shown
    assert (
        client.post("/calendar/", typed | {"source": "x"}, secure=True).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    )
    assert as_staff("bahram").get("/calendar/", secure=True).status_code == HTTPStatus.FORBIDDEN
