"""The pages: every form asks for what it shows, the officer decides, and nothing hostile breaks them."""

from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from khedmat.changes import wishes
from khedmat.changes.enums import ChangeState
from khedmat.changes.models import ChangeItem, ChangeRequest
from khedmat.registry.models import Household, Person
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import SignIn
from tests.cast import Cast
from tests.changes.asking import (
    REASON,
    approve,
    ask,
    birth_date_wish,
    newcomer,
    paper,
    people,
    phone_wish,
)
from tests.registry.pages import typed_date

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain_pages(unhashed_static: None, in_english: None) -> None:
    """Every test here."""


@pytest.fixture
def narges(as_staff: SignIn) -> Client:
    return as_staff("narges")


@pytest.fixture
def bahram(as_staff: SignIn) -> Client:
    return as_staff("bahram")


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("paper.pdf", paper(), "application/pdf")


def address(household: Household, slug: str = "", person: Person | None = None) -> str:
    path = f"/families/{household.pk}/changes/" + (f"{slug}/" if slug else "")
    return f"{path}?person={person.pk}" if person else path


def the_request(cast: Cast) -> ChangeRequest:
    with working_context(cast["narges"]):
        return ChangeRequest.objects.get()


def asked_items(cast: Cast) -> set[tuple[str, str, str]]:
    with working_context(cast["narges"]):
        return {(item.field, item.old, item.new) for item in ChangeItem.objects.all()}


def typed_names(person: Person, **changed: str) -> dict[str, str]:
    names = ("given_name", "family_name", "father_name", "grandfather_name", "latin_name")
    return {name: getattr(person, name) for name in names} | changed


def typed_child(**changed: Any) -> dict[str, Any]:
    return {
        "given_name": "امید",
        "father_name": "غلام‌سخی",
        "sex": "male",
        "relation": "son",
        **typed_date("birth_on", date(2025, 3, 1)),
        "document_kind": "birth_certificate",
        "number": "ش‌۴۴۱۲۰۷",
        "paper": upload(),
    } | changed


def relations_of(members: list[Person], **changed: str) -> dict[str, str]:
    return {f"relation-{one.pk}": changed.get(str(place), one.relation) for place, one in enumerate(members)}


def test_family_page_leads_to_the_forms(narges: Client, cast: Cast, rezai: Household) -> None:
    assert address(rezai) in narges.get(f"/families/{rezai.pk}/").content.decode()
    chosen = narges.get(address(rezai)).content.decode()
    for slug in ("names", "particulars", "contact", "birth", "death", "marriage", "marriage-registered", "divorce",
                 "head", "split", "join", "move"):  # fmt: skip
        assert address(rezai, slug) in chosen
        assert narges.get(address(rezai, slug)).status_code == 200
    head = people(cast, rezai)[0]
    for slug in ("names", "particulars", "death"):
        assert f'href="{address(rezai, slug, head)}"' in narges.get(address(rezai, slug)).content.decode()


