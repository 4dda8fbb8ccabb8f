"""Drafts of forms about a case: kept for who types, until the form is sent or seven days have passed.

No state of the case changes here, and nothing is logged: what is read and sent is, by the pages and actions themselves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.casework.draft_models import LONGEST_CONTENT, Draft
from khedmat.casework.errors import DraftNotReadable
from khedmat.casework.models import Case
from khedmat.common.actor import Actor

KEPT_FOR: Final = timedelta(days=7)
MOST_FIELDS: Final = 200
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in a draft: each field's values, and when it was saved."""

    fields: Fields
    saved_at: datetime


def fields_in(text: str) -> Fields:
    """Fields as a page sends them: an object of lists of texts. Errors: DraftNotReadable."""
    if len(text) > LONGEST_CONTENT:
        raise DraftNotReadable
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DraftNotReadable from error
    if not isinstance(sent, dict) or len(sent) > MOST_FIELDS:
        raise DraftNotReadable
    for values in sent.values():
        if not isinstance(values, list) or not all(isinstance(one, str) and "\x00" not in one for one in values):
            raise DraftNotReadable
    return sent


def keep_draft(case: Case, form: str, fields: Fields, *, by: Actor) -> datetime:
    """Keep what was typed in place of what was kept before. The family must be open. Answers when it was saved."""
    now = timezone.now()
    content = json.dumps(fields, ensure_ascii=False) if any(fields.values()) else ""
    draft = _draft(case.pk, form, by=by)
    if draft is None:
        draft = Draft(household_id=case.household_id, case=case, user_id=by.user_id, form=form)
        draft.content, draft.saved_at = content, now
        try:
            with transaction.atomic():
                draft.save(force_insert=True)
        except IntegrityError:
            # Two windows began at once: the later one's text is kept.
            return keep_draft(case, form, fields, by=by)
        return now
    draft.content, draft.saved_at = content, now
    draft.save(update_fields=["content", "saved_at"])
    return now


def draft_of(case: Case, form: str, *, by: Actor) -> Kept | None:
    """What the actor typed into a form and did not send; None where there is nothing, or it is too old."""
    draft = _draft(case.pk, form, by=by)
    if draft is None or not draft.content or draft.saved_at < timezone.now() - KEPT_FOR:
        return None
    return Kept(fields_in(draft.content), draft.saved_at)


def clear_draft(case_id: UUID, form: str, *, by: Actor) -> None:
    """The form was sent: its draft holds nothing from now on."""
    Draft.objects.filter(case_id=case_id, form=form, user_id=by.user_id).update(content=None, saved_at=timezone.now())


def drop_fields(case: Case, form: str, prefix: str, *, by: Actor) -> None:
    """One part of a form was sent: what begins with `prefix` goes, the rest of the draft stays."""
    kept = draft_of(case, form, by=by)
    if kept is not None:
        keep_draft(case, form, {key: kept.fields[key] for key in kept.fields if not key.startswith(prefix)}, by=by)


def expire_drafts() -> int:
    """Delete drafts of more than seven days, those of cases chosen to be decided together too, whoever's they are.

    Needs no working context. Answers how many.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.expire_drafts()")
        (gone,) = cursor.fetchone()
    return int(gone)


def _draft(case_id: UUID, form: str, *, by: Actor) -> Draft | None:
    return Draft.objects.filter(case_id=case_id, form=form, user_id=by.user_id).first()
