"""Desks in which something waits, and the staff's own pages as one of the cast opens them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khedmat.accounts.actions import give_role
from khedmat.accounts.enums import Role
from khedmat.accounts.models import RoleHolding, User
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.registry.actions import register_household
from khedmat.rounds.enrolment import decide, start_enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import english_browser
from tests.cast import LONG_AGO, Cast

# What the pages that stand before an opened family must not say of tests/line.py's family.
PERSONAL_WORDS = ("رضایی", "غلام‌سخی", "زهرا", "معصومه", "Rezai", "Zahra", "4411830", "9121234567")


@dataclass(frozen=True, slots=True)
class Office:
    """One case at each step of the line; `elsewhere` belongs to another office of the province."""

    arrived: Case
    to_pay: Case
    submitted: Case
    returned: Case
    to_print: Case
    ready: Case
    elsewhere: Case


def busy(cast: Cast) -> Office:
    """Families of two in every state that a desk tells of. The cards of one are printed first."""
    line.open_round(cast)
    ready = _submitted(cast, 1)
    line.decide_all(cast, ready.pk)
    line.print_cards(cast)
    to_print = _submitted(cast, 2)
    line.decide_all(cast, to_print.pk)
    return Office(
        arrived=_arrived(cast, "narges", 3),
        to_pay=line.take_application(cast, _registered(cast, 4)),
        submitted=_submitted(cast, 5),
        returned=_returned(cast, 6),
        to_print=to_print,
        ready=ready,
        elsewhere=_arrived(cast, "omid", 7),
    )


def client_of(cast: Cast, name: str, language: str = "en") -> Client:
    """A browser in which one of the cast is signed in."""
    client = english_browser()
    client.force_login(User.objects.get(pk=cast[name].user_id))
    client.cookies["django_language"] = language
    return client


def get(client: Client, route: str, *args: Any) -> Any:
    """GET a route."""
    return client.get(reverse(route, args=args), secure=True)


def second_role(cast: Cast, name: str, role: Role, place: str) -> RoleHolding:
    """Give one of the cast another role, from long ago."""
    user = User.objects.get(pk=cast[name].user_id)
    return give_role(user, role, cast.places[place], held_from_on=LONG_AGO, by=None)


def ended_role(cast: Cast, name: str, role: Role, place: str) -> RoleHolding:
    """A role that ended yesterday."""
    user = User.objects.get(pk=cast[name].user_id)
    until = timezone.localdate() - timedelta(days=1)
    return give_role(user, role, cast.places[place], held_from_on=LONG_AGO, held_until_on=until, by=None)


def _registered(cast: Cast, number: int, clerk: str = "narges") -> Any:
    return line.register(cast, clerk, cards_from=4411830 + number * 100000, size=2)


def _arrived(cast: Cast, clerk: str, number: int) -> Case:
    actor = cast[clerk]
    with working_context(actor):
        entry = line.family(cards_from=4411830 + number * 100000, size=2)
        return start_enrolment(register_household(entry, by=actor).pk, line.ROUND, by=actor)


def _submitted(cast: Cast, number: int) -> Case:
    case = line.take_application(cast, _registered(cast, number))
    line.pay(cast, case, receipt=str(2000 + number))
    return line.submit(cast, case.pk)


def _returned(cast: Cast, number: int) -> Case:
    case = _submitted(cast, number)
    officer = cast["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        case = take_for_review(case.pk, by=officer)
        members: list[UUID] = list(CaseMember.objects.filter(case=case).values_list("pk", flat=True))
        return decide(case.pk, case.version, members[0], Outcome.RETURN, "عکس روشن‌تری لازم است.", by=officer)
