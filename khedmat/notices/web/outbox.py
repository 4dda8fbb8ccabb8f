"""How messages stand, in counts: what waits, what went out, what did not and why. Nobody's number or name."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.notices.enums import Channel, Failure, MessageKind, MessageState
from khedmat.notices.gateways import is_offered
from khedmat.notices.selectors import MessageCount, demo_deliveries, message_counts
from khedmat.places.models import Scope

DAYS_SHOWN: Final = 14
TONES: Final = {
    MessageState.QUEUED: "info",
    MessageState.SENT: "ok",
    MessageState.FAILED: "warn",
    MessageState.GIVEN_UP: "bad",
}


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day's messages by state, in the order of MessageState."""

    day: date
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All messages of the day."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class FailureRow:
    """Messages of one office that did not go out for one reason."""

    office: str
    kind: str
    channel: str
    reason: str
    tone: str
    messages: int
    last_on: date


@page(permission=Permission.SEE_OUTBOX, purpose=Purpose.DAILY_WORK)
@require_safe
def outbox_page(request: StaffRequest) -> HttpResponse:
    """Two weeks by day and state, by kind, and what did not go out."""
    today = timezone.localdate()
    counts = message_counts(today - timedelta(days=DAYS_SHOWN - 1))
    by_kind = Counter[str]()
    for one in counts:
        by_kind[one.kind] += one.messages
    context = {
        "days": _days(counts),
        "states": [(state.label, TONES[state], _sum(counts, state)) for state in MessageState],
        "kinds": [(kind.label, by_kind[kind]) for kind in MessageKind if by_kind[kind]],
        "failures": _failures(counts),
        "missing_channels": [channel.label for channel in Channel if not is_offered(channel)],
        "is_demo": settings.KHEDMAT_DEMO,
        "days_shown": DAYS_SHOWN,
    }
    return render(request, "notices/outbox.html", context)


@page(permission=Permission.SEE_OUTBOX, purpose=Purpose.DAILY_WORK)
@require_safe
def demo_page(request: StaffRequest) -> HttpResponse:
    """What the demo's gateways took. There is no such page outside of the demonstration."""
    if not settings.KHEDMAT_DEMO:
        raise Http404
    return render(request, "notices/demo_outbox.html", {"deliveries": demo_deliveries()})


def _sum(counts: Iterable[MessageCount], state: str) -> int:
    return sum(one.messages for one in counts if one.state == state)


def _days(counts: Sequence[MessageCount]) -> list[DayRow]:
    days = sorted({one.on_day for one in counts}, reverse=True)
    return [
        DayRow(day, tuple(_sum((one for one in counts if one.on_day == day), state) for state in MessageState))
        for day in days
    ]


def _failures(counts: Iterable[MessageCount]) -> list[FailureRow]:
    failed = [one for one in counts if one.failure]
    offices = Scope.objects.in_bulk([one.office_id for one in failed])
    found: dict[tuple[int, str, str, str, str], list[MessageCount]] = {}
    for one in failed:
        found.setdefault((one.office_id, one.kind, one.channel, one.failure, one.state), []).append(one)
    return [
        FailureRow(
            office=offices[office_id].name,
            kind=str(MessageKind(kind).label),
            channel=str(Channel(channel).label),
            reason=str(Failure(failure).label),
            tone=TONES[MessageState(state)],
            messages=sum(one.messages for one in alike),
            last_on=max(one.on_day for one in alike),
        )
        for (office_id, kind, channel, failure, state), alike in found.items()
    ]
