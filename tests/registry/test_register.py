"""Writing a family down: one page, all or nothing, and what was typed stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from http import HTTPStatus
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.registry.errors import HouseholdChanged
from khedmat.registry.models import Household, Person
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.registry.pages import typed_child, typed_date, typed_family, typed_member

NEW = "/families/new/"
CHOOSE = "Choose one of the list."
WRONG_SIGNS = "A document number has letters, digits, / and . only. Remove the other signs."
NO_ROUND = "Write the round as on the document: its name and its number, such as amayesh-17."
ENDS_FIRST = "The document ends before it was issued. Correct one of the dates."
TOO_FEW = "This mobile number has too few digits. A number of Iran has 11 digits and begins with 09."
INVISIBLE = "The text holds an invisible character that cannot be kept. Type it here instead of pasting."
Staff = Callable[[str], Client]


def families(by: Actor) -> int:
    with working_context(by):
        return Household.objects.count()


def errors(answer: Any) -> dict[str, str]:
    """Message by the field's place on the page."""
    assert answer.status_code == HTTPStatus.OK
    return {row[0].auto_id: str(row[1]) for row in answer.context["error_rows"]}


def test_register_writes_the_whole_family(cast: Cast, narges: Client) -> None:
    typed = typed_family(typed_member(0), typed_child(1))
    answer = narges.post(NEW, typed)
    assert answer["Location"] == reverse("registry:household", args=[typed["household_id"]])
    with working_context(cast["narges"]):
        household = Household.objects.get(pk=typed["household_id"])
        head, child = household.members.all()
        (card,) = head.documents.all()
        (paper,) = child.documents.all()
    assert (household.phone, household.postal_code) == ("+989123456789", "3351734567")
    assert household.province == cast.places["tehran"]
    assert (head.full_name, head.relation, head.latin_name) == ("غلام‌سخی رضایی", "head", "Ghulam Sakhi Rezai")
    assert (card.number, card.series, card.valid_until) == ("174411830", "amayesh-17", date(2026, 9, 30))
    assert (child.birth_on, paper.kind, paper.number) == (date(2026, 2, 10), "birth_certificate", "شه441207")


def test_register_is_recorded_once(cast: Cast, narges: Client) -> None:
    typed = typed_family(typed_member(0))
    narges.post(NEW, typed)
    with working_context(cast["narges"]):
        (entry,) = Entry.objects.filter(action="household.registered", household_id=typed["household_id"])
    assert entry.details == {"members": 1}


def test_register_sent_twice_writes_one_family(cast: Cast, narges: Client) -> None:
    typed = typed_family(typed_member(0))
    narges.post(NEW, typed)
    again = narges.post(NEW, typed, follow=True)
    assert "Nothing was written twice." in again.content.decode()
    assert families(cast["narges"]) == 1


@pytest.mark.django_db(transaction=True)
def test_register_sent_twice_at_once_writes_one_family(cast: Cast, as_staff: Staff) -> None:
    typed = typed_family(typed_member(0))
    together = Barrier(4)

    def send(client: Client) -> Any:
        together.wait()
        try:
            return client.post(NEW, typed)
        finally:
            connection.close()

    clients = [as_staff("narges") for _count in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, clients))
    household = reverse("registry:household", args=[typed["household_id"]])
    assert [answer["Location"] for answer in answers] == [household] * 4
    assert families(cast["narges"]) == 1


def test_register_under_the_id_of_a_hidden_family_is_refused(cast: Cast, narges: Client, as_staff: Staff) -> None:
    typed = typed_family(typed_member(0))
    narges.post(NEW, typed)
    answer = as_staff("mina").post(NEW, typed)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert families(cast["mina"]) == 0


@pytest.mark.parametrize("forged", ["", "x", "\x00", "1" * 5000])
def test_register_with_forged_id_gets_a_fresh_one(cast: Cast, narges: Client, forged: str) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0), household_id=forged))
    assert answer.status_code == HTTPStatus.FOUND
    assert families(cast["narges"]) == 1


