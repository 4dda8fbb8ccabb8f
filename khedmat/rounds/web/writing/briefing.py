"""The instructions of a round as offices read them, with their questions and the managers' answers."""

from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.common.fields import PlainTextField
from khedmat.common.text import uuid_of
from khedmat.rounds.authoring import answer_question, ask_question
from khedmat.rounds.errors import RoundNotFound, StepUnknown
from khedmat.rounds.selectors import content_of, questions_of, versions_in_force
from khedmat.rounds.web.case_parts import words_of

LONGEST = 1_000


class QuestionForm(forms.Form):
    """What an office asks; all offices read it."""

    text = PlainTextField(
        max_length=LONGEST,
        multiline=True,
        label=gettext_lazy("Your question"),
        help_text=gettext_lazy("All offices read it: name no person and no case number."),
    )


class AnswerForm(forms.Form):
    """What a round manager answers to one question."""

    question = forms.UUIDField(widget=forms.HiddenInput)
    answer = PlainTextField(max_length=LONGEST, multiline=True, label=gettext_lazy("Your answer"))

    @classmethod
    def to(cls, question_id: UUID, sent: QueryDict | None = None) -> "AnswerForm":
        """The form beside one question; several stand on a page, each with ids of its own."""
        return cls(sent, initial={"question": question_id}, auto_id=f"id_%s_{question_id}")

    def is_about(self, question_id: UUID) -> bool:
        """Whether what was sent answers this question."""
        return uuid_of(self.data.get("question", "")) == question_id


@page(permission=Permission.SEE_ROUND, purpose=Purpose.DAILY_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def briefing_page(request: StaffRequest, code: str) -> HttpResponse:
    """Instructions of the version in force, questions and answers."""
    version = versions_in_force().filter(round__code=code).first()
    if version is None:
        raise RoundNotFound
    may_answer = role_may(request.actor.role, Permission.WRITE_ROUND)
    is_sent = request.method == "POST"
    answering = _answer_sent(request) if may_answer and "question" in request.POST else None
    asking = QuestionForm(request.POST if is_sent and answering is None else None)
    if is_sent and (answering or asking).is_valid():
        if answering is not None:
            answer_question(answering.cleaned_data["question"], answering.cleaned_data["answer"], by=request.actor)
        else:
            ask_question(code, asking.cleaned_data["text"], by=request.actor)
        messages.success(request, _("It stands here for all offices now."))
        return redirect("rounds:briefing", code)
    context = {
        "version": version,
        "paragraphs": [(words_of(one.title), words_of(one.text)) for one in content_of(version).briefing],
        "questions": [
            (question, answering if answering and answering.is_about(question.pk) else AnswerForm.to(question.pk))
            for question in questions_of(version)
        ],
        "asking": asking,
        "refused": answering,
        "may_answer": may_answer,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    return render(request, "rounds/writing/briefing.html", context, status=status)


def _answer_sent(request: StaffRequest) -> AnswerForm:
    """The answer that came, bound beside its question. Errors: StepUnknown, where it names none."""
    question_id = uuid_of(request.POST.get("question", ""))
    if question_id is None:
        raise StepUnknown
    return AnswerForm.to(question_id, request.POST)
