"""The Scope tree: the official divisions, and what a working place sees of it."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from khedmat.accounts.errors import RecordNotVisible
from khedmat.common.actor import Actor
from khedmat.common.text import sort_key
from khedmat.offices.actions import open_office
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.places.official import official_places
from khedmat.places.selectors import OFFICE_IDS_FROM, county_of, next_office_scope_id, province_of
from khedmat.vault.context import working_context
from tests.cast import LONG_AGO, Cast

pytestmark = pytest.mark.django_db


def test_all_official_places_are_loaded() -> None:
    loaded = Scope.objects.exclude(kind=ScopeKind.OFFICE)
    assert loaded.count() == len(list(official_places()))
    counts = {kind.value: loaded.filter(kind=kind).count() for kind in ScopeKind}
    assert (counts["nation"], counts["province"], counts["county"]) == (1, 31, 448)
    assert counts["city"] == 1354


def test_every_path_ends_in_the_place_and_goes_through_its_parent(cast: Cast) -> None:
    paths = dict(Scope.objects.values_list("id", "path"))
    for place in Scope.objects.all():
        above = paths[place.parent_id] if place.parent_id else "/"
        assert place.path == f"{above}{place.pk}/"


def test_county_and_province_of_an_office(cast: Cast) -> None:
    office = cast.places["shahriar"]
    county, province = county_of(office), province_of(office)
    assert county is not None
    assert (county.name_fa, county.kind) == ("شهریار", ScopeKind.COUNTY)
    assert province == cast.places["tehran"]
    assert province_of(cast.places["nation"]) is None
    assert county_of(cast.places["tehran"]) is None


def test_office_ids_stand_above_official_codes() -> None:
    assert next_office_scope_id() > OFFICE_IDS_FROM
    assert max(row.id for row in official_places()) < OFFICE_IDS_FROM


def test_names_sort_as_in_persian() -> None:
    names = [bytes(place.sort_key) for place in Scope.objects.filter(kind=ScopeKind.PROVINCE)]
    expected = [sort_key(place.name_fa) for place in Scope.objects.filter(kind=ScopeKind.PROVINCE)]
    assert names == expected


def _ask(actor: Actor, function: str) -> Any:
    with working_context(actor), connection.cursor() as cursor:
        cursor.execute(f"SELECT guard.{function}()")
        return cursor.fetchone()[0]


def test_an_office_sees_itself_and_a_province_its_offices(cast: Cast) -> None:
    assert _ask(cast["narges"], "visible_scopes") == [cast["narges"].scope_id]
    seen = set(_ask(cast["bahram"], "visible_scopes"))
    assert {cast.places["tehran"].pk, cast.places["shahriar"].pk, cast.places["rey"].pk} <= seen
    assert cast.places["mashhad"].pk not in seen
    assert len(_ask(cast["guardian"], "visible_scopes")) == Scope.objects.count()


def test_province_of_the_working_place(cast: Cast) -> None:
    assert _ask(cast["narges"], "province_id") == cast.places["tehran"].pk
    assert _ask(cast["bahram"], "province_id") == cast.places["tehran"].pk
    assert _ask(cast["mina"], "province_id") == cast.places["khorasan"].pk
    assert _ask(cast["manager"], "province_id") is None


@pytest.mark.parametrize("name", ["narges", "bahram", "sara", "printer"])
def test_office_is_opened_beneath_one_s_own_place_alone(cast: Cast, name: str) -> None:
    county = Scope.objects.get(kind="county", name_fa="مشهد")
    actor = cast[name]
    if name == "sara":
        assert _opened(county, actor).scope.parent_id == county.pk
        return
    with pytest.raises(RecordNotVisible):
        _opened(county, actor)


def _opened(county: Scope, actor: Actor) -> Any:
    with working_context(actor):
        return open_office(
            code="777", name_fa="دفتر", name_en="Office", county=county, licence_number="L", licence_from_on=LONG_AGO,
            by=actor,
        )  # fmt: skip


@pytest.mark.parametrize("kind", ["province", "county", "nation", "city"])
def test_official_places_are_added_by_migrations_alone(cast: Cast, kind: str) -> None:
    with pytest.raises(RecordNotVisible), working_context(cast["manager"]):
        Scope.objects.create(
            id=2_000_000, kind=kind, code="999", name_fa="ن", sort_key=b"", parent_id=1, path="/1/2000000/"
        )


def test_places_are_neither_changed_nor_removed(raw: Any) -> None:
    for statement in ("UPDATE places_scope SET path = '/1/'", "DELETE FROM places_scope"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            raw.execute(statement)
