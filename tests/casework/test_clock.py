"""The time of service: due on its working day, moved by the days for which it stood, late by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from khedmat.casework.actions import enter_case
from khedmat.casework.assignment import resume_case_clock, stop_case_clock
from khedmat.casework.enums import CaseStep, MemberStep, Outcome, StopReason
from khedmat.casework.errors import CaseChangedByAnother, ClockRuns, ClockStopped, OwnCase, StepNotPossible
from khedmat.casework.models import Case, CaseMember, ClockStop
from khedmat.casework.standards import DEFAULT, standard_of
from khedmat.common.jalali import from_jalali
from khedmat.places.calendar import add_working_days
from khedmat.places.fixed_holidays import fixed_holidays
from khedmat.rounds.enrolment import decide, resubmit_member, withdraw_enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.casework.officers_work import NOTE, stop
from tests.cast import Cast
from tests.factories import case_of, family

pytestmark = pytest.mark.django_db
FREE = frozenset(day.on for day in fixed_holidays())
Clock = Callable[[date], None]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`on(day)`: it is ten in the morning of that day in Tehran, for Python; the database keeps its own time."""
    real = timezone.now

    def set_day(day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC)
        shift = moment - real()
        monkeypatch.setattr(timezone, "now", lambda: real() + shift)

    return set_day


@pytest.fixture
def submitted(cast: Cast) -> Case:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=2))
    line.pay(cast, case)
    return line.submit(cast, case.pk)


def now(cast: Cast, case: Case) -> Case:
    with working_context(cast["bahram"]):
        return Case.objects.get(pk=case.pk)


def decide_first(cast: Cast, case: Case, outcome: Outcome) -> None:
    officer = cast["bahram"]
    with working_context(officer):
        fresh = Case.objects.get(pk=case.pk)
        member = CaseMember.objects.filter(case=case, step=MemberStep.UNDER_REVIEW).first()
        assert member is not None
        decide(case.pk, fresh.version, member.pk, outcome, line.REASON, by=officer)


def test_a_sent_case_is_due_by_the_rounds_standard(cast: Cast, submitted: Case) -> None:
    today = timezone.localdate()
    assert (submitted.clock_from, submitted.standard_days) == (today, 15)
    assert submitted.due_on == add_working_days(today, 15, FREE)
    assert submitted.max_on == add_working_days(today, 45, FREE)


def test_a_case_at_the_counter_has_no_due_date(cast: Cast) -> None:
    household = family(cast["narges"], size=1)
    assert case_of(cast["narges"], household).due_on is None


def test_a_type_of_case_that_nobody_registered_has_the_houses_standard() -> None:
    assert standard_of(Case(case_type="unknown")) == DEFAULT


def test_a_stopped_clock_moves_the_due_date_by_working_days(cast: Cast, submitted: Case, on: Clock) -> None:
    stop(submitted.pk, by=cast["bahram"])
    stopped = now(cast, submitted)
    assert (stopped.due_on, stopped.stop_reason) == (submitted.due_on, StopReason.OTHER_AUTHORITY)
    on(timezone.localdate() + timedelta(days=14))
    with working_context(cast["bahram"]):
        resume_case_clock(submitted.pk, stopped.version, by=cast["bahram"])
        assert ClockStop.objects.get(case=submitted).note == NOTE
    later = now(cast, submitted)
    assert submitted.clock_from is not None
    # Two weeks hold twelve working days but for what is free among them.
    stood = sum(
        day.weekday() != 4 and day not in FREE
        for day in (submitted.clock_from + timedelta(days=ahead) for ahead in range(1, 15))
    )
    assert later.due_on == add_working_days(submitted.clock_from, 15 + stood, FREE)
    assert (later.max_on, later.stopped_at, later.stop_reason) == (submitted.max_on, None, "")


def test_a_clock_stopped_over_nowruz_of_a_leap_year_gains_only_working_days(
    cast: Cast, submitted: Case, on: Clock
) -> None:
    with working_context(cast["bahram"]):
        Case.objects.filter(pk=submitted.pk).update(
            clock_from=from_jalali(1408, 12, 20), due_on=from_jalali(1409, 1, 20), max_on=from_jalali(1409, 3, 1)
        )
    on(from_jalali(1408, 12, 28))
    stop(submitted.pk, by=cast["bahram"])
    on(from_jalali(1409, 1, 6))
    with working_context(cast["bahram"]):
        resume_case_clock(submitted.pk, now(cast, submitted).version, by=cast["bahram"])
    # 29 and 30 Esfand and the first four days of the year are free; the fifth and sixth are not.
    assert now(cast, submitted).due_on == add_working_days(from_jalali(1408, 12, 20), 17, FREE)


