"""The dictionary of name words, the keys of people, and the measured search in its small form."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from bench import person_search as bench
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.registry.actions import look_up
from khedmat.registry.models import Person, name_token_ids
from khedmat.registry.naming import NameWord, search_keys, words_of_name
from khedmat.vault.context import working_context
from tests.cast import Cast, make_cast
from tests.registry.pages import register

PEOPLE, QUESTIONS = 5_000, 60


def words(*tokens: str) -> list[NameWord]:
    return [NameWord(token, token) for token in tokens]


def test_words_have_one_id_each_in_the_order_asked(cast: Cast) -> None:
    with working_context(cast["narges"]):
        first = name_token_ids(words("gamma", "alpha", "beta", "alpha"))
        assert first[1] == first[3]
        assert len(set(first)) == 3
        assert name_token_ids(words("beta", "delta", "gamma"))[::2] == [first[2], first[0]]
        assert name_token_ids([]) == []


def test_known_words_use_up_no_ids(cast: Cast) -> None:
    with working_context(cast["narges"]):
        (one,) = name_token_ids(words("epsilon"))
        for _again in range(20):
            name_token_ids(words("epsilon"))
        (other,) = name_token_ids(words("zeta"))
    assert other == one + 1


def test_app_reads_no_dictionary(cast: Cast, raw: Any) -> None:
    refused = pytest.raises(DatabaseError, match="permission denied")
    with working_context(cast["narges"]), refused, transaction.atomic():
        raw.execute("SELECT token FROM registry_nametoken")


def test_words_of_nobody_are_kept_of_nobody(raw: Any) -> None:
    with pytest.raises(DatabaseError) as caught:
        raw.execute("SELECT guard.name_token_ids('{a}', '{a}')")
    assert isinstance(caught.value.__cause__, psycopg.Error)
    assert caught.value.__cause__.sqlstate == "KH002"


def test_keys_follow_name_and_birth_year(cast: Cast) -> None:
    household_id = register(cast)
    with working_context(cast["narges"]):
        head = Person.objects.get(household_id=household_id, relation="head")
        own = words_of_name(head.given_name, head.family_name, head.latin_name)
        assert head.search_keys == search_keys(1361, name_token_ids(own))
        head.given_name, head.birth_on = "نعیم", head.birth_on.replace(year=1990)
        head.save(update_fields=["given_name", "birth_on"])
        assert len(look_up(name="Naeem Rezai", birth_years=[1369], by=cast["narges"]).hits) == 1
        assert look_up(name="غلام‌سخی رضایی", birth_years=[1361], by=cast["narges"]).hits == ()


@pytest.mark.parametrize("keys", ["NULL", "'{}'", "'{338000001}'", "'{322000001,338000001}'"])
def test_nobody_is_without_keys_of_the_birth_year(cast: Cast, raw: Any, keys: str) -> None:
    household_id = register(cast)
    with working_context(cast["narges"]), pytest.raises(IntegrityError) as caught, transaction.atomic():
        raw.execute(f"UPDATE registry_person SET search_keys = {keys} WHERE household_id = %s", [household_id])
    assert "search_keys" in str(caught.value) or violated_constraint(caught.value) == "keys_of_the_birth_year"


def test_birth_date_is_not_written_past_the_keys(cast: Cast) -> None:
    household_id = register(cast)
    with working_context(cast["narges"]), pytest.raises(IntegrityError) as caught, transaction.atomic():
        Person.objects.filter(household_id=household_id).update(birth_on="1999-01-01")
    assert violated_constraint(caught.value) == "keys_of_the_birth_year"


@pytest.mark.django_db(transaction=True, databases=["default", "migrator"])
def test_migration_gives_everybody_the_keys_that_saving_gives(transactional_db: None, as_migrator: Any) -> None:
    cast = make_cast()
    register(cast, size=4)
    everybody = "SELECT id, search_keys FROM registry_person ORDER BY id"
    before = as_migrator.execute(everybody).fetchall()
    as_migrator.execute("UPDATE registry_person SET search_keys = search_keys[1:1]")
    as_migrator.execute("SELECT count(*) FROM registry_person_history")
    (changes,) = as_migrator.fetchone()
    migration = import_module("khedmat.registry.migrations.0006_search")
    with connections["migrator"].schema_editor() as editor:
        migration.give_keys(apps, editor)
    assert as_migrator.execute(everybody).fetchall() == before
    assert as_migrator.execute("SELECT count(*) FROM registry_person_history").fetchone() == (changes,)


def _two_new_words(actor: Actor, tokens: tuple[str, ...], written: Event, go_on: Event) -> list[int]:
    try:
        with working_context(actor):
            ids = name_token_ids(words(*tokens))
            written.set()
            assert go_on.wait(timeout=20)
            return ids
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_same_new_words_in_two_transactions_wait_and_agree(transactional_db: None) -> None:
    cast = make_cast()
    first_wrote, second_wrote, at_once = Event(), Event(), Event()
    at_once.set()
    with ThreadPoolExecutor(2) as pool:
        first_go = Event()
        first = pool.submit(_two_new_words, cast["narges"], ("omega", "omikron"), first_wrote, first_go)
        assert first_wrote.wait(timeout=20)
        second = pool.submit(_two_new_words, cast["omid"], ("omikron", "omega"), second_wrote, at_once)
        assert not second_wrote.wait(timeout=1)
        first_go.set()
        assert second.result(timeout=20) == first.result(timeout=20)[::-1]


@pytest.fixture
def small_register(transactional_db: None) -> Iterator[tuple[list[bench.Named], list[bench.Named]]]:
    """Five thousand synthetic people in 31 provinces."""
    given, family = bench.names_to_bear(random.Random(bench.SEED))
    given, family = given[:600], family[:1500]
    bench.fill(PEOPLE, given, family)
    yield given, family
    connection.close()
    bench.forget()


@pytest.mark.django_db(transaction=True)
def test_measured_search_in_its_small_form(small_register: tuple[list[bench.Named], list[bench.Named]]) -> None:
    outcomes = {(one.kind, one.way): one for one in bench.measure(*small_register, QUESTIONS)}
    recall = {kind: outcomes[kind, "Khedmat"].found / QUESTIONS for kind in bench.KINDS}
    assert recall["exact"] >= 0.95
    assert recall["one slip"] >= 0.9
    assert recall["transliterated"] >= 0.85
    assert outcomes["transliterated", "plain trigrams"].found == 0


@pytest.mark.django_db(transaction=True)
def test_whoever_is_sought_the_province_ends_the_search(
    small_register: tuple[list[bench.Named], list[bench.Named]], as_migrator: Any
) -> None:
    people = bench.people_to_seek(*small_register, transliterated=False, most=40)
    found = 0
    for one in people:
        as_migrator.execute("SELECT id FROM places_scope WHERE kind = 'province' AND id <> %s", [one.province_id])
        elsewhere = as_migrator.fetchone()[0]
        actor = Actor(uuid4(), "clerk", elsewhere, "take_application")
        with working_context(actor):
            result = look_up(name=one.given.name, birth_years=[one.year], by=actor)
        assert len(result.hits) <= 5
        as_migrator.execute(
            "SELECT DISTINCT province_id FROM registry_household WHERE id IN "
            "(SELECT unnest(households) FROM registry_lookup WHERE id = %s)",
            [result.look_up_id],
        )
        assert {province for (province,) in as_migrator.fetchall()} <= {elsewhere}
        found += len(result.hits)
    assert found > 0
