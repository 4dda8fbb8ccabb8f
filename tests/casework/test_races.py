"""Two at one case at the same moment, in transactions of their own: one wins, the other is told who, what and when."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.assignment import assign_case, set_cover, stop_case_clock
from khedmat.casework.enums import CaseStep, MemberStep, Outcome, StopReason
from khedmat.casework.errors import CaseChangedByAnother, CaseInAnothersHand
from khedmat.casework.models import Case, CaseMember, ClockStop, Cover, Decision
from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.rounds.enrolment import decide
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)
Deed = Callable[[], Any]


@pytest.fixture
def staff(transactional_db: None) -> Cast:
    made = make_cast()
    line.open_round(made)
    return made


def sent(cast: Cast) -> Case:
    """A family of one, sent to the province."""
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case)
    return line.submit(cast, case.pk)


def at_once(deeds: Sequence[tuple[Actor, Deed]]) -> list[DomainError | None]:
    """Everybody does theirs at the same moment, each in a context and transaction of their own; what stopped whom."""
    start = Barrier(len(deeds))

    def run(who_and_what: tuple[Actor, Deed]) -> DomainError | None:
        actor, deed = who_and_what
        try:
            start.wait(timeout=30)
            with working_context(actor):
                deed()
        except DomainError as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def opened_by(cast: Cast, case: Case, *names: str) -> int:
    """The case in Bahram's hand and open to each of the officers; the version that all of them see."""
    with working_context(cast["bahram"]):
        enter_case(case.pk, by=cast["bahram"])
        version = take_for_review(case.pk, by=cast["bahram"]).version
    for name in names:
        with working_context(cast[name]):
            enter_case(case.pk, by=cast[name])
    return version


def test_two_officers_decide_one_case(staff: Cast) -> None:
    case = sent(staff)
    version = opened_by(staff, case, "laleh")
    with working_context(staff["bahram"]):
        member_id = CaseMember.objects.get(case=case).pk

    def by(name: str, outcome: Outcome) -> tuple[Actor, Deed]:
        actor = staff[name]
        return actor, lambda: decide(case.pk, version, member_id, outcome, f"{name} says so.", by=actor)

    answers = at_once([by("bahram", Outcome.APPROVE), by("laleh", Outcome.REFUSE)])
    (loser,) = [answer for answer in answers if answer is not None]
    assert isinstance(loser, CaseChangedByAnother)
    winner = staff["laleh"] if answers[0] is loser else staff["bahram"]
    told = loser.changes[0]
    assert (told.actor_id, told.action in {"member.approved", "member.refused"}) == (winner.user_id, True)
    assert timezone.now() - told.at < timedelta(minutes=5)
    with working_context(staff["bahram"]):
        assert [one.decided_by for one in Decision.objects.filter(case=case)] == [winner.user_id]
        assert CaseMember.objects.get(case=case).step in {MemberStep.APPROVED, MemberStep.REFUSED}


def test_two_officers_take_one_case_while_the_director_gives_it_away(staff: Cast) -> None:
    case = sent(staff)

    def take(name: str) -> tuple[Actor, Deed]:
        actor = staff[name]
        return actor, lambda: (enter_case(case.pk, by=actor), take_for_review(case.pk, by=actor))

    director = staff["director"]
    gives = (director, lambda: assign_case(case.pk, staff["laleh"].user_id, by=director))
    answers = at_once([take("bahram"), take("laleh"), gives])
    stopped = [answer for answer in answers if answer is not None]
    assert all(isinstance(answer, CaseInAnothersHand) for answer in stopped)
    assert len(stopped) <= 1
    with working_context(director):
        after = Case.objects.get(pk=case.pk)
    # The director's word is the last, whenever it comes: Bahram's hand is overruled, or he finds the case taken.
    assert (after.step, after.officer_id) == (CaseStep.UNDER_REVIEW, staff["laleh"].user_id)


def test_a_clock_is_stopped_once(staff: Cast) -> None:
    case = sent(staff)
    version = opened_by(staff, case, "laleh")

    def stop(name: str) -> tuple[Actor, Deed]:
        actor = staff[name]
        return actor, lambda: stop_case_clock(case.pk, version, StopReason.TECHNICAL, "", by=actor)

    answers = at_once([stop("bahram"), stop("laleh")])
    assert sum(isinstance(answer, CaseChangedByAnother) for answer in answers) == 1
    with working_context(staff["bahram"]):
        assert ClockStop.objects.filter(case=case, resumed_at__isnull=True).count() == 1


def test_one_officer_is_covered_once_on_a_day(staff: Cast) -> None:
    director, today = staff["director"], timezone.localdate()

    def cover(days: int) -> tuple[Actor, Deed]:
        ends = today + timedelta(days=days)
        officer, substitute = staff["bahram"].user_id, staff["laleh"].user_id
        return director, lambda: set_cover(officer, substitute, today, ends, by=director)

    answers = at_once([cover(3), cover(9)])
    assert sorted(answer.code for answer in answers if answer) == ["cover-overlaps"]
    with working_context(director):
        assert Cover.objects.count() == 1
