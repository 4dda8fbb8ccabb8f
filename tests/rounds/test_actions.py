"""Rounds on PostgreSQL: written and published by round managers, then unchangeable."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from khedmat.common.actor import Actor
from khedmat.rounds import actions, selectors
from khedmat.rounds.booking import pre_register
from khedmat.rounds.client_texts import LANGUAGES, client_text, client_texts, filled_for_client
from khedmat.rounds.enums import TextKind, VersionState
from khedmat.rounds.errors import (
    RoundNotAllowed,
    RoundNotFound,
    RoundNotOpen,
    SamePersonPublishes,
    VersionAlreadyPublished,
    VersionHasProblems,
    VersionNotProposed,
)
from khedmat.rounds.models import RoundRule, RoundVersion
from khedmat.rounds.rules import check_version
from tests import line
from tests.cast import Cast
from tests.rounds.samples import amayesh_18

Acting = Callable[[Actor], AbstractContextManager[None]]
pytestmark = pytest.mark.django_db
IN_WINDOW = date(2026, 11, 21)


@pytest.fixture
def draft(cast: Cast, acting: Acting) -> RoundVersion:
    with acting(cast["manager"]):
        return actions.create_round_version(amayesh_18(), by=cast["manager"])


@pytest.fixture
def published(cast: Cast, acting: Acting, draft: RoundVersion) -> RoundVersion:
    return publish(draft, cast, acting)


def publish(draft: RoundVersion, cast: Cast, acting: Acting) -> RoundVersion:
    """Proposed by one manager, published by another."""
    with acting(cast["manager"]):
        actions.propose_version(draft.pk, by=cast["manager"])
    with acting(cast["parvin"]):
        return actions.publish_version(draft.pk, by=cast["parvin"])


def test_content_survives_the_database(draft: RoundVersion) -> None:
    assert selectors.content_of(selectors.version_by_id(draft.pk)) == amayesh_18().version


def test_publish_puts_the_version_in_force(cast: Cast, published: RoundVersion) -> None:
    found = selectors.open_version_of("amayesh-18", IN_WINDOW)
    assert found == published
    assert (found.state, found.published_by) == (VersionState.PUBLISHED, cast["parvin"].user_id)
    assert found.proposed_by == cast["manager"].user_id


def test_draft_is_not_in_force(draft: RoundVersion) -> None:
    with pytest.raises(RoundNotFound):
        selectors.open_version_of("amayesh-18", IN_WINDOW)


def test_round_outside_its_window_is_not_open(published: RoundVersion) -> None:
    with pytest.raises(RoundNotOpen):
        selectors.open_version_of("amayesh-18", date(2027, 3, 21))
    assert not selectors.versions_open_on(date(2026, 9, 22)).exists()


def test_province_with_its_own_dates_opens_on_them(published: RoundVersion) -> None:
    early = date(2026, 9, 30)
    assert selectors.open_version_of("amayesh-18", early, province_code="23") == published
    with pytest.raises(RoundNotOpen):
        selectors.open_version_of("amayesh-18", early, province_code="09")


def test_a_family_is_pre_registered_and_offered_the_round_on_its_province_s_own_dates(
    cast: Cast, acting: Acting, published: RoundVersion
) -> None:
    """In Tehran (23) the round opens earlier than elsewhere."""
    early, clerks = date(2026, 9, 30), (cast["narges"], cast["mina"])
    families = [
        line.register(cast, clerk, cards_from=first) for clerk, first in (("narges", 4_411_830), ("mina", 5_500_000))
    ]
    with acting(clerks[0]):
        assert pre_register(families[0].pk, "amayesh-18", by=clerks[0], today=early).step == "pre_registered"
    with acting(clerks[1]), pytest.raises(RoundNotOpen):
        pre_register(families[1].pk, "amayesh-18", by=clerks[1], today=early)
    offered = [selectors.open_rounds_in(family.province_id, early) for family in families]
    assert offered == [[published.round], []]


def test_client_text_says_whether_it_was_reviewed(published: RoundVersion) -> None:
    place = (TextKind.REMEDY, "portrait", "text")
    assert client_text(published, *place, "fa") == ("این عضو برای گرفتن عکس به دفتر بیاید.", True)
    assert client_text(published, *place, "ps") == ("دا غړی دې د عکس اخیستلو لپاره دفتر ته راشي.", False)
    for language in LANGUAGES:
        texts = client_texts(published, language)
        assert len(texts) == 6 * 4 + 4
        assert all(text for text, _is_reviewed in texts.values())


@pytest.mark.parametrize(
    ("language", "filled"),
    [("prs", "بلی، ۱۷"), ("ps", "هو، ۱۷"), ("ar", "نعم، ١٧"), ("en", "yes، 17"), ("fa", "بله، ۱۷")],
)
def test_facts_are_filled_as_clients_write_them(language: str, filled: str) -> None:
    values = {"father_has_card": True, "last_round_number": 17}
    assert filled_for_client("{father_has_card}، {last_round_number}", values, language) == filled


def test_later_version_takes_the_place(cast: Cast, acting: Acting, published: RoundVersion) -> None:
    manager = cast["manager"]
    with acting(manager):
        second = actions.create_round_version(amayesh_18(), by=manager)
        assert second.version == 2
        assert list(selectors.versions_in_force()) == [published]
    publish(second, cast, acting)
    assert list(selectors.versions_in_force()) == [second]


def test_publish_twice_is_refused(cast: Cast, acting: Acting, published: RoundVersion) -> None:
    with acting(cast["manager"]), pytest.raises(VersionAlreadyPublished):
        actions.publish_version(published.pk, by=cast["manager"])


def test_publish_of_an_unknown_version_is_refused(cast: Cast, acting: Acting) -> None:
    with acting(cast["manager"]), pytest.raises(RoundNotFound):
        actions.publish_version(uuid4(), by=cast["manager"])


def test_nobody_publishes_what_is_not_proposed(cast: Cast, acting: Acting, draft: RoundVersion) -> None:
    with acting(cast["parvin"]), pytest.raises(VersionNotProposed):
        actions.publish_version(draft.pk, by=cast["parvin"])


def test_who_proposed_does_not_publish(cast: Cast, acting: Acting, draft: RoundVersion, raw: Any) -> None:
    manager = cast["manager"]
    with acting(manager):
        actions.propose_version(draft.pk, by=manager)
        with pytest.raises(SamePersonPublishes):
            actions.publish_version(draft.pk, by=manager)
        with pytest.raises(IntegrityError, match="two_people_publish_a_version"), transaction.atomic():
            raw.execute(
                "UPDATE rounds_roundversion SET state = 'published', published_at = now(), published_by = %s",
                [manager.user_id],
            )


def test_proposal_taken_back_is_not_published(cast: Cast, acting: Acting, draft: RoundVersion) -> None:
    with acting(cast["manager"]):
        actions.propose_version(draft.pk, by=cast["manager"])
    with acting(cast["parvin"]):
        actions.take_back_proposal(draft.pk, by=cast["parvin"])
        with pytest.raises(VersionNotProposed):
            actions.publish_version(draft.pk, by=cast["parvin"])


def test_publish_with_problems_is_refused_and_lists_them(cast: Cast, acting: Acting) -> None:
    faulty = replace(amayesh_18().version, tariff=amayesh_18().version.tariff[1:])
    with acting(cast["manager"]):
        version = actions.create_round_version(replace(amayesh_18(), version=faulty), by=cast["manager"])
        with pytest.raises(VersionHasProblems) as refused:
            actions.propose_version(version.pk, by=cast["manager"])
    assert refused.value.problems == tuple(check_version(faulty))
    assert refused.value.problems
    assert selectors.version_by_id(version.pk).state == VersionState.DRAFT


def test_clerk_writes_no_round(cast: Cast, acting: Acting, draft: RoundVersion) -> None:
    with acting(cast["narges"]):
        with pytest.raises(RoundNotAllowed):
            actions.create_round_version(amayesh_18(), by=cast["narges"])
        with pytest.raises(RoundNotAllowed):
            actions.publish_version(draft.pk, by=cast["narges"])


@pytest.mark.parametrize("today", [IN_WINDOW, date(2030, 5, 1), date(2024, 1, 1)])
def test_demo_round_is_open_today_and_made_once(cast: Cast, acting: Acting, today: date) -> None:
    with acting(cast["manager"]):
        draft = actions.demo_round(by=cast["manager"], today=today)
    with acting(cast["parvin"]):
        first = actions.publish_version(draft.pk, by=cast["parvin"])
    with acting(cast["manager"]):
        assert actions.demo_round(by=cast["manager"], today=today) == first
    assert selectors.open_version_of("amayesh-18", today) == first
    assert RoundVersion.objects.count() == 1


def test_published_round_is_read_without_context(published: RoundVersion, raw: Any) -> None:
    raw.execute("SELECT set_config('khedmat.context', '', true)")
    assert len(selectors.content_of(selectors.version_by_id(published.pk)).rules) == 6


def a_late_rule(version: RoundVersion) -> RoundRule:
    rule = version.rules.all()[0]
    rule.pk, rule.code = uuid4(), "late"
    rule._state.adding = True
    return rule


def test_late_rule_of_a_published_version_is_refused(cast: Cast, acting: Acting, published: RoundVersion) -> None:
    with acting(cast["manager"]), pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        a_late_rule(published).save()


def test_late_rule_of_a_draft_is_accepted(cast: Cast, acting: Acting, draft: RoundVersion) -> None:
    with acting(cast["manager"]):
        a_late_rule(draft).save()
    assert draft.rules.count() == 7


def test_row_level_security_lets_only_managers_write(cast: Cast, acting: Acting, draft: RoundVersion) -> None:
    with acting(cast["narges"]), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        a_late_rule(draft).save()


def test_version_cannot_begin_as_published(cast: Cast, acting: Acting, published: RoundVersion) -> None:
    published.pk, published.version = uuid4(), 9
    published._state.adding = True
    with acting(cast["manager"]), pytest.raises(IntegrityError, match="begins as a draft"), transaction.atomic():
        published.save()


def test_published_version_cannot_go_back_to_draft(cast: Cast, acting: Acting, published: RoundVersion) -> None:
    with acting(cast["manager"]), pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        RoundVersion.objects.update(state=VersionState.DRAFT, published_at=None, published_by=None)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rounds_roundversion SET version = 9",
        "UPDATE rounds_tariffline SET amount_rial = 0",
        "DELETE FROM rounds_roundrule",
        "UPDATE rounds_round SET code = 'x'",
    ],
)
def test_app_may_not_rewrite_rounds(cast: Cast, acting: Acting, draft: RoundVersion, raw: Any, sql: str) -> None:
    with acting(cast["manager"]), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        raw.execute(sql)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rounds_roundversion SET card_valid_until = card_valid_until + 365",
        "DELETE FROM rounds_roundversion",
        "UPDATE rounds_roundrule SET expression = 'true'",
        "DELETE FROM rounds_requireddocument",
        "UPDATE rounds_tariffline SET amount_rial = 0",
        "DELETE FROM rounds_clienttext",
        "UPDATE rounds_exemption SET percent = 1",
    ],
)
def test_published_content_never_changes_even_for_the_owner(
    published: RoundVersion, as_migrator: Any, sql: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="never changes"):
        as_migrator.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_each_change_leaves_one_audit_row(published: RoundVersion, as_migrator: Any) -> None:
    as_migrator.execute("SELECT action FROM audit_entry WHERE subject = 'rounds.version' ORDER BY id")
    assert as_migrator.fetchall() == [("round.drafted",), ("round.proposed",), ("round.published",)]
