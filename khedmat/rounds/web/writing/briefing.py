"""The instructions of a round as offices read them, with their questions and the managers' answers."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.common.fields import PlainTextField
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


@page(permission=Permission.SEE_ROUND, purpose=Purpose.DAILY_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def briefing_page(request: StaffRequest, code: str) -> HttpResponse:
    """Instructions of the version in force, questions and answers."""
    version = versions_in_force().filter(round__code=code).first()
    if version is None:
        raise RoundNotFound
    may_answer = role_may(request.actor.role, Permission.WRITE_ROUND)
    is_answer = may_answer and "question" in request.POST
    is_sent = request.method == "POST"
    asking = QuestionForm(request.POST if is_sent and not is_answer else None)
    answering = AnswerForm(request.POST if is_answer else None)
    if is_answer and "question" in answering.errors:
        raise StepUnknown
    if is_sent and (answering if is_answer else asking).is_valid():
        if is_answer:
            answer_question(answering.cleaned_data["question"], answering.cleaned_data["answer"], by=request.actor)
        else:
            ask_question(code, asking.cleaned_data["text"], by=request.actor)
        messages.success(request, _("It stands here for all offices now."))
        return redirect("rounds:briefing", code)
    context = {
        "version": version,
        "paragraphs": [(words_of(one.title), words_of(one.text)) for one in content_of(version).briefing],
        "questions": [
            (question, AnswerForm(initial={"question": question.pk}, auto_id=f"id_%s_{question.pk}"))
            for question in questions_of(version)
        ],
        "asking": asking,
        "refused": answering if is_answer else None,
        "may_answer": may_answer,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    return render(request, "rounds/writing/briefing.html", context, status=status)
