"""Counts of milestones, for those who run a round: numbers by office, step and day."""

from datetime import date
from typing import NamedTuple

from django.db.models import Case, F, IntegerField, Sum, When

from khedmat.casework.models import Milestone


class ReachedCount(NamedTuple):
    """So many reached a step at an office on a day: families where the step is the whole case's, else members."""

    scope_id: int
    step: str
    on: date
    amount: int


def reached_by_day(series: str) -> list[ReachedCount]:
    """Every count of a round at the offices that the context shows, by day. One query."""
    amount = Sum(Case(When(members=0, then=1), default=F("members"), output_field=IntegerField()))
    rows = Milestone.objects.filter(series=series).values_list("scope_id", "step", "on")
    return [ReachedCount(*row) for row in rows.annotate(amount=amount).order_by("scope_id", "step", "on")]
