"""The provinces of a simulated round: their offices, opened by the round's manager, and who works there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import psycopg
from django.db import connection
from django.utils import timezone

from khedmat.accounts.enums import Role
from khedmat.common.actor import Actor
from khedmat.config.platform.database import connection_settings
from khedmat.offices.actions import open_office
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.service.enums import CounterKind
from khedmat.service.opening import open_counter
from khedmat.vault.context import working_context
from tests.cast import LONG_AGO
from tests.factories import staff

# Codes of provinces, in the order in which they are used.
CODES = ("23", "09", "10", "07")
# Who opens so many families a day that one person's reading would end before the day.
OFFICERS = 3


@dataclass(frozen=True)
class Office:
    """Counters, a till and who runs them; `number` is the office's in the plan. `clerk` sits at `counter_id`."""

    number: int
    place: Scope
    clerk: Actor
    cashier: Actor
    manager: Actor
    counter_id: UUID
    desks: Sequence[tuple[Actor, UUID]]

    def at_desk(self, number: int) -> "Office":
        """The same office, seen from another of its counters: each family keeps to one clerk."""
        clerk, counter_id = self.desks[number % len(self.desks)]
        return replace(self, clerk=clerk, counter_id=counter_id)


@dataclass(frozen=True)
class Province:
    """Offices, and who decides and prints for them."""

    place: Scope
    offices: Sequence[Office]
    officers: Sequence[Actor]
    director: Actor
    printer: Actor

    def officer_of(self, number: int) -> Actor:
        """Each family keeps to one officer, too."""
        return self.officers[number % len(self.officers)]

    @property
    def everybody(self) -> list[UUID]:
        """All whose days end at night."""
        people = [*self.officers, self.director, self.printer]
        for office in self.offices:
            people += [office.cashier, office.manager, *(clerk for clerk, _counter in office.desks)]
        return [one.user_id for one in people]


def build(provinces: int, offices_each: int, desks: int) -> tuple[tuple[Actor, Actor], list[Province]]:
    """Two managers of rounds, and provinces with as many offices each."""
    nation = Scope.objects.get(kind=ScopeKind.NATION)
    manager = staff("sim-manager", Role.ROUND_MANAGER, nation)
    publisher = staff("sim-publisher", Role.ROUND_MANAGER, nation)
    return (manager, publisher), [
        _province(code, index, offices_each, desks, manager) for index, code in enumerate(CODES[:provinces])
    ]


def _province(code: str, index: int, offices: int, desks: int, manager: Actor) -> Province:
    place = Scope.objects.get(kind=ScopeKind.PROVINCE, code=code)
    counties = list(Scope.objects.filter(kind=ScopeKind.COUNTY, path__startswith=place.path).order_by("id"))
    return Province(
        place=place,
        offices=[
            _office(index * offices + number, counties[number % len(counties)], desks, manager)
            for number in range(offices)
        ],
        officers=[staff(f"sim-officer-{index}-{number}", Role.CASE_OFFICER, place) for number in range(OFFICERS)],
        director=staff(f"sim-director-{index}", Role.DIRECTOR_GENERAL, place),
        printer=staff(f"sim-printer-{index}", Role.CARD_PRINTER, place),
    )


def _office(number: int, county: Scope, desks: int, manager: Actor) -> Office:
    code = f"{300 + number}"
    with working_context(manager):
        opened = open_office(
            code=code,
            name_fa=f"دفتر کفالت {code}",
            name_en=f"Kefalat office {code}",
            county=county,
            licence_number=f"S-{code}",
            licence_from_on=LONG_AGO,
            by=manager,
        )
    runs = staff(f"sim-runs-{number}", Role.OFFICE_MANAGER, opened.scope)
    with working_context(runs):
        counters = [open_counter(desk, CounterKind.CLERK, by=runs) for desk in range(1, desks + 1)]
    seats = [
        (staff(f"sim-clerk-{number}-{desk}", Role.CLERK, opened.scope), counter.pk)
        for desk, counter in enumerate(counters)
    ]
    return Office(
        number=number,
        place=opened.scope,
        manager=runs,
        clerk=seats[0][0],
        counter_id=seats[0][1],
        desks=seats,
        cashier=staff(f"sim-cashier-{number}", Role.CASHIER, opened.scope),
    )


def owner() -> psycopg.Connection[tuple[object, ...]]:
    """A connection of the tables' owner, who sees every row."""
    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(connection_settings().migrator.url(database=name), autocommit=True)


def answered_in_the_round(referral_id: UUID) -> None:
    """PostgreSQL notes when a referral was accepted, by its own clock: let it be the round's moment instead."""
    with owner() as connected:
        connected.execute("UPDATE casework_referral SET answered_at = %s WHERE id = %s", [timezone.now(), referral_id])


def pass_the_night(people: Sequence[UUID]) -> None:
    """What they opened today was opened yesterday, and is closed: reading budgets begin anew."""
    with owner() as connected:
        connected.execute(
            "UPDATE accounts_grant SET opened_at = opened_at - interval '1 day', "
            "expires_at = expires_at - interval '1 day' WHERE user_id = ANY (%s) AND expires_at > clock_timestamp()",
            [list(people)],
        )
