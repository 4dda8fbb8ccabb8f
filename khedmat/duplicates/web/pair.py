"""One pair: closed, it shows reasons alone; opened, two people side by side, and the buttons."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.gate import StaffRequest
from khedmat.accounts.models import User
from khedmat.common.jalali import format_date
from khedmat.common.text import fold_for_search, localise_digits
from khedmat.duplicates.actions import answer_pair, open_pair, remove_link
from khedmat.duplicates.enums import PairState, Verdict
from khedmat.duplicates.matching.traits import compared_name
from khedmat.duplicates.models import Answer, DuplicatePair, PersonLink
from khedmat.duplicates.selectors import Compared, answers_to, compared_people, links_of, visible_pair
from khedmat.duplicates.web.forms import AnswerForm, ReasonForm, UnlinkForm
from khedmat.duplicates.web.queue import COMPARING
from khedmat.duplicates.web.words import STATE_TONES, STRENGTH_TONES, reasons
from khedmat.registry.actions import note_household_read


@dataclass(frozen=True, slots=True)
class Line:
    """One trait of both people; `is_different` where a reader would not take the two for the same."""

    label: str
    one: str
    other: str
    is_different: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of one of the two; `is_shared` where the other presents the same number."""

    kind: str
    number: str
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as the page shows it."""

    answer: Answer
    tone: str
    by: User | None


@COMPARING
@require_safe
def pair_page(request: StaffRequest, pair_id: UUID) -> HttpResponse:
    """The pair; the people only while both families are open to the reader."""
    return _show(request, visible_pair(pair_id))


@COMPARING
@require_POST
def open_page(request: StaffRequest, pair_id: UUID) -> HttpResponse:
    """Open both families, counted and recorded. Errors: RecordNotVisible, SpentReadBudget."""
    open_pair(pair_id, by=request.actor)
    return redirect("duplicates:pair", pair_id)


@COMPARING
@require_POST
def answer_page(request: StaffRequest, pair_id: UUID) -> HttpResponse:
    """Keep what the keeper says. Errors: RecordNotVisible, AnsweredMeanwhile, FilesNotOpen."""
    pair, form = visible_pair(pair_id), AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, pair, form)
    sent = form.cleaned_data
    answer_pair(pair.pk, Verdict(sent["verdict"]), sent["reason"], version=sent["version"], by=request.actor)
    messages.success(request, _("Your answer is kept."))
    return redirect("duplicates:pair", pair.pk)


@COMPARING
@require_POST
def unlink_page(request: StaffRequest, pair_id: UUID) -> HttpResponse:
    """Take 'the same person' back. Errors: RecordNotVisible, AnsweredMeanwhile, FilesNotOpen."""
    pair, form = visible_pair(pair_id), UnlinkForm(request.POST)
    if not form.is_valid():
        return _show(request, pair, form)
    remove_link(pair.pk, form.cleaned_data["reason"], version=form.cleaned_data["version"], by=request.actor)
    messages.success(request, _("The two records are no longer taken for one person. The pair waits for an answer."))
    return redirect("duplicates:pair", pair.pk)


def _show(request: StaffRequest, pair: DuplicatePair, form: ReasonForm | None = None) -> HttpResponse:
    people = compared_people(pair)
    speaks_for, speaks_against = reasons(pair.likenesses)
    context = {
        "pair": pair,
        "strength_tone": STRENGTH_TONES.get(pair.strength, "mute"),
        "state_tone": STATE_TONES.get(pair.state, "mute"),
        "speaks_for": speaks_for,
        "speaks_against": speaks_against,
    }
    if people is None:
        return render(request, "duplicates/pair_closed.html", context)
    for household_id in sorted({one.person.household_id for one in people}):
        note_household_read(household_id, by=request.actor)
    is_linked = pair.state == PairState.SAME
    if form is None:
        form = (UnlinkForm if is_linked else AnswerForm)(initial={"version": pair.version})
    context |= {
        "people": people,
        "same_family": people[0].person.household_id == people[1].person.household_id,
        "lines": _lines(*people),
        "papers": _papers(*people),
        "said": _said(answers_to(pair)),
        "links": _links(links_of(pair)),
        "is_linked": is_linked,
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "duplicates/pair.html", context, status=status)


def _lines(one: Compared, other: Compared) -> list[Line]:
    left, right = one.person, other.person
    language = get_language() or "fa"
    names = [
        (_("Given name"), left.given_name, right.given_name),
        (_("Family name"), left.family_name, right.family_name),
        (_("Father's name"), left.father_name, right.father_name),
        (_("Grandfather's name"), left.grandfather_name, right.grandfather_name),
    ]
    facts = [
        (_("Sex"), left.get_sex_display(), right.get_sex_display()),
        (_("Birth date"), format_date(left.birth_on, language), format_date(right.birth_on, language)),
        (_("Birth place"), left.birth_place, right.birth_place),
        (
            _("Date of death"),
            *(format_date(one.deceased_on, language) if one.deceased_on else "" for one in (left, right)),
        ),
    ]
    # Of the families nothing follows for the person: they are shown, and no difference of theirs is marked.
    families = [
        (_("In the family"), left.get_relation_display(), right.get_relation_display()),
        (_("Size of the family"), _size(one.family_size), _size(other.family_size)),
    ]
    return [
        *(Line(label, a, b, _differ(compared_name(a), compared_name(b))) for label, a, b in names if a or b),
        *(Line(label, a, b, _differ(fold_for_search(a), fold_for_search(b))) for label, a, b in facts if a or b),
        *(Line(label, a, b, False) for label, a, b in families),
    ]


def _differ(one: str, other: str) -> bool:
    """What is missing on one side is no difference: nobody said otherwise."""
    return bool(one and other) and one != other


def _size(people: int) -> str:
    return ngettext("%(count)s person", "%(count)s persons", people) % {
        "count": localise_digits(str(people), get_language() or "fa")
    }


def _papers(one: Compared, other: Compared) -> list[list[Paper]]:
    indexes = [{bytes(document.number_index) for document in who.person.documents.all()} for who in (one, other)]
    return [
        [
            Paper(document.get_kind_display(), document.number, bytes(document.number_index) in indexes[1 - place])
            for document in who.person.documents.all()
        ]
        for place, who in enumerate((one, other))
    ]


_TONES: Final = {Verdict.SAME_PERSON: "accent", Verdict.DIFFERENT: "mute", Verdict.ASK_FOR_PAPERS: "warn"}


def _said(answers: list[Answer]) -> list[Said]:
    staff = User.objects.in_bulk([answer.answered_by for answer in answers])
    return [
        Said(answer, _TONES.get(Verdict(answer.verdict), "mute"), staff.get(answer.answered_by)) for answer in answers
    ]


def _links(links: list[PersonLink]) -> list[tuple[PersonLink, User | None]]:
    """Those taken away, with who did."""
    removed = [link for link in links if link.removed_at]
    staff = User.objects.in_bulk([link.removed_by for link in removed if link.removed_by])
    return [(link, staff.get(link.removed_by) if link.removed_by else None) for link in removed]
