"""The parts of a draft, row by row: listed, added, changed, moved, taken out; a rule is tried at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khedmat.accounts.gate import StaffRequest
from khedmat.common.errors import DomainError
from khedmat.rounds.authoring import change_draft
from khedmat.rounds.enums import OutcomeState, TextKind, VersionState
from khedmat.rounds.errors import CodeTwice, PlaceUnknown, RoundNotFound, StepUnknown
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import RuleSpec, VersionSpec, check_version, evaluate_rules
from khedmat.rounds.rules.editing import moved_row, row_of, with_row, with_texts, without_row
from khedmat.rounds.selectors import content_of, version_by_id
from khedmat.rounds.web.case_parts import words_of
from khedmat.rounds.web.writing.example_form import ExampleForm
from khedmat.rounds.web.writing.forms import FORMS, RevisionForm, RowForm
from khedmat.rounds.web.writing.pages import draft_by_id, standing_of, writes
from khedmat.rounds.web.writing.rows import listed, part_of
from khedmat.rounds.web.writing.texts_form import TextsForm, wanted_of
from khedmat.rounds.web.writing.words import PART_TITLES

NEW = "new"
WAYS = ("up", "down", "remove")
AnyForm = RowForm | ExampleForm | TextsForm


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def part_page(request: StaffRequest, version_id: UUID, part: str) -> HttpResponse:
    """The rows of a part; a draft's are moved and taken out here."""
    if part not in PART_TITLES:
        raise RoundNotFound
    version = version_by_id(version_id)
    if request.method == "POST":
        return _rearrange(request, version, part)
    content = content_of(version)
    is_draft = version.state == VersionState.DRAFT
    context = {
        "version": version,
        "standing": standing_of(version),
        "part": part,
        "title": PART_TITLES[part],
        "rows": listed(content, part),
        "is_draft": is_draft,
        "is_arranged": is_draft and part != "texts",
        "problems": [(words_of(one.sentence), one.where) for one in check_version(content) if part_of(one) == part],
    }
    return render(request, "rounds/writing/part.html", context)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def row_page(request: StaffRequest, version_id: UUID, part: str, code: str) -> HttpResponse:
    """One row of a draft: changed, or, as `new`, added. A rule may be tried on the examples before it is kept."""
    version = draft_by_id(version_id)
    content = content_of(version)
    form = _form_for(request, content, part, code)
    tried: Sequence[dict[str, object]] = ()
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST and isinstance(form, RowForm) and part == "rules":
            tried = _tried(content, form.row())
        elif _keep(request, version, part, code, form):
            messages.success(request, _("Kept."))
            return redirect("rounds:write-part", version.pk, part)
    form.initial["revision"] = version.revision
    context = {
        "version": version,
        "standing": standing_of(version),
        "part": part,
        "part_title": PART_TITLES[part],
        "heading": _heading(content, part, code),
        "form": form,
        "tried": tried,
        "is_rule": part == "rules",
    }
    template = {"examples": "example", "texts": "texts"}.get(part, "form")
    is_refused = form.is_bound and not form.is_valid()
    return render(request, f"rounds/writing/{template}.html", context, status=422 if is_refused else 200)


def _rearrange(request: StaffRequest, version: RoundVersion, part: str) -> HttpResponse:
    form, way, code = RevisionForm(request.POST), request.POST.get("way", ""), request.POST.get("code", "")
    if way not in WAYS or part == "texts" or not form.is_valid():
        raise StepUnknown

    def change(before: VersionSpec) -> VersionSpec:
        if way == "remove":
            return without_row(before, part, code)
        return moved_row(before, part, code, up=way == "up")

    change_draft(version.pk, change, revision=form.seen_revision, by=request.actor)
    return redirect("rounds:write-part", version.pk, part)


def _form_for(request: StaffRequest, content: VersionSpec, part: str, code: str) -> AnyForm:
    data = request.POST if request.method == "POST" else None
    if part == "texts":
        kind, _hyphen, of = code.partition("-")
        wanted = wanted_of(content, TextKind(kind), of) if kind in TextKind.values else []
        if not wanted:
            raise RoundNotFound
        return TextsForm(data, wanted=wanted, content=content)
    row = None if code == NEW else row_of(content, part, code) if part in PART_TITLES else None
    if part == "examples":
        return ExampleForm(data, rules=content.rules, row=row)
    if part not in FORMS:
        raise RoundNotFound
    return FORMS[part](data, row=row)


def _keep(request: StaffRequest, version: RoundVersion, part: str, code: str, form: AnyForm) -> bool:
    """Write the row; what stops it stands beside its field then."""

    def change(before: VersionSpec) -> VersionSpec:
        if isinstance(form, TextsForm):
            return with_texts(before, form.texts())
        return with_row(before, part, form.row(), instead_of=None if code == NEW else code)

    try:
        change_draft(version.pk, change, revision=form.seen_revision, by=request.actor)
    except (CodeTwice, PlaceUnknown) as error:
        _refuse(form, error)
        return False
    return True


def _refuse(form: AnyForm, error: DomainError) -> None:
    form.refuse(error)


def _heading(content: VersionSpec, part: str, code: str) -> str:
    if code == NEW:
        return _("Add a row")
    if part == "examples":
        return str(row_of(content, part, code).title)
    row = next((one for one in listed(content, part) if one.code == code), None)
    return row.title if row else code


def _tried(content: VersionSpec, rule: RuleSpec) -> list[dict[str, Any]]:
    """What the rule, as it is written now, says about each example, beside what the example expects."""
    found = []
    for example in content.examples:
        outcome = next(iter(evaluate_rules([rule], example.facts)), None)
        expected = example.expected.get(rule.code)
        said = outcome.state if outcome else None
        found.append(
            {
                "title": example.title,
                "said": _state(said),
                "expected": _state(expected),
                "is_expected": said == expected,
                "sentence": words_of(outcome.sentence) if outcome else "",
            }
        )
    return found


def _state(state: OutcomeState | None) -> str:
    return str(state.label) if state else _("Does not apply")
