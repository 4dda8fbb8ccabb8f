"""Letters are kept as they were sent, sealed, counted and recorded; published texts never change."""

import io
import json
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from pypdf import PdfReader

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.notices.actions import letter_pdf, make_letter, make_letter_again, note_printing
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.errors import LetterNotThere
from khedmat.notices.models import Letter, LetterTemplate
from khedmat.notices.selectors import composed_texts, letters_of, published_templates
from khedmat.notices.slots import UnfitValues
from khedmat.registry.models import Household
from tests.cast import Cast
from tests.notices.conftest import entries, letter_to


def test_make_letter_keeps_both_copies_and_one_row_of_the_record(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        letter = letter_to(household, cast["narges"])
        kept = Letter.objects.get(pk=letter.pk)
        texts = composed_texts(kept)
        assert list(texts) == ["fa", "ps"]
        assert texts["ps"]["mark"]
        assert not texts["fa"]["mark"]
        assert kept.number == "18-0042817/1"
        assert len(entries(household.pk, "letter.made")) == 1


def test_a_persian_letter_is_one_copy(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        assert list(composed_texts(letter_to(household, cast["narges"], language="fa"))) == ["fa"]


def test_letters_of_a_subject_are_numbered(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        first = letter_to(household, cast["narges"])
        second = make_letter_again(first.pk, "ar", by=cast["narges"])
        assert [one.number for one in letters_of("enrolment", household.pk)] == ["18-0042817/2", "18-0042817/1"]
        texts = composed_texts(second)
        assert json.loads(second.content)["letter_number"] == "18-0042817/2"
        assert list(texts) == ["fa", "ar"]


def test_a_letter_is_kept_in_no_plain_word(cast: Cast, household: Household, acting: Any, as_migrator: Any) -> None:
    with acting(cast["narges"]):
        letter = letter_to(household, cast["narges"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT texts, content FROM notices_letter WHERE id = %s", [letter.pk])
            stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert "رضایی".encode() not in stored


def test_print_letter_draws_what_was_sent_and_counts(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        letter = letter_to(household, cast["narges"])
        for _ in range(2):
            note_printing(letter.pk, "ps", by=cast["narges"])
        pdf = letter_pdf(letter.pk, "ps", by=cast["narges"])
        assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
        letter.refresh_from_db()
        assert letter.print_count == 2
        assert [one["language"] for one in entries(household.pk, "letter.printed")] == ["ps", "ps"]


def test_a_letter_never_changes(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        letter = letter_to(household, cast["narges"])
        with pytest.raises(ProgrammingError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(kind=LetterKind.RECEIPT)


def test_a_family_that_is_not_open_gets_no_letter_and_shows_none(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        letter = letter_to(household, cast["narges"])
    with acting(cast["mina"]):
        assert letters_of("enrolment", household.pk) == []
        with pytest.raises(LetterNotThere):
            letter_pdf(letter.pk, "fa", by=cast["mina"])
        with pytest.raises(RecordNotVisible):
            letter_to(household, cast["mina"])


def test_a_cashier_makes_no_letter(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["kamran"]), pytest.raises(PermissionMissing):
        letter_to(household, cast["kamran"])


def test_a_letter_of_unfit_values_leaves_nothing(cast: Cast, household: Household, acting: Any) -> None:
    with acting(cast["narges"]):
        with pytest.raises(UnfitValues):
            make_letter(
                LetterKind.RECEIPT, household.pk, "enrolment", household.pk, "18-1", {}, "fa", by=cast["narges"]
            )
        assert letters_of("enrolment", household.pk) == []


def test_the_first_texts_are_published_in_all_languages(db: None) -> None:
    found = published_templates()
    assert {(one.kind, one.language) for one in found} == {(kind, one) for kind in LetterKind for one in Language}
    assert {one.language for one in found if one.is_reviewed} == {"fa"}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE notices_lettertemplate SET title = 'x'", "DELETE FROM notices_lettertemplate",
     "UPDATE notices_lettertemplate SET is_reviewed = true"],
)  # fmt: skip
def test_a_published_text_never_changes(as_migrator: Any, statement: str) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.CheckViolation):
        as_migrator.execute(statement.encode())


def test_the_app_writes_no_text(db: None) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        LetterTemplate.objects.create(kind="receipt", version=2, language="fa", title="x", body="x")
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        LetterTemplate.objects.update(title="x")
