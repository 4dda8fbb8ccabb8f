"""What a file asks is shown on the family's page, and answered there."""

import pytest
from django.urls import reverse

from khedmat.registry.enums import Answer, Way
from khedmat.registry.models import Household, Question
from khedmat.registry.provenance import note_values
from tests.browsers import SignIn
from tests.cast import Cast
from tests.imports.registers import FAMILY, Acting, bring_in, table
from tests.imports.test_people_run import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast: Cast, acting: Acting) -> Household:
    """A family whose son's birth date was decided; a file says otherwise, of it and of the phone."""
    bring_in(table(FAMILY), cast["daftari"], acting)
    with acting(cast["narges"]):
        family = opened("17440000011", cast, acting)
        son = family.members.get(relation="son")
        note_values(son, {"birth_on": "2015-09-25"}, way=Way.CHANGE, by=cast["narges"])
    later = [row | {"birth_on": "1394/07/11"} if row["relation"] == "پسر" else row for row in FAMILY]
    bring_in(table(later), cast["daftari"], acting)
    return family


def question_of(asked: Household, cast: Cast, acting: Acting) -> Question:
    with acting(cast["narges"]):
        return Question.objects.get(household_id=asked.pk)


def test_family_page_shows_both_values(asked: Household, as_staff: SignIn) -> None:
    page = as_staff("narges").get(reverse("registry:household", args=[asked.pk])).content.decode()
    assert "A file says otherwise" in page
    assert "Old system" in page


def test_kept_register_is_asked_no_more(asked: Household, cast: Cast, acting: Acting, as_staff: SignIn) -> None:
    question = question_of(asked, cast, acting)
    browser = as_staff("narges")
    response = browser.post(reverse("changes:answer", args=[asked.pk, question.pk]), {"answer": "keep"}, follow=True)
    assert "The register stays as it is." in response.content.decode()
    assert question_of(asked, cast, acting).answer == Answer.KEEP
    assert "A file says otherwise" not in response.content.decode()


def test_asking_leads_to_the_form_of_that_field(asked: Household, cast: Cast, acting: Acting, as_staff: SignIn) -> None:
    question = question_of(asked, cast, acting)
    address = reverse("changes:answer", args=[asked.pk, question.pk])
    response = as_staff("narges").post(address, {"answer": "change"}, follow=True)
    assert 'name="birth_on' in response.content.decode()


@pytest.mark.parametrize("sent", [{}, {"answer": "x"}, {"answer": "keep\0"}])
def test_other_answers_change_nothing(
    asked: Household, cast: Cast, acting: Acting, as_staff: SignIn, sent: dict[str, str]
) -> None:
    question = question_of(asked, cast, acting)
    as_staff("narges").post(reverse("changes:answer", args=[asked.pk, question.pk]), sent)
    assert question_of(asked, cast, acting).answer == ""


def test_question_of_another_office_is_not_there(
    asked: Household, cast: Cast, acting: Acting, as_staff: SignIn
) -> None:
    question = question_of(asked, cast, acting)
    address = reverse("changes:answer", args=[asked.pk, question.pk])
    assert as_staff("omid").post(address, {"answer": "keep"}).status_code == 404


def test_history_page_names_the_file_and_row(asked: Household, as_staff: SignIn) -> None:
    page = as_staff("narges").get(reverse("registry:history", args=[asked.pk])).content.decode()
    assert "Where the values come from" in page
    assert "Old system" in page