def test_register_skips_cards_left_empty(cast: Cast, narges: Client) -> None:
    empty = {name: "" for name in typed_member(1)}
    answer = narges.post(NEW, typed_family(typed_member(0), empty) | {"members-INITIAL_FORMS": "2"})
    assert answer.status_code == HTTPStatus.FOUND
    with working_context(cast["narges"]):
        assert Person.objects.count() == 1


TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"given_name": ""}, "given_name", "Fill in this field."),
        ({"father_name": " \u200c "}, "father_name", "Fill in this field."),
        ({"given_name": "ع" * 81}, "given_name", "This text is one character too long. It may have 80 characters."),
        ({"latin_name": "غلام"}, "latin_name", "Write this name in Latin letters only, as in a passport."),
        ({"sex": ""}, "sex", CHOOSE),
        ({"sex": "x"}, "sex", CHOOSE),
        ({"relation": "boss"}, "relation", CHOOSE),
        ({"birth_on": None}, "birth_on", "Enter the day, the month and the year."),
        ({"kind": "visa"}, "kind", CHOOSE),
        ({"kind": ""}, "kind", "Choose what kind of document it is."),
        ({"number": ""}, "number", "Enter the number as printed on the document."),
        ({"number": "<script>"}, "number", WRONG_SIGNS),
        ({"series": "17"}, "series", NO_ROUND),
        ({"series": "amayesh-1234"}, "series", NO_ROUND),
        ({"valid_until": date(2025, 9, 30)}, "valid_until", ENDS_FIRST),
        ({"relation": "son"}, "relation", "A household has exactly one head. Choose who it is."),
    ],
)  # fmt: skip
def test_register_says_what_is_wrong_beside_the_field(
    cast: Cast, narges: Client, changed: dict[str, Any], field: str, message: str
) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0, **changed)))
    assert errors(answer) == {f"id_members-0-{field}": message}
    assert f'href="#id_members-0-{field}"' in answer.content.decode()
    assert families(cast["narges"]) == 0


@pytest.mark.parametrize("field", ["birth_on", "issued_on"])
def test_register_refuses_days_to_come(cast: Cast, narges: Client, field: str) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0, valid_until=None, **{field: TOMORROW})))
    assert errors(answer)[f"id_members-0-{field}"].startswith("This date is too late.")


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("phone", "09", TOO_FEW),
        ("phone", "021 8800 1234", "This is not a mobile number. Enter a mobile number, so that messages arrive."),
        ("phone", "+44 7911 123456", "Enter a mobile number of Iran (+98), Afghanistan (+93) or Iraq (+964)."),
        ("postal_code", "335173456", "This number is one digit short. It has 10 digits."),
        ("address", "x" * 401, "This text is one character too long. It may have 400 characters."),
        ("address", "a\x00b", INVISIBLE),
    ],
)  # fmt: skip
def test_register_checks_contact(cast: Cast, narges: Client, field: str, typed: str, message: str) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0), **{field: typed}))
    assert errors(answer) == {f"id_{field}": message}
    assert families(cast["narges"]) == 0


def test_register_shows_all_errors_at_once(narges: Client) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0, sex=""), typed_child(1, given_name=""), phone="1"))
    assert set(errors(answer)) == {"id_members-0-sex", "id_members-1-given_name", "id_phone"}
    assert "Member 2, Given name" in answer.content.decode()


def test_register_with_two_heads_marks_the_second(cast: Cast, narges: Client) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0), typed_child(1), typed_child(2, relation="head")))
    assert list(errors(answer)) == ["id_members-2-relation"]
    assert families(cast["narges"]) == 0


def test_register_needs_one_document(cast: Cast, narges: Client) -> None:
    bare = {"kind": "", "number": "", "series": "", "issued_on": None, "valid_until": None}
    answer = narges.post(NEW, typed_family(typed_member(0, **bare), typed_child(1, **bare)))
    assert list(errors(answer)) == ["id_members-0-number"]
    assert families(cast["narges"]) == 0


