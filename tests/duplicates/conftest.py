"""Families of which some people stand twice, a search of them, and the keeper's browser."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from khedmat.common.actor import Actor
from khedmat.config.platform.database import connection_settings
from khedmat.duplicates.actions import (
    answer_pair,
    ask_for_search,
    begin_search,
    keep_found,
    open_pair,
    search_actor,
)
from khedmat.duplicates.enums import Verdict
from khedmat.duplicates.matching.pairs import Pair
from khedmat.duplicates.models import DuplicatePair, Run
from khedmat.registry.actions import register_household
from khedmat.registry.models import Household
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cast import Cast


@pytest.fixture
def keeper(as_staff: SignIn) -> Client:
    """Daftari, who keeps the register of Tehran; pages in English."""
    return as_staff("daftari")


def member(given: str = "غلام‌سخی", family: str = "رضایی", *, father: str = "محمدنبی", born: date = date(1977, 7, 4),
           number: str = "", relation: str = "head", sex: str = "male") -> MemberEntry:  # fmt: skip
    """One member; the head unless told otherwise."""
    documents = (DocumentEntry("amayesh_card", number),) if number else ()
    return MemberEntry(given, family, father, sex, born, relation, documents=documents)


def household(*members: MemberEntry, by: Actor) -> Household:
    """A family written at the actor's place."""
    with working_context(by):
        return register_household(HouseholdEntry(members, phone="09120000000", address="کوچهٔ نمونه"), by=by)


Twice = tuple[Household, Household]


def twice_written(by: Actor) -> "Twice":
    """One man written twice at the actor's place."""
    return household(member(), by=by), household(member("غلام سخي"), by=by)


def say_same(twice: "Twice", *, by: Actor) -> DuplicatePair:
    """A search finds the two, and the keeper says that they are one."""
    with psycopg.connect(connection_settings().migrator.url(database=str(connection.settings_dict["NAME"]))) as owner:
        found(by, pair_of(twice, owner=owner.cursor()))
    with working_context(by):
        pair = DuplicatePair.objects.get()
        open_pair(pair.pk, by=by)
        return answer_pair(pair.pk, Verdict.SAME_PERSON, "یک نفر است", version=pair.version, by=by)


@pytest.fixture
def twice(cast: Cast) -> Twice:
    """One man whom two offices of Tehran wrote: another spelling, one digit of his birth date, the same card."""
    return (
        household(member(number="A17001"), by=cast["narges"]),
        household(member("غلام سخي", "رضائی", born=date(1977, 7, 5), number="A17001"), by=cast["omid"]),
    )


def found(by: Actor, *pairs: Pair, people: int = 2) -> Run:
    """A search of the actor's province that found these pairs."""
    search = search_actor(by.scope_id)
    with working_context(search):
        run = ask_for_search(by=search)
        begin_search(run.pk, by=search)
        kept = keep_found(run.pk, pairs, people=people, by=search)
    assert kept is not None
    return kept


def pair_of(twice: Twice, *, compared: str = "a" * 32, owner: Any) -> Pair:
    """What a search would say of the two heads; `owner`: a cursor of the migrator, to read their ids with."""
    owner.execute(
        "SELECT id::text FROM registry_person WHERE household_id = ANY (%s) ORDER BY id", [[one.pk for one in twice]]
    )
    ids = [row[0] for row in owner.fetchall()]
    likenesses = ("given:sounds", "family:same", "father:same", "birth:digit", "sex:same", "document:same")
    return Pair(ids[0], ids[1], 20.0, "very_strong", likenesses, compared)


@pytest.fixture
def pair(cast: Cast, twice: Twice, as_migrator: Any) -> DuplicatePair:
    """The pair, found and not answered."""
    found(cast["daftari"], pair_of(twice, owner=as_migrator))
    with working_context(cast["daftari"]):
        return DuplicatePair.objects.get()


Count = Callable[[str], int]


@pytest.fixture
def count(as_migrator: Any) -> Count:
    """`count("registry_person")`: rows there are, whoever may see them."""

    def rows(table: str) -> int:
        as_migrator.execute(f"SELECT count(*) FROM {table}")
        ((number,),) = as_migrator.fetchall()
        return int(number)

    return rows


def matcher_url() -> str:
    """The matcher's own way into the test database."""
    return str(settings.KHEDMAT_MATCHER.url(database=str(connection.settings_dict["NAME"])))


def new_id() -> UUID:
    """An id that nothing has."""
    from uuid import uuid4

    return uuid4()
