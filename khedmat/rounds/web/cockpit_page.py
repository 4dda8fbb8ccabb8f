"""The cockpit of a round: counts by step, office and day, what is to be expected, and where counters could be lent."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.enums import Reached
from khedmat.common.jalali import format_date, tehran_date
from khedmat.common.text import localise_digits
from khedmat.places.models import Scope
from khedmat.rounds.cockpit import Cockpit, DayLine, OfficeLine, cockpit_of
from khedmat.rounds.rules.capacity import Move
from khedmat.rounds.web.round_pages import closed_words

# Steps of a whole family, and those that are counted by member.
OF_FAMILIES: Final = (Reached.BOOKED, Reached.ARRIVED, Reached.PHOTOGRAPHED, Reached.PAID, Reached.SUBMITTED)
OF_MEMBERS: Final = (Reached.DECIDED, Reached.PRINTED, Reached.HANDED_OVER)
# The chart's own units: one column of a day, and the height that the largest number takes.
COLUMN, HEIGHT, BAR, TOP = 36, 150, 20, 14


@page(permission=Permission.SEE_COCKPIT, purpose=Purpose.DAILY_WORK)
@require_safe
def cockpit_page(request: StaffRequest, code: str) -> HttpResponse:
    """How the round goes on, at the offices of the working place."""
    shown = cockpit_of(code, request.working.holding.scope, tehran_date(timezone.now()))
    offices = {line.office.pk: line for line in shown.lines}
    context = {
        "shown": shown,
        "closed": closed_words(shown.closed_on) if shown.closed_on else "",
        "families": _steps(shown, OF_FAMILIES, shown.cohort_families),
        "members": _steps(shown, OF_MEMBERS, shown.cohort_members),
        "chart": _chart(shown),
        "days": [(line, [line.reached.get(step, 0) for step in _columns()]) for line in shown.days],
        "lines": [(line, [line.reached[step] for step in _columns()], *_standing(shown, line)) for line in shown.lines],
        "family_steps": [Reached(step).label for step in OF_FAMILIES],
        "member_steps": [Reached(step).label for step in OF_MEMBERS],
        "moves": [_move(offices[move.from_office_id], offices[move.to_office_id], move) for move in shown.moves],
        "has_capacity": any(line.counter_days for line in shown.lines),
    }
    return render(request, "rounds/cockpit.html", context)


def _columns() -> tuple[Reached, ...]:
    return (*OF_FAMILIES, *OF_MEMBERS)


def _steps(shown: Cockpit, steps: tuple[Reached, ...], cohort: int | None) -> list[dict[str, object]]:
    """Each step's count, today's share of it, and how much of the cohort (else of the largest count) it is."""
    counts = {step: shown.reached.get(step, 0) for step in steps}
    whole = cohort or max(counts.values(), default=0)
    return [
        {
            "label": Reached(step).label,
            "count": counts[step],
            "today": sum(line.today[step] for line in shown.lines),
            "whole": max(whole, counts[step], 1),
            "percent": _share(counts[step] / cohort) if cohort else "",
        }
        for step in steps
    ]


def _share(part: float) -> str:
    """Percent with one decimal, with the reader's digits and decimal sign."""
    language = get_language() or "fa"
    text = f"{100 * part:.1f}"
    return localise_digits(text.replace(".", "٫") if language == "fa" else text, language)


def _standing(shown: Cockpit, line: OfficeLine) -> tuple[str, str]:
    """Tone and words of an office's coming days."""
    if shown.closed_on is not None:
        return "mute", pgettext("of a round", "Closed")
    if not line.counter_days:
        return "mute", _("No day is opened yet")
    if line.demand.expected > line.places:
        return "warn", _("More expected than places")
    if line.demand.high > line.places:
        return "info", _("Places may become short")
    return "ok", _("Places suffice")


def _move(giver: OfficeLine, taker: OfficeLine, move: Move) -> dict[str, object]:
    """A proposed move in words and numbers."""
    return {"giver": giver, "taker": taker, "days": move.counter_days, "sentence": _move_sentence(giver, taker, move)}


def _move_sentence(giver: OfficeLine, taker: OfficeLine, move: Move) -> str:
    shown = localise_digits(str(move.counter_days), get_language() or "fa")
    return ngettext(
        "%(giver)s could lend %(days)s counter-day to %(taker)s.",
        "%(giver)s could lend %(days)s counter-days to %(taker)s.",
        move.counter_days,
    ) % {"giver": _named(giver.office), "taker": _named(taker.office), "days": shown}


def _named(place: Scope) -> str:
    """A place's name that does not turn the words around it (first strong isolate … pop)."""
    return f"\u2068{place.name}\u2069"


@dataclass(frozen=True, slots=True)
class Column:
    """One day of the chart, in its units; `low` and `high` are None for a day that was counted."""

    x: int
    label: str
    title: str
    bar_y: int
    bar_height: int
    places_y: int | None
    low_y: int | None
    high_y: int | None

    @property
    def middle(self) -> int:
        """Where the column's middle stands."""
        return self.x + BAR // 2


@dataclass(frozen=True, slots=True)
class Chart:
    """Families arrived by day, and those expected; drawn by the template. Empty where nothing is known."""

    columns: tuple[Column, ...]
    width: int
    height: int
    base: int
    most: int


def _chart(shown: Cockpit) -> Chart:
    most = max(
        (max(_amount(day), day.expected.high if day.expected else 0, day.places) for day in shown.days), default=0
    )
    columns = tuple(_column(place, day, max(most, 1)) for place, day in enumerate(shown.days))
    return Chart(columns, max(len(columns), 1) * COLUMN, TOP + HEIGHT + 40, TOP + HEIGHT, most)


def _amount(day: DayLine) -> int:
    return day.expected.expected if day.expected else day.reached.get(Reached.ARRIVED, 0)


def _column(place: int, day: DayLine, most: int) -> Column:
    def y(amount: int) -> int:
        return TOP + HEIGHT - round(HEIGHT * amount / most)

    amount = _amount(day)
    return Column(
        x=place * COLUMN + (COLUMN - BAR) // 2,
        label=_short_date(day.day),
        title=format_date(day.day, get_language() or "fa", "weekday"),
        bar_y=y(amount),
        bar_height=TOP + HEIGHT - y(amount),
        places_y=y(day.places) if day.places else None,
        low_y=y(day.expected.low) if day.expected else None,
        high_y=y(day.expected.high) if day.expected else None,
    )


def _short_date(day: date) -> str:
    """Month and day in the reader's calendar and digits: enough beside the others of the chart."""
    return "/".join(format_date(day, get_language() or "fa").replace("-", "/").split("/")[1:])