def test_register_takes_members_without_document(cast: Cast, narges: Client) -> None:
    bare = {"kind": "", "number": ""}
    assert narges.post(NEW, typed_family(typed_member(0), typed_child(1, **bare))).status_code == HTTPStatus.FOUND


def test_register_takes_twenty_members(cast: Cast, narges: Client) -> None:
    cards = [typed_child(index, number=f"B{index}") for index in range(1, 20)]
    assert narges.post(NEW, typed_family(typed_member(0), *cards)).status_code == HTTPStatus.FOUND
    with working_context(cast["narges"]):
        assert Person.objects.count() == 20


def test_register_refuses_the_twenty_first(cast: Cast, narges: Client) -> None:
    cards = [typed_child(index, number=f"B{index}") for index in range(1, 21)]
    answer = narges.post(NEW, typed_family(typed_member(0), *cards))
    assert answer.context["general_errors"] == ["One page takes at most 20 members."]
    assert families(cast["narges"]) == 0


@pytest.mark.parametrize("total", ["", "x", "-1", "999999999999", "۳x", "\x00"])
def test_register_with_forged_count_writes_nothing(cast: Cast, narges: Client, total: str) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0)) | {"members-TOTAL_FORMS": total})
    assert answer.status_code == HTTPStatus.OK
    assert answer.context["general_errors"] or answer.context["error_rows"]
    assert families(cast["narges"]) == 0


def test_too_many_fields_are_refused(narges: Client) -> None:
    answer = narges.post(NEW, {f"x{count}": "" for count in range(600)})
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_add_keeps_what_was_typed_and_writes_nothing(cast: Cast, narges: Client) -> None:
    typed = typed_family(typed_member(0, number="17/<b>", series="آمایش ۱۷"), phone="۰۹۱۲")
    answer = narges.post(NEW, typed | {"add": "1"} | {"members-0-birth_on_day": "۴۵"})
    page = answer.content.decode()
    assert answer.context["error_rows"] == []
    assert len(answer.context["cards"].forms) == 2
    for kept in ("غلام‌سخی", "17/&lt;b&gt;", "آمایش ۱۷", "۰۹۱۲", "۴۵", typed["household_id"], "Ghulam Sakhi Rezai"):
        assert f'value="{kept}"' in page
    assert '<option value="amayesh_card" selected>' in page
    assert families(cast["narges"]) == 0


def test_remove_takes_only_that_card(narges: Client) -> None:
    cards = [typed_member(0), typed_child(1, given_name="زهرا"), typed_child(2, given_name="یوسف")]
    answer = narges.post(NEW, typed_family(*cards) | {"remove": "1"})
    names = [form.initial["given_name"] for form in answer.context["cards"].forms]
    assert names == ["غلام‌سخی", "یوسف"]


@pytest.mark.parametrize("which", ["", "7", "-1", "x", "٠", "9" * 5000])
def test_remove_of_no_card_keeps_all(narges: Client, which: str) -> None:
    answer = narges.post(NEW, typed_family(typed_member(0), typed_child(1)) | {"remove": which})
    assert len(answer.context["cards"].forms) == 2


def test_add_stops_at_twenty(narges: Client) -> None:
    cards = [typed_child(index) for index in range(20)]
    answer = narges.post(NEW, typed_family(*cards) | {"add": "1"})
    assert len(answer.context["cards"].forms) == 20
    assert "One page takes at most 20 members." in answer.content.decode()
    assert 'name="add"' not in answer.content.decode()


def test_first_page_has_one_card_of_the_head(narges: Client) -> None:
    answer = narges.get(NEW)
    (card,) = answer.context["cards"].forms
    assert card["relation"].value() == "head"
    assert UUID(str(answer.context["household_id"]))


@pytest.mark.parametrize("name", ["kamran", "bahram", "guardian"])
def test_register_is_for_clerks(as_staff: Staff, name: str) -> None:
    assert as_staff(name).post(NEW, typed_family(typed_member(0))).status_code == HTTPStatus.FORBIDDEN


