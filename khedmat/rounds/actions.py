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
from khedmat.rounds.errors import RoundNotAllowed, RoundNotFound, VersionAlreadyPublished, VersionHasProblems
from khedmat.rounds.models import RequiredDocument, Round, RoundRule, RoundVersion, TariffLine
from khedmat.rounds.rules import RoundSpec, VersionSpec, check_version, round_from_json
from khedmat.rounds.rules.loading import examples_to_json

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
    _write_children(version, content.version)
    record(
        "round.drafted",
        by=by,
        subject="rounds.version",
        subject_id=version.id,
        details={"round": round_.code, "version": version.version},
    )
    return version


@transaction.atomic
def publish_version(version_id: UUID, *, by: Actor) -> RoundVersion:
    """Put a draft in force; from then on nothing in it changes. `VersionHasProblems` says why not."""
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    locked = RoundVersion.objects.select_for_update().filter(pk=version_id).exists()
    if not locked:
        raise RoundNotFound
    version = selectors.version_by_id(version_id)
    if version.state == VersionState.PUBLISHED:
        raise VersionAlreadyPublished
    problems = check_version(selectors.content_of(version))
    if problems:
        raise VersionHasProblems(problems)
    version.state = VersionState.PUBLISHED
    version.published_at = timezone.now()
    version.published_by = by.user_id
    version.save(update_fields=["state", "published_at", "published_by"])
    record(
        "round.published",
        by=by,
        subject="rounds.version",
        subject_id=version.id,
        details={"round": version.round.code, "version": version.version},
    )
    return version


@transaction.atomic
def demo_round(*, by: Actor, today: date) -> RoundVersion:
    """Amayesh 18 for demonstrations, published and open today; left alone when it is there already."""
    content = round_from_file(DATA / DEMO_ROUND)
    present = selectors.versions_open_on(today).filter(round__code=content.code).first()
    if present is not None:
        return present
    content = replace(content, version=_open_on(content.version, today))
    return publish_version(create_round_version(content, by=by).id, by=by)


def round_from_file(path: Path) -> RoundSpec:
    """The round in a JSON file; `RoundDataMalformed` names the place that is wrong."""
    return round_from_json(json.loads(path.read_text(encoding="utf-8")))


def _open_on(version: VersionSpec, today: date) -> VersionSpec:
    """The same content with its demonstration dates moved around today, where they do not hold it."""
    if version.opens_on <= today <= version.closes_on:
        return version
    opens_on = today - DEMO_OPEN_SINCE
    return replace(
        version,
        opens_on=opens_on,
        closes_on=today + DEMO_OPEN_FOR,
        card_valid_from=opens_on,
        card_valid_until=opens_on + DEMO_VALIDITY,
    )


def _write_version(round_: Round, number: int, content: VersionSpec, *, by: Actor) -> RoundVersion:
    return RoundVersion.objects.create(
        round=round_,
        version=number,
        opens_on=content.opens_on,
        closes_on=content.closes_on,
        card_valid_from=content.card_valid_from,
        card_valid_until=content.card_valid_until,
        circular_number=content.circular_number,
        circular_on=content.circular_on,
        circular_source_fa=content.circular_source.fa,
        circular_source_en=content.circular_source.en,
        examples=examples_to_json(content.examples),
        created_at=timezone.now(),
        created_by=by.user_id,
    )


def _write_children(version: RoundVersion, content: VersionSpec) -> None:
    RoundRule.objects.bulk_create(
        RoundRule(
            version=version,
            code=rule.code,
            order=order,
            expression=rule.expression,
            applies_when=rule.applies_when,
            title_fa=rule.title.fa,
            title_en=rule.title.en,
            sentence_met_fa=rule.sentence_met.fa,
            sentence_met_en=rule.sentence_met.en,
            sentence_unmet_fa=rule.sentence_unmet.fa,
            sentence_unmet_en=rule.sentence_unmet.en,
            on_unmet=rule.on_unmet,
            source_fa=rule.source.fa,
            source_en=rule.source.en,
            certainty=rule.certainty,
        )
        for order, rule in enumerate(content.rules, start=1)
    )
    RequiredDocument.objects.bulk_create(
        RequiredDocument(
            version=version,
            code=document.code,
            order=order,
            title_fa=document.title.fa,
            title_en=document.title.en,
            kind=document.kind,
            each=document.each,
            required_when=document.required_when,
            source_fa=document.source.fa,
            source_en=document.source.en,
            certainty=document.certainty,
        )
        for order, document in enumerate(content.documents, start=1)
    )
    _write_tariff(version, content)


def _write_tariff(version: RoundVersion, content: VersionSpec) -> None:
    TariffLine.objects.bulk_create(
        TariffLine(
            version=version,
            code=line.code,
            order=order,
            kind=line.kind,
            title_fa=line.title.fa,
            title_en=line.title.en,
            each=line.each,
            min_members=line.min_members,
            max_members=line.max_members,
            min_age=line.min_age,
            max_age=line.max_age,
            amount_rial=line.amount_rial,
            source_fa=line.source.fa,
            source_en=line.source.en,
            certainty=line.certainty,
        )
        for order, line in enumerate(content.tariff, start=1)
    )
