"""The printer's pages through the test client."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from khedmat.accounts.actions import end_role, give_role
from khedmat.accounts.enums import Role
from khedmat.accounts.models import User
from khedmat.audit.models import Entry
from khedmat.cards.enums import BatchState
from khedmat.cards.models import Card, PrintBatch
from khedmat.cards.printing import note_failed_batch, prepare_batch
from khedmat.casework.actions import enter_case, withdraw_case
from khedmat.casework.models import Case
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cards.conftest import Approved, cards_of
from tests.cast import LONG_AGO, Cast

QUEUE = "/print/"


def batches(cast: Cast) -> list[PrintBatch]:
    with working_context(cast["printer"]):
        return list(PrintBatch.objects.order_by("made_at"))


def make(as_staff: SignIn, batch_id: UUID | None = None) -> Any:
    return as_staff("printer").post(QUEUE, {"batch_id": str(batch_id or uuid4())})


def page_of(batch: PrintBatch) -> str:
    return reverse("cards:batch", args=[batch.pk])


def step(as_staff: SignIn, batch: PrintBatch, name: str) -> Any:
    return as_staff("printer").post(page_of(batch), {"step": name}, follow=True)


def print_jobs() -> int:
    """Jobs that prepare a batch; families are told by jobs of their own."""
    count: int = ProcrastinateJob.objects.filter(task_name="cards.prepare_batch").count()
    return count


def queued(cast: Cast, as_staff: SignIn, approved: Approved) -> PrintBatch:
    approved(size=2)
    make(as_staff)
    (batch,) = batches(cast)
    return batch


def test_queue_counts_cards_families_and_offices(as_staff: SignIn, approved: Approved) -> None:
    approved(size=3), approved(size=2)
    answer = as_staff("printer").get(QUEUE)
    assert (answer.context["cards"], answer.context["families"]) == (5, 2)
    assert [(one.office.code, one.families, one.cards) for one in answer.context["offices"]] == [("042", 2, 5)]


def test_queue_shows_no_name(as_staff: SignIn, in_print: PrintBatch, approved: Approved) -> None:
    approved(size=2)
    text = as_staff("printer").get(QUEUE).content.decode()
    assert "رضایی" not in text
    assert "Rezai" not in text


def test_queue_is_empty_in_words(as_staff: SignIn) -> None:
    text = as_staff("printer").get(QUEUE).content.decode()
    assert "No card waits to be printed" in text
    assert "Make a batch" not in text


@pytest.mark.parametrize("name", ["narges", "kamran", "bahram", "manager", "guardian"])
def test_printing_is_for_printers_alone(as_staff: SignIn, name: str) -> None:
    for path in (QUEUE, reverse("cards:batch", args=[uuid4()]), reverse("cards:batch-pdf", args=[uuid4()])):
        assert as_staff(name).get(path).status_code == HTTPStatus.FORBIDDEN


def test_make_batch_queues_its_pdf_in_the_same_transaction(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    batch = queued(cast, as_staff, approved)
    job = ProcrastinateJob.objects.get(task_name="cards.prepare_batch")
    assert (batch.state, batch.card_count) == (BatchState.QUEUED, 2)
    assert job.args["batch_id"] == str(batch.pk)


def test_make_batch_sent_twice_makes_one(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    approved(size=1)
    batch_id = uuid4()
    make(as_staff, batch_id)
    approved(size=1)
    again = make(as_staff, batch_id)
    assert again.url == reverse("cards:batch", args=[batch_id])
    assert len(batches(cast)) == print_jobs() == 1


@pytest.mark.parametrize("sent", [{}, {"batch_id": ""}, {"batch_id": "1 OR 1=1"}, {"batch_id": "\x00"}])
def test_make_batch_from_an_incomplete_page_writes_nothing(
    cast: Cast, as_staff: SignIn, approved: Approved, sent: dict[str, str]
) -> None:
    approved(size=1)
    answer = as_staff("printer").post(QUEUE, sent, follow=True)
    assert "no batch was made" in answer.content.decode()
    assert batches(cast) == []


def test_make_batch_without_waiting_cards_says_so(cast: Cast, as_staff: SignIn) -> None:
    answer = as_staff("printer").post(QUEUE, {"batch_id": str(uuid4())}, follow=True)
    assert "No approved card is waiting" in answer.content.decode()
    assert batches(cast) == []


def test_batch_of_another_province_looks_like_none_at_all(cast: Cast, as_staff: SignIn, in_print: PrintBatch) -> None:
    other_printer(cast)
    answers = [
        as_staff("sara").get(reverse(route, args=[batch_id]))
        for route in ("cards:batch", "cards:batch-pdf")
        for batch_id in (in_print.pk, uuid4())
    ]
    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
    assert len({str(answer.context["error"]) for answer in answers}) == 1


def other_printer(cast: Cast) -> None:
    """Sara of Khorasan prints there."""
    user = User.objects.get(pk=cast["sara"].user_id)
    end_role(user.holdings.get(), until_on=LONG_AGO)
    give_role(user, Role.CARD_PRINTER, cast.places["khorasan"], held_from_on=LONG_AGO)


def test_batch_under_way_refreshes_itself(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    batch = queued(cast, as_staff, approved)
    text = as_staff("printer").get(page_of(batch)).content.decode()
    assert 'data-live="working"' in text
    assert "The PDF is being made" in text
    assert "Printed, all looked at" not in text


def test_pdf_is_sent_to_no_cache_and_its_read_is_recorded(cast: Cast, as_staff: SignIn, in_print: PrintBatch) -> None:
    answer = as_staff("printer").get(reverse("cards:batch-pdf", args=[in_print.pk]))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("inline;")
    with working_context(cast["printer"]):
        assert Entry.objects.filter(action="file.read", subject_id=str(in_print.pdf_id)).count() == 1


def test_pdf_is_not_there_before_it_is_made(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    batch = queued(cast, as_staff, approved)
    answer = as_staff("printer").get(reverse("cards:batch-pdf", args=[batch.pk]))
    assert answer.status_code == HTTPStatus.CONFLICT


def test_printed_batch_goes_to_the_offices(cast: Cast, as_staff: SignIn, in_print: PrintBatch) -> None:
    text = step(as_staff, in_print, "printed").content.decode()
    assert "hand-over list now" in text
    assert [batch.state for batch in batches(cast)] == [BatchState.PRINTED]


def test_printed_twice_says_so_and_writes_once(cast: Cast, as_staff: SignIn, in_print: PrintBatch) -> None:
    step(as_staff, in_print, "printed")
    assert "marked as printed already" in step(as_staff, in_print, "printed").content.decode()
    with working_context(cast["printer"]):
        assert Entry.objects.filter(action="batch.printed").count() == 1


@pytest.mark.parametrize("name", ["", "closed", "\x00", "printed' --"])
def test_unknown_step_changes_nothing(cast: Cast, as_staff: SignIn, in_print: PrintBatch, name: str) -> None:
    assert "nothing was changed" in step(as_staff, in_print, name).content.decode()
    assert [batch.state for batch in batches(cast)] == [BatchState.PREPARED]


def test_failed_batch_says_so_and_is_queued_again(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    batch = queued(cast, as_staff, approved)
    with working_context(cast["printer"]):
        note_failed_batch(batch.pk, by=cast["printer"])
    text = as_staff("printer").get(page_of(batch)).content.decode()
    assert "The PDF could not be made" in text
    assert "being made again" in step(as_staff, batch, "again").content.decode()
    assert batches(cast)[0].state == BatchState.QUEUED
    assert print_jobs() == 2


def test_batch_under_way_is_not_queued_again(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    batch = queued(cast, as_staff, approved)
    step(as_staff, batch, "again")
    assert print_jobs() == 1


def test_ended_card_is_told_by_its_number_and_left_out_of_the_next_pdf(
    cast: Cast, as_staff: SignIn, approved: Approved
) -> None:
    case = approved(size=1)
    batch = queued(cast, as_staff, approved)
    with working_context(cast["printer"]):
        prepare_batch(batch.pk, by=cast["printer"])
    with working_context(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
        withdraw_case(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])
    (ended,) = cards_of(cast, case.pk)
    text = as_staff("printer").get(page_of(batch)).content.decode()
    assert ended.number in text
    assert "Make the PDF again" in text
    assert ended.person.family_name not in text


def test_batch_whose_cards_all_ended_has_nothing_to_try_again(
    cast: Cast, as_staff: SignIn, in_print: PrintBatch
) -> None:
    with working_context(cast["printer"]):
        case_id = Card.objects.filter(batch=in_print).values_list("case_id", flat=True)[0]
    with working_context(cast["narges"]):
        enter_case(case_id, by=cast["narges"])
        withdraw_case(case_id, Case.objects.get(pk=case_id).version, by=cast["narges"])
    with working_context(cast["printer"]):
        PrintBatch.objects.filter(pk=in_print.pk).update(state=BatchState.FAILED)
    text = as_staff("printer").get(page_of(in_print)).content.decode()
    assert "nothing to print" in text
    assert "Try again" not in text
