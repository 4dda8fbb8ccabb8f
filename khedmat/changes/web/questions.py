"""What files ask about a family, on its page: what stands, what the file says, and two ways to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.changes.web.words import value_words
from khedmat.places.models import Scope
from khedmat.registry.enums import Answer
from khedmat.registry.labels import field_label
from khedmat.registry.models import Household, Person, Question
from khedmat.registry.questions import answer_question, open_questions


class AnswerForm(forms.Form):
    """What the office says to a question."""

    answer = forms.ChoiceField(choices=Answer.choices)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in words. `now` and `asked` are values as readers write them."""

    question: Question
    whose: str
    label: str
    now: str
    asked: str


def questions_panel(request: StaffRequest, household: Household) -> SafeString | None:
    """The panel of a family's page; nothing where no file asks. One query, and the counties'."""
    if not role_may(request.actor.role, Permission.REQUEST_CHANGE):
        return None
    members = {one.pk: one for one in household.members.all()}
    rows = [_row(one, household, members) for one in open_questions(household.pk)]
    if not rows:
        return None
    return render_to_string("changes/questions.html", {"household": household, "rows": rows}, request=request)


@page(permission=Permission.REQUEST_CHANGE, purpose=Purpose.CHANGE_RECORD)
@require_POST
def answer(request: StaffRequest, household_id: UUID, question_id: UUID) -> HttpResponse:
    """Keep the register as it is, or go on to ask for the change."""
    if not Question.objects.filter(pk=question_id, household_id=household_id).exists():
        raise RecordNotVisible
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the two answers."))
        return redirect("registry:household", household_id)
    given = Answer(form.cleaned_data["answer"])
    question = answer_question(question_id, given, by=request.actor)
    if given == Answer.KEEP:
        messages.success(request, _("The register stays as it is. The file does not ask this again."))
        return redirect("registry:household", household_id)
    query = {"field": question.field.rpartition(".")[2]}
    if question.person_id:
        query["person"] = str(question.person_id)
    return redirect(f"{reverse('changes:choose', args=[household_id])}?{urlencode(query)}")


def _row(question: Question, household: Household, members: Mapping[UUID, Person]) -> QuestionRow:
    person = members.get(question.person_id) if question.person_id else None
    return QuestionRow(
        question,
        person.full_name if person else "",
        field_label(question.field),
        _words(question.field, _now(question.field, household, person)),
        _words(question.field, question.asked),
    )


def _now(field: str, household: Household, person: Person | None) -> str:
    kind, _dot, name = field.rpartition(".")
    if person is None:
        value = getattr(household, "county_id" if name == "county" else name)
    elif kind:
        document = next((one for one in person.documents.all() if one.kind == kind), None)
        value = getattr(document, name) if document else ""
    else:
        value = getattr(person, name)
    return str(value or "")


def _words(field: str, value: str) -> str:
    if field == "county" and value.isdecimal():
        place = Scope.objects.filter(pk=int(value)).first()
        return place.name if place else value
    name = field.rpartition(".")[2]
    return value_words("valid_until" if name == "issued_on" else name, value)
