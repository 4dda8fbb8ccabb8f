"""Letters are made and printed, messages queued: each in one transaction, with its row in the record.

Storeys above call these with values in plain types (`slots`); this storey knows no case's meaning. All need the
household open to the acting user.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import ProgrammingError, transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, take_turn
from khedmat.notices.composing import compose_letter
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.letter_pdf import render_letters
from khedmat.notices.models import Letter
from khedmat.notices.selectors import composed_texts, letter_of, newest_version, template_text
from khedmat.notices.slots import Value, Values, as_json, from_json
from khedmat.vault.context import is_refused_by_policy


@dataclass(frozen=True, slots=True)
class Subject:
    """What a letter or message is about: kind and id as in `payments`, and the number that people say."""

    kind: str
    id: UUID
    number: str


@transaction.atomic
def make_letter(
    kind: LetterKind,
    household_id: UUID,
    subject_kind: str,
    subject_id: UUID,
    subject_number: str,
    values: Values,
    client_language: str,
    *,
    by: Actor,
    made_on: date | None = None,
    key: str = "",
) -> Letter:
    """Make a letter: the file's copy in Persian, and the family's in its language.

    `values`: those of `slots.SPECS[kind]` without `case_number`, `letter_number` and `made_on`, which are set here.
    `key`: what happened that it tells of (`appeal:<id>`); the letter that told of it before is the answer then, and
    nothing is made.
    Errors: PermissionMissing, RecordNotVisible (the family is not open), LetterTextMissing; UnfitValues is the
    caller's fault.
    """
    whole = {**values, "case_number": subject_number, "made_on": made_on or timezone.localdate()}
    subject = Subject(subject_kind, subject_id, subject_number)
    return _keep_letter(kind, newest_version(kind), household_id, subject, whole, client_language, key, by=by)


@transaction.atomic
def make_letter_again(letter_id: UUID, client_language: str, *, by: Actor) -> Letter:
    """The same letter, of the same day and text version, in another language.

    Errors: as make_letter, LetterNotThere.
    """
    letter = letter_of(letter_id)
    subject = Subject(letter.subject_kind, letter.subject_id, letter.subject_number)
    values = from_json(json.loads(letter.content))
    kind = LetterKind(letter.kind)
    return _keep_letter(kind, letter.template_version, letter.household_id, subject, values, client_language, "", by=by)


@transaction.atomic
def note_printing(letter_id: UUID, language: str, *, by: Actor) -> Letter:
    """Count one more print of a letter, before it is drawn. Errors: PermissionMissing, LetterNotThere."""
    require(Permission.READ_LETTER, by=by)
    letter = Letter.objects.select_for_update().filter(pk=letter_of(letter_id).pk).get()
    letter.print_count += 1
    letter.printed_at, letter.printed_by = timezone.now(), by.user_id
    letter.save(update_fields=["print_count", "printed_at", "printed_by"])
    _record("letter.printed", letter, by, language=language)
    return letter


@transaction.atomic
def letter_pdf(letter_id: UUID, language: str, *, by: Actor) -> bytes:
    """A letter as PDF in a language it was made in, else in Persian; the reading is recorded.

    Errors: PermissionMissing, LetterNotThere.
    """
    require(Permission.READ_LETTER, by=by)
    letter = letter_of(letter_id)
    texts = composed_texts(letter)
    _record("letter.read", letter, by, language=language)
    return render_letters([texts.get(language) or texts[Language.FA]])


def _keep_letter(
    kind: LetterKind,
    version: int,
    household_id: UUID,
    subject: Subject,
    values: Mapping[str, Value],
    language: str,
    key: str,
    *,
    by: Actor,
) -> Letter:
    require(Permission.READ_LETTER, by=by)
    take_turn(Turn.NUMBERING_LETTER, str(subject.id))
    written = Letter.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    ids = dict(written.values_list("id", "key"))
    if key and (told := next((one for one, of in ids.items() if of == key), None)):
        return letter_of(told)
    letter = Letter(
        household_id=household_id,
        kind=kind,
        template_version=version,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_number=subject.number,
        serial=len(ids) + 1,
        key=key,
        language=Language(language),
        made_by=by.user_id,
    )
    whole = {**values, "letter_number": letter.number}
    texts = {
        one: compose_letter(kind, whole, template_text(kind, one, version)).as_json()
        for one in dict.fromkeys((Language.FA.value, letter.language))
    }
    letter.content = json.dumps(as_json(whole), ensure_ascii=False)
    letter.texts = json.dumps(texts, ensure_ascii=False)
    try:
        letter.save(force_insert=True)
    except ProgrammingError as error:
        if is_refused_by_policy(error):
            raise RecordNotVisible from error
        raise
    _record("letter.made", letter, by, kind=kind.value, language=letter.language)
    return letter


def _record(action: str, letter: Letter, by: Actor, **details: str) -> None:
    record(
        action,
        by=by,
        subject="notices.letter",
        subject_id=letter.pk,
        household_id=letter.household_id,
        case_id=letter.subject_id,
        details=details,
    )
