"""Reads: texts of letters, a family's letters, how messages stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from khedmat.notices.composing import TemplateText
from khedmat.notices.enums import Language, LetterKind, TemplateState
from khedmat.notices.errors import LetterNotThere, LetterTextMissing
from khedmat.notices.models import DemoDelivery, Letter, LetterTemplate


def published_templates() -> list[LetterTemplate]:
    """The newest published text of each kind and language."""
    rows = LetterTemplate.objects.filter(state=TemplateState.PUBLISHED).order_by("kind", "language", "version")
    newest = {(row.kind, row.language): row for row in rows}
    return list(newest.values())


def newest_version(kind: LetterKind) -> int:
    """The version of a kind that new letters are made from. Errors: LetterTextMissing."""
    rows = LetterTemplate.objects.filter(kind=kind, state=TemplateState.PUBLISHED).order_by("-version")
    row = rows.values_list("version", flat=True).first()
    if row is None:
        raise LetterTextMissing
    return row


def template_text(kind: LetterKind, language: str, version: int) -> TemplateText:
    """One published text. Errors: LetterTextMissing."""
    row = LetterTemplate.objects.filter(
        kind=kind, language=language, version=version, state=TemplateState.PUBLISHED
    ).first()
    if row is None:
        raise LetterTextMissing
    return row.text()


def letters_of(subject_kind: str, subject_id: UUID) -> list[Letter]:
    """The letters about a subject, the newest first. Needs its family open."""
    return list(Letter.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-serial"))


@dataclass(frozen=True, slots=True)
class Told:
    """What a family was told of, by the keys of its letters, and the language of the last one; Persian before any."""

    keys: frozenset[str]
    language: Language


def told_to(household_id: UUID) -> Told:
    """What an open family was told of, in one query."""
    rows = list(Letter.objects.filter(household_id=household_id).order_by("made_at").values_list("key", "language"))
    return Told(frozenset(key for key, _ in rows if key), Language(rows[-1][1]) if rows else Language.FA)


def letter_of(letter_id: UUID) -> Letter:
    """One letter of an open family. Errors: LetterNotThere."""
    letter = Letter.objects.filter(pk=letter_id).first()
    if letter is None:
        raise LetterNotThere
    return letter


def composed_texts(letter: Letter) -> Mapping[str, Mapping[str, Any]]:
    """The letter as it was sent, by language: Persian for the file, and the family's."""
    texts: Mapping[str, Mapping[str, Any]] = json.loads(letter.texts)
    return texts


@dataclass(frozen=True, slots=True)
class MessageCount:
    """How many messages of an office stand alike."""

    office_id: int
    on_day: date
    channel: str
    kind: str
    state: str
    failure: str
    messages: int


def message_counts(since: date) -> list[MessageCount]:
    """Counts of the messages queued since a day, at one's own place and beneath. No number, no name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM guard.count_messages(%s)", [since])
        return [MessageCount(*row) for row in cursor.fetchall()]


def demo_deliveries(limit: int = 50) -> list[DemoDelivery]:
    """What the demo's gateways took, the newest first."""
    return list(DemoDelivery.objects.order_by("-taken_at")[:limit])
