"""The officers' queue as an address: what it filters by, what it counts, its rows, and who comes next.

Filters are of the work (step, due, assignee, service, office) and never of people.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khedmat.accounts.enums import Role
from khedmat.accounts.selectors import names_of
from khedmat.casework.enums import CaseStep, MemberStep, StopReason
from khedmat.casework.models import Case
from khedmat.casework.officers import covered_by, covers_of
from khedmat.casework.selectors import member_steps
from khedmat.common.actor import Actor
from khedmat.common.text import uuid_of
from khedmat.places.calendar import working_days_between
from khedmat.places.selectors import holidays_for
from khedmat.rounds.web.case_parts import CASE_TONES, digits

STEPS = (CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW)
FOR_DIRECTOR, ALL, DECIDED = "director", "all", "decided"
LATE, TODAY, WEEK, STOPPED = "overdue", "today", "week", "stopped"
MINE, NOBODY, COVER = "mine", "unassigned", "cover"
DAYS_OF_WEEK = 7
_SERIES = re.compile(r"[a-z0-9-]{1,24}")
_OFFICE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks for. `is_ignoring`: part of it was not understood and asks for nothing."""

    step: str = ALL
    due: str = ""
    assignee: str = ""
    service: str = ""
    office: str = ""
    is_ignoring: bool = False
    is_carried: bool = False

    @classmethod
    def of(cls, query: QueryDict, role: str) -> "Filters":
        """The filters of an address. The director general begins with what is theirs."""
        default = FOR_DIRECTOR if role == Role.DIRECTOR_GENERAL else ALL
        tests: Mapping[str, Callable[[str], bool]] = {
            "step": {ALL, FOR_DIRECTOR, DECIDED, *STEPS}.__contains__,
            "due": {LATE, TODAY, WEEK, STOPPED}.__contains__,
            "assignee": lambda text: text in {MINE, NOBODY, COVER} or uuid_of(text) is not None,
            "service": lambda text: _SERIES.fullmatch(text) is not None,
            "office": lambda text: _OFFICE.fullmatch(text) is not None,
        }
        asked: dict[str, str] = {name: str(query[name]) for name in tests if query.get(name)}
        good = {name: text for name, text in asked.items() if tests[name](text)}
        plain = cls(step=default, is_ignoring=len(good) < len(asked), is_carried=bool(asked))
        return plain.changed(good)

    def changed(self, values: Mapping[str, Any]) -> "Filters":
        """The same with other values."""
        return replace(self, **values)

    @property
    def query(self) -> str:
        """The filters as the end of an address."""
        pairs = {name: getattr(self, name) for name in ("step", "due", "assignee", "service", "office")}
        return urlencode({name: text for name, text in pairs.items() if text})

    def url(self, **changed: str) -> str:
        """The address of the queue with other filters; its first page."""
        return f"{reverse('rounds:review-queue')}?{self.changed(changed).query}"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter: its words, its address and how many cases it holds."""

    label: str
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case in the queue: nobody's name of the family; of staff, in whose hand it is."""

    case: Case
    step_label: str
    step_tone: str
    since_at: datetime
    waiting: int
    returned: int
    due_words: str
    due_tone: str
    holder: str
    is_cover: bool
    url: str


