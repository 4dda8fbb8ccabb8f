"""What a file asks against a decision is answered by a human, once."""

from datetime import date
from uuid import uuid4

import pytest

from khedmat.accounts.errors import PermissionMissing
from khedmat.registry.enums import Answer, Way
from khedmat.registry.errors import QuestionAnswered
from khedmat.registry.keeping import correct_document
from khedmat.registry.models import Household, Question
from khedmat.registry.provenance import note_values
from khedmat.registry.questions import answer_question, open_questions
from tests.cast import Cast
from tests.imports.registers import FAMILY, HEAD, SON, WIFE, Acting, bring_in, table
from tests.imports.test_people_run import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast: Cast, acting: Acting) -> Household:
    """A family whose phone was decided, and a file that says otherwise; open to narges."""
    keeper, clerk = cast["daftari"], cast["narges"]
    bring_in(table(FAMILY), keeper, acting)
    with acting(clerk):
        family = opened("17440000011", cast, acting)
        note_values(family, {"phone": "+989129999999"}, way=Way.CHANGE, by=clerk)
    bring_in(table([row | {"phone": "09351112233"} for row in (HEAD, WIFE, SON)]), keeper, acting)
    return family


def test_answer_closes_the_question(asked: Household, cast: Cast, acting: Acting) -> None:
    with acting(cast["narges"]):
        (question,) = open_questions(asked.pk)
        assert (question.field, question.asked) == ("phone", "+989351112233")
        answer_question(question.pk, Answer.KEEP, by=cast["narges"])
        assert open_questions(asked.pk) == []


def test_second_answer_is_told(asked: Household, cast: Cast, acting: Acting) -> None:
    with acting(cast["narges"]):
        (question,) = open_questions(asked.pk)
        answer_question(question.pk, Answer.KEEP, by=cast["narges"])
        with pytest.raises(QuestionAnswered):
            answer_question(question.pk, Answer.CHANGE, by=cast["narges"])


def test_keeper_answers_no_question(asked: Household, cast: Cast, acting: Acting) -> None:
    with acting(cast["narges"]):
        (question,) = open_questions(asked.pk)
    with acting(cast["daftari"]), pytest.raises(PermissionMissing):
        answer_question(question.pk, Answer.KEEP, by=cast["daftari"])
    with acting(cast["omid"]):
        assert not Question.objects.exists()


def test_decided_validity_of_a_document_is_asked_about(cast: Cast, acting: Acting) -> None:
    keeper, clerk = cast["daftari"], cast["narges"]
    bring_in(table(FAMILY), keeper, acting)
    with acting(clerk):
        family = opened("17440000011", cast, acting)
        card = family.members.get(relation="head").documents.get(kind="amayesh_card")
        correct_document(card, valid_until=date(2027, 3, 20), reference=uuid4(), by=clerk)
    bring_in(table([row | {"valid_until": "1405/06/31"} for row in FAMILY]), keeper, acting)
    with acting(clerk):
        (question,) = open_questions(family.pk)
        card.refresh_from_db()
        assert (question.field, str(card.valid_until)) == ("amayesh_card.valid_until", "2027-03-20")
