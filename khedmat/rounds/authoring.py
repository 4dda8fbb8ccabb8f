"""Writing a version on screen: cloning, changing a draft, questions and answers of the briefing."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.rounds import perms, selectors
from khedmat.rounds.actions import create_round_version, locked_draft, record_act
from khedmat.rounds.enums import Programme, VersionState
from khedmat.rounds.errors import PlaceUnknown, RoundAlreadyThere, RoundNotAllowed, RoundNotFound
from khedmat.rounds.models import PARTS, BriefingAnswer, BriefingQuestion, Round, RoundVersion
from khedmat.rounds.rows import clear_part, version_columns, write_part
from khedmat.rounds.rules import Bilingual, RoundSpec, VersionSpec
from khedmat.rounds.rules.editing import cloned


@transaction.atomic
def clone_version(version_id: UUID, *, number: int, title: Bilingual, opens_on: date, by: Actor) -> RoundVersion:
    """A new draft from a version: of the same round where `number` is its own, else of a new round.

    All dates move with the opening day. Errors: RoundAlreadyThere, RoundNotFound.
    """
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    version = selectors.version_by_id(version_id)
    old = version.round
    programme, code = Programme(old.programme), old.code
    if number != old.number:
        code = f"{programme.value}-{number}"
        if Round.objects.filter(programme=programme, number=number).exists():
            raise RoundAlreadyThere
    content = cloned(selectors.content_of(version), opens_on=opens_on, rounds_later=number - old.number)
    return create_round_version(RoundSpec(code, programme, number, title, content), by=by)


@transaction.atomic
def change_draft(
    version_id: UUID, change: Callable[[VersionSpec], VersionSpec], *, revision: int, by: Actor
) -> RoundVersion:
    """Write a draft's content anew where `change` makes it another one; a proposal of it falls.

    Errors: DraftChangedMeanwhile (another revision stands), VersionAlreadyPublished, RoundNotFound, PlaceUnknown.
    """
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    version = locked_draft(version_id, revision)
    before = selectors.content_of(version)
    after = change(before)
    if after == before:
        return version
    parts = [part for part in PARTS if getattr(after, part) != getattr(before, part)]
    _require_places(after, parts)
    for part in parts:
        clear_part(version, part)
        write_part(version, part, after)
    old_columns, columns = version_columns(before), version_columns(after)
    changed = {name: value for name, value in columns.items() if value != old_columns[name]}
    RoundVersion.objects.filter(pk=version.pk).update(revision=F("revision") + 1, **changed)
    record_act("round.changed", version, by=by, parts=[*parts, *changed])
    return selectors.version_by_id(version_id)


@transaction.atomic
def ask_question(round_code: str, text: str, *, by: Actor) -> BriefingQuestion:
    """A question about the instructions of the version in force; all offices read it. Errors: RoundNotFound."""
    require(Permission.SEE_ROUND, by=by)
    version = selectors.versions_in_force().filter(round__code=round_code).first()
    if version is None:
        raise RoundNotFound
    question = BriefingQuestion.objects.create(
        version=version, asked_from_id=by.scope_id, text=text, asked_at=timezone.now(), asked_by=by.user_id
    )
    record("briefing.asked", by=by, subject="rounds.question", subject_id=question.pk, details={"round": round_code})
    return question


@transaction.atomic
def answer_question(question_id: UUID, text: str, *, by: Actor) -> BriefingAnswer:
    """A round manager's answer, for all offices; rows are only added. Errors: RoundNotFound."""
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    question = BriefingQuestion.objects.filter(pk=question_id, version__state=VersionState.PUBLISHED).first()
    if question is None:
        raise RoundNotFound
    answer = BriefingAnswer.objects.create(
        question=question, text=text, answered_at=timezone.now(), answered_by=by.user_id
    )
    record("briefing.answered", by=by, subject="rounds.question", subject_id=question.pk, details={})
    return answer


def _require_places(content: VersionSpec, parts: list[str]) -> None:
    """Windows and cohorts name provinces, capacity names offices: such as there are."""
    provinces = {row.code for row in content.windows} if "windows" in parts else set()
    provinces |= {row.code for row in content.cohort} if "cohort" in parts else set()
    offices = {row.code for row in content.capacity} if "capacity" in parts else set()
    named = {ScopeKind.PROVINCE: provinces, ScopeKind.OFFICE: offices}
    for kind, codes in named.items():
        if codes - set(Scope.objects.filter(kind=kind, code__in=codes).values_list("code", flat=True)):
            raise PlaceUnknown
