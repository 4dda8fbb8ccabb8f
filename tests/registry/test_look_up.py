"""Finding a family by what it presents, and opening it."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from khedmat.audit.models import Entry
from khedmat.common.jalali import from_jalali, to_jalali
from khedmat.registry.actions import look_up
from khedmat.registry.models import LookUp, Person
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.registry.pages import register

LOOK_UP = "/look-up/"
WRONG_SIGNS = "A document number has letters, digits, / and . only. Remove the other signs."
TOO_SHORT = "Write at least three letters of the name."
INVISIBLE = "The text holds an invisible character that cannot be kept. Type it here instead of pasting."
Staff = Callable[[str], Client]


def by_name(name: str, year: str = "1361") -> dict[str, str]:
    return {"name": name, "birth_years": year}


def hits(answer: Any) -> Any:
    return answer.context["result"].hits


def open_url(answer: Any, position: int = 1) -> str:
    return reverse("registry:open-hit", args=[answer.context["result"].look_up_id, position])


def test_look_up_by_document_shows_head_masked(cast: Cast, narges: Client) -> None:
    register(cast, size=3)
    answer = narges.post(LOOK_UP, {"number": "۱۷-۴۴۱۱-۸۳۰"})
    assert answer.status_code == HTTPStatus.OK
    (hit,) = hits(answer)
    assert (hit.head, hit.birth_year, hit.members) == ("غ… ر…", 1361, 3)
    page = answer.content.decode()
    assert "رضایی" not in page
    assert "غلام" not in page


@pytest.mark.parametrize(
    "typed",
    [
        "رضايي غلامسخي", "غلام سخی رضایی", "غلام‌سخی رضائی", "غلامسخی", "ګلام سخي رضایی", "سید غلام سخی رضایی",
        "Ghulam Sakhi Rezai", "Gholamsakhi Rezaei", "GHOLAM-SAKHI REZAYI", "غلامسحی رضایی", "غلامخسی رضایی",
    ],
)  # fmt: skip
def test_look_up_by_name_and_birth_year_whatever_the_spelling(cast: Cast, narges: Client, typed: str) -> None:
    register(cast)
    (hit,) = hits(narges.post(LOOK_UP, by_name(typed)))
    assert (hit.head, hit.met, hit.met_birth_year) == ("غ… ر…", "", None)


@pytest.mark.parametrize("year", ["۱۳۶۱", "١٣٦١", " 1361 ", "1982", "1983", "۱۹۸۲"])
def test_look_up_takes_the_year_in_any_digits_and_of_a_passport(cast: Cast, narges: Client, year: str) -> None:
    register(cast)
    assert len(hits(narges.post(LOOK_UP, by_name("غلام‌سخی رضایی", year)))) == 1


def test_look_up_says_which_member_answers(cast: Cast, narges: Client) -> None:
    register(cast)
    answer = narges.post(LOOK_UP, by_name("فرزند رضایی", "1394"))
    (hit,) = hits(answer)
    assert (hit.head, hit.birth_year, hit.members) == ("غ… ر…", 1361, 2)
    assert (hit.met, hit.met_birth_year) == ("ف… 1… ر…", 1394)
    page = " ".join(answer.content.decode().split())
    assert ", born 1394" in page
    assert "فرزند 1" not in page


def test_exact_name_comes_before_names_like_it(cast: Cast, narges: Client) -> None:
    for number, name in enumerate(("محمود", "محمد", "محمدرضا")):
        register(cast, number=f"600{number}", given_name=name)
    assert len(hits(narges.post(LOOK_UP, by_name("محمد رضایی")))) >= 1
    with working_context(cast["narges"]):
        (first, *_others) = LookUp.objects.order_by("-at")[0].households
        assert Person.objects.get(household_id=first, relation="head").given_name == "محمد"


def test_one_of_three_words_may_be_missing(cast: Cast, narges: Client) -> None:
    register(cast, given_name="نسرین")
    assert len(hits(narges.post(LOOK_UP, by_name("نسرین رضایی پنجشیری")))) == 1
    assert hits(narges.post(LOOK_UP, by_name("نسرین پنجشیری"))) == ()


def test_look_up_by_name_alone_is_refused_beside_the_year(cast: Cast, narges: Client) -> None:
    answer = narges.post(LOOK_UP, by_name("رضایی", ""))
    assert answer.context["by_name"].errors == {"birth_years": ["Enter the birth year."]}
    assert answer.context["result"] is None


def test_look_up_by_a_year_nearby_is_the_last_resort(cast: Cast, narges: Client) -> None:
    register(cast)
    assert len(hits(narges.post(LOOK_UP, by_name("رضایی", "1362")))) == 1
    assert hits(narges.post(LOOK_UP, by_name("رضایی", "1363"))) == ()


def test_look_up_without_hit_offers_to_register(narges: Client) -> None:
    answer = narges.post(LOOK_UP, {"number": "99999"})
    assert "No family of this province was found" in answer.content.decode()
    assert reverse("registry:register") in answer.content.decode()


def test_look_up_writes_no_number_into_the_log(cast: Cast, narges: Client, as_migrator: Any) -> None:
    narges.post(LOOK_UP, {"number": "174411830"})
    with working_context(cast["narges"]):
        (entry,) = Entry.objects.filter(action="register.looked-up")
    assert entry.details == {"by": "document", "hits": 0}


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({}, "number", "Enter the number as printed on the document."),
        ({"number": ""}, "number", "Enter the number as printed on the document."),
        ({"number": " - \u200c "}, "number", "Enter the number."),
        ({"number": "17;DROP"}, "number", WRONG_SIGNS),
        ({"number": "17\x0044"}, "number", WRONG_SIGNS),
        ({"number": "1" * 41}, "number", "A document number has at most 40 characters. Enter only the number itself."),
        ({"number": "1" * 201}, "number", "A document number has at most 40 characters. Enter only the number itself."),
        (by_name(""), "name", "Fill in this field."),
        (by_name("ع\u202eلی"), "name", INVISIBLE),
        (by_name("ـ"), "name", TOO_SHORT),
        (by_name("12345"), "name", TOO_SHORT),
        (by_name("سید عل"), "name", TOO_SHORT),
        (by_name("ع" * 161), "name", "This text is one character too long. It may have 160 characters."),
        (by_name("علی", "70"), "birth_years", "Write the year in full, in four digits: 1370, for instance."),
        (by_name("علی", "۱۳٫۷"), "birth_years", "Write the birth year in four digits, as on the papers."),
        (by_name("علی", "1370/1/1"), "birth_years", "Write the birth year in four digits, as on the papers."),
        (by_name("علی", "1257"), "birth_years", "Write the birth year in four digits, as on the papers."),
        (by_name("علی", "1" * 300), "birth_years", "Write the birth year in four digits, as on the papers."),
        (by_name("علی", "1499"), "birth_years", "This year has not begun yet. Correct the birth year."),
        (by_name("علی", "2100"), "birth_years", "This year has not begun yet. Correct the birth year."),
    ],
)  # fmt: skip
def test_look_up_says_what_is_wrong_beside_the_field(
    cast: Cast, narges: Client, typed: dict[str, str], field: str, message: str
) -> None:
    answer = narges.post(LOOK_UP, typed)
    assert answer.status_code == HTTPStatus.OK
    form = answer.context["by_name" if "name" in typed else "by_document"]
    assert form.errors == {field: [message]}
    with working_context(cast["narges"]):
        assert not LookUp.objects.exists()


def test_look_up_keeps_what_was_typed(narges: Client) -> None:
    page = narges.post(LOOK_UP, by_name("علی رضایی", "۶۱")).content.decode()
    assert 'value="علی رضایی"' in page
    assert 'value="۶۱"' in page


def test_look_up_answers_five_at_most_and_says_so(cast: Cast, narges: Client) -> None:
    for count in range(7):
        register(cast, number=f"5000{count}")
    answer = narges.post(LOOK_UP, by_name("رضایی"))
    assert [hit.position for hit in hits(answer)] == [1, 2, 3, 4, 5]
    assert "only five are ever shown" in answer.content.decode()


def test_family_of_another_province_is_never_found(cast: Cast, as_staff: Staff) -> None:
    register(cast)
    mina = as_staff("mina")
    assert hits(mina.post(LOOK_UP, {"number": "174411830"})) == ()
    assert hits(mina.post(LOOK_UP, by_name("رضایی"))) == ()


def test_office_of_the_same_province_finds_and_opens(cast: Cast, as_staff: Staff) -> None:
    household_id = register(cast)
    omid = as_staff("omid")
    household = reverse("registry:household", args=[household_id])
    assert omid.get(household).status_code == HTTPStatus.NOT_FOUND
    answer = omid.post(open_url(omid.post(LOOK_UP, {"number": "174411830"})))
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, household)
    assert omid.get(household).status_code == HTTPStatus.OK


def test_hit_of_somebody_else_is_not_there(cast: Cast, as_staff: Staff) -> None:
    register(cast)
    url = open_url(as_staff("omid").post(LOOK_UP, {"number": "174411830"}))
    narges = as_staff("narges")
    assert narges.post(url).status_code == HTTPStatus.NOT_FOUND
    absent = reverse("registry:open-hit", args=[uuid4(), 1])
    assert narges.post(absent).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("position", [0, 2, 6, 2**31, 10**30])
def test_hit_at_no_such_position_is_not_there(cast: Cast, narges: Client, position: int) -> None:
    register(cast)
    answer = narges.post(LOOK_UP, {"number": "174411830"})
    assert narges.post(open_url(answer, position)).status_code == HTTPStatus.NOT_FOUND


def test_hit_is_not_opened_by_a_link(cast: Cast, narges: Client) -> None:
    register(cast)
    answer = narges.post(LOOK_UP, {"number": "174411830"})
    assert narges.get(open_url(answer)).status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.django_db(transaction=True)
def test_hit_is_stale_after_fifteen_minutes(cast: Cast, narges: Client, as_migrator: Any) -> None:
    register(cast)
    answer = narges.post(LOOK_UP, {"number": "174411830"})
    as_migrator.execute("UPDATE registry_lookup SET at = at - interval '16 minutes'")
    assert as_migrator.rowcount == 1
    assert narges.post(open_url(answer)).status_code == HTTPStatus.NOT_FOUND


def spent_entries(cast: Cast) -> int:
    """As the protection officer of the nation sees them."""
    with working_context(cast["guardian"]):
        return Entry.objects.filter(action="read-budget.spent", actor_id=cast["narges"].user_id).count()


def test_look_ups_stop_at_the_budget_and_protection_officer_is_told(cast: Cast, narges: Client) -> None:
    with working_context(cast["narges"]):
        for count in range(200):
            look_up(number=f"N{count}", by=cast["narges"])
    assert spent_entries(cast) == 0
    answer = narges.post(LOOK_UP, {"number": "174411830"})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert answer.templates[0].name == "domain_error.html"
    assert spent_entries(cast) == 1


def test_openings_stop_at_the_budget_and_protection_officer_is_told(cast: Cast, narges: Client, raw: Any) -> None:
    register(cast, clerk="omid")
    answer = narges.post(LOOK_UP, {"number": "174411830"})
    with working_context(cast["narges"]):
        raw.execute("SELECT count(guard.begin_household(gen_random_uuid())) FROM generate_series(1, 120)")
    stopped = narges.post(open_url(answer))
    assert stopped.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert spent_entries(cast) == 1


@pytest.mark.parametrize("name", ["kamran", "bahram", "printer", "guardian"])
def test_look_up_is_for_clerks(as_staff: Staff, name: str) -> None:
    assert as_staff(name).get(LOOK_UP).status_code == HTTPStatus.FORBIDDEN


def test_look_up_asks_a_passer_by_to_sign_in(client: Client, db: None) -> None:
    answer = client.post(LOOK_UP, {"number": "174411830"}, secure=True)
    assert answer.status_code == HTTPStatus.FOUND
    assert "sign-in" in answer["Location"]


def test_birth_year_of_the_database_is_the_calendars(as_migrator: Any) -> None:
    """Around every new year of two centuries, where a day decides the year."""
    days = [from_jalali(year, 1, 1) + timedelta(days=by) for year in range(1259, 1460) for by in (-1, 0, 1)]
    as_migrator.execute("SELECT array_agg(guard.jalali_year(day) ORDER BY day) FROM unnest(%s::date[]) AS day", [days])
    assert as_migrator.fetchone()[0] == [to_jalali(day).year for day in days]
