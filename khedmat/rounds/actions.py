"""Every change to rounds: writing a version and publishing it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, take_turn
from khedmat.rounds import perms, selectors
from khedmat.rounds.enums import VersionState
from khedmat.rounds.errors import (
    DraftChangedMeanwhile,
    RoundNotAllowed,
    RoundNotFound,
    SamePersonPublishes,
    VersionAlreadyPublished,
    VersionHasProblems,
    VersionNotProposed,
)
from khedmat.rounds.models import PARTS, Round, RoundVersion
from khedmat.rounds.rows import version_columns, write_part
from khedmat.rounds.rules import RoundSpec, VersionSpec, check_version, round_from_json

DATA = Path(__file__).parent / "data"
DEMO_ROUND = "amayesh_18.json"
DEMO_OPEN_SINCE = timedelta(days=60)
DEMO_OPEN_FOR = timedelta(days=120)
DEMO_VALIDITY = timedelta(days=364)


@transaction.atomic
def create_round_version(content: RoundSpec, *, by: Actor) -> RoundVersion:
    """A new draft of a round (the round too, when it is new), numbered after the last one."""
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    # Two drafts at once would take the same number. The round's own row cannot be locked: nobody may change it.
    take_turn(Turn.DRAFTING_ROUND, content.code)
    round_, _is_new = Round.objects.get_or_create(
        code=content.code,
        defaults={
            "programme": content.programme,
            "number": content.number,
            "title_fa": content.title.fa,
            "title_en": content.title.en,
            "sort": content.number,
        },
    )
    last = round_.versions.aggregate(last=Max("version"))["last"] or 0
    version = _write_version(round_, last + 1, content.version, by=by)
    record_act("round.drafted", version, by=by)
    return version


@transaction.atomic
def propose_version(version_id: UUID, *, by: Actor, revision: int | None = None) -> RoundVersion:
    """Say that a draft is ready; another person publishes it. Any change of the draft lets the proposal fall.

    Errors: VersionHasProblems, VersionAlreadyPublished, RoundNotFound.
    """
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    version = locked_draft(version_id, revision)
    problems = check_version(selectors.content_of(version))
    if problems:
        raise VersionHasProblems(problems)
    version.proposed_at = timezone.now()
    version.proposed_by = by.user_id
    version.save(update_fields=["proposed_at", "proposed_by"])
    record_act("round.proposed", version, by=by)
    return version


@transaction.atomic
def take_back_proposal(version_id: UUID, *, by: Actor, revision: int | None = None) -> RoundVersion:
    """Make a proposed draft a plain draft again; any round manager may. Errors: VersionNotProposed."""
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    version = locked_draft(version_id, revision)
    if version.proposed_by is None:
        raise VersionNotProposed
    version.proposed_at = version.proposed_by = None
    version.save(update_fields=["proposed_at", "proposed_by"])
    record_act("round.proposal-taken-back", version, by=by)
    return version


@transaction.atomic
def publish_version(version_id: UUID, *, by: Actor, revision: int | None = None) -> RoundVersion:
    """Put a proposed draft in force; from then on nothing in it changes. Who proposed it does not publish it.

    Errors: VersionNotProposed, SamePersonPublishes; `VersionHasProblems` says what is to be mended.
    """
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    version = locked_draft(version_id, revision)
    if version.proposed_by is None:
        raise VersionNotProposed
    if version.proposed_by == by.user_id:
        raise SamePersonPublishes
    problems = check_version(selectors.content_of(version))
    if problems:
        raise VersionHasProblems(problems)
    version.state = VersionState.PUBLISHED
    version.published_at = timezone.now()
    version.published_by = by.user_id
    version.save(update_fields=["state", "published_at", "published_by"])
    record_act("round.published", version, by=by)
    return version


@transaction.atomic
def demo_round(*, by: Actor, today: date) -> RoundVersion:
    """Amayesh 18 for demonstrations, open today and proposed: a second round manager publishes it.

    Left alone when it is in force already.
    """
    content = round_from_file(DATA / DEMO_ROUND)
    present = selectors.versions_open_on(today).filter(round__code=content.code).first()
    if present is not None:
        return present
    content = replace(content, version=_open_on(content.version, today))
    return propose_version(create_round_version(content, by=by).id, by=by)


def locked_draft(version_id: UUID, revision: int | None = None) -> RoundVersion:
    """A draft with its round, locked until the transaction ends; a page names the revision that its reader saw.

    Errors: RoundNotFound, VersionAlreadyPublished, DraftChangedMeanwhile.
    """
    if not RoundVersion.objects.select_for_update().filter(pk=version_id).exists():
        raise RoundNotFound
    version = selectors.version_by_id(version_id)
    if version.state == VersionState.PUBLISHED:
        raise VersionAlreadyPublished
    if revision is not None and version.revision != revision:
        raise DraftChangedMeanwhile
    return version


def record_act(action: str, version: RoundVersion, *, by: Actor, **details: str | int | list[str]) -> None:
    """One row of the record about a version, with its round and number."""
    named: dict[str, str | int | list[str] | list[int] | None] = {
        "round": version.round.code,
        "version": version.version,
    }
    record(action, by=by, subject="rounds.version", subject_id=version.pk, details={**named, **details})


def round_from_file(path: Path) -> RoundSpec:
    """The round in a JSON file; `RoundDataMalformed` names the place that is wrong."""
    return round_from_json(json.loads(path.read_text(encoding="utf-8")))


def _open_on(version: VersionSpec, today: date) -> VersionSpec:
    """The same content with its demonstration dates moved around today, where they do not hold it."""
    if version.opens_on <= today <= version.closes_on:
        return version
    opens_on = today - DEMO_OPEN_SINCE
    moved = [replace(window, opens_on=opens_on, closes_on=today + DEMO_OPEN_FOR) for window in version.windows]
    return replace(
        version,
        windows=tuple(moved),
        opens_on=opens_on,
        closes_on=today + DEMO_OPEN_FOR,
        card_valid_from=opens_on,
        card_valid_until=opens_on + DEMO_VALIDITY,
    )


def _write_version(round_: Round, number: int, content: VersionSpec, *, by: Actor) -> RoundVersion:
    version = RoundVersion.objects.create(
        round=round_,
        version=number,
        created_at=timezone.now(),
        created_by=by.user_id,
        **version_columns(content),
    )
    for part in PARTS:
        write_part(version, part, content)
    return version
