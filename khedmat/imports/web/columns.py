"""Which column of the file holds what; then the check begins."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.imports import selectors
from khedmat.imports.actions import ask_check, map_columns
from khedmat.imports.checking import Preview, preview
from khedmat.imports.enums import RunState
from khedmat.imports.errors import TableRefused
from khedmat.imports.kinds import kind_of
from khedmat.imports.models import Run
from khedmat.imports.run_errors import RowsExpired, RunAtOtherStep
from khedmat.imports.tasks import queue_check
from khedmat.imports.web.columns_form import ColumnsForm
from khedmat.imports.web.forms import sheet_asked

NAMEABLE: Final = frozenset({RunState.UPLOADED, RunState.CHECKED, RunState.FAILED})


@page(permission=Permission.IMPORT_REGISTER, purpose=Purpose.KEEP_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def name_columns(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """The file's headings with samples, the guesses chosen; saying them starts the check."""
    run = selectors.run_of(run_id)
    if run.state not in NAMEABLE:
        messages.info(request, str(RunAtOtherStep.message))
        return redirect("imports:run", run.pk)
    is_sent = request.method == "POST"
    # What is kept is the sheet as asked for: a sheet's own name may be longer than there is room for.
    sheet = sheet_asked(request.POST if is_sent else request.GET)
    try:
        seen = preview(run, sheet=sheet)
    except (TableRefused, RowsExpired) as error:
        status = error.status if is_sent else HTTPStatus.OK
        return render(request, "imports/columns.html", {"run": run, "refusal": error}, status=status)
    form = ColumnsForm(request.POST if is_sent else None, run=run, kind=kind_of(run.kind), preview=seen, sheet=sheet)
    if is_sent and form.is_valid():
        return _start_check(request, run, form, seen)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    context = {
        "run": run,
        "refusal": None,
        "form": form,
        "table": seen.table,
        "sheet": sheet,
        "row_count": len(seen.table.rows) - seen.found.first_data_row,
        "needed": form.labels(form.kind.schema.required()),
        "missing": form.labels(seen.found.missing_required),
    }
    return render(request, "imports/columns.html", context, status=status)


def _start_check(request: StaffRequest, run: Run, form: ColumnsForm, seen: Preview) -> HttpResponse:
    try:
        map_columns(
            run.pk,
            form.named(),
            seen.found.headings,
            date_orders=form.date_orders(),
            sheet=form.sheet,
            by=request.actor,
        )
        queue_check(ask_check(run.pk, by=request.actor), by=request.actor)
    except RunAtOtherStep as error:
        # A second click, or another keeper, was quicker: the page of the run shows where it stands.
        messages.info(request, str(error))
    return redirect("imports:run", run.pk)
