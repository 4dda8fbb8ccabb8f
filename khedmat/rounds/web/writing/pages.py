"""A version from its clone to its publication: the list, the version, basics, the check."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.rounds.actions import propose_version, publish_version, take_back_proposal
from khedmat.rounds.authoring import change_draft, clone_version
from khedmat.rounds.enums import VersionState
from khedmat.rounds.errors import RoundAlreadyThere, StepUnknown, VersionAlreadyPublished
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import Bilingual, VersionSpec, check_version
from khedmat.rounds.rules.differences import Difference, differences, texts_changed
from khedmat.rounds.selectors import all_versions, content_of, version_before, version_by_id
from khedmat.rounds.web.case_parts import words_of
from khedmat.rounds.web.writing.forms import BasicsForm, CloneForm, RevisionForm
from khedmat.rounds.web.writing.rows import mend_url, parts_of
from khedmat.rounds.web.writing.words import FIELD_WORDS, PART_TITLES, both_shown, number, shown

writes = page(permission=Permission.WRITE_ROUND, purpose=Purpose.RUN_ROUND)
STEPS = {
    "propose": (propose_version, gettext_noop("The version is proposed. Another round manager publishes it.")),
    "take-back": (take_back_proposal, gettext_noop("The proposal is taken back; the draft can be changed.")),
    "publish": (publish_version, gettext_noop("The version is in force. From now on nothing in it changes.")),
}


def standing_of(version: RoundVersion) -> tuple[str, str]:
    """Tone and words of where a version stands."""
    if version.state == VersionState.PUBLISHED:
        return "ok", str(VersionState.PUBLISHED.label)
    return ("accent", _("Proposed")) if version.is_proposed else ("info", str(VersionState.DRAFT.label))


@writes
@require_safe
def list_page(request: StaffRequest) -> HttpResponse:
    """All versions of all rounds, drafts first."""
    rows = [(version, *standing_of(version)) for version in all_versions()]
    return render(request, "rounds/writing/list.html", {"rows": rows})


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def version_page(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """One version: its parts, its problems; proposing, taking back, publishing."""
    version = version_by_id(version_id)
    if request.method == "POST":
        return _step(request, version)
    content = content_of(version)
    problems = check_version(content)
    mine = version.proposed_by == request.actor.user_id
    proposer = User.objects.filter(pk=version.proposed_by).first() if version.proposed_by else None
    context = {
        "version": version,
        "standing": standing_of(version),
        "is_draft": version.state == VersionState.DRAFT,
        "is_mine": mine,
        "proposer": proposer,
        "parts": parts_of(version, content, problems),
        "problems": number(len(problems)) if problems else "",
        "facts": [(FIELD_WORDS[name], shown(name, getattr(content, name))) for name in _BASICS],
        "before": version_before(version),
    }
    return render(request, "rounds/writing/version.html", context)


_BASICS = (
    "opens_on", "closes_on", "card_valid_from", "card_valid_until", "circular_number", "circular_on",
    "circular_source", "renews", "places_per_counter_day", "payment_order",
)  # fmt: skip


def _step(request: StaffRequest, version: RoundVersion) -> HttpResponse:
    step = STEPS.get(request.POST.get("step", ""))
    form = RevisionForm(request.POST)
    if step is None or not form.is_valid():
        raise StepUnknown
    action, words = step
    action(version.pk, revision=form.seen_revision, by=request.actor)
    messages.success(request, _(words))
    return redirect("rounds:write-version", version.pk)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def clone_page(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """A new version, of the same round or of the next one, with all dates moved."""
    version = version_by_id(version_id)
    initial = {
        "number": version.round.number + 1,
        "title_fa": version.round.title_fa,
        "title_en": version.round.title_en,
        "opens_on": version.opens_on,
    }
    form = CloneForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        title = Bilingual(values["title_fa"], values["title_en"])
        try:
            new = clone_version(
                version.pk, number=values["number"], title=title, opens_on=values["opens_on"], by=request.actor
            )
        except RoundAlreadyThere as error:
            form.refuse(error)
        else:
            messages.success(request, _("The draft is made. Go through its parts and change what is new."))
            return redirect("rounds:write-version", new.pk)
    heading = _("Clone into a new version")
    return _form_page(request, version, form, heading)


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def basics_page(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Dates, circular, what is renewed, order of payment."""
    version = draft_by_id(version_id)
    content = content_of(version)
    form = BasicsForm(request.POST if request.method == "POST" else None, content=content)
    if request.method == "POST" and form.is_valid():
        values = form.values()

        def change(before: VersionSpec) -> VersionSpec:
            return replace(before, **values)

        change_draft(version.pk, change, revision=form.seen_revision, by=request.actor)
        messages.success(request, _("Kept."))
        return redirect("rounds:write-version", version.pk)
    form.initial["revision"] = version.revision
    return _form_page(request, version, form, _("Dates and basics"))


@writes
@require_safe
def check_page(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Every problem with the place where it is mended, and what is new against the version in force."""
    version = version_by_id(version_id)
    content = content_of(version)
    before = version_before(version)
    old = content_of(before) if before else None
    context = {
        "version": version,
        "standing": standing_of(version),
        "is_draft": version.state == VersionState.DRAFT,
        "problems": [(words_of(one.sentence), one.where, mend_url(version, one)) for one in check_version(content)],
        "before": before,
        "differences": [_told(one) for one in differences(old, content)] if old else [],
        "texts": number(texts_changed(old, content)) if old and texts_changed(old, content) else "",
    }
    return render(request, "rounds/writing/check.html", context)


def draft_by_id(version_id: UUID) -> RoundVersion:
    """A draft, for the pages that change one. Errors: RoundNotFound, VersionAlreadyPublished."""
    version = version_by_id(version_id)
    if version.state == VersionState.PUBLISHED:
        raise VersionAlreadyPublished
    return version


def _form_page(
    request: StaffRequest, version: RoundVersion, form: BasicsForm | CloneForm, heading: str
) -> HttpResponse:
    context = {"version": version, "form": form, "heading": heading, "standing": standing_of(version)}
    status = 422 if form.is_bound else 200
    return render(request, "rounds/writing/form.html", context, status=status)


def _told(one: Difference) -> dict[str, object]:
    title = getattr(one.row, "title", None)
    rows = []
    for change in one.changes:
        before, after = shown(change.name, change.before), shown(change.name, change.after)
        if before == after:  # changed in the other language alone
            before, after = both_shown(change.before), both_shown(change.after)
        rows.append((FIELD_WORDS[change.name], before, after))
    return {
        "part": PART_TITLES.get(one.part, _("Dates and basics")),
        "title": shown("title", title) if title is not None else one.code,
        "kind": one.kind,
        "label": one.kind.label,
        "rows": rows,
    }
