"""The keeper's pages: what was brought in lately, one run, and the sheet of its refused rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.files.enums import MediaType
from khedmat.imports import selectors
from khedmat.imports.actions import (
    ask_check,
    cancel_import,
    file_digest,
    pause_import,
    receive_file,
    refused_sheet_of,
    start_import,
)
from khedmat.imports.enums import RunState
from khedmat.imports.kinds import ImportKind, kind_of, registered_kinds
from khedmat.imports.models import Run
from khedmat.imports.run_errors import AnotherImportRuns, ColumnsMissing, RunAtOtherStep
from khedmat.imports.tasks import queue_check, queue_import
from khedmat.imports.web.forms import StepForm, UploadForm

TONES: Final = {
    RunState.UPLOADED: "mute",
    RunState.CHECKING: "info",
    RunState.CHECKED: "accent",
    RunState.IMPORTING: "info",
    RunState.PAUSED: "warn",
    RunState.DONE: "ok",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "mute",
}
WORKING: Final = frozenset({RunState.CHECKING, RunState.IMPORTING})
# As guard.expire_imports deletes them.
KEPT_AFTER_END: Final = timedelta(days=7)
KEPT_UNTOUCHED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as a list shows it."""

    run: Run
    tone: str
    sender: User | None


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of problem or remark on the page of a run. `examples`: rows that say the same stand together."""

    label: str
    tally: selectors.Tally
    examples: list[tuple[list[int], str]]


@page(permission=Permission.IMPORT_REGISTER, purpose=Purpose.KEEP_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: StaffRequest) -> HttpResponse:
    """The latest runs, and the form that brings a file in."""
    kind = _kind_asked(request)
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        kind=kind,
        sources=selectors.sources(kind.code),
    )
    if is_sent and form.is_valid():
        return _receive(request, kind, form)
    latest = selectors.latest_runs()
    users = User.objects.in_bulk({run.created_by for run in latest})
    rows = [RunRow(run, TONES[RunState(run.state)], users.get(run.created_by)) for run in latest]
    context = {
        "form": form,
        "kind": kind,
        "rows": rows,
        "is_working": any(run.state in WORKING for run in latest),
    }
    return render(request, "imports/list.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else 200)


def _kind_asked(request: StaffRequest) -> ImportKind:
    known = {kind.code: kind for kind in registered_kinds()}
    asked = request.POST.get("kind", "") or request.GET.get("kind", "")
    return known.get(asked) or next(iter(known.values()))


def _receive(request: StaffRequest, kind: ImportKind, form: UploadForm) -> HttpResponse:
    (content, file_name), source_name = form.cleaned_data["table"], form.cleaned_data["source_named"]
    source = selectors.source_named(source_name, kind.code)
    begun = selectors.unfinished_run(source, file_digest(content)) if source else None
    if begun is not None and begun.options == form.options:
        messages.info(request, _("This very file was brought in before and is not finished. Here it stands."))
        return redirect("imports:run", begun.pk)
    run = receive_file(
        content, file_name, kind=kind.code, source_name=source_name, options=form.options, by=request.actor
    )
    return redirect("imports:columns", run.pk)


@page(permission=Permission.IMPORT_REGISTER, purpose=Purpose.KEEP_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Where one file stands, what was found in it, and the next step."""
    shown = selectors.run_of(run_id)
    if request.method == "POST":
        return _take_step(request, shown)
    users = User.objects.in_bulk({one for one in (shown.created_by, shown.ended_by) if one})
    found = _found(shown)
    context = {
        "run": shown,
        "tone": TONES[RunState(shown.state)],
        "is_working": shown.state in WORKING,
        "percent": _percent(shown),
        "can_import": shown.rows_read > shown.rows_refused,
        "sender": users.get(shown.created_by),
        "ender": users.get(shown.ended_by) if shown.ended_by else None,
        "options": kind_of(shown.kind).shown_options(shown.options),
        "problems": [one for one in found if one.tally.refuses],
        "remarks": [one for one in found if not one.tally.refuses],
        "failure": selectors.failure_words(shown),
        "deleted_at": _deleted_at(shown),
        "has_rows": shown.file_id is not None,
    }
    return render(request, "imports/run.html", context)


def _found(shown: Run) -> list[Found]:
    schema = kind_of(shown.kind).schema
    tallies = selectors.tallies(shown)
    examples = selectors.examples_of(shown, tallies)
    return [Found(schema.label(one.field) if one.field else "", one, _together(examples[one])) for one in tallies]


def _together(examples: list[tuple[int, str]]) -> list[tuple[list[int], str]]:
    rows: dict[str, list[int]] = {}
    for number, words in examples:
        rows.setdefault(words, []).append(number)
    return [(numbers, words) for words, numbers in rows.items()]


def _percent(shown: Run) -> int:
    if shown.state == RunState.CHECKING:
        return int(shown.notes.get("permille", 0)) // 10
    return shown.groups_done * 100 // shown.groups if shown.groups else 0


def _deleted_at(shown: Run) -> datetime:
    return shown.ended_at + KEPT_AFTER_END if shown.ended_at else shown.changed_at + KEPT_UNTOUCHED


def _take_step(request: StaffRequest, shown: Run) -> HttpResponse:
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The page came back incomplete, and nothing was changed. Send it once more."))
        return redirect("imports:run", shown.pk)
    try:
        said = _step(form.cleaned_data["step"], shown, request)
    except (RunAtOtherStep, AnotherImportRuns, ColumnsMissing) as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, said)
    return redirect("imports:run", shown.pk)


def _step(step: str, shown: Run, request: StaffRequest) -> str:
    if step == StepForm.CHECK:
        queue_check(ask_check(shown.pk, by=request.actor), by=request.actor)
        return _("The file is being checked again.")
    if step == StepForm.IMPORT:
        queue_import(start_import(shown.pk, by=request.actor), by=request.actor)
        return _("The import is under way. You may leave the page; nothing is lost.")
    if step == StepForm.PAUSE:
        pause_import(shown.pk, by=request.actor)
        return _("The import stops behind the rows that are just being written.")
    cancel_import(shown.pk, by=request.actor)
    return _("The import was cancelled.")


@page(permission=Permission.IMPORT_REGISTER, purpose=Purpose.KEEP_REGISTER)
@require_safe
def refused(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """The refused rows with their reasons in the reader's language; the read is recorded."""
    response = HttpResponse(refused_sheet_of(run_id, by=request.actor), content_type=MediaType.XLSX.value)
    response["Content-Length"] = str(len(response.content))
    response["Content-Disposition"] = f'attachment; filename="refused-{run_id.hex[:8]}.xlsx"'
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
