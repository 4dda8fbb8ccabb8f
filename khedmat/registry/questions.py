"""What files asked about an open family, and what a human says to it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.accounts.rules import role_may
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.registry.enums import Answer
from khedmat.registry.errors import QuestionAnswered
from khedmat.registry.models import Question


def open_questions(household_id: UUID) -> list[Question]:
    """The unanswered ones, the oldest first. Needs the family open."""
    return list(Question.objects.filter(household_id=household_id, answer="").order_by("asked_at", "row"))


@transaction.atomic
def answer_question(question_id: UUID, answer: Answer, *, by: Actor) -> Question:
    """Say that the register stays as it is, or that a change was asked for. Errors: QuestionAnswered,
    PermissionMissing, RecordNotVisible.
    """
    if not role_may(by.role, Permission.REQUEST_CHANGE):
        raise PermissionMissing
    question = Question.objects.select_for_update().filter(pk=question_id).first()
    if question is None:
        raise RecordNotVisible
    if question.answer:
        raise QuestionAnswered
    question.answer, question.answered_at, question.answered_by = answer, timezone.now(), by.user_id
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    record(
        "question.answered",
        by=by,
        subject="registry.question",
        subject_id=question.pk,
        household_id=question.household_id,
        details={"answer": answer.value, "field": question.field},
    )
    return question
