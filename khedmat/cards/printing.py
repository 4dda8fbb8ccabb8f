"""From a batch to its PDF: done by a job, as the printer who made the batch."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from khedmat.audit.actions import record
from khedmat.cards.actions import open_batch
from khedmat.cards.card_pdf import Bilingual, PrintedCard, render_cards
from khedmat.cards.enums import BatchState, CardState
from khedmat.cards.errors import NothingToPrint
from khedmat.cards.models import Card, PrintBatch
from khedmat.cards.portrait import print_portrait
from khedmat.cards.terms import terms_of
from khedmat.common.actor import Actor
from khedmat.files.actions import store_scoped_file
from khedmat.files.enums import ScopedFileKind
from khedmat.files.selectors import read_file


@transaction.atomic
def prepare_batch(batch_id: UUID, *, by: Actor) -> PrintBatch:
    """Draw a queued batch's PDF, front and back of each card, and seal it. Doing it again does nothing.

    Cards that ended meanwhile are left out. Errors: NothingToPrint where all did.
    """
    batch = PrintBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state not in {BatchState.QUEUED, BatchState.FAILED}:
        return batch
    open_batch(batch.pk, by=by)
    cards = Card.objects.filter(batch=batch, state=CardState.IN_PRINT)
    related = cards.select_related("person", "portrait", "case", "case__province")
    drawn = [_printed(card) for card in related.order_by("case__number", "person__position")]
    if not drawn:
        raise NothingToPrint
    pdf = render_cards(drawn, check_address=settings.KHEDMAT_CHECK_ADDRESS, specimen=settings.KHEDMAT_DEMO)
    batch.pdf = store_scoped_file(pdf, batch.scope_id, ScopedFileKind.PRINT_BATCH, by=by)
    batch.state = BatchState.PREPARED
    batch.save(update_fields=["pdf", "state"])
    record("batch.prepared", by=by, subject="cards.printbatch", subject_id=batch.pk)
    return batch


@transaction.atomic
def note_failed_batch(batch_id: UUID, *, by: Actor) -> None:
    """The PDF could not be made; the page says so and offers to try again."""
    batch = PrintBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state == BatchState.QUEUED:
        batch.state = BatchState.FAILED
        batch.save(update_fields=["state"])
        record("batch.failed", by=by, subject="cards.printbatch", subject_id=batch.pk)


def _printed(card: Card) -> PrintedCard:
    terms, person, province = terms_of(card.case), card.person, card.case.province
    return PrintedCard(
        title=Bilingual(terms.title_fa, terms.title_en),
        number=card.number,
        name=Bilingual(person.full_name, person.latin_name),
        father=Bilingual(person.father_name),
        province=Bilingual(province.name_fa, province.name_en),
        round=Bilingual(terms.round_fa, terms.round_en),
        issued_on=timezone.localdate(card.issued_at),
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        token=card.token,
        portrait=print_portrait(read_file(card.portrait)),
    )
