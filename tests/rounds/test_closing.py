"""A round is closed by two round managers; from then on no case begins in it, and running ones go on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khedmat.audit.models import Entry
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, take_turn
from khedmat.rounds.actions import create_round_version, propose_version, publish_version
from khedmat.rounds.booking import pre_register
from khedmat.rounds.closing import confirm_closing, last_day_of, propose_closing, take_back_closing
from khedmat.rounds.cockpit import cockpit_of
from khedmat.rounds.enrolment import start_enrolment
from khedmat.rounds.enums import ClosingStep
from khedmat.rounds.errors import (
    ClosingAlreadyProposed,
    ClosingNeedsNote,
    ClosingNotProposed,
    RoundAlreadyClosed,
    RoundClosed,
    RoundNotAllowed,
    SamePersonCloses,
)
from khedmat.rounds.models import RoundClosing, RoundVersion
from khedmat.rounds.selectors import closing_of, versions_open_on
from tests import line
from tests.cast import Cast
from tests.rounds.samples import amayesh_18

Acting = Callable[[Actor], AbstractContextManager[None]]
pytestmark = pytest.mark.django_db
WHY = "بر پایهٔ بخشنامهٔ ۱۸/۳۰۱."


@pytest.fixture
def version(cast: Cast) -> RoundVersion:
    return line.open_round(cast)


def close(cast: Cast, acting: Acting) -> None:
    with acting(cast["manager"]):
        propose_closing(line.ROUND, WHY, by=cast["manager"])
    with acting(cast["parvin"]):
        confirm_closing(line.ROUND, by=cast["parvin"])


def test_early_closing_says_why(cast: Cast, acting: Acting, version: RoundVersion) -> None:
    manager, last = cast["manager"], last_day_of(version)
    with acting(manager):
        with pytest.raises(ClosingNeedsNote):
            propose_closing(line.ROUND, by=manager, today=last)
        assert propose_closing(line.ROUND, by=manager, today=last + timedelta(days=1)).note == ""


@contextmanager
def closing_elsewhere() -> Iterator[None]:
    """Somebody else is about to close the round, in a transaction that is not over."""
    begun, over = Event(), Event()

    def close_slowly() -> None:
        with transaction.atomic():
            take_turn(Turn.CLOSING_ROUND, line.ROUND)
            begun.set()
            over.wait()
        connection.close()

    other = Thread(target=close_slowly)
    other.start()
    begun.wait()
    try:
        yield
    finally:
        over.set()
        other.join()


@transaction.atomic
def start_at_once(household_id: UUID, by: Actor) -> Case:
    """A case, unless it had to wait for anybody."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
    return start_enrolment(household_id, line.ROUND, by=by)


def test_no_case_begins_in_the_moment_of_closing(cast: Cast, acting: Acting, version: RoundVersion) -> None:
    household, narges = line.register(cast), cast["narges"]
    with acting(narges):
        with closing_elsewhere(), pytest.raises(OperationalError, match="lock timeout"):
            start_at_once(household.pk, by=narges)
        assert start_at_once(household.pk, by=narges).series == line.ROUND


def test_another_manager_confirms(cast: Cast, acting: Acting, version: RoundVersion) -> None:
    manager, parvin = cast["manager"], cast["parvin"]
    with acting(manager):
        with pytest.raises(ClosingNotProposed):
            confirm_closing(line.ROUND, by=manager)
        propose_closing(line.ROUND, WHY, by=manager)
        with pytest.raises(ClosingAlreadyProposed):
            propose_closing(line.ROUND, WHY, by=manager)
        with pytest.raises(SamePersonCloses):
            confirm_closing(line.ROUND, by=manager)
        take_back_closing(line.ROUND, by=manager)
        propose_closing(line.ROUND, WHY, by=manager)
    assert closing_of(version.round) is None
    with acting(parvin):
        confirm_closing(line.ROUND, by=parvin)
        with pytest.raises(RoundAlreadyClosed):
            propose_closing(line.ROUND, WHY, by=parvin)
        assert Entry.objects.filter(action="round.closed").count() == 1
    assert not versions_open_on(timezone.localdate()).exists()


def test_clerks_close_nothing(cast: Cast, acting: Acting, version: RoundVersion) -> None:
    with acting(cast["narges"]), pytest.raises(RoundNotAllowed):
        propose_closing(line.ROUND, WHY, by=cast["narges"])


def test_database_holds_two_people(cast: Cast, acting: Acting, version: RoundVersion) -> None:
    """Not even with a lie about who proposed it."""
    manager = cast["manager"]
    with acting(manager):
        proposal = propose_closing(line.ROUND, WHY, by=manager)
        for claimed in (manager.user_id, cast["parvin"].user_id):
            with pytest.raises(IntegrityError), transaction.atomic():
                _confirm_claiming(proposal, claimed)


def _confirm_claiming(proposal: RoundClosing, claimed: UUID) -> None:
    RoundClosing.objects.create(
        round=proposal.round,
        step=ClosingStep.CONFIRMED,
        at=timezone.now(),
        by=proposal.by,
        proposal=proposal,
        proposed_by=claimed,
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_no_case_begins_and_running_ones_go_on(cast: Cast, acting: Acting, version: RoundVersion) -> None:
    narges = cast["narges"]
    running = line.take_application(cast, line.register(cast))
    late = line.register(cast, cards_from=4_500_000)
    close(cast, acting)
    with acting(narges):
        for begin in (start_enrolment, pre_register):
            with pytest.raises(RoundClosed):
                begin(late.pk, line.ROUND, by=narges)
    line.pay(cast, running)
    assert line.submit(cast, running.pk).step == "submitted"
    with acting(cast["director"]):
        shown = cockpit_of(line.ROUND, cast.places["tehran"], timezone.localdate() + timedelta(days=1))
    assert shown.closed_on == timezone.localdate()
    assert shown.reached["submitted"] == 1
    assert all(one.coming == () for one in shown.lines)


def test_pages_say_it(cast: Cast, as_staff: Callable[[str], Client], version: RoundVersion) -> None:
    page = reverse("rounds:close", args=[line.ROUND])
    manager, parvin = as_staff("manager"), as_staff("parvin")
    refused: Any = manager.post(page, {"step": "propose", "note": ""})
    assert refused.status_code == 422
    assert "note" in refused.context["form"].errors
    assert manager.post(page, {"step": "propose", "note": WHY}).status_code == 302
    assert manager.post(page, {"step": "confirm"}).status_code == 403
    assert WHY in parvin.get(page).content.decode()
    assert parvin.post(page, {"step": "confirm"}).status_code == 302
    director = as_staff("director")
    for name in ("list", "round", "cockpit"):
        address = reverse(f"rounds:{name}", args=[] if name == "list" else [line.ROUND])
        assert "Closed on" in director.get(address).content.decode(), name


def test_the_last_day_is_that_of_the_latest_province_however_far_ahead(cast: Cast, acting: Acting) -> None:
    manager, first = cast["manager"], amayesh_18()
    late = replace(first.version.windows[0], closes_on=first.version.closes_on + timedelta(days=45))
    spec = replace(first, version=replace(first.version, windows=(late, *first.version.windows[1:])))
    with acting(manager):
        draft = propose_version(create_round_version(spec, by=manager).pk, by=manager)
    with acting(cast["parvin"]):
        publish_version(draft.pk, by=cast["parvin"])
    with acting(manager):
        with pytest.raises(ClosingNeedsNote):
            propose_closing(spec.code, by=manager, today=late.closes_on)
        assert propose_closing(spec.code, by=manager, today=late.closes_on + timedelta(days=1)).note == ""