def test_who_is_returned_stops_the_clock_and_who_is_sent_again_starts_it(cast: Cast, submitted: Case) -> None:
    officer, clerk = cast["bahram"], cast["narges"]
    stop(submitted.pk, by=officer)
    with working_context(officer):
        resume_case_clock(submitted.pk, now(cast, submitted).version, by=officer)
    decide_first(cast, submitted, Outcome.RETURN)
    assert now(cast, submitted).stop_reason == StopReason.RETURNED
    with working_context(officer), pytest.raises(ClockRuns):
        resume_case_clock(submitted.pk, now(cast, submitted).version, by=officer)
    with working_context(clerk):
        returned = CaseMember.objects.get(case=submitted, step=MemberStep.RETURNED)
        resubmit_member(submitted.pk, now(cast, submitted).version, returned.pk, by=clerk)
    assert (now(cast, submitted).stop_reason, now(cast, submitted).decided_at) == ("", None)
    with working_context(officer):
        assert ClockStop.objects.filter(case=submitted, resumed_at__isnull=True).count() == 0


def test_a_stop_that_goes_on_while_a_member_is_with_the_office_stands_for_that(cast: Cast, submitted: Case) -> None:
    stop(submitted.pk, by=cast["bahram"])
    decide_first(cast, submitted, Outcome.RETURN)
    assert now(cast, submitted).stop_reason == StopReason.OTHER_AUTHORITY
    with working_context(cast["bahram"]):
        resume_case_clock(submitted.pk, now(cast, submitted).version, by=cast["bahram"])
    assert now(cast, submitted).stop_reason == StopReason.RETURNED


def test_the_last_decision_ends_the_wait(cast: Cast, submitted: Case) -> None:
    stop(submitted.pk, by=cast["bahram"])
    decide_first(cast, submitted, Outcome.APPROVE)
    assert now(cast, submitted).decided_at is None
    decide_first(cast, submitted, Outcome.APPROVE)
    decided = now(cast, submitted)
    assert decided.decided_at is not None
    assert (decided.step, decided.stop_reason) == (CaseStep.UNDER_REVIEW, "")


def test_a_withdrawn_case_waits_for_nothing(cast: Cast, submitted: Case) -> None:
    stop(submitted.pk, by=cast["bahram"])
    with working_context(cast["narges"]):
        withdraw_enrolment(submitted.pk, now(cast, submitted).version, by=cast["narges"])
        assert Case.objects.get(pk=submitted.pk).stopped_at is None
        assert not ClockStop.objects.filter(case=submitted, resumed_at__isnull=True).exists()


def test_a_clock_is_stopped_once_and_by_who_saw_the_case_as_it_is(cast: Cast, submitted: Case) -> None:
    officer = cast["bahram"]
    stopped = stop(submitted.pk, by=officer)
    with working_context(officer):
        with pytest.raises(ClockStopped):
            stop_case_clock(submitted.pk, stopped.version, StopReason.TECHNICAL, "", by=officer)
        with pytest.raises(CaseChangedByAnother):
            stop_case_clock(submitted.pk, stopped.version - 1, StopReason.TECHNICAL, "", by=officer)


def test_nobody_stops_the_clock_of_a_case_that_they_opened(cast: Cast, submitted: Case) -> None:
    stop(submitted.pk, by=cast["bahram"])
    opener = replace(cast["bahram"], user_id=now(cast, submitted).opened_by)
    version = now(cast, submitted).version
    with working_context(opener):
        enter_case(submitted.pk, by=opener)
        with pytest.raises(OwnCase):
            resume_case_clock(submitted.pk, version, by=opener)
        with pytest.raises(OwnCase):
            stop_case_clock(submitted.pk, version, StopReason.TECHNICAL, "", by=opener)


def test_nobody_stops_a_clock_for_a_return_by_hand(cast: Cast, submitted: Case) -> None:
    with pytest.raises(StepNotPossible):
        stop(submitted.pk, by=cast["bahram"], reason=StopReason.RETURNED)