# ---------- adding a member ----------


@pytest.fixture
def family_id(narges: Client) -> UUID:
    typed = typed_family(typed_member(0))
    narges.post(NEW, typed)
    return UUID(typed["household_id"])


def add_url(family_id: UUID) -> str:
    return reverse("registry:add-member", args=[family_id])


def members(by: Actor, family_id: UUID) -> list[Person]:
    with working_context(by):
        return list(Person.objects.filter(household_id=family_id))


def test_add_member_writes_the_child(cast: Cast, narges: Client, family_id: UUID) -> None:
    answer = narges.post(add_url(family_id), typed_child() | {"version": "1"}, follow=True)
    assert "is now a member of the family" in answer.content.decode()
    assert [person.position for person in members(cast["narges"], family_id)] == [1, 2]
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="member.added", household_id=family_id).count() == 1


def test_add_member_reading_is_recorded(cast: Cast, narges: Client, family_id: UUID) -> None:
    narges.get(add_url(family_id))
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="household.read", household_id=family_id).count() == 1


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"relation": "head"}, "relation", CHOOSE),
        ({"kind": ""}, "kind", CHOOSE),
        ({"number": ""}, "number", "Enter the number as printed on the document."),
        ({"given_name": ""}, "given_name", "Fill in this field."),
    ],
)
def test_add_member_says_what_is_wrong_beside_the_field(
    cast: Cast, narges: Client, family_id: UUID, changed: dict[str, Any], field: str, message: str
) -> None:
    answer = narges.post(add_url(family_id), typed_child(**changed) | {"version": "1"})
    assert answer.context["form"].errors[field] == [message]
    assert 'value="غلام‌سخی"' in answer.content.decode()
    assert len(members(cast["narges"], family_id)) == 1


@pytest.mark.parametrize("version", ["1", "", "x", "0", "9" * 30, "۲"])
def test_add_member_to_a_list_not_seen_shows_it_first(
    cast: Cast, narges: Client, family_id: UUID, version: str
) -> None:
    narges.post(add_url(family_id), typed_child() | {"version": "1"})
    again = narges.post(add_url(family_id), typed_child(given_name="زهرا", number="B2") | {"version": version})
    assert again.context["form"].non_field_errors() == [str(HouseholdChanged.message)]
    assert [person.given_name for person in again.context["members"]] == ["غلام‌سخی", "یوسف"]
    assert 'name="version" value="2"' in again.content.decode()
    assert len(members(cast["narges"], family_id)) == 2


def test_add_member_beyond_twenty_is_refused(cast: Cast, narges: Client) -> None:
    cards = [typed_child(index, number=f"B{index}") for index in range(1, 20)]
    typed = typed_family(typed_member(0), *cards)
    narges.post(NEW, typed)
    url = add_url(UUID(typed["household_id"]))
    assert "This family has 20 members" in narges.get(url).content.decode()
    answer = narges.post(url, typed_child() | {"version": "1"})
    assert answer.context["form"].non_field_errors() == ["One page takes at most 20 members."]
    assert len(members(cast["narges"], UUID(typed["household_id"]))) == 20


def test_add_member_to_a_hidden_family_is_not_there(cast: Cast, as_staff: Staff, family_id: UUID) -> None:
    omid = as_staff("omid")
    assert omid.get(add_url(family_id)).status_code == HTTPStatus.NOT_FOUND
    assert omid.post(add_url(family_id), typed_child()).status_code == HTTPStatus.NOT_FOUND
    assert omid.post(add_url(uuid4()), typed_child()).status_code == HTTPStatus.NOT_FOUND
    assert len(members(cast["narges"], family_id)) == 1


def test_typed_date_is_read_back_by_the_page() -> None:
    assert typed_date("day", date(2026, 3, 21)) == {"day_day": "1", "day_month": "1", "day_year": "1405"}
