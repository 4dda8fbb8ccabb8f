"""What waits for one role today, each line with a number and where it is worked off. Counts alone, no case is named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khedmat.accounts.enums import Role
from khedmat.casework.appeals import appeals_in_reach
from khedmat.casework.referrals import referred
from khedmat.common.actor import Actor
from khedmat.payments.enums import ChargeState, InstalmentState
from khedmat.payments.models import DayEnd, Instalment
from khedmat.payments.selectors import (
    charges_waiting_at,
    day_is_counted,
    refunds_waiting_at,
    takings_of,
    uncounted_days,
)
from khedmat.rounds.enums import VersionState
from khedmat.rounds.models import BriefingQuestion, RoundVersion
from khedmat.rounds.relief import waiting_relief
from khedmat.rounds.selectors import versions_in_force
from khedmat.rounds.web.queueing import COVER, FOR_DIRECTOR, LATE, MINE, NOBODY, TODAY, Queue
from khedmat.service.models import OpeningDay
from khedmat.service.opening import working_days

DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Line:
    """So many of something wait. `is_late`: said in the tone of lateness, where any do. `count` None: a way alone."""

    label: str
    url: str
    count: int | None = None
    is_late: bool = False

    @property
    def tone(self) -> str:
        """Late ones stand out; the rest is said quietly."""
        return "bad" if self.is_late and self.count else "mute"


def lines_for(actor: Actor, queue: Queue) -> Sequence[Line]:
    """What waits for the actor's role at the working place, in the order in which to look at it."""
    of_role = _LINES.get(actor.role)
    return of_role(actor, timezone.localdate(), queue) if of_role else ()


def _clerk(actor: Actor, _today: date, _queue: Queue) -> Sequence[Line]:
    return _referral_lines(actor)


def _cashier(actor: Actor, today: date, _queue: Queue) -> Sequence[Line]:
    due = Instalment.objects.filter(
        scope_id=actor.scope_id, state=InstalmentState.OPEN, due_on=today, charge__state=ChargeState.OPEN
    )
    lines = [
        Line(_("Charges that wait"), reverse("payments:queue"), charges_waiting_at(actor.scope_id).count()),
        # Later parts alone: the first one is the charge that waits.
        Line(_("Later parts due today"), reverse("payments:queue"), due.filter(charge__settled_rial__gt=0).count()),
    ]
    forgotten = len(uncounted_days(actor.scope_id, today, actor.user_id))
    if forgotten:
        lines.append(Line(_("Days of yours that were not counted"), reverse("payments:day"), forgotten, is_late=True))
    if not day_is_counted(actor.scope_id, actor.user_id, today):
        taken = takings_of(actor.scope_id, actor.user_id, today).count
        lines.append(Line(_("Payments of yours that are not counted yet"), reverse("payments:day"), taken))
    return lines


def _office_manager(actor: Actor, today: date, _queue: Queue) -> Sequence[Line]:
    office = actor.scope_id
    forgotten, days_url = len(uncounted_days(office, today)), reverse("payments:days")
    to_confirm = DayEnd.objects.filter(scope_id=office, confirmed_at__isnull=True).exclude(counted_by=actor.user_id)
    return [
        Line(
            _("Exemptions and payments in parts to decide"),
            reverse("rounds:relief-queue"),
            sum(one.waiting for one in waiting_relief()),
        ),
        Line(_("Refunds to pay"), reverse("payments:refunds"), refunds_waiting_at(office).count()),
        Line(_("Cashiers' days to confirm"), days_url, to_confirm.count()),
        *([Line(_("Cashiers' days that were not counted"), days_url, forgotten, is_late=True)] if forgotten else []),
        Line(
            _("Working days of the next two weeks that are not opened"),
            reverse("service:open-days"),
            days_not_opened(office, today),
        ),
        *_referral_lines(actor),
    ]


