"""Committed families in three offices of two provinces, and connections of each role to look at them with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from khedmat.accounts.enums import Role
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.config.platform.database import Connection, admin_url, connection_settings
from khedmat.duplicates.actions import remove_link
from khedmat.places.models import Scope
from khedmat.registry.models import Household
from khedmat.rounds.actions import DATA, DEMO_ROUND, create_round_version, round_from_file
from khedmat.vault.context import SETTING, sign_context, working_context
from tests.casework.officers_work import cover
from tests.casework.recourse import appealed, arrived, asked, dismissed, drafted, sent_back
from tests.cast import Cast, make_cast
from tests.changes.asking import in_every_state
from tests.consistency.database import Cursor
from tests.consistency.kept_right import bring_register_in, rewrite
from tests.duplicates.conftest import say_same, twice_written
from tests.factories import Crew, staff, whole_line
from tests.notices.telling import told_in_every_way
from tests.payments.moving import ask_and_decide, move_money
from tests.rounds.kept import note_a_move
from tests.service.opened import day_at_work

# A third province: what Mashhad refers there, nobody of Tehran sees.
QOM = "25"


@dataclass(frozen=True)
class World:
    """Who works where. `actors` are those whose eyes the tests borrow."""

    actors: dict[str, Actor]
    places: dict[str, Scope]

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]


@pytest.fixture(scope="session")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once, committed, and only looked at: what a test changes, it rolls back.

    Tests that use it take no `db` fixture; pytest-django runs them after all that do, so nobody else meets it.
    """
    with django_db_blocker.unblock():
        yield _make_world()
        connection.close()


def _make_world() -> World:
    cast = make_cast()
    places = cast.places
    khorasan_printer = staff("printer-khorasan", Role.CARD_PRINTER, places["khorasan"])
    crews = [
        Crew(cast["narges"], cast["kamran"], cast["bahram"], cast["printer"]),
        Crew(cast["omid"], staff("cashier-rey", Role.CASHIER, places["rey"]), cast["bahram"], cast["printer"]),
        Crew(
            cast["mina"],
            staff("cashier-mashhad", Role.CASHIER, places["mashhad"]),
            cast["sara"],
            khorasan_printer,
        ),
    ]
    cases = [whole_line(crew) for crew in crews]
    for crew in crews:
        note_a_move(crew.clerk, crew.officer)
    khorasan_manager = staff("office-manager-mashhad", Role.OFFICE_MANAGER, places["mashhad"])
    for crew, case, chief in zip(crews, cases, (cast["shirin"], cast["reza"], khorasan_manager), strict=True):
        ask_and_decide(case, crew.clerk, chief)
        move_money(crew.clerk, chief, Scope.objects.get(pk=crew.clerk.scope_id))
    for serial, (crew, name) in enumerate(((crews[0], "daftari"), (crews[2], "nasrin")), start=1):
        bring_register_in(cast[name], crew.clerk, serial, ("شهریار", "مشهد")[serial - 1])
    serials = count(1)
    for crew in crews:
        with working_context(crew.clerk):
            households = list(Household.objects.all())
            for household in households:
                rewrite(household, next(serials))
        in_every_state(crew.clerk, crew.officer, households[0])
        told_in_every_way(households[0].pk, by=crew.clerk)
    for keeper, clerk in ((cast["daftari"], cast["narges"]), (cast["nasrin"], cast["mina"])):
        twice = twice_written(clerk)
        linked = say_same(twice, by=keeper)
        with working_context(keeper):
            remove_link(linked.pk, "دو نفر بودند.", version=linked.version, by=keeper)
        say_same(twice, by=keeper)
    _recourse(cast, crews, cases)
    with working_context(cast["manager"]):
        create_round_version(round_from_file(DATA / DEMO_ROUND), by=cast["manager"])
    day_at_work(cast["shirin"], cast["narges"])
    day_at_work(cast["reza"], cast["omid"])
    day_at_work(khorasan_manager, cast["mina"])
    cover(cast["bahram"], cast["laleh"], by=cast["director"])
    of_khorasan = staff("director-khorasan", Role.DIRECTOR_GENERAL, places["khorasan"])
    cover(cast["sara"], of_khorasan, by=of_khorasan)
    newcomer = staff("newcomer", Role.CLERK, places["shahriar"])
    return World({**cast.actors, "printer-khorasan": khorasan_printer, "newcomer": newcomer}, places)


def _recourse(cast: Cast, crews: list[Crew], cases: list[Case]) -> None:
    """Appeals of those families that have cards, one of them dismissed; referrals that wait, and one returned."""
    appeals = [appealed(crew.clerk, crew.officer, case.household) for crew, case in zip(crews, cases, strict=True)]
    dismissed(appeals[0], cast["laleh"])
    for crew, appeal in zip(crews, appeals, strict=True):
        drafted(crew.clerk, appeal.case)
    case = arrived(cast["narges"])
    sent_back(asked(cast["narges"], case, cast.places["rey"]), cast["omid"])
    asked(cast["narges"], case, cast.places["rey"])
    asked(cast["mina"], arrived(cast["mina"]), Scope.objects.get(kind="province", code=QOM))


@contextmanager
def _session(role: Connection) -> Iterator[Cursor]:
    """A cursor of one role in a transaction of its own that is rolled back."""
    url = role.url(database=str(connection.settings_dict["NAME"]))
    with psycopg.connect(url) as opened:
        with opened.cursor() as cursor:
            yield cursor
        opened.rollback()


@pytest.fixture
def owner(world: World) -> Iterator[Cursor]:
    with _session(connection_settings().migrator) as cursor:
        yield cursor


@pytest.fixture
def app(world: World) -> Iterator[Cursor]:
    with _session(connection_settings().app) as cursor:
        yield cursor


@pytest.fixture
def inspection(world: World) -> Iterator[Cursor]:
    with _session(connection_settings().inspection) as cursor:
        yield cursor


@dataclass
class Both:
    """One transaction that can be owner and app by turns; for switching a guard off and looking as the app."""

    cursor: Cursor

    def as_owner(self) -> Cursor:
        return self._become(settings.KHEDMAT_DATABASE_ROLES.migrator)

    def as_app(self) -> Cursor:
        return self._become(settings.KHEDMAT_DATABASE_ROLES.app)

    def _become(self, role: str) -> Cursor:
        self.cursor.execute(f"SET LOCAL ROLE {role}".encode())
        return self.cursor


@pytest.fixture
def both(world: World) -> Iterator[Both]:
    """Rolled back at the end, whatever was switched off. An administrator who is no superuser joins the roles."""
    roles = settings.KHEDMAT_DATABASE_ROLES
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        ((is_super,),) = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchall()
        membership = f"{roles.migrator}, {roles.app}"
        if not is_super:
            admin.execute(f"GRANT {membership} TO CURRENT_USER".encode())
        name = str(connection.settings_dict["NAME"])
        try:
            with psycopg.connect(admin_url(), dbname=name) as opened:
                with opened.cursor() as cursor:
                    yield Both(cursor)
                opened.rollback()
        finally:
            if not is_super:
                admin.execute(f"REVOKE {membership} FROM CURRENT_USER".encode())


def set_context(cursor: Cursor, actor: Actor | None) -> None:
    """Work as `actor` from here on in this transaction; as nobody for None."""
    token = "" if actor is None else sign_context(actor)
    cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, token])


@pytest.fixture
def working() -> Callable[[Cursor, Actor | None], None]:
    return set_context
