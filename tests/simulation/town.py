"""The provinces of a simulated round: their offices, opened by the round's manager, and who works there."""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Office:
    """A counter, a till and who runs them; `number` is the office's in the plan."""

    number: int
    place: Scope
    clerk: Actor
    cashier: Actor
    manager: Actor
    counter_id: UUID


@dataclass(frozen=True)
class Province:
    """Offices, and who decides and prints for them."""

    place: Scope
    offices: Sequence[Office]
    officer: Actor
    second_officer: Actor
    director: Actor
    printer: Actor

    @property
    def everybody(self) -> list[UUID]:
        """All whose days end at night."""
        people = [self.officer, self.second_officer, self.director, self.printer]
        return [one.user_id for one in people] + [
            one.user_id for office in self.offices for one in (office.clerk, office.cashier, office.manager)
        ]


def build(provinces: int, offices_each: int) -> tuple[tuple[Actor, Actor], list[Province]]:
    """Two managers of rounds, and provinces with as many offices each."""
    nation = Scope.objects.get(kind=ScopeKind.NATION)
    manager = staff("sim-manager", Role.ROUND_MANAGER, nation)
    publisher = staff("sim-publisher", Role.ROUND_MANAGER, nation)
    return (manager, publisher), [
        _province(code, index, offices_each, manager) for index, code in enumerate(CODES[:provinces])
    ]


def _province(code: str, index: int, offices: int, manager: Actor) -> Province:
    place = Scope.objects.get(kind=ScopeKind.PROVINCE, code=code)
    counties = list(Scope.objects.filter(kind=ScopeKind.COUNTY, path__startswith=place.path).order_by("id"))
    return Province(
        place=place,
        offices=[
            _office(index * offices + number, counties[number % len(counties)], manager) for number in range(offices)
        ],
        officer=staff(f"sim-officer-{index}", Role.CASE_OFFICER, place),
        second_officer=staff(f"sim-second-{index}", Role.CASE_OFFICER, place),
        director=staff(f"sim-director-{index}", Role.DIRECTOR_GENERAL, place),
        printer=staff(f"sim-printer-{index}", Role.CARD_PRINTER, place),
    )


def _office(number: int, county: Scope, manager: Actor) -> Office:
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
        counter = open_counter(1, CounterKind.CLERK, by=runs)
    return Office(
        number=number,
        place=opened.scope,
        manager=runs,
        counter_id=counter.pk,
        clerk=staff(f"sim-clerk-{number}", Role.CLERK, opened.scope),
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
