"""What the cockpit counts is what the tables hold, whatever way a family goes."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from khedmat.cards.actions import revoke_card
from khedmat.cards.models import Card
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import Outcome, Reached
from khedmat.casework.milestones import reach
from khedmat.casework.models import Case, CaseMember, Decision, Milestone
from khedmat.rounds.enrolment import withdraw_enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.robustness.whole import NEVER

pytestmark = pytest.mark.django_db


def counted(cast: Cast) -> dict[str, tuple[int, int]]:
    """By step: how many cases, how many members."""
    cases: Counter[str] = Counter()
    members: Counter[str] = Counter()
    with working_context(cast["manager"]):
        for one in Milestone.objects.all():
            cases[one.step] += one.members == 0
            members[one.step] += one.members
    return {step: (cases[step], members[step]) for step in {*cases, *members}}


def contradictions() -> list[Any]:
    """What the whole-state checks say of milestones, as the app's role, who sees what is granted."""
    found: list[Any] = []
    with connection.cursor() as cursor:
        for words, statement in NEVER.items():
            if "milestone" in words or "counted" in words:
                cursor.execute(statement)
                found += [(words, *row) for row in cursor.fetchall()]
    return found


def test_a_whole_line_is_counted_at_each_step(cast: Cast) -> None:
    line.open_round(cast)
    case = line.whole_line(cast)
    whole = {Reached.ARRIVED, Reached.PHOTOGRAPHED, Reached.PAID, Reached.SUBMITTED}
    of_members = {Reached.DECIDED, Reached.PRINTED, Reached.HANDED_OVER}
    assert counted(cast) == {**dict.fromkeys(whole, (1, 0)), **dict.fromkeys(of_members, (0, 5))}
    with working_context(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
        assert contradictions() == []
        assert Decision.objects.filter(case=case).count() == 5
        assert set(Milestone.objects.values_list("case_id", "scope_id", "series", "on")) == {
            (case.pk, case.scope_id, line.ROUND, timezone.localdate())
        }


def test_a_member_decided_and_printed_anew_is_counted_once(cast: Cast) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case)
    line.submit(cast, case.pk)
    line.decide_all(cast, case.pk)
    line.print_cards(cast)
    with working_context(cast["bahram"]):
        enter_case(case.pk, by=cast["bahram"])
        revoke_card(Card.objects.get(case=case).pk, "نام روی کارت نادرست است.", by=cast["bahram"])
    line.decide_all(cast, case.pk)
    line.print_cards(cast)
    line.give_cards(cast, case.pk)
    counts = counted(cast)
    assert [counts[step] for step in (Reached.DECIDED, Reached.PRINTED, Reached.HANDED_OVER)] == [(0, 1)] * 3


def test_a_withdrawal_is_counted_and_takes_nothing_back(cast: Cast) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=2))
    with working_context(cast["narges"]):
        withdraw_enrolment(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])
        assert contradictions() == []
    assert counted(cast) == dict.fromkeys(("arrived", "photographed", "withdrawn"), (1, 0))


def test_a_returned_member_is_not_decided(cast: Cast) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case)
    line.submit(cast, case.pk)
    line.decide_all(cast, case.pk, outcome=Outcome.RETURN)
    assert Reached.DECIDED not in counted(cast)
    with working_context(cast["bahram"]):
        assert CaseMember.objects.get(case=case).reached == ""


def test_what_is_reached_twice_as_a_whole_is_counted_once(cast: Cast) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    with working_context(cast["narges"]):
        reach(case, Reached.ARRIVED)
        reach(case, Reached.ARRIVED)
    assert counted(cast)["arrived"] == (1, 0)


@pytest.mark.parametrize("statement", ["UPDATE casework_milestone SET members = 9", "DELETE FROM casework_milestone"])
def test_milestones_are_never_changed(cast: Cast, statement: str) -> None:
    line.open_round(cast)
    line.take_application(cast, line.register(cast, size=1))
    with (
        working_context(cast["narges"]),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute(statement)


def test_a_milestone_stands_on_its_day_in_tehran(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    with working_context(cast["narges"]):
        monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 3, 20, 20, 30, tzinfo=UTC))
        reach(case, Reached.PRINTED, members=1)
        made = Milestone.objects.get(step=Reached.PRINTED)
        assert made.on.isoformat() == "2027-03-21"
        wrong = Milestone(case_id=case.pk, case_type="enrolment", series=line.ROUND, scope=case.scope, members=1,
                          step=Reached.PRINTED, at=made.at, on=datetime(2027, 3, 20, tzinfo=UTC).date())  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            wrong.save(force_insert=True)