def test_a_question_of_an_import_leads_to_the_form(narges: Client, cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    answer = narges.get(address(rezai), {"person": str(head.pk), "field": "birth_on"})
    assert answer["Location"] == address(rezai, "particulars", head)
    assert narges.get(address(rezai), {"field": "phone"})["Location"] == address(rezai, "contact")
    assert narges.get(address(rezai), {"field": "nonsense"}).status_code == 200


def test_names_form(narges: Client, cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    sent = typed_names(head, given_name="غلام‌علی", request_id=str(uuid4()))
    answer = narges.post(address(rezai, "names", head), {**sent, "paper": upload(), "note": "در کارت غلط است"})
    assert answer["Location"] == f"/families/{rezai.pk}/"
    assert asked_items(cast) == {("given_name", "غلام‌سخی", "غلام‌علی")}
    again = narges.post(address(rezai, "names", head), {**sent, "paper": upload()})
    assert again.status_code == 302
    assert "kept already" in narges.get(again["Location"]).content.decode()


def test_particulars_form(narges: Client, cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    page = narges.get(address(rezai, "particulars", head)).content.decode()
    assert "12 Mehr 1361" in page or "1982" in page
    with working_context(cast["narges"]):
        (document,) = head.documents.all()
    sent = {
        **typed_date("birth_on", date(1983, 1, 2)),
        "sex": "male",
        "nationality": "AFG",
        **typed_date(f"valid_until-{document.pk}", document.valid_until),
        "paper": upload(),
    }
    assert narges.post(address(rezai, "particulars", head), sent).status_code == 302
    assert asked_items(cast) == {("birth_on", "1982-10-04", "1983-01-02"), ("nationality", "", "AFG")}


def test_nothing_changed_and_no_paper_are_told(narges: Client, cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    answer = narges.post(address(rezai, "names", head), {**typed_names(head), "paper": upload()})
    assert answer.status_code == 422
    assert "Nothing differs" in answer.content.decode()
    answer = narges.post(address(rezai, "names", head), typed_names(head, given_name="علی"))
    assert "Add a picture of the paper" in answer.content.decode()
    broken = SimpleUploadedFile("paper.pdf", b"%PDF-1.4 broken", "application/pdf")
    answer = narges.post(address(rezai, "names", head), {**typed_names(head, given_name="علی"), "paper": broken})
    assert answer.status_code == 422
    with working_context(cast["narges"]):
        assert not ChangeRequest.objects.exists()


def test_contact_form(narges: Client, cast: Cast, rezai: Household) -> None:
    sent = {"phone": "۰۹۳۵ ۱۲۳ ۴۵۶۷", "address": rezai.address, "postal_code": ""}
    assert narges.post(address(rezai, "contact"), sent).status_code == 302
    assert asked_items(cast) == {("phone", "+989121234567", "+989351234567")}
    answer = narges.post(address(rezai, "contact"), sent)
    assert answer.status_code == 422
    assert "Another open request" in answer.content.decode()


def test_birth_form(narges: Client, cast: Cast, rezai: Household) -> None:
    assert narges.post(address(rezai, "birth"), typed_child(father_card_seen="on")).status_code == 302
    approve(cast, the_request(cast))
    assert people(cast, rezai)[-1].given_name == "امید"
    assert narges.post(address(rezai, "birth"), typed_child(number="")).status_code == 422


def test_death_form_of_the_head(narges: Client, cast: Cast, rezai: Household) -> None:
    members = people(cast, rezai)
    died = typed_date("died_on", date(2026, 1, 2))
    answer = narges.post(address(rezai, "death", members[0]), {**died, "paper": upload()})
    assert answer.status_code == 422
    sent = {**died, **relations_of(members, **{"0": "spouse", "1": "head"}), "paper": upload()}
    assert narges.post(address(rezai, "death", members[0]), sent).status_code == 302
    wrong = {**died, **relations_of(members), "paper": upload()}
    answer = narges.post(address(rezai, "death", members[0]), wrong)
    assert "Choose a living member" in answer.content.decode()


def test_marriage_forms(narges: Client, cast: Cast, rezai: Household, karimi: Household) -> None:
    bride = typed_child(relation="spouse", given_name="ریحانه", sex="female", number="")
    bride["document_kind"] = ""
    assert narges.post(address(rezai, "marriage"), bride).status_code == 302
    for number, said in (
        ("99", "No other family"),
        ("17-4411-830", "this same family"),
        ("17-5511-830", "the head of"),
    ):
        answer = narges.post(
            address(rezai, "marriage-registered"), {"number": number, "relation": "spouse", "paper": upload()}
        )
        assert answer.status_code == 422
        assert said in answer.content.decode()
    sent = {"number": "17-5511-832", "relation": "other", "paper": upload()}
    assert narges.post(address(rezai, "marriage-registered"), sent).status_code == 302


def test_divorce_and_split_forms(narges: Client, cast: Cast, rezai: Household) -> None:
    members = people(cast, rezai)
    answer = narges.post(address(rezai, "split"), relations_of(members))
    assert "Choose who leaves" in answer.content.decode()
    sent = {**relations_of(members, **{"1": "head"}), f"leaves-{members[1].pk}": "on", "paper": upload()}
    assert narges.post(address(rezai, "divorce"), sent).status_code == 302
    request = approve(cast, the_request(cast))
    with working_context(cast["bahram"]):
        assert Person.objects.get(household_id=str(request.other_household_id)).pk == members[1].pk


def test_head_join_and_move_forms(narges: Client, cast: Cast, rezai: Household, karimi: Household) -> None:
    members = people(cast, karimi)
    answer = narges.post(address(karimi, "head"), relations_of(members))
    assert "Nothing differs" in answer.content.decode()
    assert (
        narges.post(address(karimi, "head"), relations_of(members, **{"0": "spouse", "1": "head"})).status_code == 302
    )
    others = {f"relation-{one.pk}": "other" for one in members}
    answer = narges.post(address(karimi, "join"), {**others, "number": "17-4411-830"})
    assert "Another open request" in answer.content.decode()
    others = {f"relation-{one.pk}": "other" for one in people(cast, rezai)}
    assert narges.post(address(rezai, "join"), {**others, "number": "17-5511-830"}).status_code == 302
    provinces = narges.get(address(karimi, "move")).content.decode()
    assert f'value="{cast.places["khorasan"].pk}"' in provinces
    assert f'value="{cast.places["tehran"].pk}"' not in provinces
    assert narges.post(address(karimi, "move"), {"province": str(cast.places["khorasan"].pk)}).status_code == 302
    assert narges.post(address(karimi, "move"), {"province": str(cast.places["tehran"].pk)}).status_code == 422


def test_queue_names_nobody(bahram: Client, cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]))
    page = bahram.get("/changes/").content.decode()
    assert request.number in page
    assert "رضایی" not in page
    assert "Correction of particulars" in page
    home = bahram.get("/desk/").content.decode()
    line = home[home.index("Change requests that wait for your decision") :]
    assert line[line.index("<b") : line.index("</li>")] == "<b>1</b>"


def test_officer_sees_both_and_decides(bahram: Client, narges: Client, cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[0]), note="در کارت پیشین غلط بود")
    page = bahram.get(f"/changes/{request.pk}/").content.decode()
    for text in ("غلام‌سخی رضایی", "Birth date", "Stood when asked", "Narges Tavassoli", "در کارت پیشین غلط بود"):
        assert text in page
    assert reverse("files:show", args=[request.paper_id]) in page
    nothing = bahram.post(f"/changes/{request.pk}/decide/", {"version": "1", "outcome": "approve", "reason": " "})
    assert nothing.status_code == 422
    assert "Write the reason" in nothing.content.decode()
    sent = {"version": "1", "outcome": "approve", "reason": REASON}
    assert bahram.post(f"/changes/{request.pk}/decide/", sent)["Location"] == f"/changes/{request.pk}/"
    assert "Approved" in bahram.get(f"/changes/{request.pk}/").content.decode()
    family = narges.get(f"/families/{rezai.pk}/").content.decode()
    assert REASON in family
    assert bahram.post(f"/changes/{request.pk}/decide/", sent).status_code == 409


def test_parents_cards_not_seen_is_a_warning_and_no_refusal(bahram: Client, cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, wishes.birth(newcomer(), father_card_seen=False, mother_card_seen=True))
    assert "cards of both parents were not seen" in bahram.get(f"/changes/{request.pk}/").content.decode()
    sent = {"version": "1", "outcome": "approve", "reason": REASON}
    assert bahram.post(f"/changes/{request.pk}/decide/", sent).status_code == 302


def test_changed_meanwhile_shows_both(bahram: Client, cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    request = ask(cast, rezai, birth_date_wish(head))
    with working_context(cast["narges"]):
        corrected = Person.objects.get(pk=head.pk)
        corrected.birth_on = date(1980, 1, 1)
        corrected.save()
    page = bahram.get(f"/changes/{request.pk}/").content.decode()
    assert "Somebody changed it meanwhile" in page
    assert "now: <bdi>11 Dey 1358" in page or "1980" in page
    answer = bahram.post(f"/changes/{request.pk}/decide/", {"version": "1", "outcome": "approve", "reason": REASON})
    assert answer.status_code == 422
    assert "Somebody changed it meanwhile" in answer.content.decode()


def test_own_request_shows_no_decision(narges: Client, cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, phone_wish(), paper=None)
    page = narges.get(f"/changes/{request.pk}/").content.decode()
    assert "another person decides" in page
    assert "decide/" not in page
    answer = narges.post(f"/changes/{request.pk}/decide/", {"version": "1", "outcome": "approve", "reason": "x"})
    assert answer.status_code == 409


def test_withdrawn_by_the_office(narges: Client, cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, phone_wish(), paper=None)
    assert narges.post(f"/changes/{request.pk}/withdraw/")["Location"] == f"/changes/{request.pk}/"
    assert the_request(cast).state == ChangeState.WITHDRAWN
    assert narges.post(f"/changes/{request.pk}/withdraw/").status_code == 409


def test_a_declined_move_leads_back_to_the_queue(as_staff: SignIn, cast: Cast, rezai: Household) -> None:
    request = ask(cast, rezai, wishes.move(rezai.province_id, cast.places["khorasan"].pk), paper=None)
    sara = as_staff("sara")
    assert "غلام‌سخی" in sara.get(f"/changes/{request.pk}/").content.decode()
    sent = {"version": "1", "outcome": "refuse", "reason": REASON}
    assert sara.post(f"/changes/{request.pk}/decide/", sent)["Location"] == "/changes/"
    assert sara.get(f"/changes/{request.pk}/").status_code == 404


def test_an_open_case_is_told_on_the_form(narges: Client, cast: Cast, rezai: Household) -> None:
    line.open_round(cast)
    line.take_application(cast, rezai)
    assert "has an open case" in narges.get(address(rezai, "split")).content.decode()
    assert "has an open case" not in narges.get(address(rezai, "birth")).content.decode()
    answer = narges.post(address(rezai, "move"), {"province": str(cast.places["khorasan"].pk)})
    assert answer.status_code == 422
    assert "Finish the case first" in answer.content.decode()


def test_every_page_of_an_ended_split_opens(bahram: Client, narges: Client, cast: Cast, rezai: Household) -> None:
    """Members who left are named no more where they are out of sight, and nothing breaks."""
    line.open_round(cast)
    case = line.whole_line(cast, cards_from=8811830, receipt="77")
    with working_context(cast["narges"]):
        family = Household.objects.get(pk=case.household_id)
    members = people(cast, family)
    sent = {**relations_of(members, **{"3": "head"}), f"leaves-{members[3].pk}": "on"}
    assert narges.post(address(family, "split"), sent).status_code == 302
    request = approve(cast, the_request(cast))
    for reader, path in (
        (narges, f"/changes/{request.pk}/"),
        (narges, f"/families/{family.pk}/"),
        (narges, f"/families/{request.other_household_id}/"),
        (narges, f"/cases/{case.pk}/"),
        (bahram, f"/review/{case.pk}/"),
        (bahram, f"/changes/{request.pk}/"),
    ):
        assert reader.get(path).status_code == 200, path


def test_every_page_of_an_ended_join_opens(bahram: Client, narges: Client, cast: Cast, rezai: Household) -> None:
    line.open_round(cast)
    case = line.whole_line(cast, cards_from=8811830, receipt="77")
    with working_context(cast["narges"]):
        family = Household.objects.get(pk=case.household_id)
    others = {f"relation-{one.pk}": "other" for one in people(cast, family)}
    assert narges.post(address(family, "join"), {**others, "number": "17-4411-830"}).status_code == 302
    request = approve(cast, the_request(cast))
    for reader, path in (
        (narges, f"/changes/{request.pk}/"),
        (narges, f"/families/{rezai.pk}/"),
        (narges, f"/families/{family.pk}/changes/"),
        (narges, f"/cases/{case.pk}/"),
        (bahram, f"/review/{case.pk}/"),
    ):
        assert reader.get(path).status_code < 500, path


HOSTILE = ["", "\x00", "9" * 400, "-1", "٣", "<script>", "' OR 1=1 --", "\u202e", str(UUID(int=0))]


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_posts(narges: Client, bahram: Client, cast: Cast, rezai: Household, bad: str) -> None:
    request = ask(cast, rezai, birth_date_wish(people(cast, rezai)[1]))
    head, *others = people(cast, rezai)
    every = {
        **dict.fromkeys(typed_names(head), bad),
        **{f"relation-{one.pk}": bad for one in (head, *others)},
        **{f"leaves-{one.pk}": bad for one in (head, *others)},
        **{f"{name}_{part}": bad for name in ("birth_on", "died_on", "issued_on") for part in ("day", "month", "year")},
        **dict.fromkeys(("sex", "number", "relation", "province", "note", "request_id", "phone", "postal_code"), bad),
    }
    for slug in ("names", "particulars", "contact", "birth", "death", "marriage", "marriage-registered", "divorce",
                 "head", "split", "join", "move", "nonsense"):  # fmt: skip
        file = BytesIO(bad.encode())
        file.name = "x.pdf"
        for path in (address(rezai, slug), address(rezai, slug, head), address(rezai, slug) + "?person=%00"):
            assert narges.post(path, {**every, "paper": file}).status_code < 500, (slug, path)
    for field in ("version", "outcome", "reason"):
        sent = {"version": "1", "outcome": "approve", "reason": REASON} | {field: bad}
        answer = bahram.post(f"/changes/{request.pk}/decide/", sent)
        assert answer.status_code in {302, 409, 422}
        if answer.status_code == 302:
            break


def test_forged_ids_answer_like_ids_of_nothing(narges: Client, cast: Cast, rezai: Household) -> None:
    theirs = line.register(cast, "mina", cards_from=9911830, size=1)
    foreign = ask(cast, theirs, phone_wish(), "mina", paper=None)
    for path in (
        f"/families/{theirs.pk}/changes/",
        f"/families/{theirs.pk}/changes/contact/",
        f"/changes/{foreign.pk}/",
    ):
        assert narges.get(path).status_code == 404
    for act in ("decide", "withdraw"):
        assert narges.post(f"/changes/{foreign.pk}/{act}/", {"version": 1}).status_code == 404
    stranger = people(cast, theirs, "mina")[0]
    assert narges.get(address(rezai, "names", stranger)).status_code == 404