def days_not_opened(office: int, today: date) -> int:
    """Working days from tomorrow on, two weeks far, that the office neither opened nor closed."""
    first, last = today + timedelta(days=1), today + timedelta(days=DAYS_AHEAD)
    set_up = OpeningDay.objects.filter(scope_id=office, open_on__gte=first, open_on__lte=last)
    return len(set(working_days(first, last, office)) - set(set_up.values_list("open_on", flat=True)))


def _referral_lines(actor: Actor) -> Sequence[Line]:
    found, url = referred(by=actor), reverse("rounds:referrals")
    return [
        Line(_("Referrals that wait for your answer"), url, len(found.to_answer)),
        Line(_("Referrals of yours without an answer"), url, len(found.asked)),
    ]


def _officer(actor: Actor, _today: date, queue: Queue) -> Sequence[Line]:
    def line(label: str, *, is_late: bool = False, **filters: str) -> Line:
        return Line(label, queue.filters.url(**filters), queue.count(**filters), is_late=is_late)

    lines = [line(_("Overdue"), due=LATE, is_late=True), line(_("Due today"), due=TODAY)]
    if actor.role == Role.DIRECTOR_GENERAL:
        lines += [line(_("For the director general"), step=FOR_DIRECTOR), line(_("In nobody's hand"), assignee=NOBODY)]
    else:
        lines += [line(_("In your hand"), assignee=MINE), line(_("In nobody's hand"), assignee=NOBODY)]
        if queue.covered:
            lines.append(line(_("Of officers whom you cover"), assignee=COVER))
    lines.append(Line(_("Appeals that you can decide"), reverse("rounds:appeals"), _appeals(actor)))
    return [*lines, *_referral_lines(actor)[:1]]


def _appeals(actor: Actor) -> int:
    mine = [one for one in appeals_in_reach() if not one.is_against_me]
    if actor.role == Role.DIRECTOR_GENERAL:
        return sum(one.is_for_director or one.officer_id == actor.user_id for one in mine)
    return sum(not one.is_for_director and one.officer_id in {None, actor.user_id} for one in mine)


def _director(actor: Actor, today: date, queue: Queue) -> Sequence[Line]:
    return [*_officer(actor, today, queue), *_cockpits()]


def _cockpits() -> Sequence[Line]:
    """The way to each running round's cockpit."""
    running = versions_in_force().select_related("round")
    return [
        Line(_("Cockpit of %(round)s") % {"round": one.round.title}, reverse("rounds:cockpit", args=[one.round.code]))
        for one in running
    ]


def _round_manager(actor: Actor, _today: date, _queue: Queue) -> Sequence[Line]:
    by_hand = Q(proposed_at__isnull=False)
    drafts = RoundVersion.objects.filter(state=VersionState.DRAFT).aggregate(
        drafts=Count("id", filter=~by_hand),
        proposed=Count("id", filter=by_hand & ~Q(proposed_by=actor.user_id)),
    )
    unanswered = BriefingQuestion.objects.filter(answers__isnull=True).select_related("version__round")
    by_round = {one.version.round.code: one.version.round for one in unanswered}
    writing = reverse("rounds:writing")
    questions = [
        Line(
            _("Questions of offices about %(round)s") % {"round": found.title},
            reverse("rounds:briefing", args=[code]),
            sum(one.version.round.code == code for one in unanswered),
        )
        for code, found in by_round.items()
    ]
    return [
        Line(_("Proposals that wait for a second person: you"), writing, drafts["proposed"]),
        Line(_("Drafts"), writing, drafts["drafts"]),
        *(questions or [Line(_("Questions of offices"), reverse("rounds:list"), 0)]),
        *_cockpits(),
    ]


_LINES: dict[str, Callable[[Actor, date, Queue], Sequence[Line]]] = {
    Role.CLERK: _clerk,
    Role.CASHIER: _cashier,
    Role.OFFICE_MANAGER: _office_manager,
    Role.CASE_OFFICER: _officer,
    Role.DIRECTOR_GENERAL: _director,
    Role.ROUND_MANAGER: _round_manager,
}
