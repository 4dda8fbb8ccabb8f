"""A code on paper for a family without a phone: made at the counter, shown there again.

The code is twelve digits, which everybody can read out; its keyed digest alone is kept.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import insert_drawn
from khedmat.common.text import to_ascii_digits
from khedmat.notices.enums import Language
from khedmat.notices.models import Slip
from khedmat.notices.slots import Words
from khedmat.notices.wording import LABELS, SLIP_WORDS, code_words, day_words
from khedmat.vault.context import is_refused_by_policy
from khedmat.vault.crypto import blind_index

DIGITS: Final = 12
_GROUP: Final = 4
LASTS: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class OpenedSlip:
    """What a code stands for; its family is open from now on."""

    subject_kind: str
    subject_id: UUID
    household_id: UUID


@transaction.atomic
def make_slip(subject_kind: str, subject_id: UUID, household_id: UUID, *, by: Actor) -> tuple[Slip, str]:
    """A new code for a subject of an open family; the code is told this once. Earlier codes go on to hold.

    Errors: PermissionMissing, RecordNotVisible.
    """
    require(Permission.READ_LETTER, by=by)

    def row_with(digits: str) -> Slip:
        return Slip(
            household_id=household_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            code_digest=_digest(digits),
            made_by=by.user_id,
            expires_at=timezone.now() + LASTS,
        )

    try:
        slip, digits = insert_drawn(_draw_digits, row_with, "notices_slip_code_digest_key")
    except ProgrammingError as error:
        if is_refused_by_policy(error):
            raise RecordNotVisible from error
        raise
    record("slip.made", by=by, subject="notices.slip", subject_id=slip.pk, household_id=household_id)
    return slip, "-".join(digits[at : at + _GROUP] for at in range(0, DIGITS, _GROUP))


@transaction.atomic
def open_slip(code: str, *, by: Actor) -> OpenedSlip | None:
    """Open the family of a slip that is shown at the counter. None for a code that stands for nothing, which is noted:
    after twenty of those in a day no more are taken.

    Errors: SpentReadBudget, RoleMayNotOpen, RecordNotVisible (a family of another province).
    """
    row = _first("SELECT * FROM guard.open_slip(%s)", _digest(digits_in(code)))
    if row is None:
        record("slip.missed", by=by, subject="notices.slip", subject_id="")
        return None
    return OpenedSlip(*row)


def subject_of_code(code: str) -> tuple[str, UUID] | None:
    """Kind and id of what a code stands for, and nothing of whom. Needs no context: for the public pages."""
    row = _first("SELECT * FROM guard.subject_of_slip(%s)", _digest(digits_in(code)))
    return None if row is None else (row[0], row[1])


def _draw_digits() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def digits_in(code: str) -> str:
    """The digits of a code, however it was typed."""
    return "".join(one for one in to_ascii_digits(code) if one in "0123456789")


def slip_pages(slip: Slip, code: str, office: Words, language: str) -> list[dict[str, Any]]:
    """The slip as `letter_pdf` draws it, on A6: in the family's language, and in Persian where that is another."""
    return [_page(slip, code, office, one) for one in dict.fromkeys((language, Language.FA.value))]


def _page(slip: Slip, code: str, office: Words, language: str) -> dict[str, Any]:
    labels, said = LABELS[language], SLIP_WORDS[language]
    until = day_words(timezone.localdate(slip.expires_at), language)
    return {
        "language": language,
        "direction": labels.direction,
        "office": [{"text": office.in_language(language), "direction": "plain"}],
        "title": said.title,
        "code": code_words(code, language),
        "texts": [said.use, said.until.format(until=until), said.lost],
        "mark": "" if language == Language.FA else labels.unreviewed,
    }


def _digest(digits: str) -> bytes:
    return blind_index("slip", digits)


def _first(statement: str, digest: bytes) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, [digest])
        return cursor.fetchone()
