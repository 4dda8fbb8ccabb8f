"""The printer's pages: what waits, one batch, and its PDF. No names but on the cards themselves."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.cards import selectors
from khedmat.cards.actions import make_batch, mark_batch_printed, open_batch, queue_again
from khedmat.cards.enums import BatchState, CardState
from khedmat.cards.errors import BatchAlreadyMade, BatchNotReady, NothingToPrint
from khedmat.cards.models import Card, PrintBatch
from khedmat.cards.tasks import queue_batch
from khedmat.cards.web.forms import BatchStepForm, NewBatchForm
from khedmat.common.text import localise_digits
from khedmat.files.actions import open_scoped_file

BATCHES_SHOWN: Final = 30
TONES: Final = {
    BatchState.QUEUED: "info",
    BatchState.PREPARED: "accent",
    BatchState.PRINTED: "ok",
    BatchState.FAILED: "bad",
}
# The browser's own reader opens a PDF only outside a sandbox; nothing else may load.
_PDF_ALONE: Final = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as a list shows it. `ended`: cards that were revoked after the batch was made."""

    batch: PrintBatch
    tone: str
    maker: User | None
    printer: User | None
    ended: int

    @property
    def printable(self) -> int:
        """Cards that the PDF has, or will have."""
        return self.batch.card_count - self.ended


@page(permission=Permission.PRINT_CARDS, purpose=Purpose.PRINT_CARDS)
@require_http_methods(["GET", "HEAD", "POST"])
def print_queue(request: StaffRequest) -> HttpResponse:
    """How much waits, and the batches; the button makes one and queues its PDF in the same transaction."""
    if request.method == "POST":
        return _make(request)
    offices = selectors.waiting_by_office()
    rows = _rows(list(selectors.batches()[:BATCHES_SHOWN]))
    context = {
        "offices": offices,
        "cards": sum(one.cards for one in offices),
        "families": sum(one.families for one in offices),
        "form": NewBatchForm(initial={"batch_id": uuid4()}),
        "rows": rows,
        "is_working": any(row.batch.state == BatchState.QUEUED for row in rows),
    }
    return render(request, "cards/print_queue.html", context)


def _make(request: StaffRequest) -> HttpResponse:
    form = NewBatchForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The page came back incomplete, and no batch was made. Send it once more."))
        return redirect("cards:print-queue")
    batch_id = form.cleaned_data["batch_id"]
    try:
        batch = make_batch(by=request.actor, batch_id=batch_id)
    except NothingToPrint as error:
        messages.info(request, str(error))
        return redirect("cards:print-queue")
    except BatchAlreadyMade as error:
        messages.info(request, str(error))
        return redirect("cards:batch", batch_id)
    queue_batch(batch, by=request.actor)
    said = ngettext("A batch of %(count)s card was made.", "A batch of %(count)s cards was made.", batch.card_count)
    messages.success(request, said % {"count": localise_digits(str(batch.card_count), get_language() or "fa")})
    return redirect("cards:batch", batch.pk)


@page(permission=Permission.PRINT_CARDS, purpose=Purpose.PRINT_CARDS)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_page(request: StaffRequest, batch_id: UUID) -> HttpResponse:
    """Where one batch stands, and its next step."""
    batch = selectors.visible_batch(batch_id)
    if request.method == "POST":
        return _take_step(request, batch)
    (row,) = _rows([batch])
    context = {
        "batch": batch,
        "row": row,
        "is_working": batch.state == BatchState.QUEUED,
        "ended_numbers": _ended_numbers(request, row),
        "step": BatchStepForm,
    }
    return render(request, "cards/batch.html", context)


def _take_step(request: StaffRequest, batch: PrintBatch) -> HttpResponse:
    form = BatchStepForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The page came back incomplete, and nothing was changed. Send it once more."))
        return redirect("cards:batch", batch.pk)
    try:
        if form.cleaned_data["step"] == BatchStepForm.PRINTED:
            mark_batch_printed(batch.pk, by=request.actor)
            messages.success(request, _("The cards are at their offices' hand-over list now."))
        else:
            queue_batch(queue_again(batch.pk, by=request.actor), by=request.actor)
            messages.success(request, _("The PDF is being made again."))
    except BatchNotReady as error:
        batch.refresh_from_db()
        is_done = form.cleaned_data["step"] == BatchStepForm.PRINTED and batch.state == BatchState.PRINTED
        words = _("This batch was marked as printed already. Nothing was written a second time.")
        messages.warning(request, words if is_done else str(error))
    return redirect("cards:batch", batch.pk)


@page(permission=Permission.PRINT_CARDS, purpose=Purpose.PRINT_CARDS)
@require_safe
def batch_pdf(request: StaffRequest, batch_id: UUID) -> HttpResponse:
    """The sealed PDF, opened; the read is recorded."""
    batch = selectors.visible_batch(batch_id)
    if batch.pdf_id is None or batch.state not in {BatchState.PREPARED, BatchState.PRINTED}:
        raise BatchNotReady
    response = HttpResponse(open_scoped_file(batch.pdf_id, by=request.actor), content_type="application/pdf")
    response["Content-Length"] = str(len(response.content))
    response["Content-Disposition"] = f'inline; filename="cards-{batch.made_at:%Y%m%d-%H%M}.pdf"'
    response["Content-Security-Policy"] = _PDF_ALONE
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response


def _rows(batches: list[PrintBatch]) -> list[BatchRow]:
    counts = selectors.batch_cards(batch.pk for batch in batches)
    users = User.objects.in_bulk([user for batch in batches for user in (batch.made_by, batch.printed_by) if user])
    return [
        BatchRow(
            batch=batch,
            tone=TONES[BatchState(batch.state)],
            maker=users.get(batch.made_by),
            printer=users.get(batch.printed_by) if batch.printed_by else None,
            ended=counts.get(batch.pk, {}).get(CardState.REVOKED, 0),
        )
        for batch in batches
    ]


def _ended_numbers(request: StaffRequest, row: BatchRow) -> list[str]:
    """Numbers of cards that may be printed already and must not leave the printer's room."""
    if not row.ended or row.batch.state != BatchState.PREPARED:
        return []
    open_batch(row.batch.pk, by=request.actor)
    ended = Card.objects.filter(batch=row.batch, state=CardState.REVOKED).order_by("issued_at")
    return [card.number for card in ended]