@dataclass(frozen=True)
class Queue:
    """The cases of a province that an address asks for, as one reader sees them today."""

    actor: Actor
    case_type: str
    filters: Filters

    @cached_property
    def today(self) -> date:
        """The day in Tehran."""
        return timezone.localdate()

    @cached_property
    def covered(self) -> frozenset[UUID]:
        """Officers whom the reader covers today."""
        return covered_by(self.actor.user_id, self.today)

    @cached_property
    def holidays(self) -> frozenset[date]:
        """Free days of the reader's province; a case's own page brings them along."""
        return holidays_for(self.actor.scope_id)

    def knows(self, holidays: Iterable[date]) -> None:
        """Take the free days from who has read them already."""
        self.__dict__["holidays"] = frozenset(holidays)

    @property
    def everything(self) -> QuerySet[Case]:
        """All cases of the province that wait for a decision, or that are decided and not closed."""
        cases = Case.objects.filter(province_id=self.actor.scope_id, step__in=STEPS, case_type=self.case_type)
        return cases.filter(decided_at__isnull=self.filters.step != DECIDED)

    @property
    def cases(self) -> QuerySet[Case]:
        """What the address asks for, what is due first standing first."""
        conditions = [_of_step(self.filters.step), self._of_due(self.filters.due), self._of_hand(), self._of_place()]
        found = self.everything.filter(*conditions).select_related("scope")
        return found.order_by("due_on", "number")

    def rows(self, cases: Sequence[Case]) -> list[QueueRow]:
        """The cases as rows, in three queries."""
        steps = member_steps(case.pk for case in cases)
        names = names_of(case.officer_id for case in cases)
        return [self._row(case, steps.get(case.pk, {}), names) for case in cases]

    def row(self, case: Case) -> QueueRow:
        """One case as a row."""
        return self.rows([case])[0]

    def beside(self) -> dict[str, Subquery]:
        """For the query of one case: ids of the cases beside it in the queue that the reader may work on.

        `after` and `before` it; `first` and `last` of the others, with which the queue begins again at its end.
        """
        cases = self.cases.select_related(None).exclude(pk=OuterRef("pk")).exclude(opened_by=self.actor.user_id)
        if self.actor.role != Role.DIRECTOR_GENERAL:
            covered = covers_of(self.actor.user_id, self.today).values("officer_id")
            own = Q(officer_id__isnull=True) | Q(officer_id=self.actor.user_id) | Q(officer_id__in=covered)
            cases = cases.filter(own)
        due_on, number = OuterRef("due_on"), OuterRef("number")
        later = Q(due_on__gt=due_on) | Q(due_on=due_on, number__gt=number)
        earlier = Q(due_on__lt=due_on) | Q(due_on=due_on, number__lt=number)
        back = cases.order_by("-due_on", "-number")
        ways = {"after": cases.filter(later), "before": back.filter(earlier), "first": cases, "last": back}
        return {way: Subquery(found.values("pk")[:1]) for way, found in ways.items()}

    @cached_property
    def counted(self) -> list[Mapping[str, Any]]:
        """Groups of cases that look alike to every filter, with their numbers. One query."""
        groups = self.everything.order_by().values("step", "is_for_director", "scope_id", "series", "officer_id")
        due = {name: Count("id", filter=self._of_due(name)) for name in (LATE, TODAY, WEEK, STOPPED)}
        return list(groups.annotate(cases=Count("id"), **due))

    def count(self, **changed: str) -> int:
        """How many cases an address with other filters holds."""
        filters = self.filters.changed(changed)
        number = filters.due or "cases"
        return sum(group[number] for group in self.counted if self._holds(filters, group))

    def due_words(self, case: Case) -> tuple[str, str]:
        """When a case is due, and in which tone that is said."""
        if case.decided_at is not None or case.due_on is None:
            return "", "mute"
        if case.max_on is not None and case.max_on < self.today:
            return _("past the longest time"), "bad"
        if case.stopped_at is not None:
            return str(StopReason(case.stop_reason).label), "mute"
        if case.due_on < self.today:
            days = working_days_between(case.due_on, self.today, self.holidays)
            words = ngettext("%(shown)s working day late", "%(shown)s working days late", days)
            return words % {"shown": digits(days)}, "bad"
        if case.due_on == self.today:
            return _("due today"), "warn"
        days = working_days_between(self.today, case.due_on, self.holidays)
        return ngettext("%(shown)s working day left", "%(shown)s working days left", days) % {
            "shown": digits(days)
        }, "mute"

    def _row(self, case: Case, steps: Mapping[str, int], names: Mapping[UUID, str]) -> QueueRow:
        words, tone = self.due_words(case)
        return QueueRow(
            case=case,
            step_label=str(CaseStep(case.step).label),
            step_tone=CASE_TONES.get(case.step, "mute"),
            since_at=case.step_since_at,
            waiting=steps.get(MemberStep.UNDER_REVIEW, 0) + steps.get(MemberStep.ENROLLED, 0),
            returned=steps.get(MemberStep.RETURNED, 0),
            due_words=words,
            due_tone=tone,
            holder=names.get(case.officer_id, "") if case.officer_id else "",
            is_cover=case.officer_id is not None and case.officer_id in self.covered,
            url=f"{reverse('rounds:review', args=[case.pk])}?{self.filters.query}",
        )

    def _of_due(self, due: str) -> Q:
        if due == STOPPED:
            return Q(stopped_at__isnull=False)
        last = {LATE: self.today - timedelta(days=1), TODAY: self.today, WEEK: self.today + timedelta(DAYS_OF_WEEK)}
        if due not in last:
            return Q()
        is_due = Q(due_on__lte=last[due], stopped_at__isnull=True)
        if due == LATE:
            # However long its clock stood: the longest time is never moved.
            return is_due | Q(max_on__lt=self.today)
        return is_due & Q(due_on=self.today) if due == TODAY else is_due

    def _of_hand(self) -> Q:
        hands = self._hands(self.filters.assignee)
        return Q() if hands is None else Q(officer_id__isnull=True) if None in hands else Q(officer_id__in=hands)

    def _hands(self, assignee: str) -> frozenset[UUID | None] | None:
        """Whose cases an assignee means; None: everybody's."""
        if assignee == NOBODY:
            return frozenset({None})
        if assignee == MINE:
            return frozenset({self.actor.user_id, *self.covered})
        if assignee == COVER:
            return self.covered
        return frozenset({uuid_of(assignee)}) if assignee else None

    def _of_place(self) -> Q:
        condition = Q(scope_id=int(self.filters.office)) if self.filters.office else Q()
        return condition & Q(series=self.filters.service) if self.filters.service else condition

    def _holds(self, filters: Filters, group: Mapping[str, Any]) -> bool:
        hands = self._hands(filters.assignee)
        is_step = {ALL: True, DECIDED: True, FOR_DIRECTOR: group["is_for_director"]}
        return (
            is_step.get(filters.step, group["step"] == filters.step)
            and (hands is None or group["officer_id"] in hands)
            and filters.service in {"", group["series"]}
            and filters.office in {"", str(group["scope_id"])}
        )


def _of_step(step: str) -> Q:
    if step == FOR_DIRECTOR:
        return Q(is_for_director=True)
    return Q() if step in {ALL, DECIDED} else Q(step=step)
