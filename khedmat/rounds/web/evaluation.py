"""The whole evaluation of a case: every rule for every member, and the case under another version."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import CaseStep
from khedmat.common.money import format_rial
from khedmat.rounds.enrolment import note_case_read
from khedmat.rounds.enrolment_view import EnrolmentView, MemberView, enrolment_view
from khedmat.rounds.enums import Certainty, OnUnmet
from khedmat.rounds.moving import MovePreview, move_to_version, preview_move, versions_to_move_to
from khedmat.rounds.rules.evaluation import explain_rules, inputs_of, readable
from khedmat.rounds.web.case_parts import digits, words_of
from khedmat.rounds.web.forms import MoveForm, sent_version
from khedmat.rounds.words import FACTS


@dataclass(frozen=True, slots=True)
class EvaluatedRule:
    """One rule about one member: what it found and from what, or that it does not apply and why."""

    title: str
    tone: str
    mark: str
    sentence: str
    follows: str
    condition: str
    inputs: Sequence[tuple[str, str]]
    source: str
    certainty: str


@page(permission=Permission.SEE_ROUND, purpose=Purpose.REVIEW_CASE)
@require_safe
def evaluation_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Every rule of the case's version for every member, those that do not apply too."""
    case = enter_case(case_id, by=request.actor)
    note_case_read(case, by=request.actor)
    view = enrolment_view(case)
    may_review = role_may(request.actor.role, Permission.REVIEW_CASE)
    may_move = role_may(request.actor.role, Permission.MOVE_VERSION) and case.step == CaseStep.UNDER_REVIEW
    context = {
        "case": case,
        "version": view.version,
        "members": [(one.person, evaluated(view, one)) for one in view.members],
        "back": "rounds:review" if may_review else "rounds:case",
        "moves": versions_to_move_to(case) if may_move else [],
    }
    return render(request, "rounds/evaluation.html", context)


@page(permission=Permission.MOVE_VERSION, purpose=Purpose.REVIEW_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def move_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Another version for a running case: what would change is shown before it is done."""
    case = enter_case(case_id, by=request.actor)
    note_case_read(case, by=request.actor)
    versions = versions_to_move_to(case)
    if request.method == "POST":
        sent_version(request)
    form = MoveForm(request.POST if request.method == "POST" else None, case=case, versions=versions)
    preview = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if "confirmed" in request.POST:
            move_to_version(case.pk, values["version"], values["to_version"], values["note"], by=request.actor)
            messages.success(request, _("The case stands under the other version now."))
            return redirect("rounds:review", case.pk)
        preview = preview_move(case, values["to_version"])
    context = {
        "case": case,
        "form": form,
        "versions": versions,
        "preview": _told(preview) if preview else None,
        "target": preview.target if preview else None,
        "of_the_amount": preview.of_the_amount if preview else "",
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "rounds/move_version.html", context, status=status)


def evaluated(view: EnrolmentView, member: MemberView) -> list[EvaluatedRule]:
    """Every rule about a member, in the rules' order."""
    language = get_language() or "fa"
    found = []
    for rule, outcome in explain_rules(view.content.rules, member.facts):
        if outcome is None:
            tone, mark = "mute", _("Does not apply")
        else:
            tone = "ok" if outcome.is_met else "warn"
            mark = _("Met") if outcome.is_met else str(OnUnmet(rule.on_unmet).label)
        inputs = inputs_of(rule, member.facts)
        found.append(
            EvaluatedRule(
                title=words_of(rule.title),
                tone=tone,
                mark=mark,
                sentence=words_of(outcome.sentence) if outcome else _("Its condition does not hold for this member."),
                follows="" if outcome is None or outcome.is_met else words_of(rule.remedy),
                condition=rule.applies_when,
                inputs=[(str(FACTS[name]), readable(value, language)) for name, value in inputs.items()],
                source=words_of(rule.source),
                certainty=str(Certainty(rule.certainty).label),
            )
        )
    return found


def _told(preview: MovePreview) -> list[tuple[str, str, str]]:
    """Rows for `changes`: amount, papers, and each rule that says something else about a member."""
    before, after = preview.before, preview.after
    rows = [
        (_("Version"), digits(before.version.version), digits(after.version.version)),
        (_("Amount by the tariff"), _amount(before), _amount(after)),
        (_("Papers"), _papers(before), _papers(after)),
    ]
    for old, new in zip(before.members, after.members, strict=True):
        olds = {one.title: one for one in evaluated(before, old)}
        for rule in evaluated(after, new):
            was = olds.pop(rule.title, None)
            if was is None or (was.mark, was.sentence) != (rule.mark, rule.sentence):
                label = f"{new.person.full_name}: {rule.title}"
                rows.append((label, f"{was.mark}. {was.sentence}" if was else "—", f"{rule.mark}. {rule.sentence}"))
        rows += [(f"{new.person.full_name}: {title}", was.mark, "—") for title, was in olds.items()]
    return [row for row in rows if row[1] != row[2]]


def _amount(view: EnrolmentView) -> str:
    return format_rial(view.bill.total_rial, get_language() or "fa")


def _papers(view: EnrolmentView) -> str:
    seen = len(view.papers) - len(view.missing_papers)
    return _("%(some)s of %(all)s") % {"some": digits(seen), "all": digits(len(view.papers))}
